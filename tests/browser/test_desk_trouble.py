"""What may go wrong at the desk: two at once, a session that ends, a lost line."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from crm.actions.contacts import identify_contact, open_contact
from crm.actions.verifying import verify_contact
from crm.engine import Actor
from crm.models import Agent, Interaction, Patient, Queue, QueueEntry, User
from crm.states import AgentState, Channel, EntryStatus, IdentifierKind
from desk.actions.shipping import add_shipped
from scheduling.models import Hold, Slot
from scheduling.states import HoldStatus
from tests.browser.conftest import SignIn
from tests.cast import Cast
from tests.crm.live_server import Server
from tests.factories import SlotFactory, UserFactory, reachable_patient

PASSWORD = "correct-horse-battery"


@pytest.fixture
def kim(cast: Cast) -> User:
    """A second agent; both are at the desk."""
    user: User = UserFactory.create(first_name="Kim", last_name="Lee")
    for one in (cast.agent, user):
        Agent.objects.create(user=one, status=AgentState.AVAILABLE, since=timezone.now())
    return user


def enter(browser: Browser, user: User, live_server: Any) -> Page:
    """A browser of their own."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    name = settings.SESSION_COOKIE_NAME
    value = client.cookies[name].value
    context: BrowserContext = browser.new_context()
    context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
    return context.new_page()


def on_the_line(agent: User, patient: Patient) -> Interaction:
    """A verified call of theirs."""
    at, by = timezone.now(), Actor.user(agent)
    made = open_contact(channel=Channel.VOICE, agent=agent, by=by, at=at)
    identify_contact(contact_id=made.pk, patient=patient, by=by, at=at)
    said = {IdentifierKind.FULL_NAME: str(patient), IdentifierKind.BIRTH_DATE: "1980-03-14"}
    verify_contact(contact_id=made.pk, said=said, by=by, at=at)
    return made


def test_one_of_two_agents_gets_whoever_waits(  # noqa: PLR0917 fixtures
    page: Page, browser: Browser, live_server: Any, sign_in: SignIn, cast: Cast, kim: User
) -> None:
    at = timezone.now()
    waits = open_contact(channel=Channel.SMS, patient=cast.patient, by=Actor.user(kim), at=at)
    entry = QueueEntry.objects.create(
        queue=Queue.objects.create(code="main", name="Main"),
        interaction=waits,
        entered_at=at,
        answer_by=at + dt.timedelta(minutes=2),
    )
    sign_in(cast.agent)
    hers = enter(browser, kim, live_server)
    for tab in (page, hers):
        tab.goto(f"{live_server.url}/desk/")
        expect(tab.locator(f"#entry-{entry.pk}")).to_be_visible()
    hers.get_by_role("button", name="Rosa Delgado").press("Enter")
    expect(hers.locator("#talk")).to_have_attribute("data-contact", str(waits.pk))
    page.get_by_role("button", name="Rosa Delgado").press("Enter")
    expect(page.locator("#screen-left").get_by_role("alert").first).to_contain_text("Kim Lee")
    expect(page.locator(f"#entry-{entry.pk}")).to_have_count(0)
    expect(page.get_by_text("No contact in hand")).to_be_visible()
    entry.refresh_from_db()
    assert (entry.status, entry.claimed_by) == (EntryStatus.CLAIMED, kim)
    hers.context.close()


def test_one_of_two_agents_gets_the_time(  # noqa: PLR0917 fixtures
    page: Page, browser: Browser, live_server: Any, sign_in: SignIn, cast: Cast, kim: User
) -> None:
    slot: Slot = SlotFactory.create(starts_at=timezone.now() + dt.timedelta(days=7))
    mine = on_the_line(cast.agent, cast.patient)
    other = on_the_line(kim, reachable_patient(given_name="Ana", family_name="Soto"))
    sign_in(cast.agent)
    hers = enter(browser, kim, live_server)
    tabs = {page: mine, hers: other}
    for tab, contact in tabs.items():
        tab.goto(f"{live_server.url}/desk/{contact.pk}/?visit_type={slot.visit_type_id}")
        expect(tab.locator(f"#hold-{slot.pk}")).to_be_visible()
    hers.locator(f"#hold-{slot.pk}").press("Enter")
    expect(hers.get_by_role("button", name="Book")).to_be_focused()
    page.locator(f"#hold-{slot.pk}").press("Enter")
    expect(page.locator("#talk .notice[role=alert]")).to_contain_text("Kim Lee")
    expect(page.get_by_role("button", name="Book")).to_have_count(0)
    assert Hold.objects.get(status=HoldStatus.HELD).user == kim
    hers.keyboard.press("Enter")
    expect(hers.locator(".desk-foot")).to_contain_text("Asked the EHR")
    slot.refresh_from_db()
    assert slot.taken == 1
    hers.context.close()


def test_a_session_that_ends_in_mid_call_loses_no_word(
    page: Page, live_server: Any, as_agent: None, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings.FIRSTCALL, "firstcall_demo", False)
    add_shipped(at=timezone.now())
    cast.agent.set_password(PASSWORD)
    cast.agent.save()
    contact = on_the_line(cast.agent, cast.patient)
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/desk/{contact.pk}/")
    sign_in_again(page, cast.agent)
    reason = page.locator("input[name=reason]")
    expect(reason).to_be_focused()
    page.keyboard.type("move my appointment, my son is sick")
    Session.objects.all().delete()
    page.keyboard.press("Enter")
    sign_in_again(page, cast.agent)
    expect(page).to_have_url(f"{live_server.url}/desk/{contact.pk}/")
    expect(reason).to_have_value("move my appointment, my son is sick")
    reason.press("Enter")
    expect(page.locator(".desk-reason")).to_contain_text("my son is sick")
    contact.refresh_from_db()
    assert contact.reason == "move my appointment, my son is sick"


def sign_in_again(page: Page, user: User) -> None:
    page.locator("input[name=username]").fill(user.username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")


@pytest.mark.long
def test_a_lost_line_shows_and_what_came_meanwhile_stands_there_afterwards(  # noqa: PLR0917 fixtures
    page: Page, live_server: Any, live: Server, as_agent: None, cast: Cast, kim: User
) -> None:
    page.goto(f"{live_server.url}/desk/")
    expect(page.locator("#live")).to_have_attribute("data-state", "open", timeout=15_000)
    live.kill()
    expect(page.locator("[data-live-word]")).to_have_text("Reconnecting…", timeout=10_000)
    contact = open_contact(
        channel=Channel.VOICE, agent=cast.agent, by=Actor.user(cast.agent), at=timezone.now()
    )
    live.start()
    expect(page.locator("#live")).to_have_attribute("data-state", "open", timeout=30_000)
    expect(page.locator("#talk")).to_have_attribute("data-contact", str(contact.pk))
