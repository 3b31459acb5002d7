"""The streaming process as a plain ASGI application.

``GET /live?topics=openings`` streams notices to a signed-in browser; ``GET /healthz`` says that
the process is up. Served by uvicorn, one worker, beside the WSGI server that does the pages.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections

from crm.live.http import Receive, Refused, Request, Scope, Send, send_json
from crm.live.hub import Hub
from crm.live.stream import admit, is_signed_in, stream


class LiveApp:
    """ASGI callable. One per process; `hub` holds its open streams."""

    def __init__(self, hub: Hub | None = None) -> None:
        self.hub = hub or Hub()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live_and_die(receive, send)
        elif scope["type"] == "http":
            await self._answer(Request.from_scope(scope), receive, send)

    async def _live_and_die(self, receive: Receive, send: Send) -> None:
        await receive()
        loops = [
            asyncio.create_task(self.hub.hear()),
            asyncio.create_task(self.hub.patrol(is_signed_in=is_signed_in)),
        ]
        _end_streams_on_signals(self.hub)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.hub.close()
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        await sync_to_async(connections.close_all)()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, request: Request, receive: Receive, send: Send) -> None:
        if request.method != "GET":
            await send_json(send, 405, {"detail": "This server is read with GET."})
        elif request.path == "/healthz":
            await send_json(send, 200, self._health())
        elif request.path == "/live":
            await self._open_stream(request, receive, send)
        else:
            await send_json(send, 404, {"detail": "The stream is at /live."})

    def _health(self) -> dict[str, Any]:
        """`hears_bus` false means: up, but nothing to tell until Redis is back."""
        hub = self.hub
        return {"status": "ok", "streams": len(hub.listeners), "hears_bus": hub.hears_bus}

    async def _open_stream(self, request: Request, receive: Receive, send: Send) -> None:
        try:
            listener = await admit(request, self.hub)
        except Refused as error:
            await send_json(send, error.status, {"detail": str(error)}, request=request)
            return
        try:
            await stream(listener, request, receive, send)
        finally:
            self.hub.listeners.discard(listener)


def _end_streams_on_signals(hub: Hub) -> None:
    """End the streams as soon as we are told to stop.

    A server waits for open answers before it tells the application to shut down, and a stream
    never ends by itself. So we put ourselves before the server's own signal handlers.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)
        if not callable(before):
            continue

        def stop(signum: int, frame: Any, before: Callable[..., Any] = before) -> None:
            loop.call_soon_threadsafe(hub.close)
            before(signum, frame)

        signal.signal(number, stop)
