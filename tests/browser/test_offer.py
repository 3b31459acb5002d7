"""The offer page on a patient's phone, in a real browser, with script and without."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect

from scheduling.states import SlotStatus
from tests.browser.conftest import PHONE, CheckPage
from tests.browser.test_base import forgive
from tests.fakes.sms import carrier
from tests.waitlist.conftest import scene
from tests.waitlist.scene import Scene
from waitlist.models import Offer

__all__ = ["carrier", "scene"]

BORN = dt.date(1980, 3, 14)


@pytest.fixture
def offer(scene: Scene) -> Iterator[Offer]:
    """An open offer to Maria, at the time of the scene."""
    maria = scene.add_candidate(given_name="Maria", birth_on=BORN)
    scene.free()
    with time_machine.travel(scene.at, tick=True):
        yield scene.offer_to(maria)


@pytest.fixture
def phone(page: Page, offer: Offer, live_server: Any, errors: list[str]) -> Page:
    """Maria's phone, with the link just opened."""
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{live_server.url}/o/{offer.token}/")
    return page


def say_born(page: Page, on: dt.date = BORN) -> None:
    page.get_by_label("Month").fill(str(on.month))
    page.get_by_label("Day").fill(str(on.day))
    page.get_by_label("Year").fill(str(on.year))
    page.get_by_role("button", name="Continue").click()


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def test_the_question_is_clean_in_both_languages(phone: Page, check_page: CheckPage) -> None:
    check_page(phone)
    phone.get_by_role("link", name="Español").click()
    heading(phone, "Primero, la fecha de nacimiento")
    check_page(phone)


def test_a_wrong_date_and_a_locked_link_are_clean(
    phone: Page, check_page: CheckPage, errors: list[str]
) -> None:
    phone.get_by_role("button", name="Continue").click()
    expect(phone.get_by_label("Month")).to_be_focused()
    expect(phone.get_by_label("Month")).to_have_accessible_description(
        "Enter the month as a number from 1 to 12."
    )
    check_page(phone)
    say_born(phone, dt.date(1999, 1, 1))
    expect(phone.get_by_role("alert")).to_contain_text("Tries left: 4.")
    check_page(phone)
    for _ in range(4):
        say_born(phone, dt.date(1999, 1, 1))
    heading(phone, "This link is locked")
    check_page(phone)
    forgive(errors, 422)
    forgive(errors, 403)


def test_from_the_link_to_a_booked_visit_that_appears_by_itself(
    phone: Page, scene: Scene, check_page: CheckPage
) -> None:
    say_born(phone)
    heading(phone, "An earlier time is open")
    check_page(phone)
    phone.get_by_role("button", name="Yes, I want this time").click()
    heading(phone, "We are confirming it with the clinic")
    check_page(phone)
    scene.settle(minutes=1)  # the pages have a clock that goes on
    expect(phone.get_by_role("heading", level=1)).to_contain_text("You are booked", timeout=10_000)
    check_page(phone)
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Add to my calendar").click()
    assert download.value.suggested_filename == "visit.ics"
    assert "DTSTART:20261121T160000Z" in download.value.path().read_text("utf-8")


def test_a_no_and_a_change_of_mind(phone: Page, check_page: CheckPage) -> None:
    say_born(phone)
    phone.get_by_role("button", name="No, thank you").click()
    heading(phone, "You said no to this time")
    check_page(phone)
    phone.get_by_role("button", name="Yes, I want this time").click()
    heading(phone, "We are confirming it with the clinic")


def test_a_time_that_is_gone_is_clean(phone: Page, scene: Scene, check_page: CheckPage) -> None:
    say_born(phone)
    scene.ehr_says(scene.slot, SlotStatus.BUSY)
    scene.settle(minutes=1)  # the pages have a clock that goes on
    phone.get_by_role("button", name="Yes, I want this time").click()
    heading(phone, "Sorry, this time is no longer open")
    check_page(phone)
    phone.get_by_role("button", name="Is another time open?").click()
    expect(phone.get_by_role("status")).to_contain_text("No other time is open for you right now.")
    check_page(phone)


def test_everything_works_without_script(
    browser: Browser, offer: Offer, scene: Scene, live_server: Any
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{live_server.url}/o/{offer.token}/")
    say_born(page)
    page.get_by_role("button", name="Yes, I want this time").click()
    heading(page, "We are confirming it with the clinic")
    scene.settle(minutes=1)  # the pages have a clock that goes on
    page.get_by_role("link", name="Look again now").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You are booked")
    context.close()


def test_everything_works_by_keyboard(phone: Page) -> None:
    phone.get_by_label("Month").focus()
    for typed in ("3", "Tab", "1", "4", "Tab", "1", "9", "8", "0", "Enter"):
        phone.keyboard.press(typed)
    heading(phone, "An earlier time is open")
    phone.get_by_role("link", name="(602) 555-0100").first.focus()
    phone.keyboard.press("Tab")
    expect(phone.get_by_role("button", name="Yes, I want this time")).to_be_focused()
    phone.keyboard.press("Enter")
    heading(phone, "We are confirming it with the clinic")


def test_a_thumb_can_press_everything(phone: Page) -> None:
    for step in ("ask", "answer"):
        phone.wait_for_load_state()  # with its style sheet: it is measured
        for control in phone.locator(".btn, .form-control").all():
            box = control.bounding_box()
            assert box is not None
            assert box["height"] >= 48
            assert box["width"] >= (90 if step == "ask" else 300)
        language = phone.locator(".langs a").bounding_box()
        assert language is not None
        assert language["height"] >= 44
        if step == "ask":
            say_born(phone)
            heading(phone, "An earlier time is open")


def test_no_request_names_the_link_to_anybody(phone: Page) -> None:
    """Not even to ourselves: logs of web servers keep referrers."""
    referrers = list[str]()
    phone.on("request", lambda request: referrers.append(request.all_headers().get("referer", "")))
    say_born(phone)
    heading(phone, "An earlier time is open")
    assert any(referrers)
    assert not [referrer for referrer in referrers if "/o/" in referrer]


def test_two_links_on_one_phone_keep_their_own_proof(
    page: Page, scene: Scene, live_server: Any, errors: list[str]
) -> None:
    born = {"Maria": BORN, "Ana": dt.date(2015, 5, 2)}
    people = [scene.add_candidate(given_name=name, birth_on=on) for name, on in born.items()]
    scene.free()
    scene.settle(hours=3)
    first, second = (f"{live_server.url}/o/{scene.offer_to(p).token}/" for p in people)
    with time_machine.travel(scene.at, tick=True):
        page.goto(first)
        say_born(page)
        page.goto(second)
        heading(page, "First, the date of birth")
        say_born(page, born["Ana"])
        expect(page.locator("main")).to_contain_text("For Ana")
        page.goto(first)
        expect(page.locator("main")).to_contain_text("For Maria")
