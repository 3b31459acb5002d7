"""The page of a visit and the page of visits to work on, in a browser: axe-clean, in four sizes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm import clock
from tests.browser.conftest import CheckPage, SignIn
from tests.cast import Cast
from tests.desk.test_visits import something_in_every_tab, visit_at


@pytest.mark.usefixtures("as_agent")
def test_a_visit_is_cancelled_with_a_reason_and_taken_back(
    page: Page, live_server: Any, check_page: CheckPage
) -> None:
    visit = visit_at(clock.now() + dt.timedelta(days=3))
    page.goto(f"{live_server.url}/visits/{visit.pk}/")
    page.locator("summary", has_text="Cancel").click()
    check_page(page)
    page.get_by_label("Why").select_option("no-ride")
    page.get_by_role("button", name="Cancel the visit").click()
    expect(page.locator(".head .chip", has_text="Cancelled")).to_be_visible()
    page.get_by_role("button", name="Take the cancellation back").click()
    expect(page.locator(".head .chip", has_text="Booked")).to_be_visible()


def test_what_is_to_be_done_stands_in_its_tab(
    page: Page, live_server: Any, sign_in: SignIn, cast: Cast, check_page: CheckPage
) -> None:
    something_in_every_tab()
    sign_in(cast.manager)
    page.goto(f"{live_server.url}/visits/work/?tab=limits")
    check_page(page)
    page.get_by_role("link", name="Half-done moves").click()
    expect(page.get_by_role("button", name="Take back")).to_be_visible()
    check_page(page)
