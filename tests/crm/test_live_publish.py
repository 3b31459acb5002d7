"""Publishing to a real Valkey, and to one that is not there."""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from crm.live.channel import CHANNEL, Notice
from crm.live.publish import BREAK_SECONDS, Publisher, publish


@pytest.fixture
def channel(redis_url: str) -> Iterator[redis.client.PubSub]:
    with redis.Redis.from_url(redis_url) as client, client.pubsub() as pubsub:
        pubsub.subscribe(CHANNEL)
        assert pubsub.get_message(timeout=2)["type"] == "subscribe"
        yield pubsub


@pytest.fixture
def dead_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def heard(channel: redis.client.PubSub, name: str) -> Notice:
    """The notice of that name; other workers use the same channel of the same server."""
    give_up = time.monotonic() + 5
    while time.monotonic() < give_up:
        message = channel.get_message(ignore_subscribe_messages=True, timeout=1)
        if message and name in message["data"].decode():
            return Notice.from_json(message["data"])
    raise AssertionError(f"{name} was not published")


def test_puts_ids_on_the_channel(channel: redis.client.PubSub) -> None:
    name = f"waitlist.{uuid.uuid4()}"
    notices = [Notice(pk, f"{name}-{pk}", "waitlist.opening", 7) for pk in (41, 42)]
    assert publish(*notices) is True
    assert [heard(channel, notice.name) for notice in notices] == notices


def test_a_redis_that_is_down_is_left_alone_for_a_while(dead_port: int) -> None:
    clock, tries = [100.0], []

    class Counting(redis.Redis):
        def pipeline(self, *args: Any, **kwargs: Any) -> Any:
            tries.append(args)
            return super().pipeline(*args, **kwargs)

    def connect() -> redis.Redis:
        return Counting(port=dead_port, retry=Retry(NoBackoff(), 0))

    publisher = Publisher(connect=connect, clock=lambda: clock[0])
    notice = Notice(1, "a.b", "a.b", 1)
    assert [publisher.send(notice) for _ in range(50)] == [False] * 50
    assert len(tries) == 1
    clock[0] += BREAK_SECONDS
    assert publisher.send(notice) is False
    assert len(tries) == 2


def test_a_redis_that_hangs_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as hanging:
        port = hanging.getsockname()[1]
        monkeypatch.setattr(
            "crm.live.channel.settings.FIRSTCALL.redis_url", f"redis://127.0.0.1:{port}/0"
        )
        publisher = Publisher()
        start = time.monotonic()
        assert publisher.send(Notice(1, "a.b", "a.b", 1)) is False
        assert time.monotonic() - start < 1.5
