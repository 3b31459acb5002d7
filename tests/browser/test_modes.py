"""What a clinic in shadow or clerk-confirmed mode sees, in a browser: by key, and axe-clean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect

from crm.models import Task, User
from crm.states import Role, TaskKind
from scheduling.models import Clinic
from scheduling.states import FillMode
from tests.browser.conftest import CheckPage, SignIn
from tests.cast import Cast
from tests.fakes.sms import carrier
from tests.waitlist.conftest import scene
from tests.waitlist.scene import Scene
from tests.waitlist.test_requests import read_only
from waitlist.models import Offer

__all__ = ["carrier", "scene"]


Open = Callable[[str], Page]


@pytest.fixture
def opens(page: Page, sign_in: SignIn, cast: Cast, live_server: Any, scene: Scene) -> Open:
    """A page, as somebody opens it who runs openings and may switch modes, at the scene's time."""
    user = cast.front_desk
    User.objects.filter(pk=user.pk).update(roles=[Role.FRONT_DESK, Role.ADMIN])
    sign_in(user)

    def go(path: str) -> Page:
        page.clock.set_system_time(scene.at)
        page.goto(f"{live_server.url}{path}")
        return page

    return go


def test_a_clerk_sends_a_wave_by_key_and_settles_what_comes_of_it(
    scene: Scene,
    opens: Open,
    check_page: CheckPage,
) -> None:
    Clinic.objects.update(mode=FillMode.CLERK_CONFIRMED)
    for name, language in (("Ana", "en"), ("Beatriz", "es"), ("Carla", "en")):
        scene.add_candidate(given_name=name, family_name="Quintero", language=language)
    opening = scene.free()
    with time_machine.travel(scene.at, tick=True):
        page = opens(f"/openings/{opening.pk}/")
        check_page(page)
        page.locator(".plan .btn", has_text="Skip").first.click()
        expect(page.locator(".plan .passed")).to_have_count(1)
        page.locator("#send-plan").wait_for()
        page.keyboard.press("s")
        expect(page.locator(".toasts")).to_contain_text("Sent to")
        expect(page.locator("#plan")).to_have_count(0)
    scene.settle(minutes=2)
    read_only(scene)
    scene.settle(minutes=1)
    scene.reply(Offer.objects.all()[0].patient, "yes")
    task = Task.objects.get(kind=TaskKind.CONFIRM_REQUEST)
    with time_machine.travel(scene.at, tick=True):
        page = opens(f"/tasks/{task.pk}/")
        check_page(page)
        page.keyboard.press("b")
        page.get_by_label("Number of the visit in the EHR").fill("EPIC-77")
        page.keyboard.press("Enter")
        expect(page.locator(".toasts")).to_contain_text("Booked. The patient is told so.")


def test_the_shadow_report_and_the_modes_are_clean(
    scene: Scene,
    opens: Open,
    check_page: CheckPage,
) -> None:
    Clinic.objects.update(mode=FillMode.SHADOW)
    scene.add_candidate()
    opening = scene.free()
    clinic = scene.role.clinic_id
    with time_machine.travel(scene.at, tick=True):
        for path in (f"{opening.pk}/", "report/", "report/offers/", f"clinics/{clinic}/mode/"):
            check_page(opens(f"/openings/{path}"))
