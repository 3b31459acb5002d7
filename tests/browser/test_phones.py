"""The phone wall in a real browser: answering, and keeping itself up while somebody types."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from crm.live.channel import Notice
from crm.models import Patient
from outreach.models import Message
from outreach.states import MessageStatus
from tests.browser.conftest import PHONE, CheckPage, SignIn
from tests.browser.test_base import forgive
from tests.cast import Cast
from tests.crm.live_server import Bus, Server
from tests.factories import MessageFactory, phone_of, reachable_patient

LINK = "http://localhost:8000/o/7Kq2mXw9TzR4b_-v/"
_ids = count(1)


def text_to(patient: Patient, body: str, bus: Bus | None = None) -> Message:
    """A text that has arrived; with the bus, open pages hear of it."""
    message = MessageFactory.create(
        patient=patient, phone=phone_of(patient), body=body, status=MessageStatus.DELIVERED
    )
    if bus is not None:
        notice = Notice(next(_ids), "outreach.message-delivered", "outreach.message", message.pk)
        bus.publish(notice)
    return message


@pytest.fixture
def wall(page: Page, cast: Cast, live_server: Any, as_agent: None, errors: list[str]) -> Page:
    """The wall with Rosa's phone on it."""
    text_to(cast.patient, f"Camelback: earlier time open, Tue 9:40 AM. Reply YES or NO. {LINK}")
    page.goto(f"{live_server.url}/phones/")
    return page


@pytest.fixture
def live_wall(live: Server, wall: Page) -> Page:
    """The same, hearing of what happens."""
    wall.reload()
    expect(wall.locator("#live")).to_have_attribute("data-state", "open", timeout=15_000)
    return wall


def phone(wall: Page, name: str) -> Locator:
    return wall.get_by_role("article", name=name)


def test_the_wall_is_clean(wall: Page, check_page: CheckPage, cast: Cast) -> None:
    spanish = reachable_patient(given_name="Guadalupe Concepción", language="es")
    for status in MessageStatus:
        message = text_to(spanish, "Phoenix: hay cita, mar 1 dic, 9:40 AM. " * 3)
        Message.objects.filter(pk=message.pk).update(status=status, direction="out")
    inbound = Message.objects.filter(status__in=["received", "held", "read"])
    inbound.update(direction="in", reading="yes")
    for n in range(6):
        text_to(reachable_patient(given_name=f"Person{n}" * 6), "x" * 300)
    wall.reload()
    expect(wall.get_by_role("article")).to_have_count(8)
    check_page(wall)


def test_the_empty_wall_is_clean(
    page: Page, live_server: Any, as_agent: None, check_page: CheckPage
) -> None:
    page.goto(f"{live_server.url}/phones/")
    expect(page.get_by_text("No texts yet")).to_be_visible()
    check_page(page)


def test_the_newest_text_stands_in_view(wall: Page, cast: Cast) -> None:
    for n in range(15):
        text_to(cast.patient, f"text number {n}")
    wall.reload()
    expect(wall.get_by_text("text number 14")).to_be_in_viewport()
    expect(wall.get_by_text("text number 0", exact=True)).not_to_be_in_viewport()


def test_a_tap_answers_in_place(wall: Page) -> None:
    wall.evaluate("window.unbroken = true")
    rosa = phone(wall, "Rosa")
    rosa.get_by_role("button", name="Reply HELP").click()
    expect(rosa.locator(".text.theirs")).to_contain_text("HELP")
    expect(rosa.locator(".text.theirs")).to_contain_text("Read as help")
    expect(rosa.locator(".text.ours").last).to_contain_text("Waiting to be sent")
    assert wall.evaluate("window.unbroken") is True


def test_enter_sends_what_was_typed_and_empties_the_field(wall: Page) -> None:
    rosa = phone(wall, "Rosa")
    field = rosa.get_by_label("Text from")
    field.fill("who is the doctor?")
    field.press("Enter")
    expect(rosa.locator(".text.theirs")).to_contain_text("who is the doctor?")
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    assert Message.objects.filter(direction="in").count() == 1


