"""The streaming application from the browser's side, in one event loop with it."""

from __future__ import annotations

import asyncio
import json

import pytest
from django.conf import settings
from django.db import DatabaseError

from crm.live import hub as hub_module
from crm.live import stream as stream_module
from crm.live.app import LiveApp
from crm.live.channel import Notice
from crm.live.frames import RESYNC
from crm.live.hub import QUEUE_FRAMES, Hub, Listener
from crm.live.stream import is_signed_in
from crm.models import User
from tests.cast import Cast
from tests.crm.live_browser import PAGES, Browser, play
from tests.crm.test_live_viewers import happen, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def keep_the_tests_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Django's test client does: the test's transaction lives in the connection."""
    monkeypatch.setattr(stream_module, "close_old_connections", lambda: None)


def notice(id_: int, name: str = "waitlist.wave-sent") -> Notice:
    return Notice(id_, name, "waitlist.opening", 7)


async def refused(browser: Browser) -> tuple[int, str]:
    async with browser:
        await browser.until_closed()
    assert not browser.app.hub.listeners
    return browser.status, json.loads(browser.body)["detail"]


def test_streams_to_someone_who_signed_in(cast: Cast) -> None:
    session, app = sign_in(cast.agent), LiveApp()

    async def scenario() -> None:
        async with Browser(app, session=session, headers={"origin": PAGES}) as browser:
            await browser.until_body("event: beat")
            app.hub.broadcast(notice(41))
            await browser.until_body('"id":41')
            assert browser.status == 200
            assert browser.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert browser.headers["cache-control"] == "no-store"
            assert browser.headers["access-control-allow-origin"] == PAGES
            assert browser.headers["access-control-allow-credentials"] == "true"
            assert browser.body.startswith(b"retry: ")
        assert not app.hub.listeners  # the browser left

    play(scenario)


def test_refuses_a_browser_without_a_session(cast: Cast) -> None:
    async def scenario() -> None:
        app = LiveApp()
        assert await refused(Browser(app)) == (401, "Sign in first.")
        assert await refused(Browser(app, session="made-up")) == (401, "Sign in first.")

    play(scenario)


def test_refuses_the_pages_of_others(cast: Cast) -> None:
    session = sign_in(cast.agent)

    async def scenario() -> None:
        browser = Browser(LiveApp(), session=session, headers={"origin": "http://evil.example"})
        assert (await refused(browser))[0] == 403
        assert "access-control-allow-origin" not in browser.headers

    play(scenario)


def test_lets_a_page_read_why_it_was_refused(cast: Cast) -> None:
    async def scenario() -> None:
        browser = Browser(LiveApp(), headers={"origin": PAGES})
        assert (await refused(browser))[0] == 401
        assert browser.headers["access-control-allow-origin"] == PAGES

    play(scenario)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"headers": {"host": "evil.example"}}, 400),
        ({"query": "topics=nonsense"}, 400),
        ({"method": "POST"}, 405),
        ({"path": "/elsewhere"}, 404),
    ],
)
def test_refuses_what_it_does_not_serve(cast: Cast, change: dict[str, str], status: int) -> None:
    session = sign_in(cast.agent)

    async def scenario() -> None:
        browser = Browser(LiveApp(), session=session, **change)  # type: ignore[arg-type]
        assert (await refused(browser))[0] == status

    play(scenario)


@pytest.mark.parametrize(("demo", "status"), [(True, 200), (False, 403)])
def test_the_phones_are_heard_in_demos_only(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, demo: bool, status: int
) -> None:
    monkeypatch.setattr(settings.FIRSTCALL, "firstcall_demo", demo)
    session = sign_in(cast.outsider)

    async def scenario() -> None:
        async with Browser(LiveApp(), query="topics=phones", session=session) as browser:
            await browser.until(lambda b: b.head)
            assert browser.status == status

    play(scenario)


def test_a_page_hears_its_topics_only(cast: Cast) -> None:
    session, app = sign_in(cast.agent), LiveApp()

    async def scenario() -> None:
        async with Browser(app, query="topics=openings", session=session) as browser:
            await browser.until_body("event: beat")
            app.hub.broadcast(notice(1, "crm.task-opened"))
            app.hub.broadcast(notice(2, "outreach.text-sent"))
            await browser.until_body('"id":2')
            assert b'"id":1,' not in browser.body

    play(scenario)


@pytest.mark.parametrize("how", ["header", "query"])
def test_a_browser_that_comes_back_hears_what_it_missed(cast: Cast, how: str) -> None:
    session = sign_in(cast.agent)
    seen, missed = happen("waitlist.wave-sent", "waitlist.offer-accepted")
    headers = {"last-event-id": str(seen.pk)} if how == "header" else {}
    query = f"last_event_id={seen.pk}" if how == "query" else ""

    async def scenario() -> None:
        async with Browser(LiveApp(), session=session, headers=headers, query=query) as browser:
            await browser.until_body(f'"id":{missed.pk},"name":"waitlist.offer-accepted"')

    play(scenario)


def test_a_browser_that_missed_too_much_is_told_to_refresh(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.live.viewers.REPLAY_LIMIT", 1)
    session = sign_in(cast.agent)
    seen, *_ = happen(*["waitlist.wave-sent"] * 3)

    async def scenario() -> None:
        headers = {"last-event-id": str(seen.pk)}
        async with Browser(LiveApp(), session=session, headers=headers) as browser:
            await browser.until_body(RESYNC.decode())

    play(scenario)


def test_a_quiet_stream_beats(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "BEAT_SECONDS", 0.02)
    session = sign_in(cast.agent)

    async def scenario() -> None:
        async with Browser(LiveApp(), session=session) as browser:
            await browser.until(lambda b: b.body.count(b"event: beat") >= 4)

    play(scenario)


def test_a_browser_that_does_not_read_is_dropped_and_holds_up_nobody(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "FAREWELL_SECONDS", 0.05)
    session, app = sign_in(cast.agent), LiveApp()

    async def scenario() -> None:
        stuck = Browser(app, session=session, stuck=True)
        async with stuck, Browser(app, session=session) as reader:
            await stuck.until_body("event: beat")
            await reader.until_body("event: beat")
            for id_ in range(1, 2 * QUEUE_FRAMES + 2):
                app.hub.broadcast(notice(id_))
                if id_ % 100 == 0:
                    await asyncio.sleep(0.005)  # a reader reads; the other does not
            await reader.until_body(f'"id":{2 * QUEUE_FRAMES + 1},')
            await stuck.until_dropped()
            assert len(app.hub.listeners) == 1

    play(scenario)


def test_someone_who_is_switched_off_is_told_and_dropped_and_others_stay(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "PATROL_SECONDS", 0.05)
    gone, stays, app = sign_in(cast.agent), sign_in(cast.nurse), LiveApp()

    async def scenario() -> None:
        patrol = asyncio.create_task(app.hub.patrol(is_signed_in=is_signed_in))
        async with Browser(app, session=gone) as first, Browser(app, session=stays) as second:
            await first.until_body("event: beat")
            await second.until_body("event: beat")
            await asyncio.sleep(0.2)
            assert not first.closed_by_server
            await User.objects.filter(pk=cast.agent.pk).aupdate(is_active=False)
            await first.until_closed()
            assert first.body.endswith(b"event: signed-out\ndata: 1\n\n")
            await asyncio.sleep(0.2)
            assert not second.closed_by_server
        patrol.cancel()

    play(scenario)


def test_the_patrol_comes_round_well_within_a_minute() -> None:
    assert hub_module.PATROL_SECONDS <= 30


def test_when_sessions_cannot_be_looked_up_streams_end_and_may_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub_module, "PATROL_SECONDS", 0.01)

    async def fails(session_key: str) -> bool:
        raise DatabaseError("gone")

    async def scenario() -> None:
        hub = Hub()
        listener = Listener(session_key="a", prefixes=("",))
        hub.listeners.add(listener)
        patrol = asyncio.create_task(hub.patrol(is_signed_in=fails))
        await asyncio.wait_for(listener.ended.wait(), 5)
        assert listener.last_words == b""
        assert not patrol.done()  # and goes round again
        patrol.cancel()

    play(scenario)


def test_a_closing_process_ends_its_streams_and_takes_no_more(cast: Cast) -> None:
    session, app = sign_in(cast.agent), LiveApp()

    async def scenario() -> None:
        async with Browser(app, session=session) as browser:
            await browser.until_body("event: beat")
            app.hub.close()
            await browser.until_closed()
        assert (await refused(Browser(app, session=session)))[0] == 503

    play(scenario)


def test_health_says_what_it_holds() -> None:
    async def scenario() -> None:
        async with Browser(LiveApp(), "/healthz") as browser:
            await browser.until_closed()
            assert browser.status == 200
            assert json.loads(browser.body) == {"status": "ok", "streams": 0, "hears_bus": False}

    play(scenario)
