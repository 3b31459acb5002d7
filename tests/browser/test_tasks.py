"""The page of tasks in a browser: by keyboard, live, at both sizes, and without script."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from crm.actions import claim_task
from crm.engine import Actor
from crm.live.channel import Notice
from crm.models import Task
from crm.states import Sensitivity, TaskStatus
from tests.browser.conftest import CheckPage, SignIn
from tests.cast import Cast
from tests.crm.live_server import Bus, Server
from tests.desk.scene import QUESTION, question, refused_write, text_from
from tests.factories import phone_of, reachable_patient
from tests.fakes.sms import carrier  # noqa: F401 a fixture

pytestmark = pytest.mark.usefixtures("carrier")


@pytest.fixture
def late(as_agent: None, cast: Cast) -> Task:
    """A question that should have been answered twelve minutes ago."""
    return question(cast.patient, at=timezone.now() - dt.timedelta(hours=2, minutes=12))


def standing(task: Task) -> str:
    task.refresh_from_db()
    return task.status


def at_rest(page: Page) -> None:
    """Until htmx has taken up what it swapped in: keys go there from then on."""
    busy = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"
    expect(page.locator(busy)).to_have_count(0)


def test_an_empty_desk_says_so(
    page: Page, live_server: Any, as_agent: None, check_page: CheckPage
) -> None:
    page.goto(f"{live_server.url}/tasks/")
    expect(page.get_by_text("Nothing waits for a person")).to_be_visible()
    check_page(page)


def test_is_clean_at_both_sizes_with_everything_on_it(
    page: Page, live_server: Any, late: Task, cast: Cast, check_page: CheckPage
) -> None:
    refused = refused_write(cast.patient, at=timezone.now())
    private = reachable_patient(sensitivity=[Sensitivity.DOMESTIC_VIOLENCE])
    text_from(cast.phone, "w" * 400, at=timezone.now())
    for task in (late, refused, question(private, at=timezone.now())):
        page.goto(f"{live_server.url}/tasks/{task.pk}/")
        expect(page.locator("#work-center")).to_be_visible()
        check_page(page)


def test_a_task_is_worked_by_keyboard_alone(
    page: Page, live_server: Any, late: Task, cast: Cast, errors: list[str]
) -> None:
    following = refused_write(cast.patient, at=timezone.now())
    page.goto(f"{live_server.url}/tasks/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{live_server.url}/tasks/{late.pk}/?show=open")
    expect(page.locator(".bubble.asked")).to_contain_text(QUESTION)
    page.keyboard.press("t")
    expect(page.locator(".work-state")).to_contain_text("Yours")
    at_rest(page)
    page.keyboard.press("d")
    expect(page.get_by_label("What was done")).to_be_focused()
    page.keyboard.type("Called, she keeps Friday.")
    page.get_by_role("button", name="Done", exact=True).press("Enter")
    expect(page.locator(".work-state")).to_contain_text("Done")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator(".say")).to_have_text("Called, she keeps Friday.")
    assert standing(late) == TaskStatus.DONE
    at_rest(page)
    page.keyboard.press("x")
    expect(page).to_have_url(f"{live_server.url}/tasks/{following.pk}/?show=open")
    expect(page.locator(f"#line-{following.pk}")).to_have_attribute("aria-current", "true")


def test_nothing_to_do_asks_why(
    page: Page, live_server: Any, late: Task, errors: list[str]
) -> None:
    page.goto(f"{live_server.url}/tasks/{late.pk}/")
    page.keyboard.press("n")
    page.get_by_label("Why there is nothing to do").fill(" ")
    page.get_by_role("button", name="Close it").click()
    expect(page.get_by_text("Say why, in a few words.")).to_be_visible()
    page.get_by_label("Why there is nothing to do").fill("A duplicate.")
    page.get_by_role("button", name="Close it").click()
    expect(page.locator(".work-state")).to_contain_text("Nothing to do")
    assert standing(late) == TaskStatus.CANCELLED
    errors[:] = [e for e in errors if "422" not in e]


def test_the_note_can_be_written_on_a_page_of_its_own(
    page: Page, live_server: Any, late: Task, errors: list[str], check_page: CheckPage
) -> None:
    page.goto(f"{live_server.url}/tasks/{late.pk}/done/")
    check_page(page)
    page.get_by_label("What was done").fill("Called.")
    page.get_by_role("button", name="Done").click()
    expect(page.locator(".say")).to_have_text("Called.")
    assert standing(late) == TaskStatus.DONE


def test_whoever_is_late_is_shown_who_was_faster(
    page: Page, live_server: Any, late: Task, cast: Cast, errors: list[str]
) -> None:
    page.goto(f"{live_server.url}/tasks/{late.pk}/")
    claim_task(task=late, owner=cast.nurse, by=Actor.user(cast.nurse), at=timezone.now())
    page.keyboard.press("t")
    expect(page.get_by_role("status").filter(has_text="Somebody was faster")).to_be_visible()
    expect(page.locator(".work-state")).to_contain_text("Nurse Cast has it")
    errors[:] = [e for e in errors if "409" not in e]


def test_what_happens_meanwhile_appears_by_itself_and_disturbs_no_typing(
    page: Page, live_server: Any, live: Server, bus: Bus, late: Task
) -> None:
    page.goto(f"{live_server.url}/tasks/{late.pk}/")
    expect(page.locator("#live")).to_have_attribute("data-state", "open")
    page.keyboard.press("d")
    page.get_by_label("What was done").fill("Half a sen")
    assert late.patient is not None
    text_from(phone_of(late.patient), "Or may I come on Monday?", at=timezone.now())
    bus.publish(Notice(1, "crm.task-opened", "crm.task", 2))
    expect(page.locator(".bubble.theirs")).to_have_count(2)
    expect(page.locator(".work-line")).to_have_count(2)
    expect(page.get_by_label("What was done")).to_have_value("Half a sen")


def test_filters_change_the_list_and_the_address(
    page: Page, live_server: Any, late: Task, cast: Cast
) -> None:
    refused = refused_write(cast.patient, at=timezone.now())
    page.goto(f"{live_server.url}/tasks/")
    page.get_by_label("Kind").select_option("ehr-write")
    expect(page.locator(".work-line")).to_have_count(1)
    expect(page.locator(f"#line-{refused.pk}")).to_be_visible()
    assert "kind=ehr-write" in page.url
    page.get_by_role("navigation", name="Which tasks").get_by_text("Mine").click()
    expect(page.get_by_text("You have none")).to_be_visible()


def test_it_all_works_without_script(
    browser: Browser, page: Page, live_server: Any, late: Task
) -> None:
    cookies = page.context.cookies()
    plain = browser.new_context(java_script_enabled=False)
    plain.add_cookies(cookies)  # type: ignore[arg-type]
    page = plain.new_page()
    page.goto(f"{live_server.url}/tasks/")
    page.locator(".work-line").click()
    page.get_by_role("button", name="Take it").click()
    expect(page.locator(".work-state")).to_contain_text("Yours")
    page.get_by_role("link", name="Done").click()
    page.get_by_label("What was done").fill("Called.")
    page.get_by_role("button", name="Done").click()
    expect(page.locator(".say")).to_have_text("Called.")
    assert standing(late) == TaskStatus.DONE
    plain.close()


def test_on_a_phone_it_is_the_list_then_the_task(page: Page, live_server: Any, late: Task) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/tasks/")
    page.locator(".work-line").click()
    expect(page.locator(".work-line")).to_be_hidden()
    expect(page.get_by_role("link", name="(480) 555-0142")).to_have_attribute(
        "href", "tel:+14805550142"
    )
    page.get_by_role("link", name="Tasks").last.click()
    expect(page.locator(".work-line")).to_be_visible()


def test_the_signed_in_role_without_tasks_has_no_way_in(
    page: Page, live_server: Any, sign_in: SignIn, cast: Cast
) -> None:
    sign_in(cast.integration)
    page.goto(f"{live_server.url}/")
    expect(page.get_by_role("link", name="Openings")).to_have_count(0)
    expect(page.get_by_role("link", name="Inbox")).to_have_count(0)
    expect(page.get_by_role("link", name="Tasks")).to_have_count(0)
