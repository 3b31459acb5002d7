"""Several visits found together, booked all or none, and followed afterward."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from crm.models import AuditEntry, Task
from crm.states import TaskKind, TaskStatus
from scheduling.actions import (
    BookingRefused,
    SlotTaken,
    cancel_appointment,
    refuse_booking,
    request_booking,
    take_back_cancel,
)
from scheduling.actions.booking import confirm_booking
from scheduling.actions.plans import (
    Choice,
    PlanRefused,
    call_off_plan,
    follow_plan,
    hold_plan,
    leave_plan,
    mend_plan,
)
from scheduling.models import (
    Appointment,
    EhrWrite,
    Hold,
    Plan,
    PlanStep,
    Slot,
    SourceCode,
    Taken,
)
from scheduling.ports import EhrAppointment
from scheduling.queries import why_not
from scheduling.queries.plans import times_for_position, visits_of
from scheduling.rules.plans import Short
from scheduling.states import AppointmentStatus, CancelReason, PlanStatus
from scheduling.tasks import tell_ehr
from tests.factories import (
    NOW,
    AppointmentFactory,
    PatientFactory,
    PatientIdentifierFactory,
    ProviderRoleFactory,
)
from tests.fakes.ehr import FakeEhr
from tests.scheduling.plan_world import BY, PlanWorld, a_plan_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> PlanWorld:
    return a_plan_world()


def confirm(plan: Plan) -> Plan:
    for row in visits_of(plan.pk):
        visit = row.appointment
        told = EhrAppointment(f"ehr-{visit.pk}", AppointmentStatus.BOOKED, visit.starts_at, NOW)
        confirm_booking(appointment_id=visit.pk, told=told, source="ehr", by=BY, at=NOW)
        follow_plan(appointment_id=visit.pk, by=BY, at=NOW)
    plan.refresh_from_db()
    return plan


def test_finds_all_visits_with_what_they_need(world: PlanWorld) -> None:
    consult, procedure, check = world.fill()
    (proposal,) = world.look().proposals
    assert [one.time.slot_id for one in proposal.visits] == [consult.pk, procedure.pk, check.pk]
    assert proposal.visits[1].taken == world.things


def test_says_which_visit_lacks_what(world: PlanWorld) -> None:
    _, procedure, _ = world.fill()
    AppointmentFactory.create(
        provider=world.second.provider,
        role=world.second,
        starts_at=procedure.starts_at,
        ends_at=procedure.ends_at,
    )  # the EHR's own visit takes the second surgeon
    look = world.look()
    assert look.proposals == ()
    assert look.lacking is not None
    assert (look.lacking.step, look.lacking.short) == (1, Short.RESOURCES)


def test_looks_further_when_the_first_consults_lead_nowhere(world: PlanWorld) -> None:
    """74 consults in the coming days, and the only procedure 14 days after the 75th."""
    for hour in range(37):
        for day in (0, 1):
            world.slot(
                world.consult, day, starts_at=NOW + dt.timedelta(days=1 + day, hours=hour / 9)
            )
    world.slot(world.consult, 30)
    world.slot(world.procedure, 45)
    world.slot(world.check, 45, role=world.second)
    world.slot(world.check, 55)
    assert len(world.look().proposals) == 1


def test_checks_every_visit_of_a_series(world: PlanWorld) -> None:
    """Complaint 4: the last occurrence is as sure as the first."""
    PlanStep.objects.filter(plan=world.definition, position__gt=1).delete()
    PlanStep.objects.filter(plan=world.definition).update(times=4, least_days=7, most_days=7)
    for nr in range(3):
        world.slot(world.consult, 7 * nr)
    look = world.look()
    assert look.lacking is not None
    assert (look.lacking.step, look.asked[3].rule.name) == (3, "Consult 4 of 4")
    world.slot(world.consult, 21)
    (proposal,) = world.look().proposals
    plan = world.book(tuple(Choice(one.time.slot_id) for one in proposal.visits))
    assert plan.visits.count() == 4


def test_books_each_visit_with_its_audit_event_and_write(world: PlanWorld) -> None:
    slots = world.fill()
    holds = hold_plan(choice=world.choice(*slots), patient=world.patient, by=BY, at=NOW, owner="A")
    by_slot = {hold.slot_id: hold.pk for hold in holds}
    plan = world.book(world.choice(*slots), hold_ids=by_slot)
    visits = [row.appointment for row in visits_of(plan.pk)]
    assert [visit.slot_id for visit in visits] == [slot.pk for slot in slots]
    assert EhrWrite.objects.filter(appointment__in=visits).count() == 3
    assert AuditEntry.objects.filter(verb="scheduling.appointment.requested").count() == 3
    assert set(Hold.objects.values_list("status", flat=True)) == {"used"}
    assert confirm(plan).status == PlanStatus.BOOKED


@pytest.mark.parametrize(
    ("takes", "knows", "asks_for"),
    [
        (True, ("scanner", "second"), ()),
        (True, ("scanner",), ("second",)),
        (False, ("scanner", "second"), ("second", "scanner")),
    ],
)
def test_the_ehr_or_else_a_clerk_hears_what_else_a_visit_takes(
    world: PlanWorld,
    monkeypatch: pytest.MonkeyPatch,
    *,
    takes: bool,
    knows: tuple[str, ...],
    asks_for: tuple[str, ...],
) -> None:
    ehr = FakeEhr(clock=lambda: NOW)
    ehr.capabilities = replace(ehr.capabilities, takes_resources=takes)
    monkeypatch.setattr("scheduling.tasks.get_ehr", lambda: ehr)
    names = {"scanner": world.scanner, "second": world.second.provider}
    codes = {"scanner": ("room", "Device/ct-3"), "second": ("provider", "d2")}
    for thing in knows:
        kind, code = codes[thing]
        target: dict[str, Any] = {kind: names[thing]}
        SourceCode.objects.create(source=ehr.source, kind=kind, code=code, **target)
    PatientIdentifierFactory.create(patient=world.patient, system=ehr.source, value="p")
    slots = world.fill()
    Slot.objects.update(source=ehr.source)
    for slot in slots:
        ehr.add_slot(slot.source_id, slot.starts_at, slot.ends_at)
    plan = world.book(world.choice(*slots))
    procedure = visits_of(plan.pk)[1].appointment
    tell_ehr(EhrWrite.objects.get(appointment=procedure).pk, NOW)
    (told,) = ehr.drafts
    assert told.further_provider_ids == (("d2",) if takes and "second" in knows else ())
    assert told.room_ids == (("Device/ct-3",) if takes else ())
    tasks = Task.objects.filter(cause_key__startswith="ehr-resources:")
    assert [all(str(names[thing]) in task.why for thing in asks_for) for task in tasks] == (
        [True] if asks_for else []
    )
    procedure.refresh_from_db()
    assert procedure.status == AppointmentStatus.BOOKED


def test_books_nothing_when_one_is_gone(world: PlanWorld) -> None:
    slots = world.fill()
    request_booking(slot_id=slots[2].pk, patient=PatientFactory.create(), by=BY, at=NOW)
    with pytest.raises(SlotTaken):
        world.book(world.choice(*slots))
    assert Appointment.objects.count() == 1
    assert not Plan.objects.exists()


@pytest.mark.parametrize("day", [13, 22])
def test_refuses_days_that_do_not_suit(world: PlanWorld, day: int) -> None:
    consult, _, check = world.fill()
    early = world.slot(world.procedure, day)
    with pytest.raises(PlanRefused):
        world.book(world.choice(consult, early, check))
    assert not Appointment.objects.exists()


def test_refuses_a_resource_of_another_kind(world: PlanWorld) -> None:
    consult, procedure, check = world.fill()
    other = ProviderRoleFactory.create()
    things = (f"p{other.provider_id}", world.things[1])
    with pytest.raises(SlotTaken):
        world.book((Choice(consult.pk), Choice(procedure.pk, things), Choice(check.pk)))
    assert not Appointment.objects.exists()


def test_hides_the_second_clinicians_own_slots_and_gives_them_back(world: PlanWorld) -> None:
    slots = world.fill()
    own = Slot.objects.get(role=world.second)
    plan = world.book(world.choice(*slots))
    hidden = why_not(own, at=NOW)
    assert hidden is not None
    assert hidden.rule == "provider-busy"
    with pytest.raises(BookingRefused):
        request_booking(slot_id=own.pk, patient=PatientFactory.create(), by=BY, at=NOW)
    procedure = visits_of(plan.pk)[1].appointment
    cancel_appointment(appointment_id=procedure.pk, by=BY, at=NOW)
    assert not Taken.objects.filter(appointment=procedure).exists()
    assert why_not(own, at=NOW) is None


def test_a_cancel_that_is_taken_back_takes_everything_again(world: PlanWorld) -> None:
    plan = confirm(world.book(world.choice(*world.fill())))
    procedure = visits_of(plan.pk)[1].appointment
    cancel_appointment(appointment_id=procedure.pk, by=BY, at=NOW)
    take_back_cancel(appointment_id=procedure.pk, by=BY, at=NOW)
    assert Taken.objects.filter(appointment=procedure).count() == 3


def test_a_refusal_by_the_ehr_is_a_state_with_a_repair(world: PlanWorld) -> None:
    consult, procedure, check = world.fill()
    plan = world.book(world.choice(consult, procedure, check))
    refused = visits_of(plan.pk)[1].appointment
    args: dict[str, Any] = {"reason": "no", "slot_is_free": False, "by": BY, "at": NOW}
    refuse_booking(appointment_id=refused.pk, **args)
    follow_plan(appointment_id=refused.pk, by=BY, at=NOW)
    plan.refresh_from_db()
    assert plan.status == PlanStatus.BROKEN
    task = Task.objects.get(kind=TaskKind.PLAN_BROKEN)
    assert "Visit 2 was refused" in task.why

    too_late = world.slot(world.procedure, 20)  # 5 days before the check: that asks for 7
    fits = world.slot(world.procedure, 16)
    world.slot(world.check, 16, role=world.second)
    world.slot(world.check, 20, role=world.second)
    assert [slot.pk for slot, _ in times_for_position(plan, 2, at=NOW)] == [fits.pk]
    mend: dict[str, Any] = {"plan_id": plan.pk, "position": 2, "by": BY, "at": NOW}
    with pytest.raises(PlanRefused):
        mend_plan(chosen=Choice(too_late.pk, world.things), **mend)
    mend_plan(chosen=Choice(fits.pk, world.things), **mend)
    task.refresh_from_db()
    assert task.status == TaskStatus.DONE
    assert confirm(plan).status == PlanStatus.BOOKED


def test_can_be_left_as_it_is_with_a_reason(world: PlanWorld) -> None:
    plan = confirm(world.book(world.choice(*world.fill())))
    check = visits_of(plan.pk)[2].appointment
    cancel_appointment(appointment_id=check.pk, by=BY, at=NOW)
    follow_plan(appointment_id=check.pk, by=BY, at=NOW)
    with pytest.raises(PlanRefused):
        leave_plan(plan_id=plan.pk, reason=" ", by=BY, at=NOW)
    leave_plan(plan_id=plan.pk, reason="Seen by their own doctor", by=BY, at=NOW)
    plan.refresh_from_db()
    assert plan.status == PlanStatus.SETTLED
    assert Task.objects.get(kind=TaskKind.PLAN_BROKEN).status == TaskStatus.DONE


@pytest.mark.parametrize("was", [PlanStatus.SETTLED, PlanStatus.CALLED_OFF])
def test_is_whole_again_when_the_cancels_are_taken_back(world: PlanWorld, was: PlanStatus) -> None:
    plan = confirm(world.book(world.choice(*world.fill())))
    visits = [row.appointment_id for row in visits_of(plan.pk)]
    for pk in visits if was is PlanStatus.CALLED_OFF else visits[2:]:
        cancel_appointment(appointment_id=pk, by=BY, at=NOW)
        follow_plan(appointment_id=pk, by=BY, at=NOW)
    if was is PlanStatus.SETTLED:
        leave_plan(plan_id=plan.pk, reason="Seen by their own doctor", by=BY, at=NOW)
    plan.refresh_from_db()
    assert plan.status == was
    with pytest.raises(PlanRefused):
        mend_plan(plan_id=plan.pk, position=3, chosen=Choice(0), by=BY, at=NOW)
    cancelled = [pk for pk in visits if Appointment.objects.get(pk=pk).status == "cancelled"]
    for pk in cancelled:
        take_back_cancel(appointment_id=pk, by=BY, at=NOW)
    for pk in cancelled:  # the subscriber comes when all of them stand
        follow_plan(appointment_id=pk, by=BY, at=NOW)
    plan.refresh_from_db()
    assert plan.status == PlanStatus.BOOKED


def test_gives_all_up_at_once(world: PlanWorld) -> None:
    plan = confirm(world.book(world.choice(*world.fill())))
    call_off_plan(plan_id=plan.pk, code=CancelReason.CANNOT_COME, by=BY, at=NOW)
    plan.refresh_from_db()
    assert plan.status == PlanStatus.CALLED_OFF
    assert not Appointment.objects.filter(status="booked").exists()
    assert not Taken.objects.exists()


def test_a_group_slot_seats_several_and_shares_its_room(world: PlanWorld) -> None:
    slot = world.slot(world.check, 3, capacity=3, room=world.scanner)
    for _ in range(3):
        request_booking(slot_id=slot.pk, patient=PatientFactory.create(), by=BY, at=NOW)
    assert Appointment.objects.filter(overlap_flagged_at__isnull=False).count() == 0
    with pytest.raises(SlotTaken):
        request_booking(slot_id=slot.pk, patient=PatientFactory.create(), by=BY, at=NOW)
    beside = world.slot(world.check, 3, role=world.second, room=world.scanner)
    with pytest.raises(SlotTaken):
        request_booking(slot_id=beside.pk, patient=PatientFactory.create(), by=BY, at=NOW)
