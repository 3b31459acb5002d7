"""The day of the visit: who came, how late, who did not; and what the EHR hears of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from crm.engine import Actor
from crm.models import Task
from crm.states import Role
from scheduling.actions import (
    AlreadyDecided,
    CannotTakeBack,
    NotNow,
    SetAside,
    TooLate,
    apply_appointment_report,
    approve_restriction,
    cancel_appointment,
    check_in,
    lift_restriction,
    mark_no_show,
    request_booking,
    take_back_cancel,
    undo_check_in,
    undo_no_show,
)
from scheduling.actions.policies import NotAPerson
from scheduling.models import EhrWrite, PatientRestriction
from scheduling.ports import AppointmentReport, CodeReport, ReportKind
from scheduling.queries import get_slot, judge_slots
from scheduling.queries.policies import missed_visits
from scheduling.rules import HiddenBy
from scheduling.states import (
    AppointmentStatus,
    CancelledBy,
    CancelReason,
    LateOutcome,
    MissedBecause,
    PatientLimit,
    RestrictionStatus,
    SlotStatus,
)
from tests.factories import (
    SOURCE,
    AppointmentFactory,
    ClinicPolicyFactory,
    PatientRestrictionFactory,
    UserFactory,
)
from tests.scheduling.day import BY, free_slot, status_of
from tests.waitlist.scene import Scene

pytestmark = pytest.mark.django_db


def on_the_day(scene: Scene, *, minutes: float = 0) -> dt.datetime:
    scene.at = scene.visit.starts_at + dt.timedelta(minutes=minutes)
    return scene.at


def in_ehr(scene: Scene) -> AppointmentStatus:
    return scene.ehr.visits[scene.visit.source_id].status


def told(scene: Scene) -> list[tuple[str, str]]:
    writes = EhrWrite.objects.filter(appointment=scene.visit).order_by("pk")
    return [(write.operation, write.status) for write in writes]


def test_checked_in_the_ehr_hears_of_it_and_of_its_being_taken_back(scene: Scene) -> None:
    at = on_the_day(scene, minutes=-10)
    check_in(appointment_id=scene.visit.pk, by=BY, at=at)
    check_in(appointment_id=scene.visit.pk, by=BY, at=at)  # twice is once
    scene.settle()
    assert in_ehr(scene) is AppointmentStatus.ARRIVED
    undo_check_in(appointment_id=scene.visit.pk, by=BY, at=scene.at)
    scene.settle()
    assert in_ehr(scene) is AppointmentStatus.BOOKED
    assert told(scene) == [("arrive", "done"), ("restore", "done")]
    scene.visit.refresh_from_db()
    assert (scene.visit.arrived_at, scene.visit.late_outcome) == (None, "")


def test_taken_back_before_the_ehr_heard_it_hears_nothing_wrong(scene: Scene) -> None:
    at = on_the_day(scene)
    check_in(appointment_id=scene.visit.pk, by=BY, at=at)
    undo_check_in(appointment_id=scene.visit.pk, by=BY, at=at)
    scene.settle()
    scene.settle(minutes=1)
    assert in_ehr(scene) is AppointmentStatus.BOOKED
    assert told(scene) == [("arrive", "abandoned"), ("restore", "done")]


@pytest.mark.parametrize(
    ("minutes", "outcome"),
    [(0, LateOutcome.ON_TIME), (7, LateOutcome.SEEN), (18, LateOutcome.SQUEEZED_IN)],
)
def test_somebody_late_is_seen_as_the_policy_says(
    scene: Scene, minutes: int, outcome: LateOutcome
) -> None:
    at = on_the_day(scene, minutes=minutes)
    assert check_in(appointment_id=scene.visit.pk, by=BY, at=at).late_outcome == outcome


def test_too_late_is_a_persons_decision(scene: Scene) -> None:
    at = on_the_day(scene, minutes=45)
    with pytest.raises(TooLate, match="45 minutes late: offer another time"):
        check_in(appointment_id=scene.visit.pk, by=BY, at=at)
    seen = check_in(appointment_id=scene.visit.pk, outcome=LateOutcome.SQUEEZED_IN, by=BY, at=at)
    assert seen.late_outcome == LateOutcome.SQUEEZED_IN


def test_too_early_or_over_is_refused(scene: Scene) -> None:
    with pytest.raises(NotNow, match="too early"):
        check_in(appointment_id=scene.visit.pk, by=BY, at=scene.at)
    with pytest.raises(NotNow, match="not come yet"):
        mark_no_show(appointment_id=scene.visit.pk, by=BY, at=scene.at)
    with pytest.raises(NotNow, match="nothing to take back"):
        undo_no_show(appointment_id=scene.visit.pk, by=BY, at=scene.at)
    assert told(scene) == []


def test_a_lost_answer_is_asked_again_and_told_once(scene: Scene) -> None:
    at = on_the_day(scene)
    check_in(appointment_id=scene.visit.pk, by=BY, at=at)
    scene.ehr.lose_next_answer()
    scene.settle()
    assert told(scene) == [("arrive", "unknown")]
    scene.settle(minutes=1)
    assert told(scene) == [("arrive", "done")]
    assert in_ehr(scene) is AppointmentStatus.ARRIVED


def test_an_ehr_that_takes_no_such_word_leaves_it_to_a_person(scene: Scene) -> None:
    scene.ehr.capabilities = replace(scene.ehr.capabilities, can_no_show=False)
    mark_no_show(appointment_id=scene.visit.pk, by=BY, at=on_the_day(scene, minutes=30))
    scene.settle()
    task = Task.objects.get(kind="ehr-write")
    assert task.title == "Mark the no-show in the EHR by hand"
    assert in_ehr(scene) is AppointmentStatus.BOOKED


def test_news_from_before_our_word_does_not_undo_it(scene: Scene) -> None:
    """The EHR's old word, still on its way when the patient was checked in."""
    sent_at = on_the_day(scene)
    at = sent_at + dt.timedelta(minutes=1)
    check_in(appointment_id=scene.visit.pk, by=BY, at=at)
    old_news = AppointmentReport(
        source=SOURCE,
        kind=ReportKind.STATE,
        appointment_id=scene.visit.source_id,
        status=AppointmentStatus.BOOKED,
        sent_at=sent_at,
        tells_slots=True,
    )
    apply_appointment_report(old_news, by=Actor.ehr(SOURCE), at=at)
    scene.visit.refresh_from_db()
    assert scene.visit.status == AppointmentStatus.ARRIVED


