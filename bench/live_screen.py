"""A desk's browser, in as much as it listens and asks: by the page's own triggers and scripts.

Which part looks again after which event is read from the HTML (`hx-get`, `hx-trigger`), as htmx
does; the left column and the ring are as static/js/screen.js has them.
"""

from __future__ import annotations

import asyncio
import gzip
import html
import json
import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

from bench.live_house import Staff
from crm.live.channel import CONCERNED

_PART = re.compile(r'hx-get="([^"]+)"[^>]*?hx-trigger="([^"]+)"')
_LISTED = re.compile(r'name="listed" value="([^"]*)" data-hears="([^"]*)" data-within="(\d+)"')
_HEARD = re.compile(r"live:(\S+) from:body(?: delay:(\d+)ms)?")
AT_ONCE: Final = 0.4
POLL: Final = 60.0
#: What the left column did before it said what it hears of.
OF_ALL: Final = re.compile(r"^crm\.(contact|call|queue|handoff|task|agent)-")
OF_ALL_WITHIN: Final = 0.5
LEFT: Final = "left"


@dataclass(frozen=True, slots=True)
class Heard:
    """A notice, and all names that live.js gives it."""

    name: str
    contact: int
    agent: int
    subject: str
    whom: frozenset[str]
    events: frozenset[str]


@lru_cache(maxsize=4096)
def read(data: bytes) -> Heard:
    """One notice; all desks read the same bytes, and one of them does the work."""
    told: dict[str, Any] = json.loads(data)
    named = {f"{who}:{told[who]}" for who in CONCERNED if who in told}
    whom = frozenset({f"{told['subject_type']}:{told['subject_id']}", *named})
    name = told["name"]
    of_whom = {f"{each}:{one}" for each in (name, name.split(".")[0]) for one in whom}
    events = {name, *whom, *of_whom}
    contact, agent = int(told.get("contact", 0)), int(told.get("agent", 0))
    return Heard(name, contact, agent, told["subject_type"], whom, frozenset(events))


@dataclass(slots=True)
class Part:
    """A part of the page: its address, and after which events it looks again, with its delay."""

    url: str
    hears: dict[str, float]


@dataclass(slots=True)
class Line:
    """One kept connection to the web server."""

    port: int
    cookie: str
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, path: str, **headers: str) -> tuple[dict[str, str], str]:
        """Headers and text of an answer, as the browser asks."""
        async with self._turn:
            try:
                return await self._ask(path, headers)
            except (asyncio.IncompleteReadError, ConnectionError):
                self.close()  # the server hangs up on who was silent; a browser dials again
                return await self._ask(path, headers)

    async def _ask(self, path: str, headers: Mapping[str, str]) -> tuple[dict[str, str], str]:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", f"Cookie: {self.cookie}"]
        lines += ["Accept-Encoding: gzip", "HX-Request: true"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        return await self._answer(path)

    async def _answer(self, path: str) -> tuple[dict[str, str], str]:
        assert self._reader is not None
        first, *rest = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.split(": ", 1) for line in rest if ": " in line)
        headers = {name.lower(): value for name, value in pairs}
        if first.split(" ")[1] not in {"200", "204"}:
            raise RuntimeError(f"{path}: {first}")
        body = await self._reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        return headers, body.decode()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


@dataclass(slots=True)
class Got:
    """An answer that an event led to: of which part, after what of which contact, and when."""

    part: str
    name: str
    contact: int
    at: float
    is_own: bool


