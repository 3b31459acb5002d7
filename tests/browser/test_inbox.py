"""The inbox page in a browser: by keyboard, live, at both sizes."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm.live.channel import Notice
from integrations.inbox.actions import receive_hl7, store
from integrations.models import Hl7Sender, InboxMessage
from integrations.states import InboxKind, InboxStatus
from tests.browser.conftest import CheckPage, SignIn
from tests.browser.test_tasks import at_rest
from tests.cast import Cast
from tests.crm.live_server import Bus, Server
from tests.integrations.hl7 import event, lines, sample, sch


@pytest.fixture
def refused(sign_in: SignIn, cast: Cast) -> InboxMessage:
    """A cancel of a visit that nobody has heard of, and a manager who may see it."""
    sign_in(cast.manager)
    Hl7Sender.objects.create(name="APP|FAC", zone="America/Chicago")
    return receive_cancel("C-17", visit="F77")


def receive_cancel(key: str, *, visit: str) -> InboxMessage:
    msh = event("S15").replace("|M1|", f"|{key}|")
    receive_hl7(lines(MSH=msh, SCH=sch("Cancelled", f2=visit)), peer="10.0.0.4", at=timezone.now())
    return InboxMessage.objects.get(key=key)


def status_of(message: InboxMessage) -> str:
    message.refresh_from_db()
    return message.status


def test_is_clean_at_both_sizes_with_long_messages(
    page: Page, live_server: Any, refused: InboxMessage, check_page: CheckPage
) -> None:
    at = timezone.now() - dt.timedelta(minutes=5)
    receive_hl7(sample("SIU-S12-01"), peer="10.0.0.4", at=at)
    body = json.dumps({"resourceType": "Appointment", "comment": "w" * 500}).encode()
    store(
        kind=InboxKind.FHIR,
        source="s" * 200,
        key="k" * 200,
        body=body,
        peer="127.0.0.1",
        at=at,
        due_at=at,
    )
    for message in InboxMessage.objects.order_by("pk"):
        page.goto(f"{live_server.url}/inbox/{message.pk}/")
        expect(page.locator(".inbox-line").first).to_be_visible()
        check_page(page)


def test_an_empty_inbox_says_so(
    page: Page, live_server: Any, sign_in: SignIn, cast: Cast, check_page: CheckPage
) -> None:
    sign_in(cast.manager)
    page.goto(f"{live_server.url}/inbox/")
    expect(page.get_by_text("Nothing has been received")).to_be_visible()
    check_page(page)


def test_a_refused_message_is_set_aside_and_tried_again_by_keyboard(
    page: Page, live_server: Any, refused: InboxMessage, errors: list[str]
) -> None:
    page.goto(f"{live_server.url}/inbox/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("mark")).to_have_text("F77")
    at_rest(page)
    page.keyboard.press("s")
    reason = page.get_by_label("Why nothing is to be done")
    expect(reason).to_be_focused()
    page.keyboard.type("A test of theirs")
    page.keyboard.press("Enter")
    expect(page.locator(".say")).to_have_text("Set aside: A test of theirs")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert status_of(refused) == InboxStatus.SET_ASIDE
    at_rest(page)
    page.keyboard.press("r")
    expect(page.locator(".work-state")).to_contain_text("Waiting")
    assert status_of(refused) == InboxStatus.RECEIVED


def test_what_comes_in_appears_by_itself(
    page: Page, live_server: Any, live: Server, bus: Bus, refused: InboxMessage
) -> None:
    page.goto(f"{live_server.url}/inbox/?status=refused")
    expect(page.locator("#live")).to_have_attribute("data-state", "open")
    expect(page.locator(".work-line")).to_have_count(1)
    newer = receive_cancel("C-18", visit="F78")
    bus.publish(Notice(1, "integrations.message-refused", "integrations.inboxmessage", newer.pk))
    expect(page.locator(".work-line")).to_have_count(2)
    expect(page.locator(".work-line").first).to_have_attribute("id", f"line-{newer.pk}")


def test_the_reason_can_be_given_on_a_page_of_its_own(
    page: Page, live_server: Any, refused: InboxMessage, errors: list[str], check_page: CheckPage
) -> None:
    page.goto(f"{live_server.url}/inbox/{refused.pk}/set-aside/")
    check_page(page)
    page.get_by_label("Why nothing is to be done").fill("A test of theirs")
    page.get_by_role("button", name="Set it aside").click()
    expect(page.locator(".say")).to_have_text("Set aside: A test of theirs")


def test_mending_many_and_senders_are_clean_at_both_sizes(
    page: Page, live_server: Any, refused: InboxMessage, check_page: CheckPage
) -> None:
    """One walk: mend a copy, try many, see a sender's codes and what a change would do."""
    for number in range(3):
        receive_cancel(f"C-2{number}", visit=f"F8{number}")
    receive_hl7(lines(MSH=event("S12").replace("|FAC|", "|EAST|")), peer="a", at=timezone.now())
    receive_hl7(lines(), peer="a", at=timezone.now())
    page.goto(f"{live_server.url}/inbox/{refused.pk}/mend/")
    box = page.get_by_label("The copy")
    box.fill(box.input_value().replace("|F77|", "|F1|"))
    page.get_by_role("button", name="Show the difference").click()
    expect(page.get_by_text("It would be read as: cancelled.")).to_be_visible()
    check_page(page)
    page.goto(f"{live_server.url}/inbox/?status=refused")
    check_page(page)
    page.get_by_label("Tick C-20").check()
    page.get_by_label("Tick C-21").check()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("0 of 2 tried")).to_be_visible()
    check_page(page)
    page.goto(f"{live_server.url}/inbox/senders/")
    check_page(page)
    page.get_by_role("link", name="APP|FAC").click()
    expect(page.get_by_text("North Clinic").first).to_be_visible()
    check_page(page)
    page.get_by_label("Zone").fill("America/Phoenix")
    page.get_by_role("button", name="Preview on kept messages").click()
    expect(page.get_by_text("If you keep this")).to_be_visible()
    check_page(page)
