"""A small house at the desk: an agent who listens, Rosa who calls, and a free time for her."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm.actions.calls import hear_call
from crm.live.channel import Notice
from crm.models import Agent, Patient, PhoneLine, Queue
from crm.rules.calls import CallNews, CallTold
from crm.states import AgentState
from desk.actions.shipping import add_shipped
from scheduling.models import Appointment, Slot
from scheduling.states import AppointmentStatus
from tests.cast import Cast
from tests.crm.live_server import Bus, Server
from tests.factories import TEST, AppointmentFactory, SlotFactory, VisitTypeFactory

ROSA, STRANGER, LINE = "+14805550142", "+15205550199", "+16025550100"
_ids = count(1)


@dataclass(frozen=True, slots=True)
class House:
    """Free times with whom Rosa saw in January, and a visit that she has."""

    slot: Slot
    coming: Appointment


@pytest.fixture
def house(cast: Cast) -> House:
    at = timezone.now()
    add_shipped(at=at)
    Patient.objects.filter(pk=cast.patient.pk).update(
        birth_on=dt.date(1972, 3, 14), postal_code="85016"
    )
    Agent.objects.create(
        user=cast.agent, status=AgentState.AVAILABLE, since=at, extension="201", skills=[]
    )
    queue = Queue.objects.create(code="main", name="Main")
    PhoneLine.objects.create(number=LINE, name="Main line", queue=queue)
    hour = at.replace(minute=0, second=0, microsecond=0)
    slot = SlotFactory.create(
        visit_type=VisitTypeFactory.create(name="Knee follow-up"),
        starts_at=hour + dt.timedelta(days=7),
    )
    januaries = (dt.datetime(year, 1, 22, 17, tzinfo=dt.UTC) for year in (at.year, at.year - 1))
    january = next(day for day in januaries if day < at)
    return House(slot, _visits(cast.patient, slot, january, hour + dt.timedelta(days=30)))


def _visits(patient: Patient, slot: Slot, then: dt.datetime, ahead: dt.datetime) -> Appointment:
    """One with that clinician then, and the next one, which is returned."""
    made = [
        AppointmentFactory.create(
            patient=patient,
            role=slot.role,
            visit_type=slot.visit_type,
            starts_at=starts_at,
            status=status,
            booked_at=then - dt.timedelta(days=9),
        )
        for starts_at, status in (
            (then, AppointmentStatus.FULFILLED),
            (ahead, AppointmentStatus.BOOKED),
        )
    ]
    visit: Appointment = made[1]
    return visit


@pytest.fixture
def listening(house: House, page: Page, live_server: Any, live: Server, as_agent: None) -> Page:
    """The screen of an agent who is free, listening."""
    page.goto(f"{live_server.url}/desk/")
    expect(page.locator("#live")).to_have_attribute("data-state", "open", timeout=15_000)
    page.evaluate("window.neverLoadedAgain = true")
    return page


def ring(bus: Bus, number: str) -> int:
    """The telephone rings and the agent picks up; returns the contact."""
    key, at = uuid.uuid4().hex, timezone.now()
    rings: dict[str, Any] = {"news": CallNews.RANG, "caller": number, "called": LINE}
    answers: dict[str, Any] = {"news": CallNews.ANSWERED, "extension": "201"}
    hear_call(told=CallTold(source="test", source_id=key, at=at, **rings), at=at, by=TEST)
    told = CallTold(source="test", source_id=key, at=at, **answers)
    call = hear_call(told=told, at=at, by=TEST)
    say_taken(bus, call.interaction_id, agent=call.interaction.agent_id)
    return call.interaction_id


def say_taken(bus: Bus, contact_id: int, *, agent: int | None) -> None:
    """As the live stream tells that somebody has the contact."""
    bus.publish(Notice(next(_ids), "crm.contact-taken", "crm.interaction", contact_id, agent=agent))
