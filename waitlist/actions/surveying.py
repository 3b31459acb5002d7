"""Looking at everybody whom an opening could suit, when the first have been asked.

Nobody waits for this: it runs in the queue for bulk work, from a row that a sweep finds if the
ring for it is lost.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection

from django.db import transaction

from crm.engine import Actor, publish, wake
from scheduling import queries as scheduling_queries
from scheduling.models import Slot
from waitlist import locks
from waitlist.actions.keeping import keep_ranking
from waitlist.models import Offer, Opening, Survey
from waitlist.queries.claims import count_everybody, everybody
from waitlist.queries.judging import Judged, in_order, judge
from waitlist.queries.people import slot_facts
from waitlist.queries.shortlist import FIRST_LOOK, find_shortlist
from waitlist.rules.facts import SlotFacts
from waitlist.rules.ranking import Ranking
from waitlist.states import LIVE_OPENING

#: The step that works on surveys, see `waitlist.tasks`.
STEP = "waitlist.survey"
#: Until then the survey leaves the opening to its first wave, which starts it when it is out.
GRACE = dt.timedelta(seconds=2)
#: Up to so many people the rules are asked about each; of more, about the most promising.
MOST_ASKED, ASKED_OF_MORE = 2000, 600
#: How much farther than for the first wave those are looked for.
DEEPER = 8
#: People judged at once.
PAGE = 500


def start_survey(*, opening_id: int, at: dt.datetime) -> None:
    """The first wave is out, or none goes: the survey need not wait any longer."""
    survey = Survey.objects.filter(opening=opening_id, done_at__isnull=True).first()
    if survey is not None:
        wake(survey, STEP, at=at)


def survey_opening(*, survey_id: int, by: Actor, at: dt.datetime) -> None:
    """Count who was considered, could take it, or was left out; keep the first of each.

    An opening that has ended meanwhile is left as it was. Publishes
    `waitlist.opening-surveyed`.

    :raises Survey.DoesNotExist:
    """
    survey = Survey.objects.select_related("opening__freed_appointment").get(pk=survey_id)
    opening = survey.opening
    if survey.done_at is not None:
        return
    if opening.status not in LIVE_OPENING:
        _finish(survey, asked_about=0, at=at)
        return
    slot = scheduling_queries.get_slot(opening.slot_id)
    facts = slot_facts(slot, at=at)
    considered = count_everybody(slot, facts, at=at)
    asked = _asked(opening)
    ids = _whom_to_ask(slot, facts, considered, at=at)
    judged = _judge_in_pages(set(ids) - asked, opening, slot, facts, at=at)
    with transaction.atomic():
        opening = locks.lock_opening(opening.pk)
        asked = _asked(opening)
        if opening.status in LIVE_OPENING:
            _keep(opening, judged, asked, considered, by=by, at=at)
        _finish(survey, asked_about=len(judged.people.keys() | asked), at=at)
        publish("waitlist.opening-surveyed", opening, at=at)


def _asked(opening: Opening) -> set[int]:
    return set(Offer.objects.filter(opening=opening).values_list("patient_id", flat=True))


def _whom_to_ask(
    slot: Slot, facts: SlotFacts, considered: int, *, at: dt.datetime
) -> Collection[int]:
    if considered <= MOST_ASKED:
        return everybody(slot, facts, at=at)
    deep = FIRST_LOOK.times(DEEPER)
    return find_shortlist(slot, facts, at=at, depth=deep).patient_ids[:ASKED_OF_MORE]


def _judge_in_pages(
    ids: Collection[int], opening: Opening, slot: Slot, facts: SlotFacts, *, at: dt.datetime
) -> Judged:
    listed = sorted(ids)
    judged = Judged({}, Ranking([], []), is_everybody=True)
    for start in range(0, len(listed), PAGE):
        page = judge(listed[start : start + PAGE], opening, slot, facts, at=at)
        judged.people.update(page.people)
        judged.ranking.ranked.extend(page.ranking.ranked)
        judged.ranking.left_out.extend(page.ranking.left_out)
    return judged


def _keep(
    opening: Opening,
    judged: Judged,
    asked: Collection[int],
    considered: int,
    *,
    by: Actor,
    at: dt.datetime,
) -> None:
    """Whoever was asked could take it; who was so meanwhile holds an offer, and no refusal."""
    ranked = in_order(judged.ranking.ranked)
    left_out = [o for o in judged.ranking.left_out if o.person.patient_id not in asked]
    keep_ranking(opening, judged.people, ranked, left_out, by=by, at=at)
    could = {place.person.patient_id for place in ranked} | set(asked)
    by_rule = Counter(out.refusal.rule for out in left_out)
    Opening.objects.filter(pk=opening.pk).update(
        considered=max(considered, len(could) + by_rule.total()),
        eligible=len(could),
        left_out=dict(by_rule),
    )


def _finish(survey: Survey, *, asked_about: int, at: dt.datetime) -> None:
    Survey.objects.filter(pk=survey.pk).update(done_at=at, asked_about=asked_about)
