"""The page that a text about a visit leads to: nothing before the date of birth.

As with an offer's page, links that do not exist take as many tries and look the same.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm import clock
from crm.engine import record
from crm.queries import may_act_for
from crm.web import htmx_of
from desk.self_service.browser import sessions
from desk.self_service.done_views import BOOKED, calendar_file, poll, result_page
from desk.self_service.outcome import outcome_of
from desk.self_service.pages import phone_link, words_in
from scheduling.actions.self_service import VISITOR
from scheduling.models import SelfServiceSession
from waitlist.actions.identity import TRIES
from waitlist.offer_forms import BirthDateForm
from waitlist.offer_identity import tries_left_unknown
from waitlist.offer_page import language_of
from waitlist.offer_views import private

COOKIE = "visit"
#: How long a date of birth holds (seconds).
LASTS = 30 * 60


@private
@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the date of birth; after that, show how the visit stands."""
    if request.method == "POST":
        return _check(request, token)
    session = _verified(request, token)
    if session is None:
        return _ask(request, token)
    return (
        poll(request, session) if htmx_of(request) else result_page(request, session, token=token)
    )


@private
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The booked visit as a file for the phone's calendar."""
    session = _verified(request, token)
    if session is None or outcome_of(session) not in BOOKED:
        return redirect("visit:visit", token)
    return calendar_file(session)


def _find(token: str) -> SelfServiceSession | None:
    """The session behind a link, while its phone may still act for its patient."""
    session = sessions().filter(token=token, patient__isnull=False).first()
    if session is None or session.patient is None or session.phone is None:
        return None
    about = session.appointment
    sensitive = bool(about and about.visit_type and about.visit_type.is_sensitive)
    at = clock.now()
    may = may_act_for(session.patient, session.phone, at=at, is_sensitive=sensitive)
    return session if may else None


def _verified(request: HttpRequest, token: str) -> SelfServiceSession | None:
    proof = request.get_signed_cookie(COOKIE, default="", salt=_salt(token), max_age=LASTS)
    return _find(token) if proof == "ok" else None


def _check(request: HttpRequest, token: str) -> HttpResponse:
    """Compare the date typed in; the try is counted first, so that many at once are counted."""
    words = words_in(language_of(request, None))
    at = clock.now()
    form = BirthDateForm(request.POST, words=words, today=timezone.localdate(at))
    if not form.is_valid():
        return _ask(request, token, form=form)
    session = _find(token)
    left: int | None
    if session is None:
        left = tries_left_unknown(token, count=True)
    else:
        left = _try(session, form.cleaned_data["birth_on"], at=at)
    if left is None:
        response = redirect("visit:visit", token)
        _remember(response, token)
        return response
    if left <= 0:
        return _locked(request)
    form.say_wrong(words.fill("wrong_date", left=str(left)))
    return _ask(request, token, form=form)


@transaction.atomic
def _try(session: SelfServiceSession, birth_on: dt.date, *, at: dt.datetime) -> int | None:
    """None where it is right; else how many tries are left, below zero once it is locked."""
    row = SelfServiceSession.objects.filter(pk=session.pk)
    if not row.filter(failed_checks__lt=TRIES).update(failed_checks=F("failed_checks") + 1):
        return -1
    assert session.patient is not None  # noqa: S101 for the type checker
    if session.patient.birth_on == birth_on:
        row.update(failed_checks=F("failed_checks") - 1)
        return None
    tries = row.values_list("failed_checks", flat=True).get()
    record("scheduling.session.identity-failed", session, by=VISITOR, at=at, tries=tries)
    return TRIES - tries


def _ask(request: HttpRequest, token: str, *, form: BirthDateForm | None = None) -> HttpResponse:
    if _tries_left(token) <= 0:
        return _locked(request)
    language = language_of(request, None)
    words = words_in(language)
    if form is None:
        form = BirthDateForm(words=words, today=timezone.localdate(clock.now()))
    else:
        form.mark_errors()
    context = {"lang": language, "words": words, "form": form}
    status = 422 if form.errors else 200
    return render(request, "waitlist/offer_identity.html", context, status=status)


def _tries_left(token: str) -> int:
    session = _find(token)
    if session is None:
        return tries_left_unknown(token, count=False)
    return TRIES - session.failed_checks


def _locked(request: HttpRequest) -> HttpResponse:
    language = language_of(request, None)
    phone = settings.FIRSTCALL.organization_phone
    context = {"lang": language, "words": words_in(language), "phone_link": phone_link(phone)}
    return render(request, "waitlist/offer_locked.html", context, status=403)


def _salt(token: str) -> str:
    return f"firstcall.visit.{token}"


def _remember(response: HttpResponseBase, token: str) -> None:
    response.set_signed_cookie(
        COOKIE,
        "ok",
        salt=_salt(token),
        max_age=LASTS,
        path=reverse("visit:visit", args=[token]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
