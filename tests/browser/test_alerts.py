"""Safety alerts in a browser: on every page, worked by keyboard, clean at both sizes."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm.models import Task
from crm.states import TaskKind, TaskStatus
from tests.browser.conftest import CheckPage, SignIn
from tests.cast import Cast
from tests.desk.scene import text_from
from tests.fakes.sms import carrier  # noqa: F401 a fixture
from triage.models import Alert

pytestmark = pytest.mark.usefixtures("carrier")


@pytest.fixture
def alarm(sign_in: SignIn, cast: Cast) -> Task:
    """A nurse's browser, and a yes that speaks of danger."""
    sign_in(cast.nurse)
    text_from(cast.phone, "Yes, but my chest hurts. No trouble breathing", at=timezone.now())
    return Task.objects.get(kind=TaskKind.SAFETY_ALERT)


def at_rest(page: Page) -> None:
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


def test_is_worked_by_keyboard_from_any_page(
    page: Page, live_server: Any, alarm: Task, cast: Cast, check_page: CheckPage
) -> None:
    page.goto(f"{live_server.url}/tasks/?show=closed")
    bar = page.get_by_role("alert")
    expect(bar).to_contain_text("1 safety alert waits for a nurse")
    bar.get_by_role("link", name="Open").press("Enter")
    expect(page).to_have_url(f"{live_server.url}/tasks/{alarm.pk}/")
    expect(page.locator(".bubble.asked")).to_contain_text("my chest hurts")
    check_page(page)
    page.keyboard.press("t")
    expect(page.locator(".work-state")).to_contain_text("Yours")
    at_rest(page)
    page.get_by_role("button", name="Take the time for them").press("Enter")
    expect(page.get_by_role("button", name="Take the time for them")).to_have_count(0)
    at_rest(page)
    page.keyboard.press("d")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Spoke with them: nothing urgent").press("Space")
    check_page(page)
    dialog.get_by_label("What you did").fill("Old pain, seen last week.")
    dialog.get_by_role("button", name="Done", exact=True).press("Enter")
    expect(page.locator(".alert-outcome")).to_contain_text("nothing urgent")
    alarm.refresh_from_db()
    assert (alarm.status, Alert.objects.get().outcome) == (TaskStatus.DONE, "no-danger")
    check_page(page)


def test_without_script_it_is_worked_as_well(
    browser: Any, live_server: Any, alarm: Task, context: Any, cast: Cast
) -> None:
    plain = browser.new_context(java_script_enabled=False)
    plain.add_cookies(context.cookies())
    page = plain.new_page()
    page.goto(f"{live_server.url}/tasks/{alarm.pk}/")
    page.get_by_role("button", name="Take it").click()
    page.get_by_role("link", name="Done").click()
    page.get_by_label("No answer, and nothing more").check()
    page.get_by_role("button", name="Done").click()
    expect(page.locator(".alert-outcome")).to_contain_text("No answer")
    plain.close()
    assert Alert.objects.get().outcome == "not-reached"
