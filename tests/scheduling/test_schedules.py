"""Slots brought in line with weekly patterns: shown first, written once, nobody orphaned."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings

from crm.actions import close_task
from crm.engine import run_step
from crm.engine.models import AuditEntry, Event
from crm.models import Task
from crm.states import TaskKind, TaskStatus
from scheduling.actions.schedule_ahead import keep_ahead
from scheduling.actions.schedule_runs import (
    RUN_STEP,
    NothingScheduled,
    run_some,
    start_run,
    stop_run,
)
from scheduling.actions.templates import SchedulePlan, WouldOrphan, apply_plan, plan_schedule
from scheduling.models import (
    Absence,
    PatternException,
    ProviderRole,
    ScheduleAhead,
    ScheduleRun,
    SiteHoliday,
    Slot,
    VisitToMove,
    WeeklyPattern,
)
from scheduling.queries.schedule_diff import Change
from scheduling.queries.schedules import scheduled_roles, schedules_of
from scheduling.rules.templates import expand
from scheduling.states import (
    ExceptionKind,
    Holiday,
    OrphanChoice,
    Restriction,
    ScheduleRunStatus,
    SlotStatus,
)
from tests.factories import NOW, TEST, OpeningFactory, ReleaseRuleFactory, WeeklyPatternFactory
from tests.scheduling.schedules_cast import (
    FIRST_ON,
    LAST_ON,
    book_on,
    own_role,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def plan() -> SchedulePlan:
    return plan_schedule(scheduled_roles(), first_on=FIRST_ON, last_on=LAST_ON, at=NOW)


def apply(orphans: OrphanChoice | None = None, *, at: dt.datetime = NOW) -> dict[str, int]:
    done = apply_plan(
        scheduled_roles(), first_on=FIRST_ON, last_on=LAST_ON, orphans=orphans, by=TEST, at=at
    )
    return {str(change): count for change, count in done.items() if count}


def start(orphans: OrphanChoice | None = None, *, last_on: dt.date = LAST_ON) -> ScheduleRun:
    return start_run(
        clinic_id=None, first_on=FIRST_ON, last_on=last_on, orphans=orphans, by=TEST, at=NOW
    )


@pytest.fixture
def pattern() -> WeeklyPattern:
    made: WeeklyPattern = WeeklyPatternFactory.create()
    return made


def test_shows_what_it_would_do_and_does_not_do_it(pattern: WeeklyPattern) -> None:
    shown = plan()
    assert shown.count(Change.ADD) == 8
    assert not shown.orphans
    assert not Slot.objects.exists()


def test_makes_the_slots_that_the_rules_expand(pattern: WeeklyPattern) -> None:
    """The rules cut in Python, the writing in SQL: they cut alike."""
    rule = ReleaseRuleFactory.create(clinic=pattern.role.clinic, hours_before=72)
    WeeklyPattern.objects.update(
        slot_minutes=25, restriction=Restriction.NEW_PATIENTS, release_rule=rule
    )
    Absence.objects.create(
        provider=pattern.role.provider,
        starts_at=dt.datetime(2026, 11, 23, 16, tzinfo=dt.UTC),  # 9:00 in Phoenix
        ends_at=dt.datetime(2026, 11, 23, 16, 30, tzinfo=dt.UTC),
        reason="Meeting",
    )
    assert apply() == {"add": 6}
    (schedule,) = schedules_of([pattern.role_id], FIRST_ON, LAST_ON)
    wanted = expand(
        schedule.patterns,
        schedule.exceptions,
        absences=schedule.absences,
        holidays=schedule.holidays,
        first_on=FIRST_ON,
        last_on=LAST_ON,
        zone=schedule.zone,
    )
    made = Slot.objects.order_by("starts_at")
    assert [(s.starts_at, s.ends_at, s.release_at, s.due_at) for s in made] == [
        (w.starts_at, w.ends_at, w.release_at, w.release_at) for w in wanted
    ]
    slot = made[0]
    assert (slot.status, slot.role, slot.visit_type) == ("free", pattern.role, pattern.visit_type)
    assert (slot.restriction, slot.source) == (Restriction.NEW_PATIENTS, "")


def test_a_second_time_changes_nothing(pattern: WeeklyPattern) -> None:
    apply()
    before = list(Slot.objects.order_by("pk").values())
    trail, events = AuditEntry.objects.count(), Event.objects.count()
    assert plan().changes_nothing
    assert apply() == {"keep": 8}
    assert list(Slot.objects.order_by("pk").values()) == before
    assert (AuditEntry.objects.count(), Event.objects.count()) == (trail, events)


def test_new_slots_are_no_freed_time(pattern: WeeklyPattern) -> None:
    apply()
    assert not Event.objects.filter(name="scheduling.slot-freed").exists()
    assert Event.objects.filter(name="scheduling.schedule-applied").count() == 1


def test_a_changed_pattern_changes_its_slots_but_not_those_that_are_sold(
    pattern: WeeklyPattern,
) -> None:
    apply()
    sold, *_ = Slot.objects.order_by("starts_at")
    book_on(sold)
    WeeklyPattern.objects.update(modality="video", restriction=Restriction.SAME_DAY)
    assert plan().count(Change.CHANGE) == 7
    assert apply() == {"change": 7, "keep": 1}
    sold.refresh_from_db()
    assert (sold.modality, sold.restriction) == ("in-person", "none")
    assert Slot.objects.filter(modality="video", restriction="same-day").count() == 7
    assert apply() == {"keep": 8}


def test_what_a_person_restricted_stays_as_they_said(pattern: WeeklyPattern) -> None:
    apply()
    Slot.objects.update(by_hand=True, restriction=Restriction.HELD_FOR_REVIEW)
    assert plan().changes_nothing
    WeeklyPattern.objects.update(modality="video")
    assert apply() == {"change": 8}
    assert (
        Slot.objects.filter(restriction=Restriction.HELD_FOR_REVIEW, modality="video").count() == 8
    )


def test_a_released_restriction_does_not_come_back(pattern: WeeklyPattern) -> None:
    rule = ReleaseRuleFactory.create(clinic=pattern.role.clinic, hours_before=72)
    WeeklyPattern.objects.update(restriction=Restriction.SAME_DAY, release_rule=rule)
    apply()
    later = dt.datetime(2026, 11, 22, 17, tzinfo=dt.UTC)
    first_day = Slot.objects.filter(starts_at__lt=dt.datetime(2026, 11, 25, tzinfo=dt.UTC))
    first_day.update(restriction=Restriction.NONE, release_at=None, due_at=None)
    assert apply(at=later) == {"keep": 8}


def test_slots_that_go_are_deleted_only_when_nothing_hangs_on_them(
    pattern: WeeklyPattern,
) -> None:
    apply()
    first, second, *_ = Slot.objects.order_by("starts_at")
    OpeningFactory.create(slot=first)
    book_on(second, status="cancelled", cancelled_at=NOW, cancelled_by="patient")
    Slot.objects.filter(pk=second.pk).update(taken=0, status="vacated")
    WeeklyPattern.objects.update(valid_until_on=FIRST_ON - dt.timedelta(days=1))
    assert plan().count(Change.REMOVE) == 8
    assert apply() == {"remove": 8}
    left = Slot.objects.order_by("starts_at")
    assert [(slot.pk, slot.status) for slot in left] == [
        (first.pk, SlotStatus.WITHDRAWN),
        (second.pk, SlotStatus.WITHDRAWN),
    ]
    # Whoever offered the free one hears that it is gone.
    taken = Event.objects.filter(name="scheduling.slot-taken").values_list("subject_id", flat=True)
    assert list(taken) == [first.pk]
    assert apply() == {}
    # The pattern comes back, and so do they.
    WeeklyPattern.objects.update(valid_until_on=None)
    assert apply() == {"revive": 2, "add": 6}


def test_a_slot_that_somebody_holds_is_left_for_the_next_time(pattern: WeeklyPattern) -> None:
    apply()
    slot = Slot.objects.order_by("starts_at")[0]
    hold = slot.holds.create(
        seat=1, owner="Dana", created_at=NOW, expires_at=NOW + dt.timedelta(minutes=5)
    )
    WeeklyPattern.objects.update(valid_until_on=FIRST_ON - dt.timedelta(days=1))
    assert apply() == {"remove": 7, "held": 1}
    hold.delete()
    assert apply() == {"remove": 1}


class TestOrphans:
    """A visit is booked at 8:00 on a Monday on which its clinician is then on leave."""

    @pytest.fixture(autouse=True)
    def booked(self, pattern: WeeklyPattern) -> None:
        apply()
        self.pattern = pattern
        self.slot = Slot.objects.order_by("starts_at")[0]
        self.visit = book_on(self.slot)
        self.leave = Absence.objects.create(
            provider=pattern.role.provider,
            starts_at=self.slot.starts_at,
            ends_at=self.slot.starts_at + dt.timedelta(hours=2),
            reason="Leave",
        )

    def test_are_shown_first(self) -> None:
        shown = plan()
        assert [orphan.appointment_id for orphan in shown.orphans] == [self.visit.pk]
        assert shown.count(Change.REMOVE) == 3

    def test_are_never_made_silently(self) -> None:
        with pytest.raises(WouldOrphan, match="1 booked visit would lose the slot"):
            apply()
        assert Slot.objects.filter(status=SlotStatus.FREE).count() == 7

    def test_may_keep_their_slot(self) -> None:
        assert apply(OrphanChoice.KEEP) == {"remove": 3, "keep": 4, "orphan": 1}
        self.slot.refresh_from_db()
        assert self.slot.status == SlotStatus.BUSY
        assert not VisitToMove.objects.exists()

    def test_may_go_on_the_list_of_visits_to_move(self) -> None:
        apply(OrphanChoice.HAND_OVER)
        self.slot.refresh_from_db()
        self.visit.refresh_from_db()
        assert self.slot.status == SlotStatus.WITHDRAWN
        assert self.visit.status == "booked"  # it is not cancelled: somebody moves it
        assert VisitToMove.objects.get().appointment == self.visit
        assert apply(OrphanChoice.HAND_OVER) == {"keep": 4}

    def test_have_their_place_again_when_the_leave_is_called_off(self) -> None:
        apply(OrphanChoice.HAND_OVER)
        self.leave.delete()
        assert apply() == {"add": 3, "keep": 4, "revive": 1}
        self.slot.refresh_from_db()
        assert (self.slot.status, self.slot.taken) == (SlotStatus.BUSY, 1)
        assert not VisitToMove.objects.exists()

    def test_leave_no_room_for_new_slots_beside_the_visit(self) -> None:
        self.leave.delete()
        PatternException.objects.create(
            pattern=self.pattern,
            on=FIRST_ON,
            kind=ExceptionKind.CHANGED,
            starts_time=dt.time(8, 15),
            ends_time=dt.time(10, 15),
        )
        shown = plan()
        assert (shown.count(Change.ADD), shown.count(Change.OVERLAP)) == (3, 1)
        assert apply(OrphanChoice.KEEP) == {"remove": 3, "keep": 4, "orphan": 1, "add": 3}
        assert apply(OrphanChoice.KEEP) == {"keep": 7, "orphan": 1}

    def test_of_a_booking_that_comes_between_looking_and_locking_are_seen(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from scheduling import locks

        lock, late = locks.lock_slots, Slot.objects.order_by("starts_at")[1]

        def book_then_lock(pks: list[int]) -> list[Slot]:
            book_on(late)
            return lock(pks)

        monkeypatch.setattr(locks, "lock_slots", book_then_lock)
        assert apply(OrphanChoice.KEEP)["orphan"] == 2
        late.refresh_from_db()
        assert late.status == SlotStatus.BUSY


def test_a_site_is_closed_on_its_holidays() -> None:
    thursday = WeeklyPatternFactory.create(weekday=3)
    SiteHoliday.objects.create(location=thursday.role.clinic.location, holiday=Holiday.THANKSGIVING)
    assert apply() == {"add": 4}
    assert not Slot.objects.filter(starts_at__lt=dt.datetime(2026, 11, 28, tzinfo=dt.UTC)).exists()


def test_a_clinic_whose_ehr_owns_the_schedule_gets_no_slots(pattern: WeeklyPattern) -> None:
    clinic = pattern.role.clinic
    clinic.owns_schedule = False
    clinic.save()
    assert scheduled_roles() == []
    with pytest.raises(NothingScheduled):
        start_run(
            clinic_id=clinic.pk, first_on=FIRST_ON, last_on=LAST_ON, orphans=None, by=TEST, at=NOW
        )


class TestAhead:
    """Days are added by themselves, night after night."""

    def row(self, *, until: dt.date = LAST_ON, **fields: Any) -> ScheduleAhead:
        apply()
        clinic = ProviderRole.objects.get().clinic
        made: ScheduleAhead = ScheduleAhead.objects.create(
            clinic=clinic, made_until_on=until, due_at=NOW, **fields
        )
        return made

    def night(self, row: ScheduleAhead, days: int = 0) -> dt.datetime | None:
        at = NOW + days * DAY
        due_at = keep_ahead(row.pk, at)
        row.refresh_from_db()
        return due_at

    def test_goes_on_from_the_last_day_until_so_far_ahead(
        self, pattern: WeeklyPattern, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings.FIRSTCALL, "schedule_days_ahead", 40)
        row = self.row()
        # 2:00 in Phoenix, the night after.
        assert self.night(row) == dt.datetime(2026, 11, 19, 9, tzinfo=dt.UTC)
        assert row.made_until_on == dt.date(2026, 12, 28)
        mondays = {slot.starts_at.date() for slot in Slot.objects.all()}
        assert (len(mondays), Slot.objects.count()) == (6, 24)
        assert not Event.objects.filter(name="scheduling.slot-freed").exists()
        before = set(Slot.objects.values_list("pk", flat=True))
        self.night(row)
        self.night(row, 6)  # until Sunday, January 3
        assert set(Slot.objects.values_list("pk", flat=True)) == before
        self.night(row, 7)
        assert Slot.objects.count() == 28
        assert not Task.objects.exists()

    def test_touches_no_day_that_was_made_and_asks_a_person_once(
        self, pattern: WeeklyPattern
    ) -> None:
        row = self.row()
        self.night(row)
        count = Slot.objects.count()
        first = Slot.objects.order_by("starts_at")[0]
        visit = book_on(first)
        WeeklyPattern.objects.update(starts_time=dt.time(9))
        self.night(row, 1)
        first.refresh_from_db()
        assert (first.status, Slot.objects.count()) == ("busy", count)
        task = Task.objects.get(kind=TaskKind.SCHEDULE)
        assert "1 booked visit stands at times that it no longer has" in task.why
        assert (row.told_of, row.differs > 0) == ([visit.pk], True)
        close_task(task=task, by=TEST, at=NOW)
        self.night(row, 2)
        task.refresh_from_db()
        assert task.status == "completed"  # nothing new
        other = book_on(Slot.objects.order_by("starts_at")[4])
        self.night(row, 3)
        task.refresh_from_db()
        assert (task.status, row.told_of) == (TaskStatus.OPEN, [visit.pk, other.pk])
        assert not VisitToMove.objects.exists()

    def test_begins_when_somebody_has_applied_it_and_closes_the_task(
        self, pattern: WeeklyPattern
    ) -> None:
        run = start()
        run_some(run.pk, NOW)
        row = ScheduleAhead.objects.get()
        assert (row.clinic, row.made_until_on) == (pattern.role.clinic, LAST_ON)
        self.night(row)
        visit = book_on(Slot.objects.order_by("starts_at")[0])
        WeeklyPattern.objects.update(valid_until_on=FIRST_ON - DAY)
        self.night(row)
        assert Task.objects.get().status == TaskStatus.OPEN
        run_some(start(OrphanChoice.KEEP).pk, NOW)
        self.night(row)
        assert Task.objects.get().status == TaskStatus.OPEN  # later days still differ
        whole = start(OrphanChoice.KEEP, last_on=row.made_until_on)
        run_some(whole.pk, NOW)
        self.night(row)
        assert (Task.objects.get().status, row.differs) == ("completed", 0)
        assert row.told_of == [visit.pk]

    def test_waits_for_a_run_and_does_nothing_when_switched_off(
        self, pattern: WeeklyPattern, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = self.row()
        start()
        assert self.night(row) == NOW + dt.timedelta(minutes=10)
        monkeypatch.setattr(settings.FIRSTCALL, "schedule_days_ahead", 0)
        assert self.night(row) == dt.datetime(2026, 11, 19, 9, tzinfo=dt.UTC)
        assert (row.made_until_on, Slot.objects.count()) == (LAST_ON, 8)


class TestRun:
    """The same as a job."""

    def test_goes_through_the_clinicians_and_ends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("scheduling.actions.schedule_runs.BATCH", 1)
        WeeklyPatternFactory.create()
        WeeklyPatternFactory.create(role=own_role(zone="America/Chicago"))
        run = start()
        assert run_step(RUN_STEP, run.pk, at=NOW)
        run.refresh_from_db()
        assert (run.status, run.done, run.due_at) == (ScheduleRunStatus.DONE, 2, None)
        assert run.counts["add"] == 16

    def test_that_a_worker_died_over_is_taken_up_again(self, pattern: WeeklyPattern) -> None:
        run = start()
        apply()  # as if its transaction had committed, and the count of it not
        run_some(run.pk, NOW)
        run.refresh_from_db()
        assert (run.status, run.counts["keep"], Slot.objects.count()) == ("done", 8, 8)

    def test_that_is_stopped_writes_no_more(self, pattern: WeeklyPattern) -> None:
        run = start()
        stop_run(run_id=run.pk, by=TEST, at=NOW)
        assert run_some(run.pk, NOW) is None
        assert not Slot.objects.exists()

    def test_is_not_begun_while_nobody_says_what_becomes_of_orphans(
        self, pattern: WeeklyPattern
    ) -> None:
        apply()
        book_on(Slot.objects.order_by("starts_at")[0])
        WeeklyPattern.objects.update(valid_until_on=FIRST_ON - dt.timedelta(days=1))
        with pytest.raises(WouldOrphan):
            start()
        assert not ScheduleRun.objects.exists()
