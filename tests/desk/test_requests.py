"""A requested visit on its task: booked in the EHR, or not possible; and a wave to send."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.urls import reverse

from crm.models import Task
from crm.states import TaskKind, TaskStatus
from scheduling.models import Appointment, Clinic
from scheduling.states import AppointmentStatus, FillMode
from tests.cast import Cast
from tests.fakes.sms import carrier
from tests.waitlist.conftest import scene
from tests.waitlist.opening_desk import Desk, words
from tests.waitlist.scene import Scene
from tests.waitlist.test_requests import ask

__all__ = ["carrier", "scene"]
either_way = pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])


@pytest.fixture
def task(scene: Scene) -> Iterator[Task]:
    ask(scene)
    with time_machine.travel(scene.at, tick=False):
        yield Task.objects.get(kind=TaskKind.CONFIRM_REQUEST)


def to(task: Task, name: str) -> str:
    return reverse(f"desk:task-{name}", args=[task.pk])


@pytest.mark.parametrize("name", ["marketing", "integration", "outsider"])
def test_refuses_those_who_work_no_tasks(task: Task, cast: Cast, name: str) -> None:
    for part, data in (("booked", {}), ("not-possible", {"why": "taken"})):
        assert Desk(getattr(cast, name)).post(to(task, part), data, htmx=True).status_code == 403
    assert requested_of(task).status == AppointmentStatus.REQUESTED


def requested_of(task: Task) -> Appointment:
    return Appointment.objects.get(patient=task.patient_id, origin="firstcall")


def test_says_what_was_requested_and_until_when_it_is_waited_for(task: Task, cast: Cast) -> None:
    said = words(Desk(cast.agent).get(reverse("desk:task", args=[task.pk])))
    assert "the patient waits until" in said
    assert "It replaces their later visit" in said
    assert "Booked in the EHR…" in said
    assert "Nothing to do…" not in said


@either_way
def test_booked_tells_the_patient(task: Task, scene: Scene, cast: Cast, htmx: bool) -> None:
    desk = Desk(cast.agent)
    assert "Number of the visit" in words(desk.get(to(task, "booked"), htmx=htmx))
    taken = desk.post(to(task, "booked"), {"number": scene.visit.source_id}, htmx=htmx)
    assert taken.status_code == 422
    assert "Another visit has that number." in words(taken)
    done = desk.post(to(task, "booked"), {"number": "EPIC-77"}, htmx=htmx)
    assert done.status_code == (200 if htmx else 302)
    assert requested_of(task).source_id == "EPIC-77"
    scene.settle()
    assert scene.texts_to(requested_of(task).patient)[-1].startswith("offer_confirmed")
    task.refresh_from_db()
    assert task.status == TaskStatus.DONE
    assert desk.post(to(task, "booked"), {}, htmx=htmx).status_code == 409


@either_way
def test_not_possible_needs_a_reason(task: Task, cast: Cast, htmx: bool) -> None:
    desk = Desk(cast.agent)
    assert desk.post(to(task, "not-possible"), {}, htmx=htmx).status_code == 422
    assert requested_of(task).status == AppointmentStatus.REQUESTED
    data = {"why": "taken", "note": "by a walk-in"}
    done = desk.post(to(task, "not-possible"), data, htmx=htmx)
    assert done.status_code == (200 if htmx else 302)
    assert requested_of(task).status == AppointmentStatus.REFUSED
    task.refresh_from_db()
    assert task.status == TaskStatus.CANCELLED


def test_is_not_simply_closed_while_it_waits(task: Task, cast: Cast) -> None:
    desk = Desk(cast.agent)
    for part in ("done", "nothing"):
        response = desk.post(to(task, part), {"was": "requested:", "note": "x"}, htmx=False)
        assert response.status_code == 409
        assert "Say instead whether it is booked" in words(response)
    assert desk.get(reverse("desk:task-booked", args=[task.pk + 1])).status_code == 404


def test_a_wave_to_send_leads_to_its_opening(scene: Scene, cast: Cast) -> None:
    Clinic.objects.update(mode=FillMode.CLERK_CONFIRMED)
    scene.add_candidate()
    opening = scene.free()
    with time_machine.travel(scene.at, tick=False):
        task = Task.objects.get(kind=TaskKind.SEND_WAVE)
        page = Desk(cast.front_desk).get(reverse("desk:task", args=[task.pk]))
        assert f"/openings/{opening.pk}/" in page.content.decode()
        assert "A wave for 1 person" in words(page)
        data = {"was": "requested:"}
        response = Desk(cast.front_desk).post(to(task, "done"), data, htmx=False)
        assert "Send the wave, or say not now" in words(response)
