"""A mass rescheduling from its dry run to its end: rules, pause, undo, and a worker that dies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from unittest.mock import patch

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.engine import Actor
from crm.models import AuditEntry, Task
from crm.states import TaskKind, TaskStatus
from scheduling.actions import hold_slot, request_booking
from scheduling.actions.mass import (
    NothingToMove,
    NotNow,
    Wanted,
    make_job,
    pause_job,
    plan_again,
    resume_job,
    start_job,
    stop_job,
)
from scheduling.actions.mass_items import (
    choose_slot,
    exclude_item,
    hand_to_agent,
    include_item,
    settle_item,
)
from scheduling.actions.mass_running import (
    ChoiceGone,
    choose,
    decline_choices,
    on_visit_settled,
    undo_job,
    work_on,
)
from scheduling.actions.refusals import BookingRefused
from scheduling.models import Appointment, EhrWrite, Hold, MassMove, MassMoveItem, Slot
from scheduling.states import (
    AppointmentStatus,
    CancelReason,
    HoldStatus,
    MassItemStatus,
    MassMoveHow,
    MassMoveStatus,
    Restriction,
    SlotStatus,
    VisitUrgency,
)
from tests.factories import (
    NOW,
    TEST,
    AcceptedCoverageFactory,
    AppointmentFactory,
    CoverageFactory,
    ProviderRoleFactory,
    ProviderRuleFactory,
    ServiceRequestFactory,
    SlotFactory,
    VisitToMoveFactory,
    reachable_patient,
)
from tests.scheduling.mass_cast import DAY, OUT_FROM, MassScene

pytestmark = pytest.mark.django_db
S = MassItemStatus


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def scene() -> MassScene:
    return MassScene()


def start(scene: MassScene, job: MassMove, how: MassMoveHow = MassMoveHow.MOVE) -> None:
    start_job(job_id=job.pk, how=how, user=scene.user, by=scene.by, at=scene.at)


def run(scene: MassScene, job: MassMove) -> MassMove:
    work_on(job.pk, scene.at)
    job.refresh_from_db()
    return job


# --- the plan -------------------------------------------------------------------------


def test_proposes_the_nearest_open_time_with_its_arithmetic(scene: MassScene) -> None:
    visit = scene.visit()
    near, far = scene.free(days=1), scene.free(days=6)
    job = scene.job()
    item = scene.item(job, visit)
    assert (job.status, item.status, item.slot) == (MassMoveStatus.PLANNED, S.PROPOSED, near)
    assert item.points == sum(term["points"] for term in item.terms) > 0
    assert item.options == [far.pk]
    assert item.later_days == 1


def test_never_proposes_a_time_of_whoever_is_out(scene: MassScene) -> None:
    visit = scene.visit()
    SlotFactory.create(role=scene.away, visit_type=scene.kind, starts_at=OUT_FROM + 14 * DAY / 24)
    item = scene.item(scene.job(), visit)
    assert (item.status, item.slot) == (S.UNPLACED, None)
    assert item.why == "No time of this kind is free in these days."


def test_the_urgent_visit_has_the_one_time_that_is_left(scene: MassScene) -> None:
    routine, urgent = scene.visit(0), scene.visit(1)
    ServiceRequestFactory.create(
        patient=urgent.patient,
        visit_type=scene.kind,
        appointment=urgent,
        valid_until_on=dt.date(2026, 11, 25),
    )
    slot = scene.free()
    job = scene.job()
    assert scene.item(job, urgent).slot == slot
    assert scene.item(job, urgent).urgency == VisitUrgency.THREE_DAYS
    left = scene.item(job, routine)
    assert left.status == S.UNPLACED
    assert "more urgent" in left.why


def test_says_which_rule_leaves_a_patient_without_a_place(scene: MassScene) -> None:
    AcceptedCoverageFactory.create(clinic=scene.clinic, payer="Desert Mutual")
    insured, other = scene.visit(0), scene.visit(1)
    CoverageFactory.create(patient=insured.patient, payer="Desert Mutual")
    CoverageFactory.create(patient=other.patient, payer="Far Away Health")
    scene.free(0), scene.free(1)
    job = scene.job()
    assert scene.item(job, insured).status == S.PROPOSED
    left = scene.item(job, other)
    assert (left.status, left.slot) == (S.UNPLACED, None)
    assert "Far Away Health" in left.why or "coverage" in left.why.lower()


def test_goes_past_a_rule_only_when_it_is_named_with_a_reason(scene: MassScene) -> None:
    visit = scene.visit()
    slot = scene.free(restriction=Restriction.HELD_FOR_REVIEW)
    assert scene.item(scene.job(), visit).status == S.UNPLACED
    aside = {"set_aside": frozenset({"held-for-review"})}
    assert scene.item(scene.job(**aside), visit).status == S.UNPLACED  # no reason
    job = scene.job(**aside, set_aside_reason="The storm")
    item = scene.item(job, visit)
    assert (item.slot, item.over_rules) == (slot, ["held-for-review"])
    start(scene, job)
    run(scene, job)
    item.refresh_from_db()
    assert item.status == S.ASKED
    assert AuditEntry.objects.filter(
        verb="scheduling.rules.set-aside", reason="The storm", actor_id=scene.user.pk
    ).exists()


def test_nobody_goes_past_a_rule_with_roles_that_may_not(scene: MassScene) -> None:
    scene.user.roles = ["front-desk"]
    scene.user.save()
    visit = scene.visit()
    scene.free()
    ProviderRuleFactory.create(role=scene.here)  # takes no new patients
    aside = {"set_aside": frozenset({"provider-rule"}), "set_aside_reason": "The storm"}
    assert scene.item(scene.job(**aside), visit).status == S.UNPLACED


def test_two_visits_of_one_patient_are_not_put_at_one_time(scene: MassScene) -> None:
    patient = reachable_patient()
    one, two = scene.visit(0, patient=patient), scene.visit(1, patient=patient)
    scene.free(0)
    other = ProviderRoleFactory.create(clinic=scene.clinic)
    scene.free(0, role=other)
    later = scene.free(0, days=9)
    job = scene.job()
    slots = [scene.item(job, visit).slot for visit in (one, two)]
    assert later in slots
    assert None not in slots


def test_a_daily_cap_counts_what_the_plan_itself_puts_there(scene: MassScene) -> None:
    for n in range(3):
        scene.visit(n)
        scene.free(n)
    ProviderRuleFactory.create(
        role=scene.here, kind="daily-cap", number=2, per="day", accepts_new=True
    )
    job = scene.job()
    assert job.items.filter(status=S.PROPOSED).count() == 2
    assert job.items.filter(status=S.UNPLACED).count() == 1


def test_takes_the_orphans_of_a_schedule_change(scene: MassScene) -> None:
    orphan, back, another = scene.visit(), scene.visit(1), scene.visit(2)
    for visit in (orphan, back, another):
        VisitToMoveFactory.create(appointment=visit)
    off = Slot.objects.filter(appointments__in=[orphan, another])
    off.update(status=SlotStatus.WITHDRAWN)  # the other's slot is on the schedule again
    scene.free(), scene.free(1)
    job = scene.job(providers=(), orphans=True)
    assert [item.appointment for item in job.items.all()] == [orphan, another]
    job = scene.job(providers=(), orphans=True, picked=[another, back])
    assert [item.appointment for item in job.items.all()] == [another]


def test_reads_as_much_for_many_visits_as_for_one(scene: MassScene) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            scene.job()
        return len(asked)

    scene.visit(0), scene.free(0)
    few = count()
    for n in range(1, 8):
        scene.visit(n), scene.free(n)
    assert count() <= few + 4  # rounds of the plan may differ, visits and slots may not


def test_a_job_about_nobody_is_refused(scene: MassScene) -> None:
    with pytest.raises(NothingToMove):
        scene.job(providers=())
    assert not MassMove.objects.exists()


# --- changing the plan ----------------------------------------------------------------


def test_a_person_leaves_out_hands_over_and_chooses(scene: MassScene) -> None:
    visits = [scene.visit(n) for n in range(3)]
    for n in range(3):
        scene.free(n)
    better = scene.free(9)
    job = scene.job()
    out, call, chosen = (scene.item(job, visit) for visit in visits)
    exclude_item(item_id=out.pk, by=scene.by, at=scene.at)
    hand_to_agent(item_id=call.pk, by=scene.by, at=scene.at)
    was = chosen.slot_id
    choose_slot(item_id=chosen.pk, slot_id=better.pk, by=scene.by, at=scene.at)
    chosen.refresh_from_db()
    assert (chosen.slot, chosen.by_hand, chosen.options[0]) == (better, True, was)
    assert Task.objects.get(kind=TaskKind.MASS_MOVE).patient == visits[1].patient
    start(scene, job)
    run(scene, job)
    moved = Appointment.objects.filter(gives_up__isnull=False)
    assert [visit.slot for visit in moved] == [better]


def test_what_was_left_out_comes_back_without_a_place_that_another_has(scene: MassScene) -> None:
    one, two = scene.visit(0), scene.visit(1)
    slot = scene.free()
    job = scene.job()
    first, second = sorted(job.items.all(), key=lambda item: item.slot_id is None)
    exclude_item(item_id=first.pk, by=scene.by, at=scene.at)
    choose_slot(item_id=second.pk, slot_id=slot.pk, by=scene.by, at=scene.at)
    assert include_item(item_id=first.pk, by=scene.by, at=scene.at).status == S.UNPLACED
    with pytest.raises(NotNow):
        choose_slot(item_id=first.pk, slot_id=slot.pk, by=scene.by, at=scene.at)
    assert {one.pk, two.pk} == set(job.items.values_list("appointment", flat=True))


def test_a_place_that_a_rule_shuts_cannot_be_chosen(scene: MassScene) -> None:
    visit = scene.visit()
    shut = scene.free(restriction=Restriction.HELD_FOR_REVIEW)
    job = scene.job()
    with pytest.raises(BookingRefused):
        choose_slot(item_id=scene.item(job, visit).pk, slot_id=shut.pk, by=scene.by, at=scene.at)
    assert scene.item(job, visit).slot is None


# --- running --------------------------------------------------------------------------


def test_books_first_and_ends_when_the_ehr_has_answered(scene: MassScene) -> None:
    visit = scene.visit()
    slot = scene.free()
    job = scene.job()
    start(scene, job)
    run(scene, job)
    item = scene.item(job, visit)
    visit.refresh_from_db()
    new = item.moved_to
    assert new is not None
    assert (job.status, item.status, visit.status) == ("running", S.ASKED, "booked")
    assert (new.slot, new.gives_up, new.gives_up_code) == (slot, visit, "clinician-away")
    Appointment.objects.filter(pk=new.pk).update(status=AppointmentStatus.BOOKED)
    on_visit_settled(appointment_id=new.pk, at=scene.at)
    on_visit_settled(appointment_id=new.pk, at=scene.at)  # told twice
    assert scene.item(job, visit).status == S.MOVED
    assert run(scene, job).status == MassMoveStatus.DONE


def test_a_refusal_of_the_ehr_goes_to_the_work_list(scene: MassScene) -> None:
    visit = scene.visit()
    scene.free()
    job = scene.job()
    start(scene, job)
    run(scene, job)
    new = scene.item(job, visit).moved_to
    assert new is not None
    Appointment.objects.filter(pk=new.pk).update(status=AppointmentStatus.REFUSED)
    on_visit_settled(appointment_id=new.pk, at=scene.at)
    item = scene.item(job, visit)
    assert item.status == S.FAILED
    settle_item(item_id=item.pk, by=scene.by, at=scene.at)
    assert scene.item(job, visit).status == S.SETTLED
    assert Task.objects.get(kind=TaskKind.MASS_MOVE).status == TaskStatus.DONE


def test_a_time_that_was_taken_meanwhile_fails_with_the_reason(scene: MassScene) -> None:
    visit = scene.visit()
    slot = scene.free()
    job = scene.job()
    request_booking(slot_id=slot.pk, patient=reachable_patient(), by=TEST, at=scene.at)
    start(scene, job)
    run(scene, job)
    item = scene.item(job, visit)
    assert (item.status, item.moved_to) == (S.FAILED, None)
    assert "It is booked" in item.why
    assert Task.objects.filter(kind=TaskKind.MASS_MOVE, patient=visit.patient).exists()


def test_a_pause_holds_from_the_next_visit_on_and_resuming_goes_on(scene: MassScene) -> None:
    for n in range(3):
        scene.visit(n), scene.free(n)
    job = scene.job()
    start(scene, job)
    with patch("scheduling.actions.mass_running.WORKS_FOR", 0.0):
        work_on(job.pk, scene.at)
    pause_job(job_id=job.pk, by=scene.by, at=scene.at)
    begun = job.items.filter(status=S.ASKED).count()
    run(scene, job)
    assert job.items.filter(status=S.ASKED).count() == begun < 3
    resume_job(job_id=job.pk, by=scene.by, at=scene.at)
    run(scene, job)
    assert job.items.filter(status=S.ASKED).count() == 3


def test_stopping_leaves_what_was_not_begun_as_it_is(scene: MassScene) -> None:
    scene.visit(), scene.free()
    job = scene.job()
    stop_job(job_id=job.pk, by=scene.by, at=scene.at)
    run(scene, job)
    assert not Appointment.objects.filter(gives_up__isnull=False).exists()
    for act in (pause_job, resume_job, stop_job, plan_again):
        with pytest.raises(NotNow):
            act(job_id=job.pk, by=scene.by, at=scene.at)


@pytest.mark.parametrize("dies_in", ["reschedule_appointment", "tell", "move"])
def test_a_worker_that_dies_between_two_writes_does_nothing_twice(
    scene: MassScene, dies_in: str
) -> None:
    class Killed(BaseException):
        pass

    visits = [scene.visit(n) for n in range(2)]
    scene.free(0), scene.free(1)
    job = scene.job()
    start(scene, job)
    with (
        patch(f"scheduling.actions.mass_running.{dies_in}", side_effect=Killed),
        pytest.raises(Killed),
    ):
        work_on(job.pk, scene.at)
    assert not Appointment.objects.filter(gives_up__isnull=False).exists()
    run(scene, job)
    run(scene, job)
    for visit in visits:
        assert Appointment.objects.filter(gives_up=visit).count() == 1
    assert EhrWrite.objects.count() == 2


def test_a_dry_run_that_dies_leaves_a_draft_that_is_worked_out_again(scene: MassScene) -> None:
    scene.visit(), scene.free()
    wanted = Wanted(
        name="Out",
        reason=CancelReason.CLOSED,
        starts_at=OUT_FROM,
        ends_at=OUT_FROM + DAY,
        locations=[scene.site],
        days_after=9,
    )
    job = make_job(wanted, user=scene.user, by=scene.by, at=scene.at)
    with (
        patch("scheduling.actions.mass._keep_plan", side_effect=OSError),
        pytest.raises(OSError),  # noqa: PT011 the very one
    ):
        work_on(job.pk, scene.at)
    job.refresh_from_db()
    assert (job.status, job.items.count()) == (MassMoveStatus.DRAFT, 0)
    run(scene, job)
    work_on(job.pk, scene.at)
    assert (job.status, job.items.count()) == (MassMoveStatus.PLANNED, 1)


# --- undo -----------------------------------------------------------------------------


def test_undo_takes_back_what_the_ehr_has_not_confirmed(scene: MassScene) -> None:
    asked, confirmed = scene.visit(0), scene.visit(1)
    scene.free(0), scene.free(1)
    job = scene.job()
    start(scene, job)
    run(scene, job)
    new = scene.item(job, confirmed).moved_to
    assert new is not None
    Appointment.objects.filter(pk=new.pk).update(status=AppointmentStatus.BOOKED)
    on_visit_settled(appointment_id=new.pk, at=scene.at)
    undone = undo_job(job_id=job.pk, by=scene.by, at=scene.at)
    assert (undone.taken_back, undone.stands) == (1, 1)
    item = scene.item(job, asked)
    asked.refresh_from_db()
    assert item.moved_to is not None
    assert (item.status, item.moved_to.status, asked.status) == (
        S.TAKEN_BACK,
        "cancelled",
        "booked",
    )
    assert scene.item(job, confirmed).status == S.MOVED
    job.refresh_from_db()
    assert job.status == MassMoveStatus.PAUSED


# --- choices --------------------------------------------------------------------------


def offered(scene: MassScene, visits: int = 1, slots: int = 3) -> tuple[MassMove, MassMoveItem]:
    for n in range(visits):
        scene.visit(n)
    for n in range(slots):
        scene.free(0, days=n + 1)
    job = scene.job()
    start(scene, job, MassMoveHow.OFFER)
    run(scene, job)
    return job, job.items.filter(status=S.OFFERED).first()  # type: ignore[return-value]


def test_offers_up_to_three_times_and_keeps_the_best(scene: MassScene) -> None:
    _, item = offered(scene)
    assert len(item.options) == 3
    assert item.hold is not None
    assert (item.hold.slot_id, item.hold.patient_id) == (
        item.options[0],
        item.appointment.patient_id,
    )
    with pytest.raises(BookingRefused):
        hold_slot(slot_id=item.options[0], owner="x", by=TEST, at=scene.at)


def test_no_time_is_offered_to_two_people(scene: MassScene) -> None:
    job, _ = offered(scene, visits=3, slots=5)
    options = [pk for item in job.items.all() for pk in item.options if item.status == S.OFFERED]
    assert len(options) == len(set(options)) == 5


def test_the_choice_is_booked_once_and_the_kept_time_let_go(scene: MassScene) -> None:
    _, item = offered(scene)
    by = Actor.patient(item.appointment.patient, channel="web")
    second = item.options[1]
    for _ in range(2):
        found = choose(item_id=item.pk, slot_id=second, by=by, at=scene.at)
        assert (found.status, found.slot_id) == (S.ASKED, second)
    assert Appointment.objects.filter(gives_up=item.appointment).count() == 1
    assert Hold.objects.get().status == HoldStatus.RELEASED


def test_a_time_that_went_leaves_the_others_open(scene: MassScene) -> None:
    _, item = offered(scene)
    Slot.objects.filter(pk=item.options[1]).update(status=SlotStatus.BUSY, taken=1)
    by = Actor.patient(item.appointment.patient, channel="web")
    with pytest.raises(ChoiceGone):
        choose(item_id=item.pk, slot_id=item.options[1], by=by, at=scene.at)
    item.refresh_from_db()
    assert item.status == S.OFFERED
    with pytest.raises(ChoiceGone):
        choose(item_id=item.pk, slot_id=scene.free(20).pk, by=by, at=scene.at)  # never offered
    assert choose(item_id=item.pk, slot_id=item.options[0], by=by, at=scene.at).status == S.ASKED


def test_whoever_does_not_answer_in_time_or_wants_none_is_called(scene: MassScene) -> None:
    job, item = offered(scene, visits=2, slots=6)
    decline_choices(item_id=item.pk, by=TEST, at=scene.at)
    other = job.items.get(status=S.OFFERED)
    assert other.answer_until is not None
    work_on(job.pk, other.answer_until)
    assert set(job.items.values_list("status", flat=True)) == {S.FOR_AGENT}
    assert Task.objects.filter(kind=TaskKind.MASS_MOVE).count() == 2
    assert not Hold.objects.filter(status=HoldStatus.HELD).exists()


def test_undo_ends_choices_that_nobody_has_answered(scene: MassScene) -> None:
    job, item = offered(scene)
    assert undo_job(job_id=job.pk, by=scene.by, at=scene.at).taken_back == 1
    item.refresh_from_db()
    assert item.status == S.TAKEN_BACK
    with pytest.raises(ChoiceGone):
        choose(item_id=item.pk, slot_id=item.options[0], by=TEST, at=scene.at)


def test_a_visit_is_in_one_running_job_only(scene: MassScene) -> None:
    _, item = offered(scene)
    second = scene.job()
    assert not second.items.exists()
    with pytest.raises(NothingToMove):
        start(scene, second)
    assert item.status == S.OFFERED


def test_a_storm_takes_all_visits_of_a_site_and_those_being_moved_stay(scene: MassScene) -> None:
    here = scene.visit(0)
    AppointmentFactory.create(visit_type=scene.kind, starts_at=here.starts_at)  # another site
    moved = scene.visit(1)
    scene.free(0)
    target = scene.free(1)
    request_booking(slot_id=target.pk, patient=moved.patient, gives_up=moved, by=TEST, at=scene.at)
    job = scene.job(providers=(), locations=[scene.site])
    assert [item.appointment for item in job.items.all()] == [here]