def test_a_cancel_is_classified_and_its_notice_judged(scene: Scene) -> None:
    ClinicPolicyFactory.create(clinic=scene.role.clinic, late_cancel_hours=48)
    late = scene.visit.starts_at - dt.timedelta(hours=47)
    visit = cancel_appointment(
        appointment_id=scene.visit.pk, code=CancelReason.NO_RIDE, by=BY, at=late
    )
    assert (visit.cancelled_by, visit.cancelled_late) == (CancelledBy.PATIENT, True)
    assert (visit.cancel_code, visit.cancel_reason) == (CancelReason.NO_RIDE, "no ride")


def test_a_cancel_is_taken_back_until_the_ehr_has_heard_of_it(scene: Scene) -> None:
    cancel_appointment(appointment_id=scene.visit.pk, code=CancelReason.SICK, by=BY, at=scene.at)
    assert status_of(scene.slot) is SlotStatus.VACATED
    take_back_cancel(appointment_id=scene.visit.pk, by=BY, at=scene.at)
    scene.settle()
    assert in_ehr(scene) is AppointmentStatus.BOOKED
    assert status_of(scene.slot) is SlotStatus.BUSY
    cancel_appointment(appointment_id=scene.visit.pk, code=CancelReason.SICK, by=BY, at=scene.at)
    scene.settle()
    with pytest.raises(CannotTakeBack):
        take_back_cancel(appointment_id=scene.visit.pk, by=BY, at=scene.at)


# --- what comes of missed visits ------------------------------------------------------


def missed_before(scene: Scene, count: int) -> None:
    for n in range(1, count + 1):
        AppointmentFactory.create(
            patient=scene.visit.patient,
            role=scene.role,
            starts_at=scene.at - dt.timedelta(days=20 * n),
            status=AppointmentStatus.NO_SHOW,
        )


def test_the_third_missed_visit_asks_a_person_and_limits_nobody(scene: Scene) -> None:
    missed_before(scene, 2)
    mark_no_show(appointment_id=scene.visit.pk, by=BY, at=on_the_day(scene, minutes=30))
    scene.settle()
    row = PatientRestriction.objects.get()
    assert row.status == RestrictionStatus.PROPOSED
    assert row.because.count() == 3
    with pytest.raises(NotAPerson):
        approve_restriction(restriction_id=row.pk, why="three times", by=BY, at=scene.at)
    manager = Actor.user(UserFactory.create())
    row = approve_restriction(restriction_id=row.pk, why="three times", by=manager, at=scene.at)
    assert row.ends_on is not None
    with pytest.raises(AlreadyDecided):
        approve_restriction(restriction_id=row.pk, why="again", by=manager, at=scene.at)
    assert (
        lift_restriction(restriction_id=row.pk, why="explained", by=manager, at=scene.at).status
        == RestrictionStatus.LIFTED
    )


