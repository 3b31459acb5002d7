"""Booking by oneself on a phone, in a real browser, with script and without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect

from crm.models import Patient
from scheduling.models import Slot
from tests.browser.conftest import PHONE, CheckPage, SignIn
from tests.browser.test_base import forgive
from tests.cast import Cast
from tests.desk.self_service.handset import NUMBER, Handset, free_slot, known, link, open_online
from tests.factories import AppointmentFactory
from tests.fakes.sms import carrier
from tests.waitlist.conftest import scene
from tests.waitlist.scene import Scene

__all__ = ["carrier", "scene"]


@pytest.fixture
def slot(scene: Scene) -> Iterator[Slot]:
    """A free time at a clinic that is open online; Rosa is known, with her phone."""
    open_online(scene)
    known(zone="America/New_York")
    free_slot(scene, days=6)
    with time_machine.travel(scene.at, tick=True):
        yield free_slot(scene)


@pytest.fixture
def phone(page: Page, slot: Slot, live_server: Any, errors: list[str]) -> Page:
    """Rosa's phone, at the page of a link."""
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{live_server.url}/book/{link().token}/")
    return page


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def code_of(scene: Scene) -> str:
    scene.settle(minutes=1)  # the pages have a clock that goes on
    return Handset(scene, NUMBER).code()


def begin(page: Page, about: str = "") -> None:
    page.get_by_text("No", exact=True).click()
    page.get_by_label("What is it about?").fill(about)
    page.get_by_role("button", name="Continue").click()


def prove(page: Page, scene: Scene) -> None:
    heading(page, "What is your cell phone number?")
    page.get_by_label("Cell phone number").fill("602-555-0177")
    page.get_by_role("button", name="Text me a code").click()
    heading(page, "Enter the code")
    page.get_by_label("Code").fill(code_of(scene))
    page.get_by_role("button", name="Continue").click()


def say_who(page: Page) -> None:
    heading(page, "Who is the visit for?")
    page.get_by_label("First name").fill("Rosa")
    page.get_by_label("Last name").fill("Delgado")
    for part, typed in (("Month", "3"), ("Day", "14"), ("Year", "1980")):
        page.get_by_label(part, exact=True).fill(typed)
    page.get_by_role("button", name="Continue").click()


def test_from_a_link_to_a_booked_visit_that_appears_by_itself(
    phone: Page, scene: Scene, check_page: CheckPage
) -> None:
    heading(phone, "First, are you safe?")
    check_page(phone)
    begin(phone, "a checkup")
    heading(phone, "What do you need?")
    expect(phone.locator(".way-words")).to_have_text("Step 2 of 4 · What you need")
    check_page(phone)
    phone.get_by_role("button", name="Continue").click()
    prove(phone, scene)
    check_page(phone)
    say_who(phone)
    heading(phone, "Choose a time")
    check_page(phone)
    phone.get_by_role("button", name="10:00 AM").first.click()
    heading(phone, "Is this right?")
    expect(phone.locator("main")).to_contain_text("Arizona time, the clock at Camelback")
    check_page(phone)
    phone.get_by_role("button", name="Yes, ask for this time").click()
    heading(phone, "We are asking the clinic for it")
    check_page(phone)
    phone.go_back()
    phone.reload()
    heading(phone, "We are asking the clinic for it")
    scene.settle(minutes=1)
    expect(phone.get_by_role("heading", level=1)).to_contain_text("You are booked", timeout=10_000)
    check_page(phone)
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Add to my calendar").click()
    assert "DTSTART:20261123T170000Z" in download.value.path().read_text("utf-8")


def test_works_without_script_in_spanish(
    browser: Browser, slot: Slot, scene: Scene, live_server: Any
) -> None:
    context = browser.new_context(
        java_script_enabled=False,
        viewport=PHONE,  # type: ignore[arg-type]
        locale="es-MX",
    )
    page = context.new_page()
    page.goto(f"{live_server.url}/book/")
    heading(page, "Primero, ¿está a salvo?")
    page.get_by_text("No", exact=True).click()
    page.get_by_role("button", name="Continuar").click()
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Continue").click()
    prove(page, scene)
    say_who(page)
    page.get_by_role("button", name="10:00 AM").first.click()
    page.get_by_role("button", name="Yes, ask for this time").click()
    heading(page, "We are asking the clinic for it")
    scene.settle(minutes=1)
    page.get_by_role("link", name="Look again now").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You are booked")
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Su cita está reservada")
    context.close()


def test_calls_a_visit_off_with_a_reason_in_one_tap(
    phone: Page, scene: Scene, slot: Slot, check_page: CheckPage
) -> None:
    visit = AppointmentFactory.create(
        patient=Patient.objects.get(family_name="Delgado"),
        role=scene.role,
        visit_type=scene.visit_type,
        starts_at=slot.starts_at,
    )
    begin(phone)
    phone.get_by_text("Call off a visit").click()
    phone.get_by_role("button", name="Continue").click()
    prove(phone, scene)
    say_who(phone)
    phone.get_by_role("link", name="Call off this visit").click()
    heading(phone, "Call off this visit?")
    check_page(phone)
    phone.get_by_text("I have no ride").click()
    check_page(phone)
    phone.get_by_role("button", name="Yes, call it off").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Your visit is called off")
    visit.refresh_from_db()
    assert visit.cancel_code == "no-ride"


def test_an_emergency_stops_it_with_a_tap_to_call(
    phone: Page, check_page: CheckPage, errors: list[str]
) -> None:
    phone.get_by_role("button", name="Continue").click()
    expect(phone.locator("#emergency-error")).to_contain_text("Choose yes or no.")
    check_page(phone)
    begin(phone, "crushing chest pain")
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Call 911 now")
    expect(phone.get_by_role("link", name="Call 911")).to_have_attribute("href", "tel:911")
    check_page(phone)
    phone.get_by_label("Cell phone number").fill("602-555-0177")
    phone.get_by_role("button", name="Ask a nurse to call").click()
    expect(phone.get_by_role("status")).to_contain_text("We have told our nurses.")
    forgive(errors, 422)


def test_a_thumb_can_press_everything(phone: Page) -> None:
    for _ in range(2):
        phone.wait_for_load_state()  # with its style sheet: it is measured
        for control in phone.locator(".btn:visible, .form-control, .choice").all():
            box = control.bounding_box()
            assert box is not None
            assert box["height"] >= 44
        begin(phone) if phone.get_by_label("What is it about?").count() else None


@pytest.fixture
def as_manager(sign_in: SignIn, cast: Cast) -> None:
    """The browser belongs to a manager."""
    sign_in(cast.manager)


@pytest.mark.usefixtures("as_manager")
def test_the_staffs_pages_are_clean(
    page: Page, slot: Slot, live_server: Any, check_page: CheckPage
) -> None:
    made = link(visit_type=slot.visit_type)
    for path in ("", f"{made.pk}/", f"{made.pk}/print/"):
        page.goto(f"{live_server.url}/book-links/{path}")
        check_page(page)
    page.goto(f"{live_server.url}/book-links/")
    page.get_by_label("Name, for staff").fill("Front door")
    page.get_by_role("button", name="Make the link").click()
    heading(page, "Front door")
    code = page.locator("img.qr")
    expect(code).to_be_visible()
    expect(code).to_have_js_property("complete", True)  # it comes after the page
    assert code.evaluate("picture => picture.naturalWidth") > 100
