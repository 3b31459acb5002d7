"""A mass rescheduling between two hands, two workers, or a worker and a patient."""

from __future__ import annotations

import pytest

from scheduling.actions import request_booking
from scheduling.actions.mass import (
    make_plan,
    pause_job,
    plan_again,
    resume_job,
    start_job,
    stop_job,
)
from scheduling.actions.mass_items import choose_slot, exclude_item, hand_to_agent, settle_item
from scheduling.actions.mass_running import (
    choose,
    decline_choices,
    on_visit_settled,
    undo_job,
    work_on,
)
from scheduling.models import Appointment, MassMove, MassMoveItem
from scheduling.states import (
    LIVE,
    AppointmentStatus,
    MassItemStatus,
    MassMoveHow,
    MassMoveStatus,
)
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
from tests.factories import PatientFactory
from tests.scheduling.mass_cast import MassScene

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

S, J = MassItemStatus, MassMoveStatus


def planned(*, visits: int = 1, times: int = 2) -> tuple[MassScene, MassMove]:
    scene = MassScene()
    for n in range(visits):
        scene.visit(n)
    for n in range(times):
        scene.free(n)
    return scene, scene.job()


def running(how: MassMoveHow = MassMoveHow.MOVE, **said: int) -> tuple[MassScene, MassMove]:
    scene, job = planned(**said)
    starting(scene, job, how)()
    return scene, job


def offered() -> tuple[MassScene, MassMove, MassMoveItem]:
    scene, job = running(MassMoveHow.OFFER)
    work_on(job.pk, scene.at)
    return scene, job, MassMoveItem.objects.get(job=job)


def starting(scene: MassScene, job: MassMove, how: MassMoveHow = MassMoveHow.MOVE) -> Act:
    return lambda: start_job(job_id=job.pk, how=how, user=scene.user, by=scene.by, at=scene.at)


def items(job: MassMove) -> list[str]:
    return sorted(job.items.values_list("status", flat=True))


def status(job: MassMove) -> str:
    return str(MassMove.objects.get(pk=job.pk).status)


def moved(job: MassMove) -> int:
    """New visits that stand for visits of the job."""
    old = job.items.values("appointment")
    return Appointment.objects.filter(gives_up__in=old, status__in=LIVE).count()


# --- the plan ----------------------------------------------------------------------------


def started_by_two() -> Scene:
    scene, job = planned()
    return Scene(starting(scene, job), starting(scene, job), lambda: status(job))


def planned_by_two_workers() -> Scene:
    scene, job = planned()
    draft = plan_again(job_id=job.pk, by=scene.by, at=scene.at)

    def plan() -> None:
        make_plan(MassMove.objects.get(pk=draft.pk), by=scene.by, at=scene.at)

    return Scene(plan, plan, lambda: (status(job), items(job)))


def one_place_for_two_visits() -> Scene:
    """Without the lock two visits of a plan get the one place that is left."""
    scene, job = planned(visits=2, times=2)
    place = scene.free(days=3)
    first, second = job.items.values_list("pk", flat=True)

    def into(item_id: int) -> Act:
        return lambda: choose_slot(item_id=item_id, slot_id=place.pk, by=scene.by, at=scene.at)

    return Scene(into(first), into(second), job.items.filter(slot=place).count)


def started_while_its_visit_is_left_out() -> Scene:
    """Without the lock a job runs that has nothing to do, or moves what was left out."""
    scene, job = planned()
    item = MassMoveItem.objects.get(job=job)
    return Scene(
        first=lambda: exclude_item(item_id=item.pk, by=scene.by, at=scene.at),
        second=starting(scene, job),
        look=lambda: (status(job), items(job)),
    )


# --- at work -----------------------------------------------------------------------------


def moved_by_two_workers() -> Scene:
    """Two workers on one job: a lease that ran out, a ring that came twice."""
    scene, job = running()

    def work() -> None:
        work_on(job.pk, scene.at)

    return Scene(work, work, lambda: (items(job), moved(job)))


