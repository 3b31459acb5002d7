"""Booking several visits together, all or none; and following what becomes of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db import transaction

from crm.actions import open_task, put_back_task, settle_task
from crm.engine import Actor, move, publish, record
from crm.engine.retrying import retry_lost_races
from crm.models import Patient, User
from crm.states import TaskKind, TaskStatus
from scheduling import locks, queries
from scheduling.actions.booking import request_booking
from scheduling.actions.cancelling import cancel_appointment
from scheduling.actions.holds import hold_slot
from scheduling.actions.overrides import SetAside
from scheduling.actions.refusals import SlotTaken, taken_meanwhile
from scheduling.models import (
    Appointment,
    AppointmentResource,
    Hold,
    Plan,
    PlanDefinition,
    PlanNeed,
    PlanVisit,
    Slot,
)
from scheduling.queries.plan_resources import free_things, parse_thing
from scheduling.queries.plans import (
    COUNTS,
    Asked,
    asked_of,
    suits_neighbors,
    time_of,
    time_of_visit,
    visits_of,
)
from scheduling.rules import HiddenBy
from scheduling.rules.plans import may_follow
from scheduling.states import (
    LIVE,
    STANDS,
    AppointmentStatus,
    CancelReason,
    PlanStatus,
    ResourceKind,
)

#: Holds of a plan last longer than those of one visit: there is more to read out.
HOLD_MINUTES = 10
LOOK_WITHIN = dt.timedelta(hours=4)


class PlanRefused(Exception):
    """The visits cannot be booked as a plan; the text says why, for staff."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A slot for one visit of a plan, and keys of what it takes beside it ("p12", "r5")."""

    slot_id: int
    things: tuple[str, ...] = ()


def hold_plan(
    *,
    choice: Sequence[Choice],
    patient: Patient,
    by: Actor,
    at: dt.datetime,
    owner: str,
    user: User | None = None,
) -> list[Hold]:
    """Keep the slots of all visits for ten minutes, or none of them. In the order of the visits.

    Locks the slots by key.

    :raises SlotTaken, PatientBusy, BookingRefused: and then nothing is held.
    """
    with transaction.atomic():
        locks.lock_slots([one.slot_id for one in choice])
        held = {
            pk: hold_slot(
                slot_id=pk,
                by=by,
                at=at,
                owner=owner,
                user=user,
                patient=patient,
                minutes=HOLD_MINUTES,
            )
            for pk in sorted(one.slot_id for one in choice)
        }
    return [held[one.slot_id] for one in choice]


def book_plan(
    *,
    definition: PlanDefinition,
    choice: Sequence[Choice],
    patient: Patient,
    by: Actor,
    at: dt.datetime,
    hold_ids: Mapping[int, int] | None = None,
    set_aside: SetAside | None = None,
) -> Plan:
    """Book a slot for every visit of the definition, with what each needs beside it, or nothing.

    One transaction. Locks what is shared by name, then the slots by key; each visit is booked by
    `request_booking` with its own audit, event and EHR write. What it takes beside its slot is
    kept from being taken twice by the database (`Taken`). Publishes `scheduling.plan-requested`.

    :param choice: one for each visit that `asked_of` names, in order.
    :param hold_ids: by slot, holds of whoever books; they are used up.
    :raises PlanRefused: when the choice is not what the definition asks.
    :raises SlotTaken, PatientBusy, BookingRefused: and then nothing is booked.
    """

    @taken_meanwhile
    def work() -> Plan:
        with transaction.atomic():
            asked = asked_of(definition)
            slots = _lock(choice)
            _check(asked, choice, slots)
            plan = Plan.objects.create(
                definition=definition, patient=patient, created_at=at, created_by=by.label[:120]
            )
            record("scheduling.plan.requested", plan, by=by, at=at, visits=len(choice))
            pairs = sorted(zip(asked, choice, strict=True), key=lambda pair: pair[1].slot_id)
            for one, chosen in pairs:
                visit = request_booking(
                    slot_id=chosen.slot_id,
                    patient=patient,
                    visit_type=one.step.visit_type,
                    hold_id=(hold_ids or {}).get(chosen.slot_id),
                    set_aside=set_aside,
                    by=by,
                    at=at,
                )
                _take(visit, chosen, one.needs, at=at)
                PlanVisit.objects.create(
                    plan=plan,
                    step=one.step,
                    position=one.position,
                    appointment=visit,
                    least_days=one.rule.least_days,
                    most_days=one.rule.most_days,
                )
            publish("scheduling.plan-requested", plan, at=at)
        return plan

    return retry_lost_races(work)


def _lock(choice: Sequence[Choice]) -> dict[int, Slot]:
    """Everything that a booking of these locks, in one order: names, then slots by key.

    The weeks of clinicians whose visits are counted are names, too: `request_booking` takes them
    before its slot, and finds them taken here.
    """
    ids = sorted({one.slot_id for one in choice})
    known = [queries.get_slot(pk) for pk in ids]
    weeks = [queries.week_name(slot) for slot in known if queries.has_limits(slot)]
    things = [f"plan takes {key}" for one in choice for key in one.things]
    if weeks or things:
        locks.lock_names(*weeks, *things)
    locked = {slot.pk: slot for slot in locks.lock_slots(ids)}
    for slot in known:
        queries.keep_beside(locked[slot.pk], slot)
    return locked


