"""Reads of plans: the times that their steps could have, and how booked ones stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet

from crm.models import Patient
from scheduling.models import Appointment, Plan, PlanDefinition, PlanNeed, PlanStep, PlanVisit, Slot
from scheduling.queries.plan_resources import free_things
from scheduling.queries.search import left_out, search_slots
from scheduling.queries.search_page import Found
from scheduling.rules.plans import (
    MOST_PLANS,
    Lacking,
    Proposal,
    Short,
    Step,
    Time,
    days_after,
    explain,
    find_plans,
)
from scheduling.rules.search import Criteria
from scheduling.states import LIVE, AppointmentStatus

#: Pages of the search that are read for one step; and how often the first step's go on where
#: none of its times leads to the end.
PAGES, FIRST_PAGES, ROUNDS = 6, 3, 3
#: A visit that stands, or took place: the plan counts on it.
COUNTS = LIVE | {AppointmentStatus.FULFILLED}


@dataclass(frozen=True, slots=True)
class Asked:
    """One visit of a plan as it is looked for; a series has one for each occurrence."""

    position: int  # from 1
    step: PlanStep
    rule: Step
    needs: tuple[PlanNeed, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What was found for a definition, and where nothing was, what is lacking.

    `hidden` are the sentences of rules that hide times of the step that fails, most often first.
    """

    asked: tuple[Asked, ...]
    proposals: tuple[Proposal, ...]
    slots: dict[int, Slot] = field(default_factory=dict)
    lacking: Lacking | None = None
    hidden: tuple[str, ...] = ()


def definitions() -> QuerySet[PlanDefinition]:
    steps = PlanStep.objects.select_related("visit_type").prefetch_related("needs")
    return PlanDefinition.objects.order_by("name").prefetch_related(Prefetch("steps", steps))


def asked_of(definition: PlanDefinition) -> tuple[Asked, ...]:
    """The visits of a definition in order, with every occurrence of its series."""
    found: list[Asked] = []
    for step in definition.steps.all():
        needs = tuple(step.needs.all())
        for nr in range(step.times):
            name = step.visit_type.name
            rule = Step(
                name=f"{name} {nr + 1} of {step.times}" if step.times > 1 else name,
                least_days=step.least_days,
                most_days=step.most_days,
                needs=len(needs),
                same_clinician=step.same_clinician and bool(found),
            )
            found.append(Asked(len(found) + 1, step, rule, needs))
    return tuple(found)


def look_for_plan(
    definition: PlanDefinition,
    *,
    at: dt.datetime,
    patient: Patient | None,
    first_on: dt.date | None = None,
    location_id: int | None = None,
    own_hold_ids: Collection[int] = (),
    most: int = MOST_PLANS,
) -> Look:
    """Times for all visits of a definition together, that can be booked for `patient` now.

    :param first_on: no visit before this day, by each site's calendar.
    """
    asked = asked_of(definition)
    if not asked:
        return Look((), ())
    reading = _Reading(at, patient, location_id, own_hold_ids)
    look = Look(asked, ())
    for _ in range(ROUNDS):
        times = reading.of_all(asked, first_on)
        rules = [one.rule for one in asked]
        proposals = find_plans(rules, times, most=most)
        if proposals:
            return Look(asked, proposals, reading.slots)
        if look.lacking is None:
            look = _explained(asked, times, reading)
        if len(times[0]) < 2 or not reading.is_cut:
            break
        first_on = times[0][-1].day + dt.timedelta(days=1)
    return look


def _explained(asked: tuple[Asked, ...], times: list[list[Time]], reading: _Reading) -> Look:
    lacking = explain([one.rule for one in asked], times)
    assert lacking is not None  # noqa: S101 nothing was found
    hidden: tuple[str, ...] = ()
    if lacking.short in {Short.TIMES, Short.DAYS}:
        hidden = reading.hidden(asked[lacking.step], lacking)
    return Look(asked, (), {}, lacking, hidden)


class _Reading:
    """Looks for the times of one step after another, in the days that the ones before allow."""

    def __init__(
        self,
        at: dt.datetime,
        patient: Patient | None,
        location_id: int | None,
        own_hold_ids: Collection[int],
    ) -> None:
        self._at, self._patient, self._location_id = at, patient, location_id
        self._own = own_hold_ids
        self.slots: dict[int, Slot] = {}
        self.is_cut = False

    def of_all(self, asked: tuple[Asked, ...], first_on: dt.date | None) -> list[list[Time]]:
        times: list[list[Time]] = []
        since, until = first_on, None
        for nr, one in enumerate(asked):
            if nr:
                days = [day for time in times[-1] for day in days_after(one.rule, time.day)]
                since, until = (min(days), max(days)) if days else (None, None)
            found = self.of_step(one, since, until) if nr == 0 or times[-1] else []
            times.append(found)
        return times

    def of_step(self, one: Asked, since: dt.date | None, until: dt.date | None) -> list[Time]:
        """Those that can be booked, with what else is free then."""
        is_first = one.position == 1
        found = list(self._open(self._criteria(one, since, until), is_first=is_first))
        self.slots |= {each.slot.pk: each.slot for each in found}
        free = free_things([each.slot.pk for each in found], one.needs, at=self._at)
        times = [replace(time_of(each.slot), options=free[each.slot.pk]) for each in found]
        return sorted(times, key=lambda time: (time.starts_at, time.slot_id))

    def _open(self, criteria: Criteria, *, is_first: bool) -> Iterator[Found]:
        after = None
        for _ in range(FIRST_PAGES if is_first else PAGES):
            page = search_slots(
                criteria, at=self._at, patient=self._patient, after=after, own_hold_ids=self._own
            )
            yield from (found for found in page.all if found.is_open)
            after = page.after
            if after is None:
                return
        self.is_cut = self.is_cut or is_first

    def _criteria(self, one: Asked, since: dt.date | None, until: dt.date | None) -> Criteria:
        return Criteria(
            visit_type_id=one.step.visit_type_id,
            first_on=since,
            last_on=until,
            location_id=self._location_id,
        )

    def hidden(self, one: Asked, lacking: Lacking) -> tuple[str, ...]:
        """What the rules say of times of that kind in those days, most often first."""
        criteria = self._criteria(one, lacking.first_on, lacking.last_on)
        said: dict[str, int] = {}
        for found in left_out(criteria, at=self._at, patient=self._patient):
            sentence = found.stopping[0].sentence
            said[sentence] = said.get(sentence, 0) + 1
        return tuple(sorted(said, key=lambda sentence: -said[sentence])[:3])


