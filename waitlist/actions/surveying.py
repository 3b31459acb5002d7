"""Looking at everybody whom an opening could suit, when the first have been asked.

Nobody waits for this: it runs in the queue for bulk work, from a row that a sweep finds. Where it
is long it comes later, and gives way to openings whose first texts have not left.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection

from django.db import transaction

from crm.engine import Actor, insert_or_none, publish, wake
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
from waitlist.states import LIVE_OPENING, OpeningStatus

#: The step that works on surveys, see `waitlist.tasks`.
STEP = "waitlist.survey"
#: Until then a short survey leaves the opening to its first wave, which starts it when it is out.
GRACE = dt.timedelta(seconds=2)
#: A long one comes so much later by itself: openings come in bursts, and their texts go first.
LATER = dt.timedelta(seconds=10)
#: While other openings are being matched it is put off again and again, up to this.
LONGEST_WAIT = dt.timedelta(minutes=5)
#: Up to so many people the rules are asked about each; of more, about the most promising.
MOST_ASKED, ASKED_OF_MORE = 2000, 120
#: How much farther than for the first wave those are looked for.
DEEPER = 2
#: A count of more than `MOST_ASKED` stands so long for other openings of that kind.
COUNT_HOLDS = dt.timedelta(minutes=10)
#: People judged at once.
PAGE = 500


def order_survey(opening: Opening, *, is_short: bool, at: dt.datetime) -> Survey | None:
    """Have everybody looked at. Returns a short survey, for whoever sends the first wave to start
    when that is out. The caller holds the opening."""
    due_at = at + (GRACE if is_short else LATER)
    survey = insert_or_none(Survey(opening=opening, due_at=due_at))
    return survey if is_short else None


def start_survey(survey: Survey, *, at: dt.datetime) -> None:
    """The first wave is out, or none goes: it need not wait any longer."""
    wake(survey, STEP, at=at)


def gives_way_until(*, survey_id: int, at: dt.datetime) -> dt.datetime | None:
    """When to come again, while somebody waits for the processor more than this survey does."""
    matching = Opening.objects.filter(status=OpeningStatus.MATCHING, deadline_at__gt=at)
    matched = Survey.objects.filter(pk=survey_id, opening__matched_at__gt=at - LONGEST_WAIT)
    return at + LATER if matching.exists() and matched.exists() else None


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
    considered = count_lately(slot, at=at) or count_everybody(slot, facts, at=at)
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


def count_lately(slot: Slot, *, at: dt.datetime) -> int | None:
    """What was counted for another opening of that kind: of thousands, few come and go."""
    alike = Opening.objects.filter(
        slot__visit_type=slot.visit_type_id, slot__role__clinic=slot.role.clinic_id
    )
    lately = alike.filter(opened_at__gt=at - COUNT_HOLDS, survey__done_at__lte=at)
    counted = lately.filter(considered__gt=MOST_ASKED).order_by("-opened_at")
    return counted.values_list("considered", flat=True).first()


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