def _check(asked: Sequence[Asked], choice: Sequence[Choice], slots: Mapping[int, Slot]) -> None:
    if not asked or len(asked) != len(choice) or len(slots) != len(choice):
        raise PlanRefused("Choose one time for each visit of the plan.")
    times = [time_of(slots[one.slot_id]) for one in choice]
    for nr in range(1, len(asked)):
        if not may_follow(asked[nr].rule, times[nr - 1], times[nr]):
            raise PlanRefused(
                f"{asked[nr].rule.name} is no longer on a day that suits the visit before it."
            )


def _take(
    visit: Appointment, chosen: Choice, needs: Sequence[PlanNeed], *, at: dt.datetime
) -> None:
    """What the visit needs beside its slot, each free and of the right kind.

    :raises SlotTaken, PlanRefused:
    """
    if len(chosen.things) != len(needs) or len(set(chosen.things)) != len(needs):
        raise PlanRefused("Choose one for each clinician, room and machine that a visit needs.")
    assert visit.slot_id is not None  # noqa: S101 it was booked on one
    free = free_things([visit.slot_id], needs, at=at)[visit.slot_id] if needs else ()
    for need, key, keys in zip(needs, chosen.things, free, strict=True):
        if key not in keys:
            said = f"What the visit needs beside its slot ({need.what}) is no longer free then."
            raise SlotTaken(said, rule=HiddenBy.NOT_FREE)
    for key in sorted(chosen.things):
        thing = parse_thing(key)
        is_person = thing.kind is ResourceKind.PROVIDER
        AppointmentResource.objects.create(
            appointment=visit,
            provider_id=thing.pk if is_person else None,
            room_id=None if is_person else thing.pk,
        )


# --- what becomes of it ----------------------------------------------------------------


def follow_plan(*, appointment_id: int, by: Actor, at: dt.datetime) -> Plan | None:
    """A visit has changed: bring its plan in line with how all of its visits stand.

    Locks the plan. A visit that was moved keeps its place in the plan with the new one. Where
    one is off, or the days between no longer suit, the plan is *broken*, with a task; booking
    the EHR's word on all of them makes it *booked*. Publishes `scheduling.plan-changed`.
    """
    plan = _plan_of(appointment_id)
    if plan is None:
        return None
    with transaction.atomic():
        plan = locks.lock_plan(plan.pk)
        _adopt_moved(plan, appointment_id)
        rows = visits_of(plan.pk)
        why = _why_broken(rows)
        to = _stands(plan, rows, why)
        if to is not PlanStatus(plan.status):
            move(plan, to=to, by=by, at=at, reason=why)
            publish("scheduling.plan-changed", plan, at=at)
        if to is PlanStatus.BROKEN:
            _ask(plan, why, by=by, at=at)
        elif to is not PlanStatus.SETTLED:
            settle_task(cause_key=_cause(plan), by=by, at=at, reason="the plan is whole again")
    return plan


def _plan_of(appointment_id: int) -> Plan | None:
    found = queries.find_plan_of(appointment_id)
    if found is not None:
        return found
    old = Appointment.objects.filter(pk=appointment_id).values_list("gives_up", flat=True).first()
    return queries.find_plan_of(old) if old else None


def _adopt_moved(plan: Plan, appointment_id: int) -> None:
    """The visit that somebody moved theirs to takes its place in the plan, once it stands."""
    visit = Appointment.objects.get(pk=appointment_id)
    row = PlanVisit.objects.filter(plan=plan, appointment=visit.gives_up_id).first()
    if row is None or visit.status not in STANDS:
        return
    PlanVisit.objects.get_or_create(
        appointment=visit,
        defaults={
            "plan": plan,
            "step": row.step,
            "position": row.position,
            "least_days": row.least_days,
            "most_days": row.most_days,
        },
    )


def _why_broken(rows: Sequence[PlanVisit]) -> str:
    """The first thing that is wrong with the plan, for staff; empty where nothing is."""
    for row in rows:
        status = row.appointment.status
        if status not in COUNTS:
            words = {AppointmentStatus.REFUSED: "was refused by the EHR"}
            words[AppointmentStatus.NO_SHOW] = "was missed"
            return f"Visit {row.position} {words.get(AppointmentStatus(status), 'is called off')}."
    for before, row in pairwise(rows):
        time = time_of_visit(row.appointment)
        if not suits_neighbors(time, row, before, None):
            return f"Visit {row.position} is not {_days(row)} after the one before it."
    for row in rows:
        needs = row.step.needs.count() if row.step else 0
        if needs > len(row.appointment.resources.all()):
            return f"Visit {row.position} was moved without what it needs beside its slot."
    return ""


def _days(row: PlanVisit) -> str:
    least, most = row.least_days, row.most_days
    return f"{least} days" if least == most else f"{least} to {most} days"


