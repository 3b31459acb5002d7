"""Sending offers: in waves, or one to somebody who missed another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction

from crm.actions import find_or_open_journeys, open_interactions
from crm.engine import Actor, insert_those_free, move, publish, record, written_together
from crm.models import Phone
from crm.states import Channel
from outreach.queries import SendAnswer
from scheduling import queries as scheduling_queries
from scheduling.models import Slot
from scheduling.states import FillMode
from waitlist import locks, texts
from waitlist.actions.planning import SLOT_NOT_FREE, Looked, plan_next, slot_now
from waitlist.actions.rechecking import recheck
from waitlist.models import Candidate, Offer, Opening, Wave
from waitlist.queries.standing import Standing, standing_for
from waitlist.states import (
    LIVE_OFFER,
    LIVE_OPENING,
    OfferStatus,
    OpeningStatus,
)

NEED = "An earlier visit"
#: Other openings that are looked at for somebody who came too late.
MOST_OTHERS = 5


class NothingIsSent(Exception):
    """This opening only watches; a mistake in the code, not of a user."""


def send_wave(
    *, opening_id: int, by: Actor, at: dt.datetime, looked: Looked | None = None
) -> dt.datetime | None:
    """Offer the opening to the next candidates, as many as its deadline calls for.

    Returns when the next wave is due; the deadline when nobody is left to ask, and None when
    the opening takes no waves by itself. Publishes `waitlist.wave-sent`.
    """
    with transaction.atomic():
        opening = locks.lock_opening(opening_id)
        if opening.status != OpeningStatus.OFFERING or opening.mode != FillMode.AUTOMATIC:
            return None
        unanswered = lapse_offers(opening, by=by, at=at)
        opening.slot = slot = slot_now(opening, looked)
        if scheduling_queries.why_not(slot, at=at) is not None:
            # Its claim fell through, and the EHR has not yet said that the slot is free.
            return at + SLOT_NOT_FREE
        planned = plan_next(
            opening,
            slot,
            unanswered_since=unanswered,
            not_these=(),
            by=by,
            at=at,
            looked=looked,
        )
        if planned.plan.size:
            make_wave(
                opening,
                slot,
                planned.people,
                planned.answers,
                why=planned.plan.why,
                next_at=planned.plan.next_at,
                expires_at=planned.plan.answer_by or opening.deadline_at,
                by=by,
                at=at,
            )
    return planned.look_again_at(at=at)


def make_wave(
    opening: Opening,
    slot: Slot,
    people: Sequence[Candidate],
    answers: Mapping[int, SendAnswer],
    *,
    why: str,
    next_at: dt.datetime | None,
    expires_at: dt.datetime,
    by: Actor,
    at: dt.datetime,
) -> Wave:
    """Offer it to these people now, each with a text. The caller holds the opening.

    :raises NothingIsSent: for an opening in shadow mode.
    """
    if opening.mode == FillMode.SHADOW:
        raise NothingIsSent(f"Opening {opening.pk} is in shadow mode.")
    wave = Wave.objects.create(
        opening=opening,
        number=Wave.objects.filter(opening=opening).count() + 1,
        size=len(people),
        sent_at=at,
        next_at=next_at,
        why=why,
    )
    with written_together():
        phones = [(person, answers[person.patient_id].phone) for person in people]
        offers = _make_offers(opening, slot, phones, wave=wave, expires_at=expires_at, by=by, at=at)
        told = [(offer, texts.offer_template(offer.candidate)) for offer in offers]
        texts.tell_each(told, by=by, at=at)
        record("waitlist.wave.sent", wave, by=by, at=at, opening=opening.pk, size=len(people))
        publish("waitlist.wave-sent", opening, at=at, wave=wave.pk)
    return wave


def lapse_offers(opening: Opening, *, by: Actor, at: dt.datetime) -> list[dt.datetime]:
    """Offers that nobody answered in their time make room for others.

    Their patients are told nothing: a late yes still counts while the opening lives. Returns
    when those went out that stay open.
    """
    still_open = []
    for offer in locks.lock_unanswered(opening):
        if offer.expires_at <= at:
            move(offer, to=OfferStatus.EXPIRED, by=by, at=at, reason="no answer")
        else:
            still_open.append(offer.offered_at)
    return still_open


def unanswered_since(opening: Opening) -> list[dt.datetime]:
    """When each of its offers that is open and unanswered went out."""
    unanswered = Offer.objects.filter(opening=opening, status=OfferStatus.SENT)
    return list(unanswered.values_list("offered_at", flat=True))


def _make_offers(
    opening: Opening,
    slot: Slot,
    phones: Iterable[tuple[Candidate, Phone | None]],
    *,
    wave: Wave | None,
    expires_at: dt.datetime,
    by: Actor,
    at: dt.datetime,
) -> list[Offer]:
    """Offers on their patients' timelines, table by table; nobody gets a second live one.

    By patient, since each is locked: two waves may ask some of the same people.
    """
    offers = insert_those_free(
        [
            Offer(
                opening=opening,
                slot=slot,
                wave=wave,
                candidate=candidate,
                patient=candidate.patient,
                phone=phone,
                gives_up=candidate.appointment,
                offered_at=at,
                expires_at=expires_at,
            )
            for candidate, phone in sorted(phones, key=lambda one: one[0].patient_id)
            if phone is not None
        ],
        known_by="candidate_id",
    )
    if offers:
        _put_on_timelines(offers, by=by, at=at)
    for offer in offers:
        record("waitlist.offer.made", offer, by=by, at=at, opening=opening.pk)
    return offers


def _put_on_timelines(offers: Sequence[Offer], *, by: Actor, at: dt.datetime) -> None:
    patient_ids = [offer.patient_id for offer in offers]
    journeys = find_or_open_journeys(patient_ids=patient_ids, need=NEED, by=by, at=at)
    interactions = open_interactions(
        about=[(journeys[offer.patient_id], offer) for offer in offers],
        channel=Channel.SMS,
        summary="Offered an earlier time",
        specialty=offers[0].slot.role.clinic.specialty,  # all are for the slot of one opening
        by=by,
        at=at,
    )
    for offer, interaction in zip(offers, interactions, strict=True):
        offer.interaction = interaction
    Offer.objects.bulk_update(offers, ["interaction"])


def offer_another(*, missed: Offer, by: Actor, at: dt.datetime) -> Offer | None:
    """Somebody's yes came too late: the soonest other opening that they are ranked for.

    One that they have an offer for already, or else a new offer out of turn. Nothing is texted
    here: the answer to their yes carries the link, and so this phone must be one that may hear
    of that visit as well. None when there is none.
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
        .select_related("patient", "appointment", "opening__slot__visit_type")
        .order_by("opening__slot__starts_at")
    )
    for candidate in others[:MOST_OTHERS]:
        slot = candidate.opening.slot
        standing, _ = standing_for(missed.phone, candidate.patient, slot, at=at)
        if standing is Standing.NOT_THEIRS:
            continue
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
        if opening.mode != FillMode.AUTOMATIC:
            return None  # a person sends its waves, or nobody
        slot = scheduling_queries.get_slot(opening.slot_id)
        if not recheck(opening, slot, [candidate], by=by, at=at):
            return None
        # They have just written to us from this phone: the answer may name another time.
        made = _make_offers(
            opening,
            slot,
            [(candidate, phone)],
            wave=None,
            expires_at=opening.deadline_at,
            by=by,
            at=at,
        )
        return made[0] if made else None
