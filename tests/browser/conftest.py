"""A real browser on real pages. A page that breaks its own policy, or logs an error, fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from crm.models import User
from tests.browser.desk_house import house, listening  # noqa: F401 fixtures
from tests.cast import Cast
from tests.crm.live_server import Bus, Server

SignIn = Callable[[User], None]
CheckPage = Callable[[Page], None]

#: The desk's screen and a patient's phone, as design and hooks name them.
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and "page" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture
def context(context: BrowserContext) -> BrowserContext:
    """A browser that shares two cores with everything else may need longer than half a minute."""
    context.set_default_timeout(60_000)
    return context


@pytest.fixture
def errors(page: Page) -> Iterator[list[str]]:
    """What the browser complained of; a test that expects some empties the list."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield complaints
    assert complaints == []


@pytest.fixture
def sign_in(context: BrowserContext, live_server: Any) -> SignIn:
    """Put a member of staff's session into the browser."""

    def do(user: User) -> None:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}]
        )

    return do


@pytest.fixture
def as_agent(sign_in: SignIn, cast: Cast) -> None:
    """The browser belongs to an agent."""
    sign_in(cast.agent)


@pytest.fixture
def check_page(errors: list[str]) -> CheckPage:
    """A page as it must be at both sizes and in both schemes: axe-clean, nothing cut off."""

    def check(page: Page) -> None:
        for scheme in ("light", "dark"):
            # Without motion: a color on its way to another one would be measured.
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for size in (DESK, PHONE):
                page.set_viewport_size(size)  # type: ignore[arg-type]
                found = Axe().run(page)
                assert found.violations_count == 0, found.generate_report()
                width = page.evaluate("document.documentElement.scrollWidth")
                assert width <= size["width"], f"{width} px wide at {size['width']}, {scheme}"
        page.set_viewport_size(DESK)  # type: ignore[arg-type]

    return check


@pytest.fixture(scope="session")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bus]:
    bus = Bus(tmp_path_factory.mktemp("bus"))
    bus.start()
    yield bus
    bus.kill()


@pytest.fixture(scope="session")
def live_process(bus: Bus, live_server: Any, django_db_setup: None) -> Iterator[Server]:
    """One streaming process for all: starting it takes longer than any test."""
    server = Server(bus, pages=live_server.url)
    yield server
    server.kill()


@pytest.fixture
def live(live_process: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A live stream for this test's pages. Who kills it starts it again."""
    monkeypatch.setattr(settings.FIRSTCALL, "live_url", live_process.url)
    return live_process
