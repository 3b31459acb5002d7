"""What is typed at the desk: kept until sent, left alone by refreshes, for one caller only."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm.live.channel import Notice
from crm.models import Handoff, Interaction, Patient
from desk.actions.shipping import add_shipped
from tests.browser.test_desk_trouble import PASSWORD, on_the_line, sign_in_again
from tests.cast import Cast
from tests.crm.live_server import Bus, Server
from tests.factories import reachable_patient

WORDS = "She takes warfarin; may she fly?"
_ids = count(1)


@pytest.fixture
def call(cast: Cast, as_agent: None) -> Interaction:
    """A verified call of the agent in the browser."""
    add_shipped(at=timezone.now())
    return on_the_line(cast.agent, cast.patient)


def drafts(page: Page) -> Any:
    """What is kept of what was typed; htmx keeps something of its own there."""
    return page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('desk:'))")


def ask_a_nurse(page: Page) -> Any:
    """The hand-off's dialog; returns the field of its question."""
    page.wait_for_load_state()  # keys are heard once the scripts are there
    page.keyboard.press("Alt+t")
    page.get_by_label("A nurse").check()
    return page.get_by_label("What do you ask of them?")


def test_words_in_a_dialog_outlive_escape_a_reload_and_a_lost_session(
    page: Page, live_server: Any, call: Interaction, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings.FIRSTCALL, "firstcall_demo", False)
    cast.agent.set_password(PASSWORD)
    cast.agent.save()
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/desk/{call.pk}/")
    sign_in_again(page, cast.agent)
    expect(page.locator("#talk")).to_be_visible()
    ask_a_nurse(page).fill(WORDS)
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).not_to_be_visible()
    page.reload()
    expect(ask_a_nurse(page)).to_have_value(WORDS)
    Session.objects.all().delete()
    page.locator("dialog").get_by_role("button", name="Hand off").click()
    sign_in_again(page, cast.agent)
    expect(page.locator("#talk")).to_be_visible()
    expect(ask_a_nurse(page)).to_have_value(WORDS)
    page.locator("dialog").get_by_role("button", name="Hand off").click()
    expect(page.locator("#handoff-state")).to_contain_text(WORDS)
    assert Handoff.objects.get().question == WORDS
    assert drafts(page) == []


def test_a_proposal_that_was_changed_can_be_had_again(
    page: Page, live_server: Any, call: Interaction
) -> None:
    page.goto(f"{live_server.url}/desk/{call.pk}/")
    page.keyboard.press("Alt+e")
    note = page.locator("dialog textarea[name=note]")
    proposed = note.input_value()
    note.fill(f"{proposed} {WORDS}")
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+e")
    expect(note).to_have_value(f"{proposed} {WORDS}")
    page.get_by_role("button", name="Take it out").click()
    expect(note).to_have_value(proposed)
    assert drafts(page) == []


def test_a_panel_waits_for_the_hands_on_it(  # noqa: PLR0917 fixtures
    page: Page, live_server: Any, live: Server, bus: Bus, call: Interaction, cast: Cast
) -> None:
    page.goto(f"{live_server.url}/desk/{call.pk}/")
    expect(page.locator("#live")).to_have_attribute("data-state", "open", timeout=15_000)
    panel = page.locator("#panel-details")
    panel.locator("summary", has_text="E-mail").click()
    field = panel.locator("input[name=email-email]")
    kept = field.input_value()
    field.fill("rosa@exa")
    Patient.objects.filter(pk=cast.patient.pk).update(address_line="9 New Street")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for _ in range(2):
        bus.publish(Notice(next(_ids), "crm.patient-changed", "crm.patient", cast.patient.pk))
    expect(page.locator(".desk-panel[data-waits]")).to_have_count(1)
    expect(field).to_have_value("rosa@exa")
    expect(field).to_be_focused()
    assert not [url for url in asked if "/panels/details/" in url]
    field.fill(kept)
    page.locator("#appointments-title").click()  # elsewhere
    field.blur()
    expect(panel).to_contain_text("9 New Street")
    expect(field).to_be_visible()  # what was folded open is still


def test_no_word_travels_to_another_caller_or_another_agent(
    page: Page, live_server: Any, call: Interaction, cast: Cast
) -> None:
    other = on_the_line(cast.agent, reachable_patient(given_name="Ana", family_name="Soto"))
    page.goto(f"{live_server.url}/desk/{call.pk}/")
    reason = page.locator("input[name=reason]")
    reason.fill(WORDS)
    page.locator(f"#mine-{other.pk}").click()
    expect(page.locator("#talk")).to_have_attribute("data-contact", str(other.pk))
    expect(reason).to_have_value("")
    page.locator(f"#mine-{call.pk}").click()
    expect(page.locator("#talk")).to_have_attribute("data-contact", str(call.pk))
    expect(reason).to_have_value(WORDS)
    page.locator("summary", has_text="Agent").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/sign-in/"))
    assert drafts(page) == []