def test_excused_or_taken_back_the_proposal_goes(scene: Scene) -> None:
    missed_before(scene, 2)
    at = on_the_day(scene, minutes=30)
    mark_no_show(appointment_id=scene.visit.pk, by=BY, at=at)
    scene.settle()
    mark_no_show(
        appointment_id=scene.visit.pk, because=MissedBecause.NO_INTERPRETER, by=BY, at=scene.at
    )
    scene.settle()
    row = PatientRestriction.objects.get()
    assert row.status == RestrictionStatus.WITHDRAWN
    undo_no_show(appointment_id=scene.visit.pk, by=BY, at=scene.at)
    scene.settle()
    assert in_ehr(scene) is AppointmentStatus.BOOKED


def test_the_ehrs_reason_is_classified_and_its_notice_judged_when_it_was_sent(
    scene: Scene,
) -> None:
    report = AppointmentReport(
        source=SOURCE,
        kind=ReportKind.STATE,
        appointment_id=scene.visit.source_id,
        status=AppointmentStatus.CANCELLED,
        sent_at=scene.visit.starts_at - dt.timedelta(hours=2),
        tells_slots=True,
        cancelled_by=CancelledBy.PATIENT,
        cancel_code=CancelReason.NO_RIDE,
    )
    apply_appointment_report(report, by=Actor.ehr(SOURCE), at=on_the_day(scene))
    scene.visit.refresh_from_db()
    assert (scene.visit.cancel_code, scene.visit.cancelled_late) == (CancelReason.NO_RIDE, True)


def test_an_ehr_that_says_nothing_is_heard_so_and_believed_when_it_says_more(scene: Scene) -> None:
    told = AppointmentReport(
        source=SOURCE,
        kind=ReportKind.STATE,
        appointment_id=scene.visit.source_id,
        status=AppointmentStatus.CANCELLED,
        sent_at=scene.at,
        tells_slots=True,
    )
    later = replace(
        told,
        sent_at=scene.at + dt.timedelta(minutes=1),
        cancel_reason=CodeReport("oth-weath", "Weather"),
    )
    later = replace(later, cancel_code=CancelReason.CLOSED, cancelled_by=CancelledBy.ORGANIZATION)
    classes = []
    for report in (told, later):
        apply_appointment_report(report, by=Actor.ehr(SOURCE), at=scene.at)
        scene.visit.refresh_from_db()
        classes.append((scene.visit.cancel_code, scene.visit.cancelled_by))
        assert scene.visit.cancelled_late is False
    assert classes == [("not-said", "unknown"), ("closed", "organization")]
    assert scene.visit.cancel_reason == "Weather"


def test_what_was_given_up_for_a_time_that_we_offered_counts_against_nobody(scene: Scene) -> None:
    late = scene.visit.starts_at - dt.timedelta(hours=1)
    for code, count in ((CancelReason.EARLIER_TIME, 0), (CancelReason.NO_RIDE, 1)):
        cancel_appointment(appointment_id=scene.visit.pk, code=code, by=BY, at=late)
        assert len(missed_visits(scene.visit.patient, scene.role.clinic)) == count
        take_back_cancel(appointment_id=scene.visit.pk, by=BY, at=scene.at)


@pytest.mark.parametrize("kind", list(PatientLimit))
def test_an_approved_limit_stops_what_it_says_and_a_manager_goes_past_it(
    scene: Scene, kind: PatientLimit
) -> None:
    patient = scene.visit.patient
    limit = PatientRestrictionFactory.create(patient=patient, clinic=scene.role.clinic, kind=kind)
    slot = free_slot(scene, days=2)

    def rules() -> list[HiddenBy]:
        found = judge_slots([get_slot(slot.pk)], at=scene.at, patient=patient)[slot.pk]
        return [one.rule for one in found if one.stops]

    assert rules() == []  # proposed only
    manager = UserFactory.create(roles=[Role.MANAGER])
    by = Actor.user(manager)
    approve_restriction(restriction_id=limit.pk, why="talked", by=by, at=scene.at)
    assert rules() == ([] if kind is PatientLimit.BY_PHONE else [HiddenBy.LIMITED])
    aside = SetAside(frozenset({HiddenBy.LIMITED}), "The manager agreed")
    made = request_booking(slot_id=slot.pk, patient=patient, set_aside=aside, by=by, at=scene.at)
    assert made.slot == slot
