"""The page that finds slots, in a browser: by keyboard, live, on a phone, and clean."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.clock import now
from crm.live.channel import Notice
from scheduling.actions import hold_slot
from scheduling.models import Appointment, Slot, VisitType
from scheduling.states import Restriction
from tests.browser.conftest import PHONE, CheckPage, SignIn
from tests.cast import Cast
from tests.crm.live_server import Bus, Server
from tests.factories import TEST, SlotFactory, VisitTypeFactory


@pytest.fixture
def slots(cast: Cast) -> list[Slot]:
    """Three times from tomorrow on, with three clinicians; the last is kept by its clinic."""
    visit_type: VisitType = VisitTypeFactory.create(name="Cardiology follow-up")
    today = now().replace(hour=17, minute=0, second=0, microsecond=0)
    made = [
        SlotFactory.create(visit_type=visit_type, starts_at=today + dt.timedelta(days=days))
        for days in (1, 2, 3)
    ]
    Slot.objects.filter(pk=made[2].pk).update(restriction=Restriction.HELD_FOR_REVIEW)
    return made


@pytest.fixture
def as_manager(sign_in: SignIn, cast: Cast) -> None:
    sign_in(cast.manager)


@pytest.fixture
def address(live_server: Any, slots: list[Slot], cast: Cast) -> str:
    """The page for the cast's patient."""
    visit_type = slots[0].visit_type_id
    return f"{live_server.url}/slots/?visit_type={visit_type}&patient={cast.patient.pk}"


def test_a_time_is_held_and_booked_by_keyboard(
    page: Page, address: str, as_agent: None, slots: list[Slot], errors: list[str]
) -> None:
    page.goto(address)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("#slot-panel")).to_contain_text("Held for you")
    expect(page.locator(f"#slot-{slots[0].pk}")).to_contain_text("Yours")
    page.locator("body").press("b")
    expect(page.locator(".toast")).to_contain_text("Requested.")
    assert Appointment.objects.get().slot == slots[0]


def test_a_time_that_goes_is_seen_at_once_by_everybody(  # noqa: PLR0917 a fixture each
    page: Page, live: Server, bus: Bus, address: str, as_agent: None, slots: list[Slot]
) -> None:
    page.goto(address)
    expect(page.locator(".live")).to_have_attribute("data-state", "open")
    hold_slot(slot_id=slots[1].pk, by=TEST, at=now(), owner="Grace D.")
    bus.publish(Notice(8_101, "scheduling.slot-held", "scheduling.slot", slots[1].pk))
    expect(page.locator(f"#slot-{slots[1].pk}")).to_contain_text("Held by Grace D.")


def test_what_was_left_out_is_booked_with_a_reason_or_closed(
    page: Page, address: str, as_manager: None, slots: list[Slot], errors: list[str]
) -> None:
    page.goto(address)
    page.click("#slot-why")
    kept = page.locator(f"#slot-{slots[2].pk}")
    expect(kept).to_contain_text("The clinic reviews who gets it")
    kept.get_by_text("Book with a reason").click()
    page.get_by_label("Why it should be booked all the same").fill("Asked for by Dr. Park")
    page.get_by_text("Set aside and book").click()
    expect(page.locator(".toast")).to_contain_text("Requested.")
    assert Appointment.objects.get().slot == slots[2]


def test_every_page_is_clean_at_both_sizes(
    page: Page, address: str, as_manager: None, check_page: CheckPage
) -> None:
    page.goto(address + "&why=on")
    page.locator(".slot-go").first.click()
    expect(page.locator("#slot-panel")).to_contain_text("Held for you")
    check_page(page)
    page.click("#slot-none")
    expect(page.locator("dialog")).to_contain_text("None of these suits, because")
    check_page(page)
    page.get_by_label("It is too long to wait").check()
    page.get_by_text("Close the search").click()
    expect(page.locator(".toast")).to_contain_text("Noted")
    page.goto(address.partition("/slots/")[0] + "/demand/")
    expect(page.locator("main")).to_contain_text("Declined what was shown")
    check_page(page)


def test_a_phone_without_script_finds_and_holds(
    browser: Any, address: str, as_agent: None, context: Any
) -> None:
    plain = browser.new_context(
        viewport=PHONE, java_script_enabled=False, storage_state=context.storage_state()
    )
    page = plain.new_page()
    page.goto(address)
    page.locator(".slot-go").first.click()
    expect(page.locator("#slot-panel")).to_contain_text("Held for you")
    page.get_by_role("button", name="Book").click()
    expect(page.locator("body")).to_contain_text("Requested.")
    plain.close()