def test_spaces_are_no_text_and_stay_to_be_mended(wall: Page, errors: list[str]) -> None:
    rosa = phone(wall, "Rosa")
    field = rosa.get_by_label("Text from")
    field.fill("   ")
    field.press("Enter")
    expect(rosa.get_by_text("Type a text first.")).to_be_visible()
    forgive(errors, 422)


def test_a_new_text_appears_by_itself_and_typing_goes_on(
    live_wall: Page, cast: Cast, bus: Bus
) -> None:
    rosa = phone(live_wall, "Rosa")
    field = rosa.get_by_label("Text from")
    field.press_sequentially("I am still typ")
    text_to(cast.patient, "You are booked: Tue 9:40 AM.", bus)
    expect(rosa.get_by_text("You are booked")).to_be_visible()
    expect(field).to_be_focused()
    field.press_sequentially("ing")
    expect(field).to_have_value("I am still typing")


def test_a_new_phone_comes_first_and_the_others_keep_what_is_typed(
    live_wall: Page, bus: Bus
) -> None:
    field = phone(live_wall, "Rosa").get_by_label("Text from")
    field.press_sequentially("half a sen")
    text_to(reachable_patient(given_name="Noor"), "Phoenix: a time is open.", bus)
    expect(live_wall.get_by_role("article").first).to_contain_text("Noor")
    expect(live_wall.get_by_role("article")).to_have_count(2)
    expect(field).to_have_value("half a sen")
    expect(field).to_be_focused()


def test_the_first_phone_replaces_the_empty_wall(live_wall: Page, cast: Cast, bus: Bus) -> None:
    Message.objects.all().delete()
    live_wall.reload()
    expect(live_wall.locator("#live")).to_have_attribute("data-state", "open", timeout=15_000)
    expect(live_wall.get_by_text("No texts yet")).to_be_visible()
    text_to(cast.patient, "Camelback: a time is open.", bus)
    expect(phone(live_wall, "Rosa")).to_be_visible()
    expect(live_wall.get_by_text("No texts yet")).to_have_count(0)


def test_of_many_texts_at_once_the_last_is_not_missed(
    live_wall: Page, cast: Cast, bus: Bus
) -> None:
    for n in range(12):
        text_to(cast.patient, f"burst {n}", bus)
    expect(phone(live_wall, "Rosa").get_by_text("burst 11")).to_be_visible(timeout=5_000)


def test_typing_a_name_leaves_its_phones_and_an_address_to_keep(wall: Page) -> None:
    text_to(reachable_patient(given_name="Noor", family_name="Haddad"), "Phoenix: hello.")
    wall.reload()
    expect(wall.get_by_role("article")).to_have_count(2)
    wall.keyboard.press("/")
    wall.keyboard.type("noor had")
    expect(wall.get_by_role("article")).to_have_count(1)
    expect(phone(wall, "Noor")).to_be_visible()
    expect(wall).to_have_url(re.compile(r"/phones/\?q=noor(\+|%20)had$"))
    wall.get_by_role("searchbox").fill("nobody")
    expect(wall.get_by_text("No such phone")).to_be_visible()


def test_a_link_in_a_text_opens_beside_the_wall(wall: Page) -> None:
    link = phone(wall, "Rosa").get_by_role("link", name=LINK)
    expect(link).to_have_attribute("href", LINK)
    expect(link).to_have_attribute("target", "_blank")


def test_everything_works_without_script(
    browser: Browser, cast: Cast, live_server: Any, sign_in: SignIn, context: Any
) -> None:
    text_to(cast.patient, "Camelback: a time is open.")
    sign_in(cast.agent)
    plain = browser.new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
    plain.add_cookies(context.cookies())
    page = plain.new_page()
    page.goto(f"{live_server.url}/phones/")
    phone(page, "Rosa").get_by_role("button", name="Reply HELP").click()
    expect(phone(page, "Rosa").locator(".text.theirs")).to_contain_text("HELP")
    assert page.url.endswith(f"/phones/#phone-{cast.phone.pk}")
    page.get_by_role("searchbox").fill("nobody")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("No such phone")).to_be_visible()
    plain.close()
