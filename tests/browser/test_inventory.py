"""The inventory in a browser: the map by mouse and by keyboard, and a flag with its undo."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from crm import clock
from scheduling.models import Slot, SlotFeedback
from tests.browser.conftest import CheckPage, SignIn
from tests.cast import Cast
from tests.factories import SlotFactory, SlotFeedbackFactory, WeeklyPatternFactory


@pytest.fixture
def slots(cast: Cast) -> list[Slot]:
    """Three open slots of two clinicians, and a blocked one."""
    # At 10:00 in Phoenix, whatever time of day it is now.
    at = clock.now().replace(hour=17, minute=0, second=0, microsecond=0) + dt.timedelta(days=3)
    first = SlotFactory.create(starts_at=at)
    return [
        first,
        SlotFactory.create(role=first.role, starts_at=at + dt.timedelta(days=1)),
        SlotFactory.create(starts_at=at),
        SlotFactory.create(role=first.role, starts_at=at + dt.timedelta(hours=1), status="blocked"),
    ]


@pytest.fixture
def go(page: Page, live_server: Any, sign_in: SignIn, cast: Cast) -> Callable[[str], Page]:
    """Open an address as a manager."""
    sign_in(cast.manager)

    def open_page(address: str) -> Page:
        page.goto(live_server.url + address)
        return page

    return open_page


def test_the_map_opens_by_keyboard_and_a_flag_is_undone(
    go: Callable[[str], Page], slots: list[Slot], check_page: CheckPage
) -> None:
    page = go(reverse("desk:inventory") + "?by=provider")
    boxes = page.locator("tbody a.supply-box")
    expect(boxes.first).to_have_attribute("tabindex", "0")
    boxes.first.focus()
    page.keyboard.press("ArrowRight")
    expect(boxes.nth(1)).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    cell = page.locator("#inventory-cell")
    expect(cell).to_contain_text("1 open")
    expect(cell).to_contain_text("The clinic has blocked it.")
    cell.locator(".flag-form button").first.click()
    expect(cell).to_contain_text("The clinic is told.")
    assert SlotFeedback.objects.get().status == "open"
    check_page(page)
    cell.get_by_role("button", name="Undo").click()
    expect(cell).not_to_contain_text("The clinic is told.")
    assert SlotFeedback.objects.get().status == "taken-back"


@pytest.mark.parametrize(
    "name", ["schedules", "feedback", "proposals", "inventory-slot", "schedule-pattern"]
)
def test_its_other_pages_are_as_pages_must_be(
    go: Callable[[str], Page], check_page: CheckPage, name: str
) -> None:
    slot = SlotFactory.create(starts_at=clock.now() + dt.timedelta(days=3))
    SlotFeedbackFactory.create(slot=slot)
    pattern = WeeklyPatternFactory.create()
    of = {"inventory-slot": [slot.pk], "schedule-pattern": [pattern.pk]}
    check_page(go(reverse(f"desk:{name}", args=of.get(name, []))))
