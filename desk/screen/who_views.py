"""Who it is: found by what they say, chosen, and made sure of before anything shows."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from phonenumber_field.formfields import PhoneNumberField

from crm import clock
from crm.actions.contacts import (
    ContactOver,
    NobodyKnown,
    identify_contact,
    keep_answer,
    open_its_journey,
    set_contact_language,
)
from crm.actions.verifying import NotTheirProxy, take_back_patient, verify_contact
from crm.engine import Actor
from crm.models import Patient, Verification
from crm.models.people import LANGUAGES
from crm.permissions import can_take_calls
from crm.rules.verifying import NEEDED, read_said
from crm.saying import translated
from crm.states import Speaker
from crm.web import actor, allowed_to
from desk.actions.safety import check_reason_again
from desk.queries.zone import day_for
from desk.screen import page, words
from desk.screen.acting import by_their_agent
from desk.screen.contact import DeskContact, read_contact
from desk.screen.people import find_people, stands
from desk.screen.speaking import (
    CALLBACK_KEY,
    NOTHING_SAID,
    SAY_WHO,
    Spoken,
    is_own,
    needs_number,
    number_kept,
    read_speaks,
    says_nothing,
    sole_speaker,
)


class WhoForm(forms.Form):
    """What a caller says of themselves, in one line."""

    said = forms.CharField(max_length=160, required=False)


class ChooseForm(forms.Form):
    """Whom it is about, and who speaks. `said` is what was typed to find them: it is not asked
    again."""

    patient = forms.ModelChoiceField(Patient.objects.all())
    said = forms.CharField(max_length=160, required=False)
    speaks = forms.CharField(max_length=20, required=False)


class VerifyForm(forms.Form):
    """What fits the record, and who speaks; `number`: where to call a partner back."""

    said = forms.CharField(
        max_length=160, error_messages={"required": gettext_lazy("Type what they say.")}
    )
    speaks = forms.CharField(max_length=20, required=False)
    number = PhoneNumberField(
        region="US",
        required=False,
        error_messages={"invalid": gettext_lazy("That is no phone number. Ask for it again.")},
    )


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def people(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """Patients by what the caller says: posted, so that no name stands in an address."""
    if says_nothing(contact.kind):
        return page.conflict(request, contact, NOTHING_SAID)
    form = WhoForm(request.POST)
    said = form.cleaned_data["said"].strip() if form.is_valid() else ""
    found = find_people(request, contact, said, at=clock.now())
    return page.answer(request, contact, found=found, said=said, looked=bool(said))


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def identify(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """This is whom it is about. Two identifiers among what was typed verify them at once, in a
    call of their own, where it is plain who speaks."""
    if says_nothing(contact.kind):
        return page.conflict(request, contact, NOTHING_SAID)
    form = ChooseForm(request.POST)
    if not form.is_valid():
        return page.answer(request, contact, status=422, notice=_("Choose one of those found."))
    chosen, said = stands(form.cleaned_data["patient"]), form.cleaned_data["said"]
    speaks, by, at = form.cleaned_data["speaks"], actor(request), clock.now()
    on, has_said = day_for(chosen, at=at), len(read_said(said)) >= NEEDED
    spoken = read_speaks(speaks, patient=chosen, kind=contact.kind, on=on)
    speaker = spoken.speaker if spoken else sole_speaker(contact.kind) or Speaker.PATIENT
    try:
        identify_contact(contact_id=contact.pk, patient=chosen, speaker=speaker, by=by, at=at)
        if has_said and spoken and is_own(contact.kind) and speaker is not Speaker.OTHER:
            _verify(contact, spoken, said, by=by, at=at, on=on)
        _hang_on_journey(contact, by=by, at=at)
    except (ContactOver, NotTheirProxy) as refused:
        return page.conflict(request, contact, str(refused))
    check_reason_again(contact_id=contact.pk, by=by, at=at)
    if not has_said or read_contact(contact.pk).is_verified:
        return page.go_on(request, contact, at=at)
    more = {"speaks": speaks} if speaks else {}
    return page.answer(request, contact, verify_said=said, **more)


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def verify(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """Compare what they say with the record; only what fitted is kept."""
    if says_nothing(contact.kind):
        return page.conflict(request, contact, NOTHING_SAID)
    try:
        return _compare(request, contact, at=clock.now())
    except (ContactOver, NobodyKnown, NotTheirProxy) as refused:
        return page.conflict(request, contact, str(refused))


def _compare(request: HttpRequest, contact: DeskContact, *, at: dt.datetime) -> HttpResponse:
    patient, by = contact.patient, actor(request)
    if patient is None:
        raise NobodyKnown(gettext_noop("Choose the patient first; then ask for two identifiers."))
    form, on = VerifyForm(request.POST), day_for(patient, at=at)
    is_valid, chosen = form.is_valid(), request.POST.get("speaks", "")
    spoken = read_speaks(chosen, patient=patient, kind=contact.kind, on=on)
    if spoken is not None and spoken.speaker is Speaker.OTHER:
        identify_contact(
            contact_id=contact.pk, patient=patient, speaker=spoken.speaker, by=by, at=at
        )
        return page.answer(request, contact)
    wrong = "" if is_valid else _first_error(form)
    wrong = wrong or ("" if spoken else SAY_WHO) or _keep_number(contact, form, by=by, at=at)
    if wrong or spoken is None:
        return _ask_again(request, contact, translated(wrong))
    tried = _verify(contact, spoken, form.cleaned_data["said"], by=by, at=at, on=on)
    if tried.passed:
        return page.go_on(request, contact, at=at)
    return _ask_again(request, contact, _say_missing(tried))


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def not_them(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """It is somebody else after all: nobody is known again, and nothing of them shows."""
    speaker = sole_speaker(contact.kind) or Speaker.PATIENT
    try:
        take_back_patient(contact_id=contact.pk, speaker=speaker, by=actor(request), at=clock.now())
    except ContactOver as over:
        return page.conflict(request, contact, str(over))
    return page.answer(request, contact, query="")


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def language(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """Go on in this language: the script says it so."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(LANGUAGES):
        return page.conflict(request, contact, gettext_noop("Choose English or Spanish."))
    by, at = actor(request), clock.now()
    try:
        set_contact_language(contact_id=contact.pk, language=chosen, by=by, at=at)
    except ContactOver as over:
        return page.conflict(request, contact, str(over))
    return page.answer(request, contact)


