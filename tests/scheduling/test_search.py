"""A page of times: its order, its end, how far it is, whose clinician comes first."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Patient
from scheduling.models import ProviderRole, Slot, VisitType
from scheduling.queries import left_out, search_slots
from scheduling.queries.lack import find_shortage
from scheduling.queries.search import PAGE
from scheduling.queries.search_page import Cursor, Page
from scheduling.rules.search import Criteria, PartOfDay, Place, Window
from scheduling.states import (
    AppointmentStatus,
    Lack,
    Modality,
    Restriction,
    SlotStatus,
)
from scheduling.zip_codes import find_zip
from tests.factories import (
    NOW,
    SOURCE,
    AcceptedCoverageFactory,
    AppointmentFactory,
    CoverageFactory,
    HoldFactory,
    PatientFactory,
    ProviderRoleFactory,
    SlotFactory,
    VisitTypeFactory,
)

pytestmark = pytest.mark.django_db
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
#: Beside the factories' site in Phoenix.
NEAR = Place(33.51, -112.03, "85016")


@pytest.fixture
def visit_type() -> VisitType:
    return VisitTypeFactory.create()


@pytest.fixture
def patient() -> Patient:
    return PatientFactory.create(birth_on=dt.date(1980, 3, 14))


def at(days: float, visit_type: VisitType, role: ProviderRole | None = None, **more: Any) -> Slot:
    """A slot so many days from now."""
    whose = {"role": role} if role else {}
    return SlotFactory.create(
        visit_type=visit_type, starts_at=NOW + dt.timedelta(days=days), **whose, **more
    )


def find(visit_type: VisitType, patient: Patient | None = None, **wanted: Any) -> Page:
    after = wanted.pop("after", None)
    criteria = Criteria(visit_type_id=visit_type.pk, **wanted)
    return search_slots(criteria, at=NOW, patient=patient, after=after)


def keys(page: Page) -> list[int]:
    return [found.slot.pk for found in page.slots]


def test_one_statement_reads_slots_however_many_there_are(visit_type: VisitType) -> None:
    patient = PatientFactory.create()
    at(1, visit_type)
    with CaptureQueriesContext(
        connection,
    ) as few:
        find(visit_type, patient)
    role = ProviderRoleFactory.create()
    for number in range(12):
        at(2 + number, visit_type, role)
    with CaptureQueriesContext(connection) as many:
        assert len(find(visit_type, patient).slots) == 13
    # `read_beside` names slots by key only: what it looks for are visits and holds beside them.
    finding = [q["sql"] for q in many.captured_queries if "generate_series" in q["sql"]]
    assert len(finding) == 1
    assert len(many.captured_queries) == len(few.captured_queries) <= 7


def test_pages_neither_lose_nor_repeat_times_that_start_together(visit_type: VisitType) -> None:
    """Sixty slots at three starts: the key decides among those that start together."""
    roles = ProviderRoleFactory.create_batch(3)
    many = [
        Slot(
            role=roles[number % 3],
            visit_type=visit_type,
            starts_at=NOW + DAY + number % 3 * HOUR,
            ends_at=NOW + DAY + number % 3 * HOUR + HOUR / 3,
            source=SOURCE,
            source_id=f"tie-{number}",
        )
        for number in range(60)
    ]
    made = Slot.objects.bulk_create(many)
    found: list[int] = []
    after: Cursor | None = None
    for _ in range(4):
        page = find(visit_type, after=after)
        found += keys(page)
        after = page.after
        if after is None:
            break
        assert Cursor.parse(str(after)) == after
    assert after is None
    assert found == [slot.pk for slot in sorted(made, key=lambda slot: (slot.starts_at, slot.pk))]
    assert PAGE < 60


@pytest.mark.parametrize("text", ["", "x", "2026-11-20_1", "2026-13-40_1_2", "2026-11-20_9e99_2"])
def test_an_address_that_no_page_has_written_is_the_first_page(text: str) -> None:
    assert Cursor.parse(text) is None


def test_sorts_by_the_day_at_the_site_not_by_the_instant(visit_type: VisitType) -> None:
    """11:30 PM in Honolulu is after 1:00 AM of the next day in New York, and the day before."""
    east = ProviderRoleFactory.create(clinic__location__zone="America/New_York")
    west = ProviderRoleFactory.create(clinic__location__zone="Pacific/Honolulu")
    early = at(0, visit_type, east)
    early.starts_at = dt.datetime(2026, 11, 21, 6, tzinfo=dt.UTC)
    early.ends_at = early.starts_at + HOUR
    early.save()
    late = at(1, visit_type, west)
    late.starts_at = dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC)
    late.ends_at = late.starts_at + HOUR
    late.save()
    page = find(visit_type)
    assert [(found.slot, found.day.day) for found in page.slots] == [(late, 20), (early, 21)]


def test_what_lies_within_so_many_miles_and_video_from_anywhere(visit_type: VisitType) -> None:
    near = at(1, visit_type)
    far_role = ProviderRoleFactory.create(
        clinic__location__latitude=32.22, clinic__location__longitude=-110.97
    )  # Tucson, a hundred miles away
    at(2, visit_type, far_role)
    by_video = at(3, visit_type, far_role, modality=Modality.VIDEO)
    page = find(visit_type, place=NEAR, max_miles=20)
    assert [found.slot for found in page.slots] == [near, by_video]
    assert page.slots[0].miles == pytest.approx(0.2, abs=0.1)
    assert page.slots[1].miles is None
    assert find(visit_type).slots[0].miles is None, "from nowhere it is not far, and not near"
    only = find(visit_type, place=NEAR, max_miles=20, modality=Modality.IN_PERSON)
    assert [found.slot for found in only.slots] == [near]


def test_where_a_zip_code_is() -> None:
    phoenix, new, wrong = find_zip("85016-1234"), find_zip("85099"), find_zip("8501")
    assert phoenix is not None
    assert (round(phoenix.latitude, 1), round(phoenix.longitude, 1)) == (33.5, -112.0)
    assert new is not None, "a code that is not there stands where its first three digits do"
    assert wrong is None


def seen_by(role: ProviderRole, patient: Patient, days_ago: int = 90) -> None:
    AppointmentFactory.create(
        patient=patient,
        role=role,
        status=AppointmentStatus.FULFILLED,
        starts_at=NOW - days_ago * DAY,
    )


def test_their_own_clinician_comes_first_within_reason(
    visit_type: VisitType, patient: Patient
) -> None:
    own, other = ProviderRoleFactory.create_batch(2)
    seen_by(other, patient, days_ago=400)
    seen_by(own, patient, days_ago=30)
    sooner = [at(days, visit_type, other) for days in (1, 2)]
    theirs = [at(days, visit_type, own) for days in (3, 4, 5, 6, 20)]
    page = find(visit_type, patient)
    assert [found.slot for found in page.own] == theirs[:3], "at most three, within 14 days"
    assert [found.slot for found in page.slots] == [*sooner, *theirs[3:]], "each of them once"
    assert page.own_provider_id == own.provider_id
    assert all(found.is_own for found in page.own)
    HoldFactory.create(slot=theirs[0], seat=1)
    assert [found.is_held for found in find(visit_type, patient).own] == [True, False, False]
    late = Slot.objects.filter(pk__in=[slot.pk for slot in theirs[:4]])
    late.update(status=SlotStatus.BUSY)
    assert find(visit_type, patient).own == (), "not at the price of more than two weeks"
    alone = find(visit_type, patient, own_clinician=True)
    assert [found.slot for found in alone.slots] == theirs[4:]


def test_nothing_is_pinned_on_the_second_page(visit_type: VisitType, patient: Patient) -> None:
    own = ProviderRoleFactory.create()
    seen_by(own, patient)
    many = [
        Slot(
            role=own,
            visit_type=visit_type,
            starts_at=NOW + DAY + number * HOUR / 2,
            ends_at=NOW + DAY + (number + 1) * HOUR / 2,
            source=SOURCE,
            source_id=f"own-{number}",
        )
        for number in range(40)
    ]
    made = [slot.pk for slot in Slot.objects.bulk_create(many)]
    first = find(visit_type, patient)
    second = find(visit_type, patient, after=first.after)
    assert second.own == ()
    assert [f.slot.pk for f in first.own] + keys(first) + keys(second) == made


def test_days_and_hours_are_the_sites_on_the_night_the_clocks_go_back(
    visit_type: VisitType,
) -> None:
    """1:30 comes twice in Chicago: both are at 1:30, and on that day."""
    role = ProviderRoleFactory.create(clinic__location__zone="America/Chicago")
    saturday = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)
    starts = [dt.datetime(2026, 11, 1, hour, 30, tzinfo=dt.UTC) for hour in (4, 5, 6, 7, 8)]
    for start in starts:  # 11:30 PM on Saturday, 0:30, 1:30, 1:30 and 2:30 on Sunday
        SlotFactory.create(role=role, visit_type=visit_type, starts_at=start)
    wanted = Criteria(
        visit_type_id=visit_type.pk,
        weekdays=frozenset({6}),
        not_before=dt.time(1),
        not_after=dt.time(2),
    )
    page = search_slots(wanted, at=saturday)
    assert [found.slot.starts_at for found in page.slots] == starts[2:4]
    assert {found.day for found in page.slots} == {dt.date(2026, 11, 1)}


@pytest.mark.parametrize(
    ("window", "days"), [(Window.THREE_DAYS, 2), (Window.TWO_WEEKS, 13), (Window.FIRST, 60)]
)
def test_windows_count_from_today_at_the_site(
    visit_type: VisitType, window: Window, days: int
) -> None:
    last = at(days, visit_type)
    at(days + 200, visit_type)
    assert keys(find(visit_type, window=window)) == [last.pk]
    if window is not Window.FIRST:
        Slot.objects.filter(pk=last.pk).update(
            starts_at=last.starts_at + DAY, ends_at=last.ends_at + DAY
        )
        assert keys(find(visit_type, window=window)) == []


def test_a_time_that_somebody_holds_stays_in_sight(visit_type: VisitType) -> None:
    slot = at(1, visit_type)
    hold = HoldFactory.create(slot=slot, seat=1, owner="Dana R.")
    (found,) = find(visit_type).slots
    assert found.is_held
    assert not found.is_open
    assert "Dana R." in found.stopping[0].sentence
    wanted = Criteria(visit_type_id=visit_type.pk)
    (mine,) = search_slots(wanted, at=NOW, own_hold_ids=[hold.pk]).slots
    assert mine.is_open


def test_rules_that_leave_a_page_empty_are_looked_past(
    visit_type: VisitType, patient: Patient
) -> None:
    """Forty visits that the patient has stand in the way: no statement knows, the rules do."""
    busy = [at(1 + number / 48, visit_type) for number in range(3)]
    for slot in busy:
        AppointmentFactory.create(patient=patient, starts_at=slot.starts_at, ends_at=slot.ends_at)
    free = at(9, visit_type)
    assert keys(find(visit_type, patient)) == [free.pk]
    hidden = left_out(Criteria(visit_type_id=visit_type.pk), at=NOW, patient=patient)
    assert [found.slot for found in hidden] == busy
    assert {str(found.stopping[0].rule) for found in hidden} == {"patient-busy"}


def test_coverage_that_a_clinic_does_not_take(visit_type: VisitType, patient: Patient) -> None:
    CoverageFactory.create(patient=patient, payer="Desert Mutual")
    takes, does_not = at(1, visit_type), at(2, visit_type)
    AcceptedCoverageFactory.create(clinic=takes.role.clinic, payer="desert  MUTUAL")
    AcceptedCoverageFactory.create(clinic=does_not.role.clinic, payer="Mesa Care")
    assert keys(find(visit_type, patient)) == [takes.pk]
    assert keys(find(visit_type, payer="Mesa Care")) == [does_not.pk]


def test_what_an_empty_page_is_short_of(visit_type: VisitType, patient: Patient) -> None:
    def short(**wanted: Any) -> tuple[Lack, dict[str, int]]:
        criteria = Criteria(visit_type_id=visit_type.pk, **wanted)
        found = find_shortage(criteria, at=NOW, patient=patient)
        return found.lack, dict(found.hidden)

    assert short() == (Lack.NO_TIMES, {})
    slot = at(1, visit_type, restriction=Restriction.HELD_FOR_REVIEW)
    assert short() == (Lack.HIDDEN, {"held-for-review": 1})
    Slot.objects.filter(pk=slot.pk).update(restriction=Restriction.NONE)
    far = Place(41.9, -87.6, "60601")
    assert short(place=far, max_miles=40, modality=Modality.IN_PERSON) == (Lack.TOO_FAR, {})
    assert short(parts_of_day=frozenset({PartOfDay.EVENING})) == (Lack.WISHES, {})


def test_order_is_by_day_time_and_key(visit_type: VisitType) -> None:
    for days in (3, 1, 2, 1.5, 8):
        at(days, visit_type)
    found = find(visit_type).slots
    assert all(
        (a.day, a.slot.starts_at, a.slot.pk) < (b.day, b.slot.starts_at, b.slot.pk)
        for a, b in pairwise(found)
    )