def _stands(plan: Plan, rows: Sequence[PlanVisit], why: str) -> PlanStatus:
    statuses = {AppointmentStatus(row.appointment.status) for row in rows}
    if not statuses & COUNTS:
        return PlanStatus.CALLED_OFF
    if why:
        is_left = plan.status == PlanStatus.SETTLED and AppointmentStatus.REFUSED not in statuses
        return PlanStatus.SETTLED if is_left else PlanStatus.BROKEN
    if AppointmentStatus.REQUESTED in statuses:
        return PlanStatus(plan.status) if plan.status == PlanStatus.BOOKED else PlanStatus.REQUESTED
    return PlanStatus.BOOKED


def _cause(plan: Plan) -> str:
    return f"plan:{plan.pk}"


def _ask(plan: Plan, why: str, *, by: Actor, at: dt.datetime) -> None:
    task = open_task(
        kind=TaskKind.PLAN_BROKEN,
        title=f"{plan.definition.name}: one visit is off"[:200],
        why=f"{why} The others stand. Find another time for it, give the others up, or leave "
        "them as they are.",
        patient=plan.patient,
        due_at=at + LOOK_WITHIN,
        cause_key=_cause(plan),
        by=by,
        at=at,
    )
    if task.status in {TaskStatus.DONE, TaskStatus.CANCELLED}:
        put_back_task(task=task, by=by, at=at)


# --- mending it ------------------------------------------------------------------------


def mend_plan(
    *, plan_id: int, position: int, chosen: Choice, by: Actor, at: dt.datetime
) -> Appointment:
    """Another time for one visit that is off, on a day that suits the others that stand.

    Locks the plan, what is shared by name, then the slot.

    :raises PlanRefused: when the plan is not broken, the visit stands, or the day does not suit.
    :raises SlotTaken, PatientBusy, BookingRefused, Plan.DoesNotExist:
    """

    @taken_meanwhile
    def work() -> Appointment:
        with transaction.atomic():
            plan = locks.lock_plan(plan_id)
            if plan.status != PlanStatus.BROKEN:
                raise PlanRefused(f"This plan is {plan.status.replace('-', ' ')} by now.")
            rows = {row.position: row for row in visits_of(plan_id)}
            row = rows.get(position)
            if row is None or row.step is None or row.appointment.status in COUNTS:
                raise PlanRefused("This visit of the plan stands. Move it on its own page.")
            slot = _lock([chosen])[chosen.slot_id]
            neighbors = rows.get(position - 1), rows.get(position + 1)
            if not suits_neighbors(time_of(slot), row, *neighbors):
                raise PlanRefused("That day does not suit the other visits of the plan.")
            visit = request_booking(
                slot_id=slot.pk,
                patient=plan.patient,
                visit_type=row.step.visit_type,
                by=by,
                at=at,
            )
            _take(visit, chosen, tuple(row.step.needs.all()), at=at)
            PlanVisit.objects.create(
                plan=plan,
                step=row.step,
                position=position,
                appointment=visit,
                least_days=row.least_days,
                most_days=row.most_days,
            )
            follow_plan(appointment_id=visit.pk, by=by, at=at)
        return visit

    return retry_lost_races(work)


def leave_plan(*, plan_id: int, reason: str, by: Actor, at: dt.datetime) -> Plan:
    """A person has looked: the visits that stand do so without the one that is off.

    :raises PlanRefused: when the plan is not broken, or no reason is given.
    :raises Plan.DoesNotExist:
    """
    if not reason.strip():
        raise PlanRefused("Say why the others stand without it.")
    with transaction.atomic():
        plan = locks.lock_plan(plan_id)
        if plan.status != PlanStatus.BROKEN:
            raise PlanRefused("Nothing of this plan is off.")
        move(plan, to=PlanStatus.SETTLED, by=by, at=at, reason=reason.strip()[:160])
        settle_task(cause_key=_cause(plan), by=by, at=at, reason="left as it is")
        publish("scheduling.plan-changed", plan, at=at)
    return plan


def call_off_plan(*, plan_id: int, code: CancelReason, by: Actor, at: dt.datetime) -> Plan:
    """Give up every visit of the plan that is still to come, all or none.

    Locks the plan, then the slots by key.

    :raises Plan.DoesNotExist:
    """
    with transaction.atomic():
        plan = locks.lock_plan(plan_id)
        coming = [
            row.appointment
            for row in visits_of(plan_id)
            if row.appointment.status in LIVE and row.appointment.starts_at > at
        ]
        locks.lock_slots([visit.slot_id for visit in coming if visit.slot_id])
        for visit in sorted(coming, key=lambda visit: visit.slot_id or 0):
            cancel_appointment(appointment_id=visit.pk, code=code, by=by, at=at)
        if coming:
            follow_plan(appointment_id=coming[0].pk, by=by, at=at)
        plan.refresh_from_db()
        if plan.status == PlanStatus.BROKEN:  # what has taken place stays; nothing is to come
            move(plan, to=PlanStatus.CALLED_OFF, by=by, at=at, reason="given up")
            settle_task(cause_key=_cause(plan), by=by, at=at, reason="given up")
    return plan
