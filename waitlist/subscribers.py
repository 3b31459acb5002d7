"""What happens below, and what it means for openings and offers. One action call each."""

from __future__ import annotations

import datetime as dt

from crm.engine import Actor
from crm.models import Event
from crm.states import Purpose
from scheduling.models import Appointment
from scheduling.states import FreedBy, HoldStatus
from waitlist import actions

BY = Actor.system("fill")


def on_slot_freed(event: Event, at: dt.datetime) -> None:
    actions.follow_freed_slot(
        slot_id=event.subject_id,
        cause=FreedBy(event.payload["cause"]),
        freed_appointment_id=event.payload.get("appointment"),
        by=BY,
        at=at,
    )


def on_slot_taken(event: Event, at: dt.datetime) -> None:
    """Somebody else has the slot: its opening closes at once."""
    actions.close_because_taken(
        slot_id=event.subject_id, appointment_id=event.payload.get("appointment"), by=BY, at=at
    )


def on_hold_ended(event: Event, at: dt.datetime) -> None:
    if event.payload["how"] != HoldStatus.USED:
        actions.go_on_after_hold(slot_id=event.subject_id, by=BY, at=at)


def on_appointment_confirmed(event: Event, at: dt.datetime) -> None:
    appointment = Appointment.objects.select_related("gives_up").get(pk=event.subject_id)
    actions.fill_opening(appointment=appointment, by=BY, at=at)
    actions.settle_waits(appointment_id=appointment.pk, by=BY, at=at)


def on_appointment_registered(event: Event, at: dt.datetime) -> None:
    """The clinic has booked it in the EHR: for whoever waited, the same as a booking here."""
    actions.settle_waits(appointment_id=event.subject_id, by=BY, at=at)


def on_search_lost(event: Event, at: dt.datetime) -> None:
    """Somebody looked for a visit, and there was none to show."""
    actions.want_what_was_lost(search_id=event.subject_id, by=BY, at=at)


def on_appointment_refused(event: Event, at: dt.datetime) -> None:
    actions.reopen_after_refusal(
        appointment=Appointment.objects.get(pk=event.subject_id),
        slot_is_free=event.payload["slot_is_free"] == "yes",
        by=BY,
        at=at,
    )


def on_appointment_cancelled(event: Event, at: dt.datetime) -> None:
    """The winner's visit is cancelled while the EHR is being asked about it."""
    actions.drop_claim(appointment_id=event.subject_id, by=BY, at=at)


def on_request_handed_over(event: Event, at: dt.datetime) -> None:
    actions.tell_requested(appointment_id=event.subject_id, by=BY, at=at)


def on_fill_mode_changed(event: Event, at: dt.datetime) -> None:
    actions.follow_mode(clinic_id=event.subject_id, by=BY, at=at)


def on_offer_accepted(event: Event, at: dt.datetime) -> None:
    """Somebody's yes is being confirmed: a wave that waits for a person is void."""
    actions.drop_plan_of(opening_id=event.payload["opening"], by=BY, at=at)


def on_opening_filled(event: Event, at: dt.datetime) -> None:
    actions.close_rivals(offer_id=event.payload["offer"], by=BY, at=at)


def on_message_not_sent(event: Event, at: dt.datetime) -> None:
    """An offer that could not be texted makes room for the next candidate; whoever could not be
    told what became of their yes is called."""
    about, offer_id = event.payload["about_type"], event.payload["about_id"]
    if about != "waitlist.offer":
        return
    if event.payload["purpose"] == Purpose.OFFER:
        actions.mark_unreached(offer_id=offer_id, by=BY, at=at)
    else:
        actions.call_unheard(offer_id=offer_id, by=BY, at=at)


def on_message_put_off(event: Event, at: dt.datetime) -> None:
    """The night holds back what became of somebody's yes: they are called if it would come late."""
    if event.payload["about_type"] != "waitlist.offer":
        return
    if event.payload["purpose"] != Purpose.OFFER:
        until = dt.datetime.fromisoformat(event.payload["until"])
        actions.call_unheard_in_time(offer_id=event.payload["about_id"], until=until, by=BY, at=at)


def on_reply_received(event: Event, at: dt.datetime) -> None:
    actions.answer_reply(message_id=event.subject_id, by=BY, at=at)