@dataclass(slots=True)
class Screen:
    """One desk. `asks_for_all`: as before the left column said what it hears of."""

    staff: Staff
    line: Line
    asks_for_all: bool = False
    got: list[Got] = field(default_factory=list)
    asked: int = 0
    shown: int = 0
    _hears: frozenset[str] = frozenset()
    _within: float = AT_ONCE
    _listed: str = ""
    _parts: dict[str, Part] = field(default_factory=dict)
    _since: dict[str, list[tuple[Heard, bool]]] = field(default_factory=dict)
    _timers: dict[str, tuple[float, asyncio.TimerHandle]] = field(default_factory=dict)
    _queue_due: bool = False
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _is_closed: bool = False

    async def open(self) -> None:
        """As the page loads, and then once a minute."""
        await self._look_left()
        asyncio.get_running_loop().call_later(random.uniform(0, POLL), self._poll)

    def hear(self, heard: Heard) -> None:
        """What live.js, screen.js and htmx do with one notice."""
        self._hear_left(heard)
        if heard.name == "crm.contact-taken" and heard.agent == self.staff.user.pk:
            self._start(self._ring(heard))
        for key, part in list(self._parts.items()):
            for event in heard.events & part.hears.keys():
                self._look_within(key, part.hears[event], heard, is_own=True, again=True)

    def _hear_left(self, heard: Heard) -> None:
        ours = {*heard.whom, heard.subject} & self._hears
        is_own = any(not one.startswith("queue:") for one in ours)
        if self.asks_for_all:
            if OF_ALL.match(heard.name):
                self._look_within(LEFT, OF_ALL_WITHIN, heard, is_own=is_own)
        elif is_own:
            self._look_within(LEFT, AT_ONCE, heard, is_own=True)
        elif ours and self._queue_due:
            self._since.setdefault(LEFT, []).append((heard, False))
        elif ours:
            self._queue_due = True
            self._look_within(LEFT, random.uniform(0, self._within), heard, is_own=False)

    def _look_within(
        self, key: str, seconds: float, heard: Heard, *, is_own: bool, again: bool = False
    ) -> None:
        """`again`: a further event begins the wait anew, as htmx's own `delay` does."""
        loop = asyncio.get_running_loop()
        self._since.setdefault(key, []).append((heard, is_own))
        due, timer = self._timers.get(key, (float("inf"), None))
        if not again and loop.time() + seconds >= due:
            return
        if timer is not None:
            timer.cancel()
        self._timers[key] = (
            loop.time() + seconds,
            loop.call_later(seconds, lambda: self._start(self._look(key))),
        )

    async def _look(self, key: str) -> None:
        self._timers.pop(key, None)
        since = self._since.pop(key, [])
        if key == LEFT:
            await self._look_left()
        elif (part := self._parts.get(key)) is not None:
            await self._look_part(part)
        self._note(key, since)

    def _note(self, key: str, since: list[tuple[Heard, bool]]) -> None:
        now = time.perf_counter()
        name = key if key == LEFT else re.sub(r"\d+", "…", key)
        self.got += [Got(name, each.name, each.contact, now, is_own) for each, is_own in since]

    async def _look_left(self) -> None:
        self._queue_due = False
        query = urlencode({"shown": self.shown or "", "listed": self._listed})
        text = await self._get(f"/desk/left/?{query}")
        if found := _LISTED.search(text):
            self._listed, hears, within = html.unescape(found[1]), found[2], int(found[3])
            self._hears, self._within = frozenset(hears.split(" ")), within / 1000

    async def _look_part(self, part: Part) -> None:
        self._learn(await self._get(part.url))

    async def _ring(self, heard: Heard) -> None:
        """The desk asks what pops, opens it in place, and then asks for its last panels."""
        self.asked += 1
        headers, _ = await self.line.get(f"/desk/pop/?shown={self.shown or ''}&known=")
        where = json.loads(headers.get("hx-location", "{}")).get("path")
        if where is None:
            return
        self.shown = int(where.strip("/").rsplit("/", 1)[-1])
        self._parts.clear()
        self._learn(await self._get(where, HX_Target="desk-work"))
        self.got.append(Got("ring", heard.name, heard.contact, time.perf_counter(), is_own=True))

    def _learn(self, text: str) -> None:
        """The parts of what came; one that is asked for as soon as it shows is asked for."""
        for url, triggers in _PART.findall(text):
            part = Part(
                html.unescape(url),
                {name: int(delay or 0) / 1000 for name, delay in _HEARD.findall(triggers)},
            )
            if triggers == "load":
                self._start(self._look_part(part))
            else:
                self._parts[part.url.split("?")[0]] = part

    async def _get(self, path: str, **headers: str) -> str:
        self.asked += 1
        return (await self.line.get(path, **headers))[1]

    def close(self) -> None:
        self._is_closed = True
        for task in self._tasks:
            task.cancel()
        self.line.close()

    def _poll(self) -> None:
        self._start(self._look_left())
        asyncio.get_running_loop().call_later(POLL, self._poll)

    def _start(self, work: Any) -> None:
        if self._is_closed:
            work.close()
            return
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
