"""Whose turn it is, from visits, slots and leave in the database; and setting a ramp."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import AuditEntry
from crm.states import Role
from scheduling.models import (
    Absence,
    Clinic,
    ProviderRamp,
    ProviderRole,
    RampShare,
    Slot,
    VisitType,
)
from scheduling.queries.ramp import suggest_provider
from scheduling.rules.ramp import Turn
from scheduling.states import AppointmentStatus, Restriction
from tests.cast import Cast
from tests.desk.test_task_views import client_of, htmx, text_of
from tests.desk.test_tree_pages import EDITORS, OUTSIDERS, READERS
from tests.factories import (
    NOW,
    AppointmentFactory,
    ClinicFactory,
    ProviderFactory,
    ProviderRoleFactory,
    SlotFactory,
    VisitTypeFactory,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
MONDAY = dt.date(2026, 11, 23)


@pytest.fixture
def clinic(db: None) -> Clinic:
    return ClinicFactory.create(specialty="Family", name="Family, North")


@pytest.fixture
def kind(db: None) -> VisitType:
    return VisitTypeFactory.create(code="FM-NEW", name="New patient", specialty="Family")


def takes_turns(clinic: Clinic, kind: VisitType, **fields: Any) -> ProviderRole:
    """A clinician here for a year, with one free slot on Tuesday of next week."""
    role = ProviderRoleFactory.create(clinic=clinic, provider=ProviderFactory.create())
    given: dict[str, Any] = {
        "started_on": MONDAY - 52 * 7 * DAY,
        "target_panel": 100,
        "weekly_start": 2,
        "weekly_growth": 0,
        "weekly_most": 2,
    }
    ProviderRamp.objects.create(role=role, **(given | fields))
    starts_at = dt.datetime(2026, 11, 24, 17, tzinfo=dt.UTC)
    SlotFactory.create(role=role, visit_type=kind, starts_at=starts_at)
    return role


def turn(kind: VisitType, *, days: int = 7) -> Turn:
    until = MONDAY + days * DAY
    return suggest_provider(
        visit_type_id=kind.pk, from_on=MONDAY, until_on=until, at=NOW, specialty="Family"
    )


def visit(role: ProviderRole, kind: VisitType, *, days: float = 6, **fields: Any) -> None:
    starts_at = NOW + days * DAY
    AppointmentFactory.create(role=role, visit_type=kind, starts_at=starts_at, **fields)


def why(role: ProviderRole, kind: VisitType, **window: int) -> str:
    found = turn(kind, **window)
    return next((each.why for each in found.left_out if each.role_id == role.pk), "")


def test_reads_panels_and_what_was_given_and_shows_the_sum(clinic: Clinic, kind: VisitType) -> None:
    busy, idle = takes_turns(clinic, kind), takes_turns(clinic, kind)
    visit(busy, kind)
    visit(busy, kind, days=-20, status=AppointmentStatus.FULFILLED, booked_at=NOW - 60 * DAY)
    visit(busy, kind, days=6.1, status=AppointmentStatus.CANCELLED)
    found = turn(kind)
    assert [each.role_id for each in found.suggestions] == [idle.pk, busy.pk]
    last = found.suggestions[1]
    assert "Panel of 2, to be 100: lacks 98 of the 198" in last.lines[0].words
    assert [line.points for line in last.lines] == [Decimal("0.99"), Decimal(-1)]
    assert (last.week, last.taken, last.ceiling) == (MONDAY, 1, 2)


def test_a_full_week_and_no_free_time_leave_out(clinic: Clinic, kind: VisitType) -> None:
    full, none = takes_turns(clinic, kind), takes_turns(clinic, kind)
    for hours in (0, 1):
        visit(full, kind, days=6 + hours / 24)
    Slot.objects.filter(role=none).update(restriction=Restriction.ESTABLISHED)
    assert why(full, kind) == "The week of Nov 23 has 2 of at most 2 new patients."
    assert why(none, kind) == "Has no free time for it in these days."


def test_somebody_known_to_the_clinician_is_no_new_patient(clinic: Clinic, kind: VisitType) -> None:
    role = takes_turns(clinic, kind)
    visit(role, kind, days=-40, status=AppointmentStatus.FULFILLED, booked_at=NOW - 60 * DAY)
    known = role.appointments.get().patient
    for hours in (0, 1, 2):
        visit(role, kind, days=6 + hours / 24, patient=known)
    assert turn(kind).suggestions[0].taken == 0


def test_leave_and_a_closed_site_count_by_the_sites_calendar(
    clinic: Clinic, kind: VisitType
) -> None:
    """Phoenix is seven hours behind: its Monday begins at 7:00 UTC."""
    role = takes_turns(clinic, kind)
    monday = dt.datetime(2026, 11, 23, 7, tzinfo=dt.UTC)
    leave = Absence.objects.create(
        provider=role.provider, starts_at=monday, ends_at=monday + 7 * DAY, reason="leave"
    )
    assert why(role, kind) == "On leave until Nov 30."
    Absence.objects.filter(pk=leave.pk).update(starts_at=monday + dt.timedelta(hours=2))
    assert turn(kind).suggestions[0].role_id == role.pk  # part of a day leaves time
    Absence.objects.filter(pk=leave.pk).update(
        provider=None, location=clinic.location, starts_at=monday
    )
    assert why(role, kind) == "On leave until Nov 30."


@pytest.mark.parametrize("role", [*READERS, *OUTSIDERS, None])
def test_the_care_team_sees_it_and_managers_set_it(
    cast: Cast, clinic: Clinic, kind: VisitType, role: Role | None
) -> None:
    client = client_of(cast.staff(role) if role else cast.outsider)
    mine = takes_turns(clinic, kind)
    assert client.get(reverse("desk:ramp")).status_code == (200 if role in READERS else 403)
    edit = reverse("desk:ramp-edit", args=[mine.pk])
    assert client.get(edit).status_code == (200 if role in EDITORS else 403)
    if role not in EDITORS:
        assert client.post(edit, {"target_panel": 5}).status_code == 403
        assert ProviderRamp.objects.get().target_panel == 100


def test_the_page_says_who_is_next_and_why(cast: Cast, clinic: Clinic, kind: VisitType) -> None:
    client, role = client_of(cast.agent), takes_turns(clinic, kind)
    asked: dict[str, Any] = {"visit_type": kind.pk, "since": "2026-11-23", "until": "2026-11-27"}
    page = text_of(client.get(reverse("desk:ramp"), asked, headers=htmx()))
    assert str(role) in page
    assert "week of Nov 23: 0 of at most 2" in page
    assert "+1.00" in page
    for until, says in (("2026-11-01", "must not come before"), ("2027-11-01", "at most 92 days")):
        wrong = client.get(reverse("desk:ramp"), asked | {"until": until})
        assert (wrong.status_code, says in text_of(wrong)) == (422, True)


def test_a_ramp_is_set_with_its_mix(cast: Cast, clinic: Clinic, kind: VisitType) -> None:
    client, role = client_of(cast.manager), takes_turns(clinic, kind)
    other = ProviderRoleFactory.create(clinic=clinic, provider=ProviderFactory.create())
    body = {
        "started_on": "2026-11-23",
        "target_panel": "900",
        "weekly_start": "3",
        "weekly_growth": "2",
        "weekly_most": "12",
        "is_active": "on",
        f"mix_{kind.pk}": "3",
    }
    for each in (role, other):
        assert client.post(reverse("desk:ramp-edit", args=[each.pk]), body).status_code == 302
    shares = RampShare.objects.values_list("ramp__role", "visit_type", "weight").order_by("ramp")
    assert sorted(shares) == sorted([(role.pk, kind.pk, 3), (other.pk, kind.pk, 3)])
    assert ProviderRamp.objects.get(role=role).weekly_most == 12
    assert AuditEntry.objects.filter(verb="scheduling.providerramp.set").count() == 2
    refused = client.post(reverse("desk:ramp-edit", args=[role.pk]), body | {"weekly_most": "2"})
    assert (refused.status_code, "cannot be fewer" in text_of(refused)) == (422, True)
    assert ProviderRamp.objects.get(role=role).weekly_most == 12
    assert "sign-in" in Client().get(reverse("desk:ramp"))["Location"]
