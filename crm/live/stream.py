"""One browser's stream, from the door to the last word."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections
from django.http import parse_cookie

from crm.live import viewers
from crm.live.frames import BEAT, RESYNC, notice_frame, opening_frame
from crm.live.http import Receive, Refused, Request, Send, start_stream
from crm.live.hub import Hub, Listener
from crm.live.origins import is_own_host, may_read_across
from crm.live.topics import DemoOnlyTopic, UnknownTopic, prefixes_for

if TYPE_CHECKING:
    from crm.live.channel import Notice

T = TypeVar("T")

#: A quiet stream says something this often, so that proxies keep it and pages trust it.
BEAT_SECONDS = 15.0
#: How long a browser's last words may take to be written.
FAREWELL_SECONDS = 1.0


async def in_database(read: Callable[[], T]) -> T:
    """Run a read in the one thread that holds this process's database connection."""

    def guarded() -> T:
        close_old_connections()
        return read()

    return await sync_to_async(guarded)()


async def is_signed_in(session_key: str) -> bool:
    """Whether the session stands for an active user, without blocking the other streams."""
    return await in_database(lambda: viewers.is_signed_in(session_key))


async def admit(request: Request, hub: Hub) -> Listener:
    """A listener for this request, already on the switchboard.

    :raises Refused: when this browser may not hear that.
    """
    if hub.closing:
        raise Refused(503, "This server is restarting. Try again in a moment.")
    if not is_own_host(request.host):
        raise Refused(400, "This server does not answer for that host name.")
    if request.origin and not may_read_across(request.origin, host=request.host):
        raise Refused(403, "Pages of that address may not read this stream.")
    cookies = parse_cookie(request.headers.get("cookie", ""))
    session_key = cookies.get(settings.SESSION_COOKIE_NAME, "")
    if not session_key or not await is_signed_in(session_key):
        raise Refused(401, "Sign in first.")
    listener = Listener(session_key=session_key, prefixes=_prefixes(request))
    hub.listeners.add(listener)
    return listener


def _prefixes(request: Request) -> tuple[str, ...]:
    demo = settings.FIRSTCALL.firstcall_demo
    try:
        return prefixes_for(request.query.get("topics", ""), demo=demo)
    except UnknownTopic as error:
        raise Refused(400, str(error)) from error
    except DemoOnlyTopic as error:
        raise Refused(403, str(error)) from error


async def stream(listener: Listener, request: Request, receive: Receive, send: Send) -> None:
    """Write until the browser leaves or the listener is ended.

    The listener is on the switchboard before the replay is read, so that an event can come twice
    but cannot be missed between the two.
    """
    await start_stream(send, request)
    tasks = [
        asyncio.create_task(_write(listener, request.last_event_id, send)),
        asyncio.create_task(_until_gone(receive)),
        asyncio.create_task(listener.ended.wait()),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if listener.ended.is_set():
        farewell = {"type": "http.response.body", "body": listener.last_words}
        with contextlib.suppress(TimeoutError):  # it may be the one that does not read
            await asyncio.wait_for(send(farewell), FAREWELL_SECONDS)


async def _write(listener: Listener, last_id: int | None, send: Send) -> None:
    async def put(body: bytes) -> None:
        await send({"type": "http.response.body", "body": body, "more_body": True})

    await put(opening_frame())
    if last_id is not None:
        await put(_replay(await _missed(last_id, listener.prefixes)))
    while True:
        await put(await listener.pull(within=BEAT_SECONDS) or BEAT)


async def _missed(last_id: int, prefixes: tuple[str, ...]) -> list[Notice] | None:
    return await in_database(lambda: viewers.find_missed(last_id=last_id, prefixes=prefixes))


def _replay(missed: list[Notice] | None) -> bytes:
    return RESYNC if missed is None else b"".join(notice_frame(notice) for notice in missed)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
