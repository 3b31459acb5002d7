"""The base pages in a browser: what each page of the staff and of the patients inherits."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import CheckPage

pytestmark = pytest.mark.urls("tests.browser.base_urls")


@pytest.fixture
def probe(page: Page, live_server: Any, as_agent: None, errors: list[str]) -> Page:
    """A page of the staff, opened by an agent."""
    page.goto(f"{live_server.url}/probe/")
    return page


def forgive(errors: list[str], status: int) -> None:
    """The browser logs each answer with an error status; the test asked for this one."""
    errors[:] = [error for error in errors if str(status) not in error]


def test_the_staff_page_is_clean_in_both_sizes_and_schemes(
    probe: Page, check_page: CheckPage
) -> None:
    check_page(probe)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_patients_page_is_clean_and_names_the_emergency_number(
    page: Page, live_server: Any, check_page: CheckPage, lang: str
) -> None:
    page.goto(f"{live_server.url}/probe/patient/?lang={lang}")
    assert page.locator("html").get_attribute("lang") == lang
    expect(page.locator("footer")).to_contain_text("911")
    expect(page.locator("nav")).to_have_count(0)
    check_page(page)


def test_a_thumb_can_press_every_button_of_a_patients_page(page: Page, live_server: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/probe/patient/")
    for control in page.locator(".btn, .form-control").all():
        box = control.bounding_box()
        assert box is not None
        assert box["height"] >= 48
        assert box["width"] >= 300


def test_one_click_signs_in_as_a_role_without_script(
    browser: Any, live_server: Any, db: None
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/probe/sign-in/")
    page.get_by_role("button", name="Nurse").click()
    assert page.content().count("signed in as nurse, then /openings/") == 1
    context.close()


def test_the_sign_in_page_is_clean(page: Page, live_server: Any, check_page: CheckPage) -> None:
    page.goto(f"{live_server.url}/probe/sign-in/")
    check_page(page)


def test_the_menu_opens_by_keyboard_and_closes_with_escape(probe: Page) -> None:
    summary = probe.locator(".menu > summary").last  # the first is the inventory's
    summary.focus()
    probe.keyboard.press("Enter")
    expect(probe.get_by_role("button", name="Sign out")).to_be_visible()
    probe.keyboard.press("Escape")
    expect(probe.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(summary).to_be_focused()


def test_a_key_does_what_its_button_does_but_not_while_typing(probe: Page) -> None:
    probe.locator("#text").focus()
    probe.keyboard.press("b")
    expect(probe.locator("#dialog")).to_be_hidden()
    probe.locator("#text").blur()
    probe.keyboard.press("b")
    expect(probe.locator("#dialog")).to_be_visible()
    probe.get_by_role("button", name="Close").click()
    expect(probe.locator("#dialog")).to_be_hidden()


@pytest.mark.parametrize("status", [200, 409, 422])
def test_answers_and_conflicts_are_shown_in_place(
    probe: Page, errors: list[str], status: int
) -> None:
    probe.get_by_role("button", name=str(status), exact=True).click()
    expect(probe.locator("#answer")).to_have_text(f"answered {status}")
    expect(probe.locator("#toasts .toast")).to_have_count(0)
    forgive(errors, status)


@pytest.mark.parametrize(("status", "words"), [(403, "signed out"), (500, "did not work")])
def test_a_failed_request_says_what_to_do_and_changes_nothing(
    probe: Page, errors: list[str], status: int, words: str
) -> None:
    probe.get_by_role("button", name=str(status), exact=True).click()
    expect(probe.get_by_role("alert")).to_contain_text(words)
    expect(probe.locator("#answer")).to_be_empty()
    probe.get_by_role("button", name="Dismiss").click()
    expect(probe.get_by_role("alert")).to_have_count(0)
    forgive(errors, status)


def test_a_server_that_is_gone_is_said_aloud(probe: Page, errors: list[str]) -> None:
    probe.context.set_offline(True)
    probe.get_by_role("button", name="200", exact=True).click()
    expect(probe.get_by_role("alert")).to_contain_text("could not be reached")
    errors.clear()


def test_messages_appear_as_toasts(probe: Page, live_server: Any) -> None:
    probe.goto(f"{live_server.url}/probe/say/")
    expect(probe.get_by_role("status").filter(has_text="Opening paused.")).to_be_visible()


@pytest.mark.parametrize("carrier", ["header", "field"])
def test_either_carrier_of_the_sites_token_is_enough(probe: Page, carrier: str) -> None:
    take_token_away(probe, header=carrier == "field", field=carrier == "header")
    probe.get_by_role("button", name="200", exact=True).click()
    expect(probe.locator("#answer")).to_have_text("answered 200")


def test_a_request_without_the_sites_token_is_refused(probe: Page, errors: list[str]) -> None:
    take_token_away(probe, header=True, field=True)
    probe.get_by_role("button", name="200", exact=True).click()
    expect(probe.get_by_role("alert")).to_be_visible()
    expect(probe.locator("#answer")).to_be_empty()
    forgive(errors, 403)


def take_token_away(page: Page, *, header: bool, field: bool) -> None:
    if header:
        page.evaluate("document.body.removeAttribute('hx-headers')")
    if field:
        page.evaluate("document.querySelector('#form [name=csrfmiddlewaretoken]').remove()")


@pytest.mark.parametrize(
    ("path", "words"), [("/nowhere/", "nothing at this address"), ("/probe/broken/", "on our side")]
)
def test_error_pages_say_what_to_do(
    probe: Page, check_page: CheckPage, errors: list[str], path: str, words: str
) -> None:
    answer = probe.goto(urljoin(probe.url, path))
    assert answer is not None
    expect(probe.get_by_role("heading")).to_contain_text(words)
    expect(probe.get_by_role("link", name="start page")).to_be_visible()
    check_page(probe)
    forgive(errors, answer.status)