def paused_while_a_visit_is_begun() -> Scene:
    """Without the lock it says that it is paused, and moves one more visit."""
    scene, job = running()
    seen: list[int] = []

    def pause() -> None:
        pause_job(job_id=job.pk, by=scene.by, at=scene.at)
        seen.append(moved(job))

    return Scene(lambda: work_on(job.pk, scene.at), pause, lambda: (seen[0], moved(job)))


def booked_by_hand_while_it_is_proposed() -> Scene:
    """The place goes to whoever has its slot first. Behind the lock of the slot stands a
    constraint (its own twin is in test_booking): then the visit is for a person to place."""
    scene, job = running(times=1)
    place = MassMoveItem.objects.get(job=job).slot
    assert place is not None
    patient = PatientFactory.create()
    return Scene(
        first=lambda: work_on(job.pk, scene.at),
        second=lambda: request_booking(slot_id=place.pk, patient=patient, by=scene.by, at=scene.at),
        look=lambda: (items(job), Appointment.objects.filter(slot=place).count()),
    )


def undone_while_a_visit_is_begun() -> Scene:
    """Without the lock it says that all is taken back, and one more visit is moved."""
    scene, job = running()
    return Scene(
        first=lambda: work_on(job.pk, scene.at),
        second=lambda: undo_job(job_id=job.pk, by=scene.by, at=scene.at),
        look=lambda: (items(job), moved(job)),
    )


def resumed_while_it_is_stopped() -> Scene:
    scene, job = running()
    pause_job(job_id=job.pk, by=scene.by, at=scene.at)
    return Scene(
        first=lambda: stop_job(job_id=job.pk, by=scene.by, at=scene.at),
        second=lambda: resume_job(job_id=job.pk, by=scene.by, at=scene.at),
        look=lambda: status(job),
    )


# --- answers -----------------------------------------------------------------------------


def undone_while_they_choose() -> Scene:
    scene, job, item = offered()
    slot_id = item.options[0]
    return Scene(
        first=lambda: choose(item_id=item.pk, slot_id=slot_id, by=scene.by, at=scene.at),
        second=lambda: undo_job(job_id=job.pk, by=scene.by, at=scene.at),
        look=lambda: (items(job), moved(job)),
    )


def chosen_and_declined() -> Scene:
    """Two phones of one household, or one thumb twice."""
    scene, job, item = offered()
    slot_id = item.options[0]
    return Scene(
        first=lambda: choose(item_id=item.pk, slot_id=slot_id, by=scene.by, at=scene.at),
        second=lambda: decline_choices(item_id=item.pk, by=scene.by, at=scene.at),
        look=lambda: (items(job), moved(job)),
    )


def undone_by_two() -> Scene:
    scene, job = running()
    work_on(job.pk, scene.at)
    pause_job(job_id=job.pk, by=scene.by, at=scene.at)
    new = Appointment.objects.get(gives_up__mass_items__job=job)

    def undo() -> tuple[int, int]:
        found = undo_job(job_id=job.pk, by=scene.by, at=scene.at)
        return found.taken_back, found.stands

    return Scene(undo, undo, lambda: (items(job), str(Appointment.objects.get(pk=new.pk).status)))


def confirmed_by_two_workers() -> Scene:
    """The news of the new visit comes twice: without the lock one worker falls over."""
    scene, job = running()
    work_on(job.pk, scene.at)
    new = Appointment.objects.get(gives_up__mass_items__job=job)
    Appointment.objects.filter(pk=new.pk).update(status=AppointmentStatus.BOOKED)

    def hear() -> None:
        on_visit_settled(appointment_id=new.pk, at=scene.at)

    return Scene(hear, hear, lambda: items(job))


def settled_by_two() -> Scene:
    scene, job = planned()
    item = MassMoveItem.objects.get(job=job)
    hand_to_agent(item_id=item.pk, by=scene.by, at=scene.at)

    def settle() -> MassMoveItem:
        return settle_item(item_id=item.pk, by=scene.by, at=scene.at)

    return Scene(settle, settle, lambda: items(job))


