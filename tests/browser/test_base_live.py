"""The live stream in a browser: events refresh pages, in every tab, and after every outage."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from crm.live.channel import Notice
from crm.models import User
from tests.cast import Cast
from tests.crm.live_server import Bus, Server, wait_for

pytestmark = [pytest.mark.urls("tests.browser.base_urls"), pytest.mark.usefixtures("as_agent")]
#: More than the six connections that a browser opens to one host over HTTP/1.1.
TABS = 8


def happened(id_: int, subject_id: int = 7) -> Notice:
    return Notice(id_, "waitlist.wave-sent", "waitlist.opening", subject_id)


def open_probe(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/probe/")
    expect(page.locator("#live")).to_have_attribute("data-state", "open", timeout=15_000)


@pytest.fixture
def probe(page: Page, live: Server, live_server: Any, errors: list[str]) -> Page:
    open_probe(page, live_server)
    return page


def test_an_event_refreshes_the_page(probe: Page, bus: Bus) -> None:
    expect(probe.locator("#count")).to_have_text("never")
    bus.publish(happened(1))
    expect(probe.locator("#count")).to_contain_text("fetched")


def test_a_row_refreshes_for_its_own_events_only(probe: Page, bus: Bus) -> None:
    bus.publish(happened(1, subject_id=8))
    expect(probe.locator("#count")).to_contain_text("fetched")
    expect(probe.locator("#one")).to_have_text("never")
    bus.publish(happened(2, subject_id=7))
    expect(probe.locator("#one")).to_contain_text("fetched")


def test_the_indicator_says_how_fresh_the_page_is(probe: Page) -> None:
    expect(probe.locator("[data-live-word]")).to_have_text("Live, 1 s ago")
    expect(probe.locator("[data-live-word]")).to_have_text("Live, 2 s ago")
    expect(probe.locator("[data-live-status]")).to_have_text("Live")


def test_after_an_outage_the_page_says_so_comes_back_and_refreshes(
    probe: Page, live: Server, errors: list[str]
) -> None:
    live.kill()
    expect(probe.locator("[data-live-word]")).to_have_text("Reconnecting…", timeout=10_000)
    assert probe.locator("#count").text_content() == "never"
    live.start()
    expect(probe.locator("#live")).to_have_attribute("data-state", "open", timeout=30_000)
    expect(probe.locator("#count")).to_contain_text("fetched")
    errors.clear()  # the refused connections


def test_every_one_of_eight_tabs_hears_and_still_loads_pages(
    probe: Page, context: BrowserContext, live: Server, live_server: Any, bus: Bus
) -> None:
    tabs = [probe]
    for _ in range(TABS - 1):
        tab = context.new_page()
        open_probe(tab, live_server)
        tabs.append(tab)
    wait_for(lambda: live.health()["streams"] == 1)
    bus.publish(happened(1))
    for tab in tabs:
        expect(tab.locator("#count")).to_contain_text("fetched")


def test_without_shared_workers_the_eighth_tab_would_hear_nothing(
    context: BrowserContext, live: Server, live_server: Any
) -> None:
    """The race that the worker is there for does happen: this is its twin without the worker."""
    context.add_init_script("delete window.SharedWorker")
    for n in range(TABS):
        tab = context.new_page()
        tab.goto(f"{live_server.url}/probe/")
        state = "open" if n < 6 else "connecting"
        expect(tab.locator("#live")).to_have_attribute("data-state", state, timeout=15_000)
    wait_for(lambda: live.health()["streams"] == 6)


def test_a_browser_without_shared_workers_hears_all_the_same(
    page: Page, live: Server, live_server: Any, bus: Bus
) -> None:
    page.add_init_script("delete window.SharedWorker")
    open_probe(page, live_server)
    bus.publish(happened(1))
    expect(page.locator("#count")).to_contain_text("fetched")


@pytest.mark.faults
@pytest.mark.long
def test_someone_who_was_switched_off_is_told_so(
    page: Page, live: Server, live_server: Any, errors: list[str], cast: Cast
) -> None:
    with page.expect_response("**/feedback/news/"):  # the last thing that it asks for by itself
        open_probe(page, live_server)
    User.objects.filter(pk=cast.agent.pk).update(is_active=False)
    expect(page.locator("[data-live-word]")).to_contain_text("Signed out", timeout=60_000)


def test_whose_page_asks_for_something_first_is_told_at_the_sign_in(
    probe: Page, bus: Bus, cast: Cast
) -> None:
    """Before the stream has looked who is still signed in, the page has left."""
    User.objects.filter(pk=cast.agent.pk).update(is_active=False)
    bus.publish(Notice(1, "scheduling.feedback-answered", "scheduling.slot-feedback", 7))
    told = probe.get_by_role("alert")
    expect(told).to_contain_text("You have been signed out", timeout=30_000)
    assert "/sign-in/" in probe.url


def test_the_policy_lets_the_page_connect_to_its_stream_and_nowhere_else(
    page: Page, live: Server, live_server: Any
) -> None:
    def policy_of(path: str) -> str:
        answer = page.goto(f"{live_server.url}{path}")
        assert answer is not None
        return answer.headers["content-security-policy"]

    policy = policy_of("/probe/")
    assert f"connect-src 'self' http://localhost:{live.port};" in f"{policy};"
    assert "unsafe" not in policy
    page.context.clear_cookies()
    assert "connect-src 'self';" in f"{policy_of('/probe/patient/')};"
