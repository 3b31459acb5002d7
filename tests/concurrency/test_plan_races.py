"""A plan between two hands at once, from its holds to its end; with the lock, and without."""

from __future__ import annotations

from functools import partial
from uuid import uuid4

import pytest

from crm.engine.models import Event
from scheduling.actions import cancel_appointment
from scheduling.actions.plans import (
    Choice,
    call_off_plan,
    follow_plan,
    hold_plan,
    leave_plan,
    mend_plan,
)
from scheduling.models import Appointment, Hold, Plan, PlanDefinition
from scheduling.queries.plans import visits_of
from scheduling.states import LIVE, AppointmentStatus, CancelReason, HoldStatus, PlanStatus
from tests.concurrency.meeting import (
    Act,
    Race,
    Scene,
    broken,
    kept,
    lock,
    with_guards,
    without_guards,
)
from tests.factories import NOW, PatientFactory
from tests.scheduling.plan_world import BY, PlanWorld, a_plan_world

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


def a_world() -> PlanWorld:
    """Its definition's name is free for the next."""
    world = a_plan_world()
    PlanDefinition.objects.filter(pk=world.definition.pk).update(name=uuid4().hex)
    return world


def booked() -> tuple[PlanWorld, Plan]:
    world = a_world()
    plan = world.book(world.choice(*world.fill()))
    Appointment.objects.filter(plan_visit__plan=plan).update(status=AppointmentStatus.BOOKED)
    follow_plan(appointment_id=visits_of(plan.pk)[0].appointment_id, by=BY, at=NOW)
    return world, plan


def with_its_check_off() -> tuple[PlanWorld, Plan]:
    world, plan = booked()
    off = visits_of(plan.pk)[2].appointment_id
    cancel_appointment(appointment_id=off, by=BY, at=NOW)
    follow_plan(appointment_id=off, by=BY, at=NOW)
    return world, plan


def mending(world: PlanWorld, plan: Plan, day: int = 26) -> Act:
    slot = world.slot(world.check, day)
    chosen = Choice(slot.pk)
    return partial(mend_plan, plan_id=plan.pk, position=3, chosen=chosen, by=BY, at=NOW)


def calling_off(plan: Plan) -> Act:
    return partial(call_off_plan, plan_id=plan.pk, code=CancelReason.SICK, by=BY, at=NOW)


def leaving(plan: Plan) -> Act:
    return partial(leave_plan, plan_id=plan.pk, reason="Seen elsewhere", by=BY, at=NOW)


def stands(world: PlanWorld, plan: Plan) -> tuple[str, int]:
    """The plan's status, and how many of the patient's visits stand."""
    live = Appointment.objects.filter(patient=world.patient, status__in=LIVE)
    return Plan.objects.get(pk=plan.pk).status, live.count()


def held_by_two() -> Scene:
    """All or none: without the lock both read the first slot as free, and one falls over later."""
    world = a_world()
    choice = world.choice(*world.fill())
    hold = partial(hold_plan, choice=choice, by=BY, at=NOW, owner="somebody")
    slots = [one.slot_id for one in choice]
    return Scene(
        partial(hold, patient=PatientFactory.create()),
        partial(hold, patient=PatientFactory.create()),
        Hold.objects.filter(slot__in=slots, status=HoldStatus.HELD).count,
    )


def mended_while_it_is_called_off() -> Scene:
    """Without the lock one visit is booked of a plan that nobody wants any more."""
    world, plan = with_its_check_off()
    return Scene(calling_off(plan), mending(world, plan), lambda: stands(world, plan))


def mended_by_two() -> Scene:
    """Without the lock the check-up is booked twice."""
    world, plan = with_its_check_off()
    return Scene(mending(world, plan), mending(world, plan, 27), lambda: stands(world, plan))


def mended_while_it_is_left() -> Scene:
    """Without the lock whoever leaves it falls over: there is nothing to leave any more."""
    world, plan = with_its_check_off()
    return Scene(leaving(plan), mending(world, plan), lambda: stands(world, plan))


def followed_by_two_workers() -> Scene:
    """Two of its visits have changed: without the lock one worker falls over."""
    _, plan = booked()
    first, second = (row.appointment_id for row in visits_of(plan.pk)[1:])
    Appointment.objects.filter(pk__in=[first, second]).update(status=AppointmentStatus.REFUSED)
    told = Event.objects.filter(
        name="scheduling.plan-changed", subject_type="scheduling.plan", subject_id=plan.pk
    )
    before = told.count()
    return Scene(
        partial(follow_plan, appointment_id=first, by=BY, at=NOW),
        partial(follow_plan, appointment_id=second, by=BY, at=NOW),
        lambda: told.count() - before,
    )


PLAN, SLOT, SLOTS = lock("lock_plan"), lock("lock_slot"), lock("lock_slots")
P, READ = PlanStatus, "scheduling.actions.plans.visits_of"
RACES = (
    Race(
        held_by_two,
        stops="scheduling.actions.holds.free_seat",
        guards=[SLOT, SLOTS],
        kept=("done", "SlotHeld", 3),
        broken=("SlotTaken", "done", 3),
    ),
    Race(
        mended_while_it_is_called_off,
        stops=READ,
        guards=[PLAN],
        kept=("done", "PlanRefused", (P.CALLED_OFF, 0)),
        broken=("done", "done", (P.CALLED_OFF, 1)),
    ),
    Race(
        mended_by_two,
        stops=READ,
        guards=[PLAN],
        kept=("done", "PlanRefused", (P.REQUESTED, 3)),
        broken=("done", "done", (P.REQUESTED, 4)),
    ),
    Race(
        mended_while_it_is_left,
        stops="scheduling.locks.lock_plan",
        guards=[PLAN],
        kept=("done", "PlanRefused", (P.SETTLED, 2)),
        broken=("MovedMeanwhile", "done", (P.REQUESTED, 3)),
    ),
    Race(
        followed_by_two_workers,
        stops=READ,
        guards=[PLAN],
        kept=("done", "done", 1),
        broken=("MovedMeanwhile", "done", 1),
    ),
)


def test_who_comes_second_waits_for_the_plan() -> None:
    assert with_guards(RACES) == kept(RACES)


def test_without_the_plans_lock_each_goes_wrong() -> None:
    """The races are real: what the test above shows is the lock at work."""
    assert without_guards(RACES) == broken(RACES)
