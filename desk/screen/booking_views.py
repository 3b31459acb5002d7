"""Times in the conversation: held, given back, and booked or moved to."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm import clock
from crm.actions.contacts import note_step
from crm.models import Interaction, User
from crm.permissions import can_take_calls
from crm.states import StepKind, WaitsFor
from crm.web import actor, allowed_to
from desk import slot_page as pages
from desk.screen import page
from desk.screen.acting import by_their_agent
from desk.screen.contact import DeskContact
from desk.screen.schedule import SEARCHES, filter_form
from desk.slot_forms import kept_query
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
from scheduling.models import Appointment, Hold, Slot
from scheduling.queries import find_hold

TRAINING = "This is training: nothing is held or booked. Say what you would do, and wrap up."


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
    patient = contact.patient if contact.is_verified else None
    try:
        kept = hold_slot(
            slot_id=slot_pk,
            visit_type=form.said("visit_type"),
            patient=patient,
            owner=by.label,
            user=user,
            by=by,
            at=at,
        )
    except Slot.DoesNotExist as missing:
        raise Http404 from missing
    except BookingRefused as refused:
        return page.conflict(request, contact, str(refused))
    _give_back_others(user, but=kept, by=by, at=at)
    note_step(contact=contact.interaction, kind=StepKind.HOLD_SLOT, subject=kept.slot, by=by, at=at)
    return page.answer(request, contact, query=kept_query(request.GET, hold=kept.pk))


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def release(request: HttpRequest, contact: DeskContact, hold_pk: int) -> HttpResponse:
    """Give a held time back before its minutes are over."""
    try:
        release_hold(hold_id=hold_pk, by=actor(request), at=clock.now())
    except Hold.DoesNotExist as missing:
        raise Http404 from missing
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
    if kept is None or kept.user_id != request.user.pk:
        raise Http404
    if contact.patient is None or not contact.is_verified:
        return page.conflict(request, contact, "Ask for two identifiers first; then book.")
    form, by, at = filter_form(request, contact), actor(request), clock.now()
    moves = pages.visit_to_move(form, contact.patient)
    common: dict[str, Any] = {
        "slot_id": kept.slot_id,
        "visit_type": form.said("visit_type") or kept.slot.visit_type,
        "starts_at": kept.slot.starts_at,
        "hold_id": kept.pk,
        "by": by,
        "at": at,
    }
    try:
        if moves is not None:
            made = reschedule_appointment(appointment_id=moves.pk, **common)
        else:
            made = request_booking(
                patient=contact.patient,
                gives_up=_gives_up(request, contact),
                journey_id=contact.interaction.journey_id,
                **common,
            )
    except (BookingRefused, HoldEnded) as refused:
        return page.conflict(request, contact, str(refused))
    note_booked(contact.interaction, made, moved=moves is not None, request=request, at=at)
    return page.answer(request, contact, query="", booked=made)


def note_booked(
    contact: Interaction,
    made: Appointment,
    *,
    moved: bool,
    request: HttpRequest,
    at: dt.datetime,
) -> None:
    """Into the contact's steps, and into the ledger of searches."""
    by = actor(request)
    kind = StepKind.MOVE if moved else StepKind.BOOK
    note_step(contact=contact, kind=kind, subject=made, waits_for=WaitsFor.EHR, by=by, at=at)
    searches = dict(request.session.get(SEARCHES, {}))
    search_id = searches.pop(f"{contact.pk}:{made.visit_type_id}", None)
    if search_id:
        request.session[SEARCHES] = searches
        close_booked(search_id=search_id, appointment=made, by=by, at=at)


def _gives_up(request: HttpRequest, contact: DeskContact) -> Appointment | None:
    """Their own later visit, where they agreed to give it up."""
    number = request.POST.get("gives_up", "")
    rows = Appointment.objects.filter(patient=contact.patient)
    return rows.filter(pk=int(number)).first() if number.isdigit() else None


def _give_back_others(user: User, *, but: Hold, by: Any, at: dt.datetime) -> None:
    """An agent keeps one time at a time for a caller: the one before goes back."""
    from scheduling.queries import active_holds

    for other in active_holds(at=at).filter(user=user.pk).exclude(pk=but.pk):
        release_hold(hold_id=other.pk, by=by, at=at)
