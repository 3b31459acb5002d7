"""The wave that waits for a person, the shadow report and each figure's rows, and the switch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from crm.engine import Actor
from crm.models import AuditEntry, Task
from scheduling.models import Appointment, Clinic
from scheduling.states import AppointmentStatus, FillMode, SlotStatus
from tests.cast import Cast
from tests.fakes.sms import FakeSms
from tests.waitlist.opening_desk import Desk, looks, words
from tests.waitlist.scene import Scene
from waitlist.actions import skip_person
from waitlist.models import Opening, PlannedOffer, PlannedWave
from waitlist.states import PlanStatus
from waitlist.texts import shown_of

either_way = pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])


def freed(scene: Scene, mode: FillMode) -> Opening:
    Clinic.objects.update(mode=mode)
    for name in ("Ana", "Beatriz", "Carla"):
        scene.add_candidate(given_name=name, family_name="Quintero")
    return scene.free()


@pytest.fixture
def plan(scene: Scene) -> Iterator[PlannedWave]:
    """A wave that waits for a person; the clock stands still."""
    opening = freed(scene, FillMode.CLERK_CONFIRMED)
    with time_machine.travel(scene.at, tick=False):
        yield PlannedWave.objects.get(opening=opening)


@pytest.fixture
def watched(scene: Scene) -> Iterator[Opening]:
    """An opening in shadow mode; the clock stands still."""
    made = freed(scene, FillMode.SHADOW)
    with time_machine.travel(scene.at, tick=False):
        yield made


def posts(plan: PlannedWave) -> list[tuple[str, dict[str, str]]]:
    person = plan.people.all()[0]
    shown = shown_of(plan.people.values_list("pk", flat=True))
    return [
        (reverse("waitlist:plan-skip", args=[plan.opening_id, plan.pk, person.pk]), {}),
        (reverse("waitlist:plan-send", args=[plan.opening_id, plan.pk]), {"shown": shown}),
        (reverse("waitlist:plan-not-now", args=[plan.opening_id, plan.pk]), {}),
    ]


def state() -> list[Any]:
    return [
        list(PlannedWave.objects.values_list("pk", "status")),
        list(PlannedOffer.objects.values_list("pk", "skipped_at")),
        list(Task.objects.values_list("pk", "status")),
        list(Clinic.objects.values_list("pk", "mode")),
        len(FakeSms.texts),
    ]


# --- the wave that waits ---------------------------------------------------------------


@either_way
@pytest.mark.parametrize("name", ["agent", "nurse", "marketing", "integration", "outsider"])
def test_those_who_do_not_own_the_schedule_send_nothing(
    plan: PlannedWave, cast: Cast, name: str, htmx: bool
) -> None:
    before = state()
    for address, data in posts(plan):
        assert Desk(getattr(cast, name)).post(address, data, htmx=htmx).status_code == 403
        assert Desk(cast.front_desk).get(address).status_code == 405
    assert state() == before


def test_shows_whom_it_would_ask_and_what_they_would_read(plan: PlannedWave, fiona: Desk) -> None:
    page = fiona.get(reverse("waitlist:opening", args=[plan.opening_id]))
    said = words(page)
    assert "Waits for you to send it" in said
    assert plan.why in said
    assert "Reply YES or NO" in said
    assert "/o/…" in said
    size = plan.people.count()
    assert f"Send to {size} " in said
    assert "1 Live 1 To send" in words(fiona.get(reverse("waitlist:openings")))
    agent = words(fiona.get(reverse("waitlist:openings") + "?state=to-send"))
    assert "A wave waits to be sent" in agent


@either_way
def test_sends_skips_and_puts_off(plan: PlannedWave, fiona: Desk, cast: Cast, htmx: bool) -> None:
    skip, send, _ = posts(plan)
    expected = 200 if htmx else 302
    assert fiona.post(*skip, htmx=htmx).status_code == expected
    skipped = PlannedOffer.objects.get(skipped_at__isnull=False)
    assert skipped.skipped_by == cast.front_desk.get_full_name()
    assert fiona.post(*send, htmx=htmx).status_code == 409  # not as it was shown
    plan.refresh_from_db()
    assert plan.status == PlanStatus.WAITING
    left = plan.people.filter(skipped_at__isnull=True).values_list("pk", flat=True)
    response = fiona.post(send[0], {"shown": shown_of(left)}, htmx=htmx)
    assert response.status_code == expected
    plan.refresh_from_db()
    assert (plan.status, plan.settled_by) == (PlanStatus.SENT, cast.front_desk.get_full_name())
    assert fiona.post(*posts(plan)[2], htmx=htmx).status_code == 409
    trail = AuditEntry.objects.get(verb="waitlist.plannedwave.moved", to_status="sent")
    assert trail.actor_id == cast.front_desk.pk


@either_way
def test_says_so_when_nobody_of_them_may_be_asked_now(
    plan: PlannedWave, fiona: Desk, htmx: bool
) -> None:
    people = plan.people.values("candidate__patient")
    Appointment.objects.filter(patient__in=people).update(status=AppointmentStatus.FULFILLED)
    response = fiona.post(*posts(plan)[1], htmx=htmx)
    assert response.status_code == 409
    assert "Nobody of them may be asked now: No longer waits" in words(response)


def test_puts_off_and_finds_only_its_own_plan(plan: PlannedWave, fiona: Desk) -> None:
    elsewhere = reverse("waitlist:plan-send", args=[plan.opening_id + 1, plan.pk])
    assert fiona.post(elsewhere, {}, htmx=False).status_code == 404
    assert fiona.post(*posts(plan)[2], htmx=False).status_code == 302
    plan.refresh_from_db()
    assert plan.status == PlanStatus.PUT_OFF


# --- the shadow report -----------------------------------------------------------------

REPORT = "/openings/report/"


def test_an_opening_in_shadow_says_that_nobody_is_told(watched: Opening, fiona: Desk) -> None:
    said = words(fiona.get(reverse("waitlist:opening", args=[watched.pk])))
    assert "Shadow: nobody is told anything" in said
    assert "Who would have been asked" in said
    assert "Send to" not in said


def test_reports_by_clinic_and_every_figure_opens(
    watched: Opening, scene: Scene, fiona: Desk
) -> None:
    asked = PlannedOffer.objects.count()
    said = words(fiona.get(REPORT))
    assert f"1 times freed 1 with somebody to ask {asked} offers" in said
    assert "1 still to come" in said
    scene.settle(hours=1)
    scene._visit(scene.add_candidate(), scene.slot)  # by staff, in the EHR
    Appointment.objects.filter(slot=scene.slot, status="booked").update(booked_at=scene.at)
    figures = {"openings": 1, "with-people": 1, "filled": 1, "unused": 0, "closed": 0, "to-come": 0}
    for figure, number in figures.items():
        rows = fiona.get(f"{REPORT}openings/?figure={figure}&since=2026-11-01&until=2026-11-30")
        assert rows.content.decode().count(f"/openings/{watched.pk}/") == number, figure
    assert "Staff took a median of 1 h" in words(fiona.get(REPORT))
    assert looks() == [] or all("report" not in what for _, _, what in looks())


def test_counts_what_passed_unused(watched: Opening, cast: Cast) -> None:
    with time_machine.travel(watched.starts_at + dt.timedelta(hours=1), tick=False):
        said = words(Desk(cast.front_desk).get(REPORT))
    assert "1 passed unused" in said
    assert "time passed unused although somebody would have been asked" in said
    assert "42 days sooner" in said


def test_a_period_elsewhere_is_empty_and_a_wrong_one_is_said(watched: Opening, fiona: Desk) -> None:
    assert "0 times freed" in words(fiona.get(f"{REPORT}?since=2026-01-01&until=2026-01-31"))
    wrong = fiona.get(f"{REPORT}?since=2026-02-01&until=2026-01-01")
    assert wrong.status_code == 422
    assert "It ends before it begins." in words(wrong)


def test_exports_both_and_notes_who_looked_at_whom(
    watched: Opening, fiona: Desk, agent: Desk, cast: Cast
) -> None:
    summary = fiona.get(f"{REPORT}report.csv").content.decode()
    assert "Shadow,1,1," in summary
    assert "Quintero" not in summary
    rows = fiona.get(f"{REPORT}openings/?csv=1").content.decode()
    assert str(watched.pk) in rows
    assert looks() == []
    people = fiona.get(f"{REPORT}offers/?csv=1").content.decode()
    assert "Quintero" in people
    assert AuditEntry.objects.filter(verb="waitlist.shadow.exported").exists()
    assert "Quintero" in words(fiona.get(f"{REPORT}offers/"))
    assert {who for who, _, what in looks() if what == "shadow report"} == {cast.front_desk.pk}
    before = AuditEntry.objects.count()
    assert agent.get(f"{REPORT}offers/").status_code == 403
    assert Desk(cast.marketing).get(REPORT).status_code == 403
    assert AuditEntry.objects.count() == before


# --- the switch ------------------------------------------------------------------------


def test_an_administrator_switches_a_mode_and_others_do_not(scene: Scene, cast: Cast) -> None:
    address = reverse("waitlist:clinic-mode", args=[scene.role.clinic_id])
    wanted = {"mode": "shadow", "reason": "We try it for two weeks"}
    before = state()
    for name in ("agent", "front_desk", "manager", "marketing", "outsider"):
        assert Desk(getattr(cast, name)).post(address, wanted, htmx=False).status_code == 403
    assert state() == before
    admin = Desk(cast.admin)
    assert "Never changed." in words(admin.get(address))
    assert admin.post(address, {"mode": "loud"}, htmx=False).status_code == 422
    assert state() == before
    assert admin.post(address, wanted, htmx=False).status_code == 302
    assert Clinic.objects.get().mode == FillMode.SHADOW
    said = words(admin.get(address))
    assert "Automatic to Shadow · Admin Cast" in said
    assert "We try it for two weeks" in said
    assert "Change…" in words(admin.get(REPORT))
    assert "Change…" not in words(Desk(cast.manager).get(REPORT))


def test_taken_slots_close_with_the_words_of_the_desk(
    watched: Opening, scene: Scene, fiona: Desk
) -> None:
    scene.ehr_says(scene.slot, SlotStatus.BLOCKED)
    scene.settle()
    assert "1 blocked or moved" in words(fiona.get(REPORT))
    person = PlannedOffer.objects.all()[0]
    with pytest.raises(Exception, match="no longer waits"):
        skip_person(planned_id=person.pk, by=Actor.system("test"), at=scene.at)
