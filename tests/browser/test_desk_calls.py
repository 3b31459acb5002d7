"""Calls at the desk in a browser, by keys: from the ring to the wrap-up, and nothing is loaded."""

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
from crm.models import Agent, Handoff, Patient, PhoneLine, Queue, WrapUp
from crm.rules.calls import CallNews, CallTold
from crm.states import AgentState, HandoffTo
from desk.actions.shipping import add_shipped
from scheduling.models import Appointment, Slot
from scheduling.states import AppointmentStatus
from tests.browser.conftest import CheckPage
from tests.cast import Cast
from tests.crm.live_server import Bus, Server
from tests.factories import TEST, AppointmentFactory, SlotFactory, VisitTypeFactory

ROSA, STRANGER, LINE = "+14805550142", "+15205550199", "+16025550100"
SAID = "3/14/1972 85016"
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
def desk(house: House, page: Page, live_server: Any, live: Server, as_agent: None) -> Page:
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
    bus.publish(Notice(next(_ids), "crm.contact-taken", "crm.interaction", call.interaction_id))
    return call.interaction_id


def know(desk: Page, bus: Bus) -> None:
    """Rosa calls, is chosen by a key, and says when she was born and her ZIP code."""
    ring(bus, ROSA)
    expect(desk.get_by_role("heading", name="Who is it about?")).to_be_visible()
    expect(desk.locator(".desk-side")).not_to_contain_text("Appointments")
    desk.keyboard.press("1")
    expect(desk.locator(".desk-verify input:focus")).to_be_visible()
    desk.keyboard.type(SAID)
    desk.keyboard.press("Enter")
    expect(desk.locator(".desk-strip")).to_contain_text("Verified: birth date")
    expect(desk.locator("#panel-appointments")).to_be_visible()


def say(desk: Page, words: str) -> None:
    """Into the reason, which has the focus."""
    expect(desk.locator("input[name=reason]:focus")).to_be_visible()
    desk.keyboard.type(words)
    desk.keyboard.press("Enter")
    expect(desk.locator(".desk-reason .say")).to_have_text(f"“{words}”")


def wrap_up(desk: Page) -> None:
    """By two keys."""
    desk.keyboard.press("e")
    expect(desk.get_by_role("heading", name="Wrap up")).to_be_visible()
    expect(desk.get_by_role("button", name="Wrap up")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.get_by_label("Wrapped up")).to_be_visible()
    assert desk.evaluate("window.neverLoadedAgain")


def test_the_same_doctor_as_in_january(desk: Page, bus: Bus, house: House) -> None:
    know(desk, bus)
    say(desk, "appointment, same doctor as in January")
    expect(desk.locator(".desk-hold")).to_have_count(1)
    desk.keyboard.press("b")
    expect(desk.get_by_role("button", name="Book")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator(".desk-foot")).to_contain_text("Asked the EHR")
    made = Appointment.objects.get(slot=house.slot)
    assert made.provider == house.coming.provider
    wrap_up(desk)
    assert "Knee follow-up" in WrapUp.objects.get().note


def test_a_visit_is_moved(desk: Page, bus: Bus, house: House) -> None:
    know(desk, bus)
    say(desk, "move my appointment")
    desk.locator("#panel-appointments").get_by_role("link", name="Move").press("Enter")
    expect(desk.locator("#times form[action*='moves=']")).to_have_count(1)
    desk.keyboard.press("b")
    expect(desk.get_by_role("button", name="Move to")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator(".desk-foot")).to_contain_text("Asked the EHR")
    house.coming.refresh_from_db()
    assert house.coming.status == AppointmentStatus.BOOKED  # until the clinic has the new one
    assert Appointment.objects.get(slot=house.slot).patient == house.coming.patient


def test_a_visit_is_cancelled_with_why(desk: Page, bus: Bus, house: House) -> None:
    know(desk, bus)
    say(desk, "cancel, my car broke down")
    desk.locator("#panel-appointments").get_by_role("link", name="Cancel").press("Enter")
    expect(desk.get_by_role("heading", name="Give back")).to_be_visible()
    desk.locator("dialog select[name=code]").select_option(index=1)
    desk.get_by_role("button", name="Give it back").press("Enter")
    expect(desk.locator("#panel-appointments")).to_contain_text("None ahead")
    house.coming.refresh_from_db()
    assert house.coming.status == AppointmentStatus.CANCELLED
    wrap_up(desk)


def test_a_pharmacy_is_answered_without_a_patient(desk: Page, bus: Bus) -> None:
    ring(bus, STRANGER)
    expect(desk.get_by_role("heading", name="Who is it about?")).to_be_visible()
    desk.locator("input[name=reason]").focus()
    say(desk, "pharmacy, about the dose on a script")
    for words in ("Sam, Walgreens on McDowell", "602 555 0133", "Rosa Delgado 3/14/1972"):
        asked = desk.locator(".desk-script .said").last.inner_text()
        desk.locator(".desk-script input[name=said]").focus()
        desk.keyboard.type(words)
        desk.keyboard.press("Enter")
        expect(desk.locator(".desk-script .said").last).not_to_have_text(asked)
    expect(desk.locator("#screen-side")).to_contain_text("Nobody chosen")
    desk.get_by_role("button", name="The prescription itself").press("Enter")
    expect(desk.locator(".desk-script")).to_contain_text("Say yes to nothing")
    desk.keyboard.press("t")
    desk.get_by_label("A nurse").check()
    desk.get_by_label("What do you ask of them?").fill("Which dose is right?")
    desk.locator("dialog").get_by_role("button", name="Hand off").press("Enter")
    expect(desk.locator("#handoff-state")).to_contain_text("Waiting for a nurse")
    assert Handoff.objects.get().to == HandoffTo.NURSE


def test_each_state_of_a_call_is_clean(
    desk: Page, bus: Bus, check_page: CheckPage, house: House
) -> None:
    check_page(desk)
    know(desk, bus)
    say(desk, "appointment, same doctor as in January")
    expect(desk.locator(".desk-hold")).to_have_count(1)
    check_page(desk)


@pytest.mark.long
def test_a_ring_a_danger_and_an_end_are_clean(
    desk: Page, bus: Bus, check_page: CheckPage, house: House
) -> None:
    ring(bus, ROSA)
    expect(desk.get_by_role("heading", name="Who is it about?")).to_be_visible()
    check_page(desk)
    desk.locator("input[name=reason]").focus()
    say(desk, "crushing chest pain")
    expect(desk.get_by_text("This may be an emergency")).to_be_visible()
    check_page(desk)
