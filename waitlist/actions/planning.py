"""Whom the next wave would ask, and why so many: the same for every mode."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from crm.engine import Actor
from outreach.queries import SendAnswer
from scheduling.models import Slot
from scheduling.queries import get_slot
from waitlist.actions.rechecking import recheck
from waitlist.models import Candidate, Opening, PlannedOffer, PlannedWave, Survey
from waitlist.queries.people import contact_answers
from waitlist.rules.waves import WavePlan, plan_wave
from waitlist.states import PlanStatus

#: The chance to accept that sizes a wave is the mean of so many next in line.
MEAN_OVER = 10
#: How long after a try to look again at a slot that the EHR has not yet called free.
SLOT_NOT_FREE = dt.timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Looked:
    """What one run of the opening's step has read already, so that no part of it reads it again.

    `answers`: whether they may be texted at this run's time, of those who were asked about.
    `survey`: what is to be started when the first wave is out.
    """

    opening: Opening
    slot: Slot
    answers: Mapping[int, SendAnswer]
    survey: Survey | None = None


def slot_now(opening: Opening, looked: Looked | None) -> Slot:
    """The opening's slot with its state as it is now; the rest may be as this run has read it."""
    if looked is None:
        return get_slot(opening.slot_id)
    looked.slot.refresh_from_db(fields=["status", "taken"])
    return looked.slot


@dataclass(frozen=True, slots=True)
class NextWave:
    """The plan, and who is `ready` for it: everybody who may be asked now, in order.

    `people`: those whom this wave asks, with patient and visit.
    """

    opening: Opening
    waiting: list[Candidate]
    ready: list[Candidate]
    people: list[Candidate]
    answers: Mapping[int, SendAnswer]
    plan: WavePlan

    def look_again_at(self, *, at: dt.datetime) -> dt.datetime:
        """The plan's own time, or when somebody who may not be texted now may be again; when
        somebody's time to answer is over; the deadline at the latest."""
        asked = {candidate.pk for candidate in self.people}
        left = [self.answers[c.patient_id] for c in self.waiting if c.pk not in asked]
        times = [a.retry_at for a in left if a.retry_at is not None and a.retry_at > at]
        times += [t for t in (self.plan.next_at, self.plan.answer_by) if t is not None]
        return min([*times, self.opening.deadline_at])


def plan_next(
    opening: Opening,
    slot: Slot,
    *,
    unanswered_since: Sequence[dt.datetime],
    not_these: Collection[int],
    by: Actor,
    at: dt.datetime,
    looked: Looked | None = None,
) -> NextWave:
    """Ask who may be asked now, and size the next wave. The caller holds the opening.

    :param unanswered_since: when each offer that is open went out, or would have.
    :param not_these: patients whom this wave leaves aside, although they may be texted.
    """
    waiting = list(
        Candidate.objects.filter(opening=opening, rank__isnull=False, offer=None)
        .exclude(patient__in=not_these)
        .defer("terms", "reasons")
        .order_by("rank")
    )
    clinic = slot.role.clinic
    answers = _answers([c.patient_id for c in waiting], slot, looked, at=at)
    ready = [c for c in waiting if answers[c.patient_id].allowed]
    if opening.matched_at != at:
        ready = recheck(opening, slot, ready, by=by, at=at)
    next_in_line = ready[:MEAN_OVER]
    plan = plan_wave(
        now=at,
        deadline_at=opening.deadline_at,
        zone=clinic.location.zone,
        eligible_left=len(ready),
        unanswered_since=unanswered_since,
        mean_chance=sum(c.chance for c in next_in_line) / max(1, len(next_in_line)),
        max_disappointed=clinic.max_disappointed,
    )
    people = _with_rows(ready[: plan.size])
    return NextWave(opening, waiting, ready, people, answers, plan)


def _answers(
    ids: Sequence[int], slot: Slot, looked: Looked | None, *, at: dt.datetime
) -> Mapping[int, SendAnswer]:
    """Whether each may be texted now. This run's own answers hold: a text is asked about again."""
    known = looked.answers if looked is not None else {}
    unknown = [pk for pk in ids if pk not in known]
    return {**known, **(contact_answers(unknown, slot, at=at) if unknown else {})}


def _with_rows(candidates: Sequence[Candidate]) -> list[Candidate]:
    """These few, with the patient and the visit that an offer names; in their order."""
    chosen = [candidate.pk for candidate in candidates]
    rows = Candidate.objects.select_related("patient", "appointment__location")
    found = rows.in_bulk(chosen) if chosen else {}
    return [found[pk] for pk in chosen]


def keep_plan(
    opening: Opening,
    slot: Slot,
    people: Iterable[Candidate],
    *,
    status: PlanStatus,
    answer_by: dt.datetime,
    lapses_at: dt.datetime,
    why: str,
    at: dt.datetime,
) -> PlannedWave:
    """The rows of a planned wave, with its people in order. The caller holds the opening."""
    plan = PlannedWave.objects.create(
        opening=opening,
        number=PlannedWave.objects.filter(opening=opening).count() + 1,
        status=status,
        planned_at=at,
        answer_by=answer_by,
        lapses_at=lapses_at,
        why=why,
    )
    PlannedOffer.objects.bulk_create(
        planned_offer(plan, candidate, slot, place=place)
        for place, candidate in enumerate(people, start=1)
    )
    return plan


def planned_offer(
    plan: PlannedWave, candidate: Candidate, slot: Slot, *, place: int
) -> PlannedOffer:
    """Somebody's place in a plan, with how much sooner their visit would be."""
    later, zone = candidate.appointment, slot.role.clinic.location.tz
    gained = None
    if later is not None:
        days = later.starts_at.astimezone(zone).date() - slot.starts_at.astimezone(zone).date()
        gained = max(0, days.days)
    return PlannedOffer(plan=plan, candidate=candidate, place=place, days_gained=gained)
