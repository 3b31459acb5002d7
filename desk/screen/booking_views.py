"""Times in the conversation: held, given back, and booked or moved to."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from crm import clock
from crm.actions.contacts import note_step
from crm.engine import Actor
from crm.permissions import can_take_calls
from crm.states import StepKind, WaitsFor
from crm.web import actor, allowed_to
from desk import slot_page as pages
from desk.screen import page
from desk.screen.acting import by_their_agent
from desk.screen.contact import DeskContact
from desk.screen.handoff_views import dialog, in_place
from desk.screen.schedule import filter_form, search_of
from desk.slot_forms import ReasonForm, kept_query, parse_rules
from scheduling.actions import (
    BookingRefused,
    HeldByAnother,
    HoldEnded,
    close_booked,
    hold_slot,
    release_hold,
    request_booking,
    reschedule_appointment,
)
from scheduling.actions.overrides import SetAside
from scheduling.models import Appointment, Hold, Slot
from scheduling.queries import active_holds, find_hold, get_slot, judge_found
from scheduling.rules.search import Criteria

TRAINING = gettext_noop(
    "This is training: nothing is held or booked. Say what you would do, and wrap up."
)


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def hold(request: HttpRequest, contact: DeskContact, slot_pk: int) -> HttpResponse:
    """Keep a time for minutes while the agent says what booking it does."""
    if contact.interaction.is_training:
        return page.conflict(request, contact, TRAINING)
    user, by, at = page.user_of(request), actor(request), clock.now()
    form = filter_form(request, contact)
    patient = contact.heard_patient
    try:
        kept = hold_slot(
            slot_id=slot_pk,
            visit_type=form.said("visit_type"),
            patient=patient,
            contact=contact.interaction,
            owner=by.label,
            user=user,
            by=by,
            at=at,
        )
    except Slot.DoesNotExist as missing:
        raise Http404 from missing
    except BookingRefused as refused:
        return page.conflict(request, contact, str(refused))
    _give_back_others(contact, but=kept, by=by, at=at)
    note_step(contact=contact.interaction, kind=StepKind.HOLD_SLOT, subject=kept.slot, by=by, at=at)
    return page.answer(request, contact, query=kept_query(request.GET, hold=kept.pk))


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def release(request: HttpRequest, contact: DeskContact, hold_pk: int) -> HttpResponse:
    """Give a held time back before its minutes are over."""
    if not Hold.objects.filter(pk=hold_pk, contact=contact.pk).exists():
        raise Http404
    try:
        release_hold(hold_id=hold_pk, by=actor(request), at=clock.now())
    except HeldByAnother as refused:
        return page.conflict(request, contact, str(refused))
    return page.answer(request, contact, query=kept_query(request.GET, without=["hold"]))


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def book(request: HttpRequest, contact: DeskContact, hold_pk: int) -> HttpResponse:
    """Book what is held for the patient; a visit that is moved is given up once the EHR agrees."""
    kept = find_hold(hold_pk)
    if kept is None or (kept.user_id, kept.contact_id) != (request.user.pk, contact.pk):
        raise Http404
    if contact.interaction.is_training:
        return page.conflict(request, contact, TRAINING)
    patient = contact.heard_patient
    if patient is None:
        return page.conflict(request, contact, why_no_visits(contact))
    form, by, at = filter_form(request, contact), actor(request), clock.now()
    moves = pages.visit_to_move(form, patient)
    common: dict[str, Any] = {
        "slot_id": kept.slot_id,
        "visit_type": form.said("visit_type") or kept.slot.visit_type,
        "starts_at": kept.slot.starts_at,
        "hold_id": kept.pk,
        "by": by,
        "at": at,
    }
    try:
        with transaction.atomic():  # the visit and its step: both, or neither
            if moves is not None:
                made = reschedule_appointment(appointment_id=moves.pk, **common)
            else:
                made = request_booking(
                    patient=patient,
                    gives_up=_gives_up(request, contact),
                    journey_id=contact.interaction.journey_id,
                    **common,
                )
            note_booked(contact, made, moved=moves is not None, by=by, at=at)
    except (BookingRefused, HoldEnded) as refused:
        return page.conflict(request, contact, str(refused))
    return page.answer(request, contact, query="", booked=made)


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_take_calls)
@by_their_agent
def override(request: HttpRequest, contact: DeskContact, slot_pk: int) -> HttpResponse:
    """Book a time that a rule hides, with a reason, where the rule lets this person."""
    if contact.patient is None or not contact.is_verified:
        raise Http404
    if contact.interaction.is_training:
        return in_place(request, page.conflict(request, contact, TRAINING))
    patient = contact.heard_patient
    if patient is None:
        return in_place(request, page.conflict(request, contact, why_no_visits(contact)))
    form, by, at = filter_form(request, contact), actor(request), clock.now()
    try:
        slot = get_slot(slot_pk)
    except Slot.DoesNotExist as missing:
        raise Http404 from missing
    kind = form.said("visit_type") or slot.visit_type
    wanted = form.criteria(patient) or Criteria(visit_type_id=kind.pk)
    found = judge_found(slot, wanted, at=at, patient=patient)
    line = pages.Lines({}, pages.roles_of(request)).one(found)
    rules = "+".join(one.rule for one in line.objections if one.stops)
    asks = ReasonForm(request.POST if request.method == "POST" else None, initial={"rules": rules})
    context = {"contact": contact, "line": line, "form": asks, "query": request.GET.urlencode()}
    if not line.may_override or not asks.is_valid():
        status = 422 if asks.is_bound else 200
        return dialog(request, "screen/override.html", context, status=status)
    aside = SetAside(parse_rules(asks.cleaned_data["rules"]), asks.cleaned_data["reason"])
    try:
        with transaction.atomic():
            made = request_booking(
                patient=patient,
                slot_id=slot.pk,
                visit_type=kind,
                starts_at=slot.starts_at,
                set_aside=aside,
                journey_id=contact.interaction.journey_id,
                by=by,
                at=at,
            )
            note_booked(contact, made, moved=False, by=by, at=at)
    except BookingRefused as refused:
        return in_place(request, page.conflict(request, contact, str(refused)))
    return in_place(request, page.answer(request, contact, query="", booked=made))


def why_no_visits(contact: DeskContact) -> str:
    """Why nothing is booked, given up or answered for them just now."""
    if not contact.is_verified:
        return _("Ask for two identifiers first.")
    return _("Whoever speaks may not hear of their visits, nor change them. Take a message.")


def note_booked(
    contact: DeskContact, made: Appointment, *, moved: bool, by: Actor, at: dt.datetime
) -> None:
    """Into the contact's steps, and into the ledger of searches."""
    kind, one = StepKind.MOVE if moved else StepKind.BOOK, contact.interaction
    said: dict[str, Any] = {"gives_up": made.gives_up_id} if moved else {}
    note_step(contact=one, kind=kind, subject=made, waits_for=WaitsFor.EHR, by=by, at=at, **said)
    search_id = search_of(contact, made.visit_type.code) if made.visit_type else None
    if search_id:
        close_booked(search_id=search_id, appointment=made, by=by, at=at)


def _gives_up(request: HttpRequest, contact: DeskContact) -> Appointment | None:
    """Their own later visit, where they agreed to give it up."""
    number = request.POST.get("gives_up", "")
    rows = Appointment.objects.filter(patient=contact.patient)
    if not contact.names_all:
        rows = rows.exclude(visit_type__is_sensitive=True)
    return rows.filter(pk=int(number)).first() if number.isdecimal() else None


def _give_back_others(contact: DeskContact, *, but: Hold, by: Actor, at: dt.datetime) -> None:
    """One time at a time is kept for a caller: the one before goes back."""
    theirs = active_holds(at=at).filter(contact=contact.pk, user=by.id)
    for other in theirs.exclude(pk=but.pk):
        release_hold(hold_id=other.pk, by=by, at=at)
