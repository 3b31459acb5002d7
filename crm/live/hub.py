"""The switchboard of one streaming process: one subscription in, many listeners out."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from typing import TYPE_CHECKING

import structlog
from redis import RedisError

from crm.live.channel import CHANNEL, PROBE_SECONDS, Notice, connect_subscriber
from crm.live.frames import RESYNC, SIGNED_OUT, notice_frame

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import redis.asyncio

log = structlog.get_logger(__name__)

#: Frames that may wait for one browser. A slower one is dropped; it comes back and catches up.
QUEUE_FRAMES = 256
#: How often each session is looked up again. With the time that takes, well under 60 s.
PATROL_SECONDS = 20.0


class Listener:
    """One open stream: whose session, which events, and the frames that wait to be written."""

    def __init__(self, *, session_key: str, prefixes: tuple[str, ...]) -> None:
        self.session_key = session_key
        self.ended: asyncio.Event = asyncio.Event()
        self.last_words = b""
        self.prefixes = prefixes
        self._waiting: deque[bytes] = deque()
        self._filled = asyncio.Event()

    def wants(self, name: str) -> bool:
        return name.startswith(self.prefixes)

    def push(self, frame: bytes) -> None:
        """Queue a frame; a browser that lets too many pile up is dropped."""
        if len(self._waiting) >= QUEUE_FRAMES:
            self.end()
            return
        self._waiting.append(frame)
        self._filled.set()

    async def pull(self, *, within: float) -> bytes:
        """All frames that wait, in one piece; nothing when none came `within` so many seconds."""
        try:
            await asyncio.wait_for(self._filled.wait(), within)
        except TimeoutError:
            return b""
        self._filled.clear()
        frames = b"".join(self._waiting)
        self._waiting.clear()
        return frames

    def end(self, last_words: bytes = b"") -> None:
        """Close the stream from our side, after one last frame if there is one."""
        self.last_words = last_words
        self.ended.set()


class Hub:
    """All listeners of this process, and the two loops that serve them."""

    def __init__(self, *, connect: Callable[[], redis.asyncio.Redis] = connect_subscriber) -> None:
        self.listeners: set[Listener] = set()
        self.hears_bus = False
        self.closing = False
        self._connect = connect

    def broadcast(self, notice: Notice) -> None:
        """Queue a notice for every listener that asked for events of this name."""
        frame = notice_frame(notice)
        for listener in self.listeners:
            if listener.wants(notice.name):
                listener.push(frame)

    def close(self) -> None:
        """End every stream. Browsers come back after their `retry` time, to the next process."""
        self.closing = True
        for listener in self.listeners:
            listener.end()

    async def hear(self) -> None:
        """Hear the channel until cancelled. After a gap, every page is told to refresh."""
        while True:
            try:
                await self._hear_until_lost()
            except (RedisError, OSError) as error:
                log.warning("live_bus_lost", error=type(error).__name__)
            self.hears_bus = False
            await asyncio.sleep(random.uniform(0.5, 1.5))  # noqa: S311 - spreads load

    async def _hear_until_lost(self) -> None:
        async with self._connect() as client, client.pubsub() as pubsub:
            await pubsub.subscribe(CHANNEL)
            probed = False
            while True:
                message = await pubsub.get_message(timeout=PROBE_SECONDS)
                if message is None and probed:
                    raise ConnectionError("no answer to a ping")
                probed = message is None
                if message is None:
                    await pubsub.ping()
                elif message["type"] == "subscribe":
                    self._bus_is_back()
                elif message["type"] == "message":
                    self._take(message["data"])

    def _bus_is_back(self) -> None:
        """Events between the loss and now were not heard; the first time, nobody listens yet."""
        self.hears_bus = True
        for listener in self.listeners:
            listener.push(RESYNC)

    def _take(self, raw: bytes) -> None:
        try:
            self.broadcast(Notice.from_json(raw))
        except ValueError:
            log.warning("live_notice_unreadable", size=len(raw))

    async def patrol(self, *, is_signed_in: Callable[[str], Awaitable[bool]]) -> None:
        """Until cancelled: end the streams of sessions that no longer stand for an active user.

        When that cannot be found out, the stream ends too, and the browser asks again.
        """
        while True:
            await asyncio.sleep(PATROL_SECONDS)
            for key in {listener.session_key for listener in self.listeners}:
                try:
                    if not await is_signed_in(key):
                        self.end_session(key, SIGNED_OUT)
                except Exception as error:  # noqa: BLE001 - whatever failed, nothing is proven
                    log.warning("live_patrol_failed", error=type(error).__name__)
                    self.end_session(key)

    def end_session(self, session_key: str, last_words: bytes = b"") -> None:
        """End every stream of one session."""
        for listener in self.listeners:
            if listener.session_key == session_key:
                listener.end(last_words)
