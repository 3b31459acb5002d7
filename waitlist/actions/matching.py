"""Finding and ranking everybody who could take an opening."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.db import transaction

from crm.engine import Actor, move, publish
from scheduling import queries as scheduling_queries
from scheduling.states import FillMode
from waitlist import locks
from waitlist.models import Candidate, Opening
from waitlist.queries.people import Person, gather, slot_facts
from waitlist.rules.eligibility import Refusal
from waitlist.rules.ranking import Score, rank
from waitlist.states import OpeningStatus

#: Of each kind, ranked and left out, so many are kept as rows; the rest are counted by rule,
#: and explained on demand by asking the rules again.
KEPT = 200


#: In shadow mode nothing is offered.
AFTER_MATCHING = {FillMode.SHADOW.value: OpeningStatus.WATCHING}


def match_opening(*, opening_id: int, by: Actor, at: dt.datetime) -> Opening:
    """Consider everybody, keep the ranking with its reasons, and be ready to offer.

    Reads and ranks outside the transaction; the result is written only if the opening still
    waits for it. Publishes `waitlist.opening-matched`.

    :raises Opening.DoesNotExist:
    """
    opening = Opening.objects.select_related("freed_appointment").get(pk=opening_id)
    if opening.status != OpeningStatus.MATCHING:
        return opening
    slot = scheduling_queries.get_slot(opening.slot_id)
    people = {p.facts.patient_id: p for p in gather(opening, slot, at=at)}
    ranking = rank(slot_facts(slot, at=at), [p.facts for p in people.values()], at=at)
    rows = [
        *(
            _ranked(opening, number, people[place.person.patient_id], place.score)
            for number, place in enumerate(ranking.ranked[:KEPT], start=1)
        ),
        *(
            _left_out(opening, people[out.person.patient_id], out.refusal)
            for out in ranking.left_out[:KEPT]
        ),
    ]
    with transaction.atomic():
        opening = locks.lock_opening(opening_id)
        if opening.status != OpeningStatus.MATCHING:
            return opening
        Candidate.objects.bulk_create(rows, batch_size=500)
        move(
            opening,
            to=AFTER_MATCHING.get(opening.mode, OpeningStatus.OFFERING),
            by=by,
            at=at,
            matched_at=at,
            considered=len(people),
            eligible=len(ranking.ranked),
            left_out=dict(Counter(out.refusal.rule for out in ranking.left_out)),
        )
        publish("waitlist.opening-matched", opening, at=at)
    return opening


def _ranked(opening: Opening, number: int, person: Person, score: Score) -> Candidate:
    return Candidate(
        opening=opening,
        patient_id=person.facts.patient_id,
        kind=person.facts.kind,
        appointment_id=person.appointment_id,
        entry_id=person.entry_id,
        rank=number,
        score=score.total,
        chance=score.chance,
        terms=[term._asdict() for term in score.terms],
        reasons=list(score.reasons),
    )


def _left_out(opening: Opening, person: Person, why: Refusal) -> Candidate:
    return Candidate(
        opening=opening,
        patient_id=person.facts.patient_id,
        kind=person.facts.kind,
        appointment_id=person.appointment_id,
        entry_id=person.entry_id,
        left_out_by=why.rule[:40],
        left_out_why=why.sentence[:200],
    )