def _verify(
    contact: DeskContact, spoken: Spoken, said: str, *, by: Actor, at: dt.datetime, on: dt.date
) -> Verification:
    return verify_contact(
        contact_id=contact.pk,
        said=read_said(said),
        speaker=spoken.speaker,
        proxy=spoken.proxy,
        by=by,
        at=at,
        on=on,
    )


def _keep_number(contact: DeskContact, form: VerifyForm, *, by: Actor, at: dt.datetime) -> str:
    """Where a partner is called back, kept once it is given; else what to ask."""
    if not needs_number(contact.kind) or number_kept(contact):
        return ""
    number = form.cleaned_data["number"]
    if not number:
        return _("Ask which number we can call back, and compare it with the one on record.")
    one = contact.interaction
    keep_answer(contact=one, key=CALLBACK_KEY, value=number.as_national, by=by, at=at)
    return ""


def _ask_again(request: HttpRequest, contact: DeskContact, wrong: str) -> HttpResponse:
    """422 with what is missing, and everything as it was typed and chosen."""
    typed = {"verify_said": request.POST.get("said", ""), "speaks": request.POST.get("speaks", "")}
    number = request.POST.get("number", "")
    return page.answer(
        request, contact, status=422, verify_error=wrong, verify_number=number, **typed
    )


def _hang_on_journey(contact: DeskContact, *, by: Actor, at: dt.datetime) -> None:
    """Of whoever said why they call before they said who they are."""
    kind = contact.kind
    if kind is not None:
        open_its_journey(contact_id=contact.pk, need=kind.need, by=by, at=at)


def _say_missing(tried: Verification) -> str:
    fits, misses = words.say_identifiers(tried.matched), words.say_identifiers(tried.missed)
    parts = [
        _("Fits: %(what)s.") % {"what": fits} if fits else "",
        _("Does not fit: %(what)s.") % {"what": misses} if misses else "",
    ]
    more = _("Ask for one more.") if fits else _("Ask for two: full name, birth date, ZIP, street.")
    return " ".join(part for part in (*parts, more) if part)


def _first_error(form: forms.Form) -> str:
    return next(str(errors[0]) for errors in form.errors.values())
