"""The patient's page when their visit cannot stay: no login, nothing before the date of birth."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from crm import clock
from crm.actions import record_view
from crm.engine import Actor, record
from crm.queries import contact_permission
from crm.states import Channel, Purpose
from desk.mass_patient_page import VISITOR, Page, is_verified, read_item, remember
from scheduling.actions.mass_running import ChoiceGone, choose, decline_choices
from scheduling.models import MassMoveItem
from waitlist import offer_identity
from waitlist.actions.identity import TRIES
from waitlist.offer_forms import BirthDateForm
from waitlist.offer_page import language_of, visitors_words
from waitlist.offer_views import private


@private
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the date of birth; after that, the times to choose from, or how it stands."""
    if request.method == "POST":
        return _check(request, token)
    found = _verified(request, token)
    return _page(request, found) if found else _ask(request, token)


@private
@require_POST
def take(request: HttpRequest, token: str) -> HttpResponse:
    """One of the times, or none. The same again changes nothing."""
    found = _verified(request, token)
    if found is None:
        return _to_page(request, token)
    by, at = Actor.patient(found.appointment.patient, channel="web"), clock.now()
    slot = request.POST.get("slot", "")
    if slot == "none":
        decline_choices(item_id=found.pk, by=by, at=at)
        return _to_page(request, token)
    try:
        number = int(slot) if slot.isascii() and slot.isdigit() else 0
        choose(item_id=found.pk, slot_id=number, by=by, at=at)
    except ChoiceGone:
        return _page(request, read_item(token) or found, problem="gone", status=409)
    return _to_page(request, token)


def _verified(request: HttpRequest, token: str) -> MassMoveItem | None:
    """For a browser that has shown the date of birth, while the phone is one of the patient's."""
    found = read_item(token) if is_verified(request, token) else None
    return found if found is not None and _is_theirs(found) else None


def _is_theirs(found: MassMoveItem) -> bool:
    """Whether the phone that the link went to may still be used for them."""
    if found.phone is None:
        return False
    answer = contact_permission(
        patient=found.appointment.patient,
        phone=found.phone,
        channel=Channel.SMS,
        purpose=Purpose.UPDATE,
        at=clock.now(),
    )
    return answer.allowed


def _check(request: HttpRequest, token: str) -> HttpResponse:
    """Compare the date typed in. A link that does not exist takes as many tries as any."""
    words = visitors_words(language_of(request, None))
    form = BirthDateForm(request.POST, words=words, today=timezone.localdate(clock.now()))
    if not form.is_valid():
        return _ask(request, token, form=form)
    found = read_item(token)
    if found is None or not _is_theirs(found):
        left: int | None = offer_identity.tries_left_unknown(token, count=True)
    else:
        left = _count(found, form.cleaned_data["birth_on"] == found.appointment.patient.birth_on)
    if left is None:
        response = _to_page(request, token)
        remember(response, token)
        return response
    if left <= 0:
        return _locked(request)
    form.say_wrong(words.fill("wrong_date", left=str(left)))
    return _ask(request, token, form=form)


def _count(found: MassMoveItem, is_right: bool) -> int | None:  # noqa: FBT001
    """None for a right date; else the tries that are left. Tries that come at once queue up."""
    at = clock.now()
    with transaction.atomic():
        row = MassMoveItem.objects.filter(pk=found.pk)
        if not row.filter(failed_checks__lt=TRIES).update(failed_checks=F("failed_checks") + 1):
            return 0
        if is_right:
            row.update(failed_checks=F("failed_checks") - 1)
            who = Actor.patient(found.appointment.patient, channel="web")
            record("scheduling.mass-item.identity-checked", found, by=who, at=at)
            return None
        tries = row.values_list("failed_checks", flat=True).get()
        record("scheduling.mass-item.identity-failed", found, by=VISITOR, at=at, tries=tries)
    return TRIES - tries


def _ask(request: HttpRequest, token: str, *, form: BirthDateForm | None = None) -> HttpResponse:
    failed = MassMoveItem.objects.filter(token=token).values_list("failed_checks", flat=True)
    known = failed.first()
    left = offer_identity.tries_left_unknown(token, count=False) if known is None else TRIES - known
    if left <= 0:
        return _locked(request)
    language = language_of(request, None)
    words = visitors_words(language)
    if form is None:
        form = BirthDateForm(words=words, today=timezone.localdate(clock.now()))
    else:
        form.mark_errors()
    context = {"lang": language, "words": words, "form": form}
    status = 422 if form.errors else 200
    return render(request, "waitlist/offer_identity.html", context, status=status)


def _locked(request: HttpRequest) -> HttpResponse:
    language = language_of(request, None)
    context = {"lang": language, "words": visitors_words(language)}
    return render(request, "waitlist/offer_locked.html", context, status=403)


def _page(
    request: HttpRequest, found: MassMoveItem, *, problem: str = "", status: int = 200
) -> HttpResponse:
    at = clock.now()
    patient = found.appointment.patient
    who = Actor.patient(patient, channel="web")
    record_view(patient, by=who, at=at, what=f"choices of visit {found.appointment_id}")
    made = Page(request, found, at=at)
    context = {
        "page": made,
        "lang": made.language,
        "words": made.words,
        "problem": made.words[problem] if problem else "",
        "token": found.token,
        "query": f"?lang={made.language}" if "lang" in request.GET else "",
    }
    return render(request, "mass/choices.html", context, status=status)


def _to_page(request: HttpRequest, token: str) -> HttpResponse:
    chosen = request.GET.get("lang", "")
    query = {"lang": chosen} if chosen in {"en", "es"} else None
    return redirect(reverse("mass:choices", args=[token], query=query))
