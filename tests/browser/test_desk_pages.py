"""What shows at the desk during a call is clean at both sizes, light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import CheckPage
from tests.browser.desk_house import ROSA, House, ring
from tests.crm.live_server import Bus

SAID = "3/14/1972 85016"


def know(desk: Page, bus: Bus) -> None:
    """Rosa calls, is chosen by a key, and says when she was born and her ZIP code."""
    ring(bus, ROSA)
    expect(desk.get_by_role("heading", name="Who is it about?")).to_be_visible()
    expect(desk.locator(".desk-side")).not_to_contain_text("Appointments")
    desk.keyboard.press("1")
    expect(desk.locator(".desk-verify input:focus")).to_be_visible()
    desk.keyboard.type(SAID)
    desk.keyboard.press("Enter")
    expect(desk.locator(".desk-strip")).to_contain_text("Verified: birth date")
    expect(desk.locator("#panel-appointments")).to_be_visible()


def say(desk: Page, words: str) -> None:
    """Into the reason, which has the focus."""
    expect(desk.locator("input[name=reason]:focus")).to_be_visible()
    desk.keyboard.type(words)
    desk.keyboard.press("Enter")
    expect(desk.locator(".desk-reason .say")).to_have_text(f"“{words}”")


def test_each_state_of_a_call_is_clean(
    listening: Page, bus: Bus, check_page: CheckPage, house: House
) -> None:
    check_page(listening)
    know(listening, bus)
    say(listening, "appointment, same doctor as in January")
    expect(listening.locator(".desk-hold")).to_have_count(1)
    check_page(listening)


@pytest.mark.long
def test_a_ring_a_danger_and_an_end_are_clean(
    listening: Page, bus: Bus, check_page: CheckPage, house: House
) -> None:
    ring(bus, ROSA)
    expect(listening.get_by_role("heading", name="Who is it about?")).to_be_visible()
    check_page(listening)
    listening.locator("input[name=reason]").focus()
    say(listening, "crushing chest pain")
    expect(listening.get_by_text("This may be an emergency")).to_be_visible()
    check_page(listening)
