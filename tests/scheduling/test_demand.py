"""The lost-demand ledger: one row a search, from its first look to its end."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from crm.engine import run_step
from crm.models import AuditEntry, Event
from scheduling.actions import SearchOver, close_booked, close_search, keep_search, note_waiting
from scheduling.models import SearchRecord, VisitType
from scheduling.queries.demand import Asked, demand_report
from scheduling.rules.search import Criteria, PartOfDay, Place, Window
from scheduling.states import Declined, Lack, SearchStatus
from tests.cast import Cast
from tests.factories import (
    NOW,
    TEST,
    AppointmentFactory,
    LocationFactory,
    PatientFactory,
    VisitTypeFactory,
)

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def visit_type() -> VisitType:
    return VisitTypeFactory.create()


def look(visit_type: VisitType, **more: Any) -> SearchRecord:
    criteria = Criteria(
        visit_type_id=visit_type.pk,
        window=Window.TWO_WEEKS,
        parts_of_day=frozenset({PartOfDay.MORNING}),
        place=Place(33.5, -112.0, "85016"),
        max_miles=10,
    )
    said = {"criteria": criteria, "shown": 3, "hidden": {}, "lack": None, "by": TEST, "at": NOW}
    return keep_search(**{**said, **more})


def test_a_refined_search_stays_one_row(cast: Cast, visit_type: VisitType) -> None:
    first = look(visit_type, user=cast.agent)
    again = look(
        visit_type,
        user=cast.agent,
        patient=cast.patient,
        search_id=first.pk,
        criteria=Criteria(visit_type_id=visit_type.pk, language="es"),
        shown=0,
        hidden={"same-day": 2, "coverage": 5},
        lack=Lack.HIDDEN,
        at=NOW + MINUTE,
    )
    assert again.pk == first.pk
    assert SearchRecord.objects.count() == 1
    assert (again.looks, again.patient, again.wanted) == (2, cast.patient, {"language": "es"})
    assert (again.lack, again.lack_rule) == (Lack.HIDDEN, "coverage")
    assert again.created_at == NOW
    assert first.wanted == {
        "window": "2-weeks",
        "parts_of_day": ["morning"],
        "place": "85016",
        "max_miles": 10,
    }, "a place is kept by its ZIP code, not by where somebody lives"


def test_another_patient_agent_or_a_search_that_is_over_begins_a_new_row(
    cast: Cast, visit_type: VisitType
) -> None:
    first = look(visit_type, user=cast.agent, patient=cast.patient)
    rows = {first.pk}
    for more in (
        {"user": cast.agent, "patient": PatientFactory.create()},
        {"user": cast.nurse, "patient": cast.patient},
    ):
        rows.add(look(visit_type, search_id=first.pk, **more).pk)
    close_search(search_id=first.pk, declined=Declined.COST, note="", by=TEST, at=NOW)
    rows.add(look(visit_type, search_id=first.pk, user=cast.agent, patient=cast.patient).pk)
    assert len(rows) == 4


def test_the_agent_says_why_none_suits(cast: Cast, visit_type: VisitType) -> None:
    search = look(visit_type, user=cast.agent)
    closed = close_search(
        search_id=search.pk, declined=Declined.TOO_LATE, note="needs it in May", by=TEST, at=NOW
    )
    assert (closed.status, closed.lack) == (SearchStatus.LOST, Lack.DECLINED)
    assert Event.objects.filter(name="scheduling.search-lost", subject_id=search.pk).exists()
    assert AuditEntry.objects.filter(verb="scheduling.searchrecord.moved").exists()
    with pytest.raises(SearchOver):
        close_search(search_id=search.pk, declined=Declined.COST, note="", by=TEST, at=NOW)
    assert SearchRecord.objects.get(pk=search.pk).declined == Declined.TOO_LATE


@pytest.mark.parametrize(
    ("lack", "status"), [(None, SearchStatus.ABANDONED), (Lack.NO_TIMES, SearchStatus.LOST)]
)
def test_half_an_hour_of_quiet_ends_it(
    visit_type: VisitType, lack: Lack | None, status: SearchStatus
) -> None:
    search = look(visit_type, lack=lack, shown=0 if lack else 3)
    assert not run_step("scheduling.search", search.pk, at=NOW + 29 * MINUTE)
    assert run_step("scheduling.search", search.pk, at=NOW + 30 * MINUTE)
    search.refresh_from_db()
    assert (search.status, search.lack, search.due_at) == (status, lack or "", None)
    assert search.closed_at == NOW + 30 * MINUTE


def test_a_look_in_between_puts_the_end_off(cast: Cast, visit_type: VisitType) -> None:
    search = look(visit_type, user=cast.agent)
    look(visit_type, user=cast.agent, search_id=search.pk, at=NOW + 20 * MINUTE)
    assert not run_step("scheduling.search", search.pk, at=NOW + 40 * MINUTE)
    assert SearchRecord.objects.get(pk=search.pk).status == SearchStatus.OPEN


def test_a_booking_ends_it_even_after_it_was_given_up(visit_type: VisitType) -> None:
    search = look(visit_type)
    run_step("scheduling.search", search.pk, at=NOW + 31 * MINUTE)
    visit = AppointmentFactory.create()
    for _ in range(2):
        close_booked(search_id=search.pk, appointment=visit, by=TEST, at=NOW + 40 * MINUTE)
    search.refresh_from_db()
    assert (search.status, search.appointment, search.lack) == (SearchStatus.BOOKED, visit, "")


def test_what_was_wanted_and_lacking_is_told_by_visit_site_week_and_reason(
    visit_type: VisitType,
) -> None:
    site, other = LocationFactory.create_batch(2)
    week = dt.timedelta(days=7)
    booked = look(visit_type, location=site)
    close_booked(search_id=booked.pk, appointment=AppointmentFactory.create(), by=TEST, at=NOW)
    lost = []
    for number, (where, lack) in enumerate(
        ((site, Lack.HIDDEN), (site, Lack.HIDDEN), (other, Lack.NO_TIMES))
    ):
        search = look(
            visit_type,
            location=where,
            shown=0,
            lack=lack,
            hidden={"same-day": 1} if lack is Lack.HIDDEN else {},
            at=NOW - number * week,
        )
        run_step("scheduling.search", search.pk, at=NOW + 31 * MINUTE)
        lost.append(search)
    note_waiting(search_id=lost[-1].pk, by=TEST, at=NOW)
    look(visit_type, location=site)  # somebody is at it: it tells nothing yet
    asked = Asked(
        first_on=dt.date(2026, 10, 1), last_on=dt.date(2026, 11, 18), zone="America/Phoenix"
    )
    report = demand_report(asked)
    assert (report.searches, report.booked, report.lost, report.waits) == (4, 1, 3, 1)
    (tally,) = report.by_visit_type
    assert (tally.label, tally.unmet, tally.searches, tally.share) == (visit_type.name, 3, 4, 75)
    assert [(t.label, t.unmet, t.searches) for t in report.by_site] == [
        (site.name, 2, 3),
        (other.name, 1, 1),
    ]
    assert [(t.label, t.unmet) for t in report.by_week] == [
        ("Nov 16", 1),
        ("Nov 9", 1),
        ("Nov 2", 1),
    ]
    assert [(r.lack, r.rule, r.count) for r in report.reasons] == [
        ("hidden", "same-day", 2),
        ("no-times", "", 1),
    ]
    assert len(report.rows) == 3
    assert demand_report(replace(asked, lack=Lack.NO_TIMES)).unmet == 1
    assert demand_report(replace(asked, location_id=site.pk)).unmet == 2
    assert demand_report(replace(asked, last_on=dt.date(2026, 11, 4))).unmet == 1
