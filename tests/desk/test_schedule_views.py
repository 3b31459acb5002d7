"""Schedules as their owners keep them: sessions, leave, holidays, and what they would change."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import AuditEntry, User
from scheduling.actions.mass_running import work_on
from scheduling.actions.schedule_runs import run_some
from scheduling.models import (
    Absence,
    MassMove,
    PatternException,
    ScheduleRun,
    SiteHoliday,
    Slot,
    VisitToMove,
    WeeklyPattern,
)
from tests.cast import Cast
from tests.factories import (
    NOW,
    AbsenceFactory,
    ClinicFactory,
    PatientFactory,
    PatternExceptionFactory,
    SlotFactory,
    VisitToMoveFactory,
    VisitTypeFactory,
    WeeklyPatternFactory,
)
from tests.scheduling.schedules_cast import FIRST_ON, LAST_ON, book_on, own_role

pytestmark = pytest.mark.django_db


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def pattern() -> WeeklyPattern:
    role = own_role()
    made: WeeklyPattern = WeeklyPatternFactory.create(
        role=role, visit_type=VisitTypeFactory.create(specialty=role.clinic.specialty)
    )
    return made


def session(pattern: WeeklyPattern, **other: Any) -> dict[str, Any]:
    """What the form of a session sends."""
    return {
        "role": pattern.role_id,
        "weekday": 1,
        "starts_time": "08:00",
        "ends_time": "12:00",
        "slot_minutes": 30,
        "every_weeks": 1,
        "valid_from_on": "2026-11-23",
        "visit_type": pattern.visit_type_id,
        "modality": "in-person",
        "capacity": 1,
        "restriction": "none",
        "restriction_days": 0,
    } | other


def days(pattern: WeeklyPattern, **other: Any) -> dict[str, Any]:
    return {
        "clinic": pattern.role.clinic_id,
        "first_on": str(FIRST_ON),
        "last_on": str(LAST_ON),
    } | other


class TestSessions:
    def test_stand_on_the_page_with_who_is_away(self, cast: Cast, pattern: WeeklyPattern) -> None:
        AbsenceFactory.create(provider=pattern.role.provider)
        page = as_(cast.agent).get(reverse("desk:schedules")).content.decode()
        assert "8:00 AM to 10:00 AM" in page
        assert "Mon Nov 23" in page  # the day of leave, by the site's clock
        assert reverse("desk:schedule-pattern", args=[pattern.pk]) not in page

    def test_are_added_and_changed_by_owners_of_schedules(
        self, cast: Cast, pattern: WeeklyPattern
    ) -> None:
        client = as_(cast.front_desk)
        address = reverse("desk:schedule-new", args=[pattern.role.clinic_id])
        assert client.get(address).status_code == 200
        other = VisitTypeFactory.create(specialty=pattern.role.clinic.specialty)
        said = session(pattern, also_serves=[pattern.visit_type_id, other.pk])
        assert client.post(address, said).status_code == 302
        made = WeeklyPattern.objects.latest("pk")
        assert (made.weekday, made.also_serves) == (1, [other.pk])
        edit = reverse("desk:schedule-pattern", args=[made.pk])
        assert client.post(edit, session(pattern, capacity=3)).status_code == 302
        made.refresh_from_db()
        assert made.capacity == 3
        verbs = AuditEntry.objects.filter(subject_type="scheduling.weeklypattern")
        assert set(verbs.values_list("verb", flat=True)) == {
            "scheduling.pattern.added",
            "scheduling.pattern.changed",
        }
        assert not Slot.objects.exists()  # until somebody applies it

    @pytest.mark.parametrize(
        ("other", "says"),
        [
            ({"weekday": 0, "starts_time": "09:00"}, "has another session then: Monday"),
            ({"ends_time": "07:00"}, "must end after it starts"),
            ({"valid_until_on": "2026-11-01"}, "cannot be before the first"),
            ({"visit_type": 0}, "Select a valid choice"),
        ],
    )
    def test_that_cannot_be_are_refused(
        self, cast: Cast, pattern: WeeklyPattern, other: dict[str, Any], says: str
    ) -> None:
        address = reverse("desk:schedule-new", args=[pattern.role.clinic_id])
        answer = as_(cast.manager).post(address, session(pattern, **other))
        assert answer.status_code == 422
        assert says in answer.content.decode()
        assert WeeklyPattern.objects.count() == 1

    def test_of_a_clinic_whose_ehr_owns_the_schedule_are_not_made_here(self, cast: Cast) -> None:
        address = reverse("desk:schedule-new", args=[ClinicFactory.create().pk])
        assert as_(cast.manager).get(address).status_code == 404

    def test_end_today(self, cast: Cast, pattern: WeeklyPattern) -> None:
        as_(cast.manager).post(reverse("desk:schedule-end", args=[pattern.pk]))
        pattern.refresh_from_db()
        assert pattern.valid_until_on == dt.date(2026, 11, 18)

    def test_differ_on_a_date(self, cast: Cast, pattern: WeeklyPattern) -> None:
        client = as_(cast.manager)
        add = reverse("desk:schedule-exception-new", args=[pattern.pk])
        without_hours = {"on": "2026-11-23", "kind": "changed"}
        assert client.post(add, without_hours).status_code == 422
        cancelled = {"on": "2026-11-23", "kind": "cancelled", "starts_time": "09:00"}
        assert client.post(add, cancelled).status_code == 302
        assert client.post(add, cancelled).status_code == 422  # once is enough
        row = PatternException.objects.get()
        assert row.starts_time is None
        client.post(reverse("desk:schedule-exception-remove", args=[row.pk]))
        assert not PatternException.objects.exists()


class TestAbsences:
    def test_of_a_clinician_and_of_a_site_are_by_the_sites_clock(
        self, cast: Cast, pattern: WeeklyPattern
    ) -> None:
        client, add = as_(cast.manager), reverse("desk:absence-new")
        leave = {"first_on": "2026-11-23", "last_on": "2026-11-24", "reason": "Leave"}
        who = f"provider-{pattern.role.provider_id}"
        assert client.post(add, leave | {"who": who}).status_code == 302
        row = Absence.objects.get()
        assert (row.starts_at, row.ends_at) == (
            dt.datetime(2026, 11, 23, 7, tzinfo=dt.UTC),
            dt.datetime(2026, 11, 25, 7, tzinfo=dt.UTC),
        )
        site = f"site-{pattern.role.clinic.location_id}"
        hours = {"who": site, "starts_time": "12:00", "ends_time": "13:00", "last_on": "2026-11-23"}
        assert client.post(add, leave | hours).status_code == 302
        closing = Absence.objects.get(location__isnull=False)
        assert closing.ends_at - closing.starts_at == dt.timedelta(hours=1)
        client.post(reverse("desk:absence-remove", args=[row.pk]))
        assert Absence.objects.get() == closing

    @pytest.mark.parametrize(
        "other",
        [{"last_on": "2026-11-22"}, {"starts_time": "12:00"}, {"who": "provider-0"}],
    )
    def test_that_cannot_be_are_refused(
        self, cast: Cast, pattern: WeeklyPattern, other: dict[str, str]
    ) -> None:
        said = {
            "who": f"provider-{pattern.role.provider_id}",
            "first_on": "2026-11-23",
            "last_on": "2026-11-24",
            "reason": "Leave",
        }
        answer = as_(cast.manager).post(reverse("desk:absence-new"), said | other)
        assert answer.status_code == 422
        assert not Absence.objects.exists()


def test_a_site_keeps_the_holidays_that_are_ticked(cast: Cast, pattern: WeeklyPattern) -> None:
    client = as_(cast.manager)
    address = reverse("desk:schedule-holidays", args=[pattern.role.clinic_id])
    client.post(address, {"holidays": ["thanksgiving", "christmas"]})
    client.post(address, {"holidays": ["christmas"]})
    assert list(SiteHoliday.objects.values_list("holiday", flat=True)) == ["christmas"]
    assert 'value="christmas"' in client.get(address).content.decode()
    assert "Dec 25 (Christmas Day)" in client.get(reverse("desk:schedules")).content.decode()


class TestApplying:
    def test_shows_first_what_would_change(self, cast: Cast, pattern: WeeklyPattern) -> None:
        page = as_(cast.manager).get(reverse("desk:schedule-plan"), days(pattern))
        assert '<b class="num">8</b><span>new</span>' in page.content.decode()
        assert not Slot.objects.exists()

    def test_is_a_job_that_can_be_watched(self, cast: Cast, pattern: WeeklyPattern) -> None:
        client = as_(cast.manager)
        answer = client.post(reverse("desk:schedule-start"), days(pattern))
        run = ScheduleRun.objects.get()
        assert answer.headers["Location"] == reverse("desk:schedule-run", args=[run.pk])
        assert "every 2s" in client.get(answer.headers["Location"]).content.decode()
        run_some(run.pk, NOW)
        part = client.get(answer.headers["Location"], headers={"HX-Request": "true"})
        assert "1 of 1 clinician done" in part.content.decode()
        assert "every 2s" not in part.content.decode()
        assert Slot.objects.count() == 8

    def test_names_the_visits_that_it_would_orphan_and_waits_for_a_choice(
        self, cast: Cast, pattern: WeeklyPattern
    ) -> None:
        client, start = as_(cast.manager), reverse("desk:schedule-start")
        client.post(start, days(pattern))
        run_some(ScheduleRun.objects.get().pk, NOW)
        visit = book_on(Slot.objects.order_by("starts_at")[0], patient=cast.patient)
        WeeklyPattern.objects.update(valid_until_on=dt.date(2026, 11, 20))
        page = client.get(reverse("desk:schedule-plan"), days(pattern)).content.decode()
        assert "1 booked visit would lose the slot" in page
        assert "Rosa Delgado" in page
        assert AuditEntry.objects.filter(patient_id=cast.patient.pk, actor_id=cast.manager.pk)
        answer = client.post(start, days(pattern))
        assert answer.status_code == 409
        assert ScheduleRun.objects.count() == 1
        client.post(start, days(pattern, orphans="hand-over"))
        run_some(ScheduleRun.objects.latest("pk").pk, NOW)
        assert VisitToMove.objects.get().appointment == visit
        page = client.get(reverse("desk:visits-to-move")).content.decode()
        assert "Rosa Delgado" in page
        table = client.get(reverse("desk:visits-to-move-export")).content.decode()
        assert "R. D." in table
        assert "Rosa" not in table

    def test_hands_those_very_visits_to_the_mass_reschedule(
        self, cast: Cast, pattern: WeeklyPattern
    ) -> None:
        client, start = as_(cast.manager), reverse("desk:schedule-start")
        client.post(start, days(pattern))
        run_some(ScheduleRun.objects.get().pk, NOW)
        slots = list(Slot.objects.order_by("starts_at"))
        visits = [
            book_on(slot, patient=patient, visit_type=pattern.visit_type)
            for slot, patient in zip(slots, [cast.patient, PatientFactory.create()], strict=False)
        ]
        off = SlotFactory.create(status="withdrawn")
        before = VisitToMoveFactory.create(appointment__slot=off)  # of an earlier change
        # From ten o'clock on, instead of from the hour in which the two are booked.
        WeeklyPattern.objects.update(starts_time=dt.time(10), ends_time=dt.time(12))
        client.post(start, days(pattern, orphans="hand-over"))
        run = ScheduleRun.objects.latest("pk")
        run_some(run.pk, NOW)
        form = f"{reverse('desk:mass-new')}?orphans=1"
        assert form in client.get(reverse("desk:visits-to-move")).text
        of_run = f"{form}&run={run.pk}"
        assert of_run in client.get(reverse("desk:schedule-run", args=[run.pk])).text.replace(
            "&amp;", "&"
        )
        page = client.get(of_run).text
        ticked = re.findall(r'name="picked" value="(\d+)" checked', page)
        assert ticked == [str(visit.pk) for visit in visits]
        assert f'name="picked" value="{before.appointment_id}">' in page
        assert AuditEntry.objects.filter(patient_id=cast.patient.pk, verb__contains="view")
        said = {"name": "New hours", "reason": "clinician-other", "days_after": "14"}
        answer = client.post(of_run, said)
        assert (answer.status_code, "Pick at least one visit" in answer.text) == (422, True)
        client.post(of_run, said | {"picked": ticked})
        job = MassMove.objects.get()
        assert job.ends_at == visits[-1].ends_at  # new times are looked for after the last of them
        work_on(job.pk, NOW)
        items = job.items.order_by("pk")
        assert {item.appointment for item in items} == set(visits)
        placed = {item.slot for item in items}
        assert len(placed) == 2
        assert {slot.status for slot in placed if slot} == {"free"}

    def test_can_be_stopped(self, cast: Cast, pattern: WeeklyPattern) -> None:
        client = as_(cast.manager)
        client.post(reverse("desk:schedule-start"), days(pattern))
        run = ScheduleRun.objects.get()
        client.post(reverse("desk:schedule-stop", args=[run.pk]))
        run.refresh_from_db()
        assert run.status == "stopped"

    @pytest.mark.parametrize("other", [{"last_on": "2028-11-24"}, {"first_on": "soon"}])
    def test_of_days_that_make_no_sense_goes_back(
        self, cast: Cast, pattern: WeeklyPattern, other: dict[str, str]
    ) -> None:
        answer = as_(cast.manager).get(reverse("desk:schedule-plan"), days(pattern, **other))
        assert answer.headers["Location"] == reverse("desk:schedules")


def test_only_owners_of_schedules_change_them(cast: Cast, pattern: WeeklyPattern) -> None:
    exception = PatternExceptionFactory.create(pattern=pattern)
    absence = AbsenceFactory.create()
    acts = {
        "schedule-new": [pattern.role.clinic_id],
        "schedule-pattern": [pattern.pk],
        "schedule-end": [pattern.pk],
        "schedule-exception-new": [pattern.pk],
        "schedule-exception-remove": [exception.pk],
        "absence-new": [],
        "absence-remove": [absence.pk],
        "schedule-holidays": [pattern.role.clinic_id],
        "schedule-start": [],
    }
    before = AuditEntry.objects.count()
    for user in (cast.agent, cast.nurse, cast.marketing, cast.outsider):
        client = as_(user)
        for name, args in acts.items():
            address = reverse(f"desk:{name}", args=args)
            assert client.post(address, session(pattern)).status_code == 403, name
    assert as_(cast.outsider).get(reverse("desk:schedules")).status_code == 403
    assert as_(cast.agent).get(reverse("desk:schedule-plan")).status_code == 403
    assert AuditEntry.objects.count() == before
    pattern.refresh_from_db()
    assert pattern.valid_until_on is None
    assert (PatternException.objects.count(), Absence.objects.count()) == (1, 1)
    assert not ScheduleRun.objects.exists()
