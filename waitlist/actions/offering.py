"""Sending offers: in waves, or one to somebody who missed another."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.actions import find_or_open_journey, open_interaction
from crm.engine import Actor, insert_or_none, move, publish, record
from crm.models import Patient, Phone
from crm.states import Channel, Purpose
from outreach.queries import SendAnswer, may_send_many
from scheduling import queries as scheduling_queries
from scheduling.models import Clinic
from waitlist import locks, texts
from waitlist.actions.rechecking import recheck
from waitlist.models import Candidate, Offer, Opening, Wave
from waitlist.rules.waves import WavePlan, plan_wave
from waitlist.states import (
    LIVE_OFFER,
    LIVE_OPENING,
    CandidateKind,
    OfferStatus,
    OpeningStatus,
)

NEED = "An earlier visit"
#: Other openings that are looked at for somebody who came too late.
MOST_OTHERS = 5
#: The chance to accept that sizes a wave is the mean of so many next in line.
MEAN_OVER = 10
SLOT_NOT_FREE = dt.timedelta(seconds=60)


def send_wave(*, opening_id: int, by: Actor, at: dt.datetime) -> dt.datetime | None:
    """Offer the opening to the next candidates, as many as its deadline calls for.

    Returns when the next wave is due; the deadline when nobody is left to ask, and None when
    the opening takes no waves. Each is asked again whether they may be texted now. Publishes
    `waitlist.wave-sent`.
    """
    with transaction.atomic():
        opening = locks.lock_opening(opening_id)
        if opening.status != OpeningStatus.OFFERING:
            return None
        _lapse(opening, by=by, at=at)
        slot = scheduling_queries.get_slot(opening.slot_id)
        if scheduling_queries.why_not(slot, at=at) is not None:
            # Its claim fell through, and the EHR has not yet said that the slot is free.
            return at + SLOT_NOT_FREE
        waiting = list(
            Candidate.objects.filter(opening=opening, rank__isnull=False, offer=None)
            .select_related("patient", "appointment")
            .order_by("rank")
        )
        answers = may_send_many(
            [c.patient_id for c in waiting],
            purpose=Purpose.OFFER,
            at=at,
            zone=slot.role.clinic.location.zone,
        )
        ready = [c for c in waiting if answers[c.patient_id].allowed]
        if opening.matched_at != at:
            ready = recheck(opening, slot, ready, by=by, at=at)
        plan = _plan(opening, slot.role.clinic, ready, at)
        if plan.size == 0:
            return _when_to_look_again(opening, plan, [answers[c.patient_id] for c in waiting], at)
        number = Wave.objects.filter(opening=opening).count() + 1
        wave = Wave.objects.create(
            opening=opening,
            number=number,
            size=plan.size,
            sent_at=at,
            next_at=plan.next_at,
            why=plan.why,
        )
        # By patient, since each locks theirs: two waves may ask some of the same people.
        for candidate in sorted(ready[: plan.size], key=lambda c: c.patient_id):
            offer = _offer(
                opening,
                candidate,
                answers[candidate.patient_id].phone,
                wave,
                expires_at=plan.answer_by or opening.deadline_at,
                by=by,
                at=at,
            )
            if offer is not None:
                texts.tell(offer, offer_text(offer), by=by, at=at)
        record("waitlist.wave.sent", wave, by=by, at=at, opening=opening.pk, size=plan.size)
        publish("waitlist.wave-sent", opening, at=at, wave=wave.pk)
    asked = {candidate.pk for candidate in ready[: plan.size]}
    left = [answers[c.patient_id] for c in waiting if c.pk not in asked]
    return _when_to_look_again(opening, plan, left, at)


def _lapse(opening: Opening, *, by: Actor, at: dt.datetime) -> None:
    """Offers that nobody answered in their time make room for others.

    Their patients are told nothing: a late yes still counts while the opening lives.
    """
    for offer in locks.lock_live_offers(opening):
        if offer.status == OfferStatus.SENT and offer.expires_at <= at:
            move(offer, to=OfferStatus.EXPIRED, by=by, at=at, reason="no answer")


def _plan(opening: Opening, clinic: Clinic, ready: list[Candidate], at: dt.datetime) -> WavePlan:
    unanswered = Offer.objects.filter(opening=opening, status=OfferStatus.SENT)
    next_in_line = ready[:MEAN_OVER]
    return plan_wave(
        now=at,
        deadline_at=opening.deadline_at,
        zone=clinic.location.zone,
        eligible_left=len(ready),
        unanswered_since=list(unanswered.values_list("offered_at", flat=True)),
        mean_chance=sum(c.chance for c in next_in_line) / max(1, len(next_in_line)),
        max_disappointed=clinic.max_disappointed,
    )


def _when_to_look_again(
    opening: Opening, plan: WavePlan, answers: list[SendAnswer], at: dt.datetime
) -> dt.datetime:
    """The plan's own time, or when somebody who may not be texted now may be again; when
    somebody's time to answer is over; the deadline at the latest."""
    times = [a.retry_at for a in answers if a.retry_at is not None and a.retry_at > at]
    times += [moment for moment in (plan.next_at, plan.answer_by) if moment is not None]
    return min([*times, opening.deadline_at])


