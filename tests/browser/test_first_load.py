"""What the desk costs a browser that was never here, and that nothing moves under the hands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import django_htmx
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from bench.desk_case import Case, Sizes, add_case
from crm.live.channel import Notice
from crm.models import Agent, Interaction
from crm.states import AgentState
from crm.templatetags import icons
from scheduling.models import Appointment
from tests.browser.conftest import SignIn
from tests.browser.desk_house import say_taken
from tests.crm.live_server import Bus, Server

#: What issue and docs promise of the first load, headers included.
MOST_BYTES = 300_000
#: Of the layout shift score, where 0.1 is called good. Nothing that can be seen.
STEADY = 0.001
#: As `layout-shift` counts: https://wicg.github.io/layout-instability/
WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) window.shifted += each.value;
}).observe({ type: "layout-shift", buffered: true });
"""
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))"
_ids = count(1_000)


@pytest.fixture
def deployed(settings: Any, tmp_path: Path, live_server: Any) -> Iterator[str]:
    """The pages as a deployment serves them: static files collected, hashed and compressed."""
    settings.STATIC_ROOT = tmp_path
    htmx = Path(django_htmx.__file__).parent / "static"
    settings.STATICFILES_DIRS = [*settings.STATICFILES_DIRS, htmx]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    backend = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": backend}}
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = False
    call_command("collectstatic", interactive=False, verbosity=0)
    icons._draw.cache_clear()
    server = live_server.thread.httpd
    of_other_tests = server.get_app()
    server.set_app(WSGIHandler())
    yield live_server.url
    server.set_app(of_other_tests)
    icons._draw.cache_clear()


@pytest.fixture
def heavy() -> Case:
    """Somebody with 300 visits and 500 texts, verified and on the line."""
    return add_case(Sizes(), at=timezone.now())


def received(page: Page) -> dict[str, int]:
    """Bytes as they came over the line, by address; filled while the page loads."""
    found: dict[str, int] = {}
    addresses: dict[str, str] = {}
    session = page.context.new_cdp_session(page)
    session.on(
        "Network.responseReceived",
        lambda told: addresses.update({told["requestId"]: told["response"]["url"]}),
    )
    session.on(
        "Network.loadingFinished",
        lambda told: found.update({addresses[told["requestId"]]: int(told["encodedDataLength"])}),
    )
    session.send("Network.enable")
    return found


def shifted(page: Page) -> float:
    """The layout shift since it was last asked for."""
    page.evaluate(DRAWN)
    score: float = page.evaluate("window.shifted")
    page.evaluate("window.shifted = 0")
    return score


def top(page: Page, selector: str) -> float:
    """Layout shift does not count what was drawn anew: where it stands tells."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["y"]


def test_is_small_at_first_and_nothing_moves(  # noqa: PLR0917 fixtures
    page: Page, deployed: str, sign_in: SignIn, live: Server, bus: Bus, heavy: Case
) -> None:
    sign_in(heavy.agent)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.add_init_script(WATCH_SHIFTS)
    came = received(page)
    page.goto(f"{deployed}/desk/{heavy.contact.pk}/")
    the_last_panels_are_there(page)
    assert any(address.endswith(".woff2") for address in came)
    assert sum(came.values()) < MOST_BYTES, came
    assert shifted(page) < STEADY

    Interaction.objects.filter(pk=heavy.contact.pk).update(agent=None)
    Agent.objects.update(status=AgentState.AVAILABLE)
    page.goto(f"{deployed}/desk/")
    expect(page.locator("#live")).to_have_attribute("data-state", "open")
    before = top(page, "#waiting-title")
    assert shifted(page) < STEADY

    a_ring_opens_it(page, bus, heavy)
    assert top(page, "#waiting-title") == before
    assert shifted(page) < STEADY

    before = top(page, "#panel-plan")
    with page.expect_response(lambda answer: "panels/appointments" in answer.url):
        bus.publish(of_a_visit(heavy))
    assert top(page, "#panel-plan") == before
    assert shifted(page) < STEADY


def the_last_panels_are_there(page: Page) -> None:
    expect(page.locator("#panel-timeline")).to_be_attached()
    expect(page.locator("#live")).to_have_attribute("data-state", "open")


def a_ring_opens_it(page: Page, bus: Bus, heavy: Case) -> None:
    Interaction.objects.filter(pk=heavy.contact.pk).update(agent=heavy.agent)
    say_taken(bus, heavy.contact.pk, agent=heavy.agent.pk)
    the_last_panels_are_there(page)
    expect(page.locator(f"#mine-{heavy.contact.pk}")).to_be_visible()


def of_a_visit(heavy: Case) -> Notice:
    """Something happened to a visit of theirs, as the stream tells of it; here it says the same."""
    visit = Appointment.objects.filter(patient=heavy.patient).latest("starts_at")
    visit.booked_at -= dt.timedelta(minutes=1)
    visit.save(update_fields=["booked_at"])
    name, subject = "scheduling.appointment-changed", "scheduling.appointment"
    return Notice(next(_ids), name, subject, visit.pk, patient=heavy.patient.pk)