JOB, SLOT = lock("lock_mass_move"), lock("lock_slot")
LOCKED = "scheduling.locks.lock_mass_move"
RACES = (
    Race(
        started_by_two,
        stops=LOCKED,
        guards=[JOB],
        kept=("done", "NotNow", J.RUNNING),
        broken=("MovedMeanwhile", "done", J.RUNNING),
    ),
    Race(
        planned_by_two_workers,
        stops=LOCKED,
        guards=[JOB],
        kept=("done", "done", (J.PLANNED, [S.PROPOSED])),
        broken=("MovedMeanwhile", "done", (J.PLANNED, [S.PROPOSED])),
    ),
    Race(
        one_place_for_two_visits,
        stops="scheduling.actions.mass_items._is_taken",
        guards=[JOB],
        kept=("done", "NotNow", 1),
        broken=("done", "done", 2),
    ),
    Race(
        started_while_its_visit_is_left_out,
        stops=LOCKED,
        guards=[JOB],
        kept=("done", "NothingToMove", (J.PLANNED, [S.EXCLUDED])),
        broken=("done", "done", (J.RUNNING, [S.EXCLUDED])),
    ),
    Race(
        moved_by_two_workers,
        stops="scheduling.actions.mass_running.read_item",
        guards=[JOB],
        kept=("done", "done", ([S.ASKED], 1)),
        broken=("MovedMeanwhile", "done", ([S.ASKED], 1)),
    ),
    Race(
        paused_while_a_visit_is_begun,
        stops=LOCKED,
        guards=[JOB],
        kept=("done", "done", (1, 1)),
        broken=("done", "done", (0, 1)),
    ),
    Race(
        booked_by_hand_while_it_is_proposed,
        stops="scheduling.actions.booking.lowest_seat",
        guards=[SLOT],
        kept=("done", "SlotTaken", ([S.ASKED], 1)),
        broken=("done", "done", ([S.FAILED], 1)),
    ),
    Race(
        undone_while_a_visit_is_begun,
        stops="scheduling.actions.mass_running.read_item",
        guards=[JOB],
        kept=("done", "done", ([S.TAKEN_BACK], 0)),
        broken=("done", "done", ([S.ASKED], 1)),
    ),
    Race(
        resumed_while_it_is_stopped,
        stops=LOCKED,
        guards=[JOB],
        kept=("done", "NotNow", J.STOPPED),
        broken=("MovedMeanwhile", "done", J.RUNNING),
    ),
    Race(
        undone_while_they_choose,
        stops="scheduling.actions.mass_running.lock_item",
        guards=[JOB],
        kept=("done", "done", ([S.TAKEN_BACK], 0)),
        broken=("MovedMeanwhile", "done", ([S.TAKEN_BACK], 0)),
    ),
    Race(
        chosen_and_declined,
        stops="scheduling.actions.mass_running.lock_item",
        guards=[JOB],
        kept=("done", "done", ([S.ASKED], 1)),
        broken=("MovedMeanwhile", "done", ([S.FOR_AGENT], 0)),
    ),
    Race(
        undone_by_two,
        stops="<scheduling.actions.mass_running.move",
        guards=[JOB],
        kept=("done", "done", ([S.TAKEN_BACK], AppointmentStatus.CANCELLED)),
        broken=("MovedMeanwhile", "done", ([S.TAKEN_BACK], AppointmentStatus.CANCELLED)),
    ),
    Race(
        confirmed_by_two_workers,
        stops="scheduling.actions.mass_running.lock_item",
        guards=[JOB],
        kept=("done", "done", [S.MOVED]),
        broken=("MovedMeanwhile", "done", [S.MOVED]),
    ),
    Race(
        settled_by_two,
        stops="scheduling.actions.mass_items.lock_item",
        guards=[JOB],
        kept=("done", "NotNow", [S.SETTLED]),
        broken=("MovedMeanwhile", "done", [S.SETTLED]),
    ),
)


def test_who_comes_second_waits_for_the_job() -> None:
    assert with_guards(RACES) == kept(RACES)


def test_without_the_jobs_lock_each_goes_wrong() -> None:
    """The races are real: what the test above shows is the lock at work."""
    assert without_guards(RACES) == broken(RACES)
