"""After the claim: the EHR confirms, and the opening is filled; or refuses, and it goes on."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.actions import open_task, resolve_journey
from crm.engine import Actor, move, publish, wake
from crm.models import Journey
from crm.states import JourneyStatus, TaskKind
from scheduling.models import Appointment
from scheduling.states import LIVE, STANDS, FreedBy
from waitlist import locks, texts
from waitlist.actions.answers import claim_for_next
from waitlist.actions.closing import close_opening
from waitlist.actions.openings import STEP, open_opening
from waitlist.models import Offer, WaitlistEntry
from waitlist.states import EntryStatus, OfferStatus, OpeningStatus


def fill_opening(*, appointment: Appointment, by: Actor, at: dt.datetime) -> Offer | None:
    """The EHR has confirmed the visit that an offer led to.

    The winner and everybody who was asked hear of it. Publishes `waitlist.opening-filled`.
    None when the visit came from no offer, or this was done.
    """
    found = Offer.objects.filter(appointment=appointment).values_list("pk", flat=True).first()
    if found is None:
        return None
    with transaction.atomic():
        opening, offer = locks.lock_offer(found)
        appointment.refresh_from_db()
        if offer.status != OfferStatus.ACCEPTED or appointment.status not in STANDS:
            return None
        move(offer, to=OfferStatus.WON, by=by, at=at, appointment=appointment)
        texts.tell(offer, _confirmation(appointment), by=by, at=at)
        close_opening(opening, to=OpeningStatus.FILLED, why="booked in the EHR", by=by, at=at)
        publish("waitlist.opening-filled", opening, at=at, offer=offer.pk)
        _end_the_wait(offer, by=by, at=at)
    return offer


def _confirmation(appointment: Appointment) -> str:
    """Which words, by what has become of the later visit (`scheduling` gives it up)."""
    later = appointment.gives_up
    if later is None:
        return "offer_confirmed"
    return "offer_confirmed_giving_up" if later.status in LIVE else "offer_confirmed_given_up"


def _end_the_wait(offer: Offer, *, by: Actor, at: dt.datetime) -> None:
    entry = offer.candidate.entry
    if entry is not None and entry.status == EntryStatus.WAITING:
        fresh = WaitlistEntry.objects.get(pk=entry.pk)
        move(fresh, to=EntryStatus.FULFILLED, by=by, at=at)
    if offer.interaction is not None and offer.interaction.journey_id is not None:
        # One journey holds all offers of one need: an earlier win may have resolved it.
        journey = Journey.objects.get(pk=offer.interaction.journey_id)
        if journey.status == JourneyStatus.OPEN:
            resolve_journey(journey=journey, by=by, at=at)


def reopen_after_refusal(
    *, appointment: Appointment, slot_is_free: bool, by: Actor, at: dt.datetime
) -> None:
    """The EHR would not book the winner; nobody was told that they had it.

    With the slot still free the next in line has it, or the waves go on; otherwise the
    opening closes as taken.
    """
    found = Offer.objects.filter(appointment=appointment).values_list("pk", flat=True).first()
    if found is None:
        _hand_booking_refused(appointment, slot_is_free=slot_is_free, by=by, at=at)
        return
    with transaction.atomic():
        opening, offer = locks.lock_offer(found)
        if offer.status != OfferStatus.ACCEPTED:
            return
        move(offer, to=OfferStatus.REFUSED, by=by, at=at)
        texts.tell(offer, "offer_refused", by=by, at=at)
        if not slot_is_free:
            close_opening(opening, to=OpeningStatus.TAKEN, why="taken in the EHR", by=by, at=at)
            return
        back_to = OpeningStatus.PAUSED if opening.is_paused else OpeningStatus.OFFERING
        move(opening, to=back_to, by=by, at=at, reason="the EHR refused the visit")
        if claim_for_next(opening, by=by, at=at) is None and opening.closed_at is None:
            wake(opening, STEP, at=at)


def tell_requested(*, appointment_id: int, by: Actor, at: dt.datetime) -> None:
    """A person at the clinic was asked to book it: the winner hears "requested", once, and
    that nothing is booked until the clinic confirms it."""
    found = Offer.objects.filter(appointment_id=appointment_id, status=OfferStatus.ACCEPTED)
    pk = found.values_list("pk", flat=True).first()
    if pk is None:
        return
    with transaction.atomic():
        _, offer = locks.lock_offer(pk)
        if offer.status == OfferStatus.ACCEPTED:
            texts.tell(offer, "offer_requested", by=by, at=at)
            publish("waitlist.offer-requested", offer, at=at, opening=offer.opening_id)


def _hand_booking_refused(
    appointment: Appointment, *, slot_is_free: bool, by: Actor, at: dt.datetime
) -> None:
    """Staff booked it and told the patient so: they must hear, and the time is open again."""
    open_task(
        kind=TaskKind.EHR_WRITE,
        title="The EHR refused a visit that was booked by hand",
        why="Call the patient: the visit is not booked, and any other visit stays as it is.",
        patient=appointment.patient,
        due_at=at + dt.timedelta(minutes=30),
        cause_key=f"hand-booking-refused:{appointment.pk}",
        by=by,
        at=at,
    )
    if slot_is_free and appointment.slot_id is not None:
        open_opening(slot_id=appointment.slot_id, cause=FreedBy.CANCELLATION, by=by, at=at)
