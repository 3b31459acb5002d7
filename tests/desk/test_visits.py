"""The page of a visit and the page of visits to work on: seen, acted on, denied."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.engine import Actor
from crm.models import AuditEntry, User
from crm.states import Role
from scheduling.actions import reschedule_appointment
from scheduling.models import Appointment, Clearance, Estimate, PatientRestriction, WorkersComp
from scheduling.states import AppointmentStatus, CancelReason, RestrictionStatus
from tests.cast import Cast
from tests.factories import (
    NOW,
    AppointmentFactory,
    ClearanceFactory,
    EhrWriteFactory,
    EstimateFactory,
    PatientRestrictionFactory,
    ProviderRoleFactory,
    SlotFactory,
    VisitTypeFactory,
)

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
TABS = ("referrals", "authorizations", "estimates", "limits", "moves")


def visit_at(starts_at: dt.datetime = NOW + dt.timedelta(days=3), **fields: Any) -> Appointment:
    role = ProviderRoleFactory.create()
    return AppointmentFactory.create(
        role=role,
        provider=role.provider,
        location=role.clinic.location,
        starts_at=starts_at,
        **fields,
    )


def press(
    client: Client, user: User, visit: Appointment, what: str, *, htmx: Any = False, **sent: str
) -> Any:
    client.force_login(user)
    url = reverse("desk:visit-act", args=[visit.pk, what])
    return client.post(url, sent, headers=HTMX if htmx else {})


def status_of(visit: Appointment) -> str:
    visit.refresh_from_db()
    return visit.status


def test_shows_the_visit_and_writes_the_look_down(client: Client, cast: Cast) -> None:
    visit = visit_at()
    client.force_login(cast.agent)
    page = client.get(reverse("desk:visit", args=[visit.pk]))
    text = page.content.decode()
    assert page.status_code == 200
    assert str(visit.patient) in text
    assert f"?moves={visit.pk}" in text
    assert "In time to cancel until" in text
    assert AuditEntry.objects.filter(
        verb="crm.patient.viewed", patient_id=visit.patient_id, actor_id=cast.agent.pk
    ).exists()
    assert client.get(reverse("desk:visit", args=[0])).status_code == 404


@pytest.mark.parametrize("htmx", [False, True])
def test_cancels_with_a_reason_and_takes_it_back(client: Client, cast: Cast, htmx: bool) -> None:
    visit = visit_at()
    wrong = press(client, cast.agent, visit, "cancel", htmx=htmx)
    assert wrong.status_code == 422
    assert "Choose why" in wrong.content.decode()
    assert status_of(visit) == AppointmentStatus.BOOKED

    done = press(client, cast.agent, visit, "cancel", htmx=htmx, code="no-ride", note="bus")
    assert done.status_code == (200 if htmx else 302)
    assert status_of(visit) == AppointmentStatus.CANCELLED
    assert (visit.cancel_code, visit.cancel_reason) == (CancelReason.NO_RIDE, "No ride: bus")

    press(client, cast.agent, visit, "take-back-cancel", htmx=htmx)
    assert status_of(visit) == AppointmentStatus.BOOKED


@pytest.mark.parametrize("htmx", [False, True])
def test_says_409_with_how_it_stands(client: Client, cast: Cast, htmx: bool) -> None:
    visit = visit_at(status=AppointmentStatus.FULFILLED)
    answer = press(client, cast.front_desk, visit, "check-in", htmx=htmx)
    assert answer.status_code == 409
    assert "cannot be checked in" in answer.content.decode()
    assert status_of(visit) == AppointmentStatus.FULFILLED


def test_the_visits_day_step_by_step(client: Client, cast: Cast) -> None:
    visit = visit_at(NOW - dt.timedelta(minutes=30))
    fiona = cast.front_desk
    late = press(client, fiona, visit, "check-in")
    assert late.status_code == 409
    assert "30 minutes late" in late.content.decode()
    for what, sent, status in (
        ("check-in", {"outcome": "squeezed-in"}, AppointmentStatus.ARRIVED),
        ("undo-check-in", {}, AppointmentStatus.BOOKED),
        ("no-show", {}, AppointmentStatus.NO_SHOW),
        ("no-show", {"because": "weather"}, AppointmentStatus.NO_SHOW),
        ("undo-no-show", {}, AppointmentStatus.BOOKED),
    ):
        press(client, fiona, visit, what, **sent)
        assert status_of(visit) == status
    assert client.get(reverse("desk:visit", args=[visit.pk])).status_code == 200


@pytest.mark.parametrize(
    ("role", "what"),
    [
        (Role.MARKETING, "cancel"),
        (Role.INTEGRATION, "check-in"),
        (Role.AGENT, "check-in"),
        (Role.AGENT, "no-show"),
        (Role.AGENT, "claim"),
        (Role.NURSE, "clearance"),
    ],
)
def test_denied_nothing_changes(client: Client, cast: Cast, role: Role, what: str) -> None:
    visit = visit_at(NOW - dt.timedelta(minutes=5))
    before = AuditEntry.objects.count()
    answer = press(client, cast.staff(role), visit, what, code="sick", kind="referral", to="asked")
    assert answer.status_code == 403
    assert status_of(visit) == AppointmentStatus.BOOKED
    assert AuditEntry.objects.count() == before


def test_wrong_methods_and_unknown_acts(client: Client, cast: Cast) -> None:
    visit = visit_at()
    client.force_login(cast.manager)
    assert client.get(reverse("desk:visit-act", args=[visit.pk, "cancel"])).status_code == 405
    assert client.post(reverse("desk:visit", args=[visit.pk])).status_code == 405
    assert client.post(reverse("desk:visit-act", args=[visit.pk, "paint"])).status_code == 404


def test_keeps_papers_and_says_what_they_lack(client: Client, cast: Cast) -> None:
    visit, manager = visit_at(), cast.manager
    sent = {"kind": "authorization", "to": "received"}
    lacks = press(client, manager, visit, "clearance", **sent)
    assert lacks.status_code == 409
    assert not Clearance.objects.exists()
    press(client, manager, visit, "clearance", **sent, number="A-17", valid_until_on="2026-11-19")
    row = Clearance.objects.get()
    assert row.number == "A-17"
    assert (
        "Does not cover the day"
        in client.get(reverse("desk:visit", args=[visit.pk])).content.decode()
    )
    claim = {"claim_number": "WC-1", "injured_on": "2026-11-01", "adjuster": "Lee Park"}
    press(client, manager, visit, "claim", **claim)
    assert WorkersComp.objects.get().claim_number == "WC-1"
    press(client, manager, visit, "ask-estimate")
    press(client, manager, visit, "estimate", amount="120.50")
    assert Estimate.objects.get().given_by == Actor.user(manager).label


def test_a_half_done_move_is_finished_or_taken_back_from_its_page(
    client: Client, cast: Cast
) -> None:
    old = visit_at()
    slot = SlotFactory.create(visit_type=old.visit_type, starts_at=NOW + dt.timedelta(days=9))
    new = reschedule_appointment(
        appointment_id=old.pk, slot_id=slot.pk, by=Actor.user(cast.agent), at=NOW
    )
    page = client.get  # the page of the old one says where it goes
    client.force_login(cast.agent)
    assert "Take it back" in page(reverse("desk:visit", args=[old.pk])).content.decode()
    press(client, cast.agent, new, "take-back-move")
    assert status_of(old) == AppointmentStatus.BOOKED
    assert status_of(new) == AppointmentStatus.CANCELLED
    again = press(client, cast.agent, new, "finish-move")
    assert again.status_code == 409


def something_in_every_tab() -> PatientRestriction:
    ClearanceFactory.create(appointment=visit_at())
    visit_at(visit_type=VisitTypeFactory.create(needs_authorization=True))
    EstimateFactory.create(appointment=visit_at())
    old = visit_at(
        status=AppointmentStatus.CANCELLED,
        cancelled_at=NOW - dt.timedelta(hours=1),
        cancelled_by="patient",
    )
    visit_at(gives_up=old, patient=old.patient)
    EhrWriteFactory.create(appointment=old, operation="cancel", status="refused", answer="HTTP 409")
    limit: PatientRestriction = PatientRestrictionFactory.create()
    return limit


def test_each_tab_shows_and_exports_what_is_to_be_done(client: Client, cast: Cast) -> None:
    something_in_every_tab()
    client.force_login(cast.manager)
    for tab in TABS:
        page = client.get(reverse("desk:visit-work"), {"tab": tab})
        assert page.content.decode().count('<li class="item">') == 1, tab
        sheet = client.get(reverse("desk:visit-work-export"), {"tab": tab})
        assert len(sheet.content.decode().splitlines()) == 2, tab
    assert client.get(reverse("desk:visit-work"), {"tab": "nonsense"}).status_code == 200


def test_a_manager_decides_a_limit_with_a_reason_and_nobody_else(
    client: Client, cast: Cast
) -> None:
    limit = something_in_every_tab()
    url = reverse("desk:limit-decide", args=[limit.pk, "approve"])
    for user, why, status in (
        (cast.agent, "three times", 403),
        (cast.manager, "", 422),
        (cast.manager, "three times", 302),
        (cast.manager, "again", 409),
    ):
        client.force_login(user)
        assert client.post(url, {"why": why}).status_code == status
    limit.refresh_from_db()
    assert (limit.status, limit.decision) == (RestrictionStatus.APPROVED, "three times")
