"""A call goes from one browser to another, and ends with a press; a callback without script."""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from crm.actions.callbacks import open_callback
from crm.actions.contacts import keep_answer, open_contact
from crm.actions.verifying import verify_contact
from crm.engine import Actor
from crm.engine.events import whom
from crm.live.channel import Notice
from crm.models import Agent, CallAttempt, Handoff, Interaction, Patient, Queue, User, WrapUp
from crm.states import AgentState, Channel, HandoffStatus, IdentifierKind
from tests.browser.conftest import CheckPage, SignIn
from tests.cast import Cast
from tests.crm.live_server import Bus, Server
from tests.factories import TEST, UserFactory

ASKS = "Can you tell her how to get there?"


@pytest.fixture
def call(cast: Cast) -> Interaction:
    """Rosa is on the line with the agent, and verified."""
    at, by = timezone.now(), Actor.user(cast.agent)
    made = open_contact(channel=Channel.VOICE, agent=cast.agent, patient=cast.patient, by=by, at=at)
    said = {IdentifierKind.FULL_NAME: "Rosa Delgado", IdentifierKind.BIRTH_DATE: "1980-03-14"}
    verify_contact(contact_id=made.pk, said=said, by=by, at=at)
    keep_answer(contact=made, key="directions:from", value="Mesa", by=by, at=at)
    return made


@pytest.fixture
def kim(db: None) -> User:
    user: User = UserFactory.create(first_name="Kim", last_name="Lee")
    at = timezone.now()
    Agent.objects.create(user=user, status=AgentState.AVAILABLE, since=at, skills=["es"])
    Queue.objects.create(code="es", name="Spanish", skills=["es"])
    return user


def shot(page: Page, name: str) -> None:
    """For eyes, where somebody asks for it."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def enter(browser: Browser, user: User, live_server: Any, **options: Any) -> Page:
    """A browser of their own."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    value, name = client.cookies[settings.SESSION_COOKIE_NAME].value, settings.SESSION_COOKIE_NAME
    context = browser.new_context(**options)
    context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
    return context.new_page()


def test_from_one_browser_to_another_and_to_its_end(  # noqa: PLR0917 fixtures
    page: Page,
    browser: Browser,
    live_server: Any,
    live: Server,
    bus: Bus,
    sign_in: SignIn,
    cast: Cast,
    kim: User,
    call: Interaction,
) -> None:
    sign_in(kim)
    page.goto(f"{live_server.url}/desk/")
    expect(page.locator("#live")).to_have_attribute("data-state", "open")
    hers = enter(browser, cast.agent, live_server)
    hers.goto(f"{live_server.url}/desk/{call.pk}/")
    expect(hers.get_by_label("Why do they call?")).to_be_focused()
    hers.keyboard.press("Alt+t")
    expect(hers.get_by_role("heading", name="Hand off")).to_be_visible()
    hers.get_by_label("Kim Lee").check()
    hers.get_by_label("What do you ask of them?").fill(ASKS)
    shot(hers, "handoff-dialog")
    hers.get_by_role("button", name="Hand off").click()
    expect(hers.locator("#handoff-state")).to_contain_text("Waiting for Kim Lee")
    shot(hers, "handoff-waiting")
    handoff = Handoff.objects.get()
    bus.publish(Notice(1, "crm.handoff-offered", "crm.handoff", handoff.pk, **whom(handoff)))
    banner = page.locator(".handoff-banner")
    expect(banner).to_contain_text("Agent Cast hands you Rosa Delgado")
    shot(page, "handoff-banner")
    banner.get_by_role("button", name="Accept").click()
    expect(page.locator("#handoff-state")).to_contain_text(ASKS)
    expect(page.locator(".desk-strip")).to_contain_text("Verified")
    call.refresh_from_db()
    assert call.agent == kim
    taken = "crm.contact-taken"
    bus.publish(Notice(2, taken, "crm.interaction", call.pk, contact=call.pk, agent=kim.pk))
    page.get_by_role("link", name="Wrap up").click()
    expect(page.get_by_role("heading", name="Wrap up")).to_be_visible()
    shot(page, "wrap-dialog")
    page.get_by_label("Question answered").check()
    page.get_by_role("button", name="Wrap up").click()
    expect(page.locator("#talk")).to_contain_text("On its way into the EHR")
    shot(page, "wrapped")
    kept = WrapUp.objects.get()
    expect(banner).to_have_count(0)
    assert "Handed to Kim Lee: “Can you tell her how to get there?”" in kept.note
    assert kept.by == kim
    hers.context.close()


def test_the_dialogs_are_clean_at_both_sizes(  # noqa: PLR0917 fixtures
    page: Page,
    live_server: Any,
    as_agent: None,
    kim: User,
    call: Interaction,
    check_page: CheckPage,
) -> None:
    page.goto(f"{live_server.url}/desk/{call.pk}/")
    for name in ("Hand off", "Wrap up"):
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        check_page(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("heading", name=name)).to_be_hidden()


def test_a_nurse_declines_without_script(
    browser: Browser, page: Page, live_server: Any, cast: Cast, call: Interaction
) -> None:
    tab = enter(browser, cast.agent, live_server, java_script_enabled=False)
    tab.goto(f"{live_server.url}/desk/{call.pk}/hand-off/?to=nurse")
    tab.get_by_label("What do you ask of them?").fill(ASKS)
    tab.get_by_role("button", name="Hand off").click()
    expect(tab.locator("#handoff-state")).to_contain_text("Waiting for a nurse")
    tab.context.close()
    tab = enter(browser, cast.nurse, live_server, java_script_enabled=False)
    tab.goto(f"{live_server.url}/desk/")
    tab.get_by_role("link", name="Decline…").click()
    tab.get_by_label("Why").fill("With a patient")
    tab.get_by_role("button", name="Decline").click()
    expect(tab.locator(".handoff-banner")).to_have_count(0)
    handoff = Handoff.objects.get()
    assert (handoff.status, handoff.passed_by) == (HandoffStatus.OFFERED, [cast.nurse.pk])
    tab.context.close()


def test_a_callback_is_clean_and_needs_no_script(
    page: Page, live_server: Any, as_agent: None, cast: Cast, check_page: CheckPage
) -> None:
    Patient.objects.filter(pk=cast.patient.pk).update(zone="America/Phoenix")
    at = timezone.now()
    soon = at + dt.timedelta(hours=1)
    task = open_callback(
        why="Hung up after 1:10.",
        due_at=soon,
        promised_at=soon,
        cause_key="x",
        patient=cast.patient,
        phone=cast.phone,
        by=TEST,
        at=at,
    )
    page.goto(f"{live_server.url}/tasks/{task.pk}/")
    page.get_by_role("link", name="Call back O").click()
    expect(page.get_by_role("heading", name="Call back Rosa Delgado")).to_be_visible()
    shot(page, "callback")
    check_page(page)
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, "callback-390")
    page.get_by_role("button", name="No answer").click()
    expect(page.get_by_text("Written down. Due again")).to_be_visible()
    assert CallAttempt.objects.get().by == cast.agent
