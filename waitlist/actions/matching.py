"""Finding and ranking those who could take an opening: the first at once, the others later.

The first wave goes to the first of a shortlist (`queries.judging`). The survey then looks at
everybody (`actions.surveying`), and `top_up` before each later wave at whoever has come since.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.db import transaction

from crm.engine import Actor, move, publish, record
from scheduling import queries as scheduling_queries
from scheduling.models import Slot
from scheduling.states import FillMode
from waitlist import locks
from waitlist.actions.keeping import keep_ranking, left_out_row, ranked_row
from waitlist.actions.planning import Looked
from waitlist.actions.surveying import order_survey
from waitlist.models import Candidate, Offer, Opening
from waitlist.queries.judging import Judged, in_order, judge, judge_shortlist
from waitlist.queries.people import slot_facts
from waitlist.rules.facts import SlotFacts
from waitlist.states import OpeningStatus

#: In shadow mode nothing is offered.
AFTER_MATCHING = {FillMode.SHADOW.value: OpeningStatus.WATCHING}
#: While it is in one of these, who comes along may still be asked.
TAKES_MORE = frozenset({OpeningStatus.OFFERING, OpeningStatus.WATCHING})


def match_opening(*, opening_id: int, by: Actor, at: dt.datetime) -> Looked:
    """Find those who come first, keep their ranking with its reasons, and be ready to offer.

    Takes as long for a million waiting patients as for a hundred thousand. The opening's counts
    are of the shortlist until its survey is done. Reads and ranks outside the transaction; the
    result is written only if the opening still waits for it. Returns the opening as it is now,
    with what was read on the way. Publishes `waitlist.opening-matched`.

    :raises Opening.DoesNotExist:
    """
    opening = Opening.objects.select_related("freed_appointment").get(pk=opening_id)
    slot = scheduling_queries.get_slot(opening.slot_id)
    if opening.status != OpeningStatus.MATCHING:
        return Looked(opening, slot, {})
    judged = judge_shortlist(opening, slot, slot_facts(slot, at=at), at=at)
    rows = _rows(opening, judged)
    with transaction.atomic():
        opening = locks.lock_opening(opening_id)
        if opening.status != OpeningStatus.MATCHING:
            return Looked(opening, slot, {})
        Candidate.objects.bulk_create(rows)
        move(
            opening,
            to=AFTER_MATCHING.get(opening.mode, OpeningStatus.OFFERING),
            by=by,
            at=at,
            matched_at=at,
            considered=len(judged.people),
            eligible=len(judged.ranking.ranked),
            left_out=dict(Counter(out.refusal.rule for out in judged.ranking.left_out)),
        )
        survey = order_survey(opening, is_short=judged.is_everybody, at=at)
        publish("waitlist.opening-matched", opening, at=at)
    return Looked(opening, slot, judged.answers, survey)


def _rows(opening: Opening, judged: Judged) -> list[Candidate]:
    people = judged.people
    return [
        *(
            ranked_row(opening, people[place.person.patient_id], place, rank=rank)
            for rank, place in enumerate(judged.ranking.ranked, start=1)
        ),
        *(
            left_out_row(opening, people[out.person.patient_id], out)
            for out in judged.ranking.left_out
        ),
    ]


def top_up(*, opening_id: int, by: Actor, at: dt.datetime) -> Looked:
    """Before a later wave: look again for those who became candidates, and order all anew.

    New entries and visits, a phone that was added, a refusal that was only for then. Those who
    were asked stay where they are. Returns the opening with what was read on the way. Publishes
    `waitlist.opening-topped-up` where somebody came or left.

    :raises Opening.DoesNotExist:
    """
    opening = Opening.objects.select_related("freed_appointment").get(pk=opening_id)
    slot = scheduling_queries.get_slot(opening.slot_id)
    if opening.status not in TAKES_MORE:
        return Looked(opening, slot, {})
    facts = slot_facts(slot, at=at)
    asked = list(Offer.objects.filter(opening=opening).values_list("patient_id", flat=True))
    found = judge_shortlist(opening, slot, facts, at=at, without=asked)
    waiting = _judge_waiting(opening, slot, facts, asked=[*asked, *found.people], at=at)
    with transaction.atomic():
        opening = locks.lock_opening(opening_id)
        looked = Looked(opening, slot, found.answers)
        if opening.status not in TAKES_MORE:
            return looked
        changes = keep_ranking(
            opening,
            found.people | waiting.people,
            in_order([*found.ranking.ranked, *waiting.ranking.ranked]),
            [*found.ranking.left_out, *waiting.ranking.left_out],
            by=by,
            at=at,
        )
        if not (changes.added or changes.left):
            return looked
        record(
            "waitlist.opening.topped-up",
            opening,
            by=by,
            at=at,
            added=changes.added,
            left=changes.left,
        )
        publish("waitlist.opening-topped-up", opening, at=at)
    return looked


def _judge_waiting(
    opening: Opening, slot: Slot, facts: SlotFacts, *, asked: list[int], at: dt.datetime
) -> Judged:
    """Those ranked before who have not been asked. The wave itself asks whether they may be."""
    waiting = Candidate.objects.filter(opening=opening, rank__isnull=False)
    ids = waiting.exclude(patient__in=asked).values_list("patient_id", flat=True)
    return judge(list(ids), opening, slot, facts, at=at, ask_contact=False)
