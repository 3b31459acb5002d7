"""Who it is: found by what they say, chosen, and made sure of before anything shows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm import clock
from crm.actions.contacts import (
    ContactOver,
    NobodyKnown,
    identify_contact,
    open_its_journey,
)
from crm.actions.verifying import NotTheirProxy, verify_contact
from crm.engine import Actor
from crm.models import Patient, Proxy
from crm.permissions import can_take_calls
from crm.rules.verifying import NEEDED, read_said
from crm.states import Speaker
from crm.web import actor, allowed_to
from desk.actions.safety import check_reason_again
from desk.queries.call_types import find_call_type
from desk.screen import page, words
from desk.screen.acting import by_their_agent
from desk.screen.contact import DeskContact
from desk.screen.people import find_people, stands


class WhoForm(forms.Form):
    """What a caller says of themselves, in one line."""

    said = forms.CharField(max_length=160, required=False)


class ChooseForm(forms.Form):
    """Whom it is about. `said` is what was typed to find them: it is not asked again."""

    patient = forms.ModelChoiceField(Patient.objects.all())
    said = forms.CharField(max_length=160, required=False)


class VerifyForm(forms.Form):
    """What fits the record; `proxy` where somebody speaks for the patient."""

    said = forms.CharField(max_length=160, error_messages={"required": "Type what they say."})
    proxy = forms.ModelChoiceField(Proxy.objects.all(), required=False)


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def people(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """Patients by what the caller says: posted, so that no name stands in an address."""
    form = WhoForm(request.POST)
    said = form.cleaned_data["said"].strip() if form.is_valid() else ""
    found = find_people(request, said, at=clock.now())
    return page.answer(request, contact, found=found, said=said, looked=bool(said))


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def identify(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """This is whom it is about. Two identifiers among what was typed verify them at once."""
    form = ChooseForm(request.POST)
    if not form.is_valid():
        return page.answer(request, contact, status=422, notice="Choose one of those found.")
    chosen, said = stands(form.cleaned_data["patient"]), form.cleaned_data["said"]
    by, at = actor(request), clock.now()
    try:
        identify_contact(contact_id=contact.pk, patient=chosen, by=by, at=at)
        if len(read_said(said)) >= NEEDED:
            verify_contact(contact_id=contact.pk, said=read_said(said), by=by, at=at)
        _hang_on_journey(contact, by=by, at=at)
    except ContactOver as over:
        return page.conflict(request, contact, str(over))
    check_reason_again(contact_id=contact.pk, by=by, at=at)
    return page.go_on(request, contact, at=at)


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def verify(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """Compare what they say with the record; only what fitted is kept."""
    form = VerifyForm(request.POST)
    if not form.is_valid():
        return page.answer(request, contact, status=422, verify_error=_first_error(form))
    said, proxy = read_said(form.cleaned_data["said"]), form.cleaned_data["proxy"]
    try:
        tried = verify_contact(
            contact_id=contact.pk,
            said=said,
            speaker=Speaker.PROXY if proxy else Speaker.PATIENT,
            proxy=proxy,
            by=actor(request),
            at=clock.now(),
        )
    except (ContactOver, NobodyKnown, NotTheirProxy) as refused:
        return page.conflict(request, contact, str(refused))
    if tried.passed:
        return page.go_on(request, contact, at=clock.now())
    return page.answer(request, contact, status=422, verify_error=_say_missing(tried))


def _hang_on_journey(contact: DeskContact, *, by: Actor, at: dt.datetime) -> None:
    """Of whoever said why they call before they said who they are."""
    kind = find_call_type(contact.interaction.call_type)
    if kind is not None:
        open_its_journey(contact_id=contact.pk, need=kind.need, by=by, at=at)


def _say_missing(tried: Any) -> str:
    fits, misses = words.say_identifiers(tried.matched), words.say_identifiers(tried.missed)
    parts = [f"Fits: {fits}." if fits else "", f"Does not fit: {misses}." if misses else ""]
    more = "Ask for one more." if fits else "Ask for two: full name, birth date, ZIP, street."
    return " ".join(part for part in (*parts, more) if part)


def _first_error(form: forms.Form) -> str:
    return next(str(errors[0]) for errors in form.errors.values())