def time_of(slot: Slot) -> Time:
    """A slot, as `get_slot` gives it, as the finder sees it."""
    zone = ZoneInfo(slot.role.clinic.location.zone)
    return Time(
        slot_id=slot.pk,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        day=slot.starts_at.astimezone(zone).date(),
        provider_id=slot.role.provider_id,
    )


def time_of_visit(visit: Appointment) -> Time:
    """A booked visit as the finder sees it."""
    zone = ZoneInfo(visit.location.zone) if visit.location else dt.UTC
    return Time(
        slot_id=visit.slot_id or -visit.pk,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        day=visit.starts_at.astimezone(zone).date(),
        provider_id=visit.provider_id or 0,
    )


def visits_of(plan_id: int) -> list[PlanVisit]:
    """The visit that stands at each position, the newest one there, in order."""
    rows = PlanVisit.objects.filter(plan=plan_id).select_related(
        "step__visit_type",
        "appointment__location",
        "appointment__provider",
        "appointment__visit_type",
        "appointment__role__clinic",
    )
    rows = rows.prefetch_related("appointment__resources__provider", "appointment__resources__room")
    return list({row.position: row for row in rows.order_by("position", "pk")}.values())


def find_plan_of(appointment_id: int) -> Plan | None:
    """The plan that a visit belongs to, if it does."""
    row = PlanVisit.objects.select_related("plan__definition").filter(appointment=appointment_id)
    found = row.first()
    return found.plan if found else None


def plans() -> QuerySet[Plan]:
    return Plan.objects.select_related("definition", "patient").order_by("-pk")


def plans_after(after: int | None, *, most: int) -> tuple[list[Plan], int | None]:
    """A page of the plans, the newest first, from the one after `after` on; and after which the
    next page begins, None on the last."""
    rows = plans() if after is None else plans().filter(pk__lt=after)
    found = list(rows[: most + 1])
    return found[:most], found[most - 1].pk if len(found) > most else None


def times_for_position(plan: Plan, position: int, *, at: dt.datetime) -> list[tuple[Slot, Time]]:
    """Other times for one visit of a plan that suit its neighbors, earliest first."""
    rows = {row.position: row for row in visits_of(plan.pk)}
    row = rows[position]
    if row.step is None:
        return []
    before, after = rows.get(position - 1), rows.get(position + 1)
    since, until = window_for(row, before, after)
    needs = tuple(row.step.needs.all())
    rule = Step(name="", least_days=row.least_days, most_days=row.most_days, needs=len(needs))
    reading = _Reading(at, plan.patient, None, ())
    one = Asked(2, row.step, rule, needs)
    times = reading.of_step(one, since, until)
    suited = [time for time in times if suits_neighbors(time, row, before, after)]
    return [(reading.slots[time.slot_id], time) for time in suited]


def window_for(
    row: PlanVisit, before: PlanVisit | None, after: PlanVisit | None
) -> tuple[dt.date | None, dt.date | None]:
    """The days that suit the neighbors that stand, both included; None sets no limit."""
    firsts, lasts = [], []
    if before is not None and before.appointment.status in COUNTS:
        day = time_of_visit(before.appointment).day
        firsts.append(day + dt.timedelta(days=row.least_days))
        lasts.append(day + dt.timedelta(days=row.most_days))
    if after is not None and after.appointment.status in COUNTS:
        day = time_of_visit(after.appointment).day
        firsts.append(day - dt.timedelta(days=after.most_days))
        lasts.append(day - dt.timedelta(days=after.least_days))
    return max(firsts, default=None), min(lasts, default=None)


def suits_neighbors(
    time: Time, row: PlanVisit, before: PlanVisit | None, after: PlanVisit | None
) -> bool:
    """Whether the days on both sides are as the plan asks, for neighbors that stand."""
    since, until = window_for(row, before, after)
    if (since and time.day < since) or (until and time.day > until):
        return False
    stands = [one for one in (before, after) if one and one.appointment.status in COUNTS]
    return all(
        time.starts_at >= one.appointment.ends_at
        if one.position < row.position
        else time.ends_at <= one.appointment.starts_at
        for one in stands
    )
