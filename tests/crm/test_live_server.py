"""The streaming process as it is deployed: uvicorn, HTTP, PostgreSQL and a Valkey to kill."""

from __future__ import annotations

import http.client
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.live.channel import Notice
from crm.models import User
from tests.cast import Cast
from tests.crm.live_server import Bus, Server, wait_for
from tests.crm.test_live_viewers import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


class Stream:
    """One browser's open connection."""

    def __init__(self, server: Server, session: str) -> None:
        self._client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        headers = {
            "Cookie": f"sessionid={session}",
            "Origin": "http://localhost:8000",
            "Host": f"localhost:{server.port}",
        }
        self._client.request("GET", "/live?topics=openings", headers=headers)
        self.answer = self._client.getresponse()

    def event(self) -> str:
        """The next event's lines; empty when the server has closed the stream."""
        lines = b""
        while not lines.endswith(b"\n\n"):
            line = self.answer.readline()
            if not line:
                return lines.decode()
            lines += line
        return lines.decode()

    def close(self) -> None:
        self.answer.close()
        self._client.close()


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bus]:
    bus = Bus(tmp_path)
    bus.start()
    yield bus
    bus.kill()


@pytest.fixture
def server(bus: Bus, db: None) -> Iterator[Server]:
    server = Server(bus)
    yield server
    server.kill()


@pytest.fixture
def stream(server: Server, cast: Cast) -> Iterator[Stream]:
    stream = Stream(server, sign_in(cast.agent))
    assert stream.answer.status == 200
    assert stream.event().startswith("retry: ")
    assert stream.event() == "event: beat\ndata: 1\n\n"
    yield stream
    stream.close()


def test_what_one_process_publishes_a_browser_hears(bus: Bus, stream: Stream) -> None:
    bus.publish(Notice(41, "waitlist.offer-accepted", "waitlist.opening", 7))
    assert stream.event().startswith("id: 41\nevent: notice\n")


@pytest.mark.faults
def test_after_the_bus_was_killed_pages_are_told_to_refresh_and_hear_again(
    bus: Bus, server: Server, stream: Stream
) -> None:
    bus.kill()
    wait_for(lambda: server.health().get("hears_bus") is False)
    bus.start()
    assert stream.event() == "event: resync\ndata: 1\n\n"
    bus.publish(Notice(42, "waitlist.wave-sent", "waitlist.opening", 7))
    assert stream.event().startswith("id: 42\n")


def test_nonsense_on_the_channel_hurts_nobody(bus: Bus, stream: Stream) -> None:
    bus.say(b"\xff\xfe nonsense")
    bus.publish(Notice(43, "waitlist.wave-sent", "waitlist.opening", 7))
    assert stream.event().startswith("id: 43\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_its_streams_at_once(
    server: Server, stream: Stream, number: signal.Signals
) -> None:
    started = time.monotonic()
    server.process.send_signal(number)
    assert stream.event() == ""
    server.process.wait(timeout=8)
    assert time.monotonic() - started < 5  # not the ten seconds that uvicorn would wait


@pytest.mark.faults
@pytest.mark.long
def test_someone_who_is_switched_off_hears_nothing_after_a_minute(
    server: Server, stream: Stream, cast: Cast
) -> None:
    User.objects.filter(pk=cast.agent.pk).update(is_active=False)
    started = time.monotonic()
    said = [stream.event()]
    while said[-1]:
        said.append(stream.event())
    assert time.monotonic() - started < 60
    assert said[-2] == "event: signed-out\ndata: 1\n\n"