def _offer(
    opening: Opening,
    candidate: Candidate,
    phone: Phone | None,
    wave: Wave | None,
    *,
    expires_at: dt.datetime,
    by: Actor,
    at: dt.datetime,
) -> Offer | None:
    """One offer with its text, on the patient's timeline. None when they have one already."""
    if phone is None:
        return None
    offer = insert_or_none(
        Offer(
            opening=opening,
            slot_id=opening.slot_id,
            wave=wave,
            candidate=candidate,
            patient=candidate.patient,
            phone=phone,
            gives_up=candidate.appointment,
            offered_at=at,
            expires_at=expires_at,
        )
    )
    if offer is None:
        return None
    _put_on_timeline(offer, candidate.patient, by=by, at=at)
    record("waitlist.offer.made", offer, by=by, at=at, opening=opening.pk)
    return offer


def _put_on_timeline(offer: Offer, patient: Patient, *, by: Actor, at: dt.datetime) -> None:
    journey = find_or_open_journey(patient=patient, need=NEED, by=by, at=at)
    offer.interaction = open_interaction(
        journey=journey,
        channel=Channel.SMS,
        summary="Offered an earlier time",
        subject=offer,
        by=by,
        at=at,
    )
    offer.save(update_fields=["interaction"])


def offer_text(offer: Offer) -> str:
    """Which words: those who have a later visit are offered an earlier one."""
    later = offer.candidate.kind == CandidateKind.LATER_VISIT
    return "offer" if later else "offer_no_later_visit"


def offer_another(*, missed: Offer, by: Actor, at: dt.datetime) -> Offer | None:
    """Somebody's yes came too late: the soonest other opening that they are ranked for.

    One that they have an offer for already, or else a new offer out of turn. Nothing is texted
    here: the answer to their yes carries the link. None when there is none.
    """
    open_to_all = LIVE_OPENING - {OpeningStatus.CLAIMED, OpeningStatus.PAUSED}
    others = (
        Candidate.objects.filter(
            patient=missed.patient,
            rank__isnull=False,
            opening__status__in=open_to_all,
            opening__deadline_at__gt=at,
        )
        .exclude(opening=missed.opening)
        .select_related("patient", "appointment")
        .order_by("opening__slot__starts_at")
    )
    for candidate in others[:MOST_OTHERS]:
        offer = _offer_out_of_turn(candidate, missed.phone, by=by, at=at)
        if offer is not None:
            return offer
    return None


def _offer_out_of_turn(
    candidate: Candidate, phone: Phone, *, by: Actor, at: dt.datetime
) -> Offer | None:
    with transaction.atomic():
        opening = locks.lock_opening(candidate.opening_id)
        if opening.status != OpeningStatus.OFFERING:
            return None
        existing = Offer.objects.filter(candidate=candidate).first()
        if existing is not None:
            return existing if existing.status in LIVE_OFFER else None
        slot = scheduling_queries.get_slot(opening.slot_id)
        if not recheck(opening, slot, [candidate], by=by, at=at):
            return None
        # They have just written to us from this phone: the answer may name another time.
        return _offer(opening, candidate, phone, None, expires_at=opening.deadline_at, by=by, at=at)
