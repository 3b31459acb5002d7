"""A browser at the other end of the ASGI application, in the same event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Self

from asgiref.sync import async_to_sync

from crm.live.app import LiveApp
from crm.live.http import Message

#: Where the stream and the pages are in these tests, as in the settings' defaults.
HOST, PAGES = "localhost:8001", "http://localhost:8000"


class Browser:
    """Asks for one URL and collects what comes back; `stuck` reads the head and then no more."""

    def __init__(
        self,
        app: LiveApp,
        path: str = "/live",
        *,
        query: str = "",
        session: str = "",
        headers: dict[str, str] | None = None,
        method: str = "GET",
        stuck: bool = False,
    ) -> None:
        sent = {"host": HOST, **({"cookie": f"sessionid={session}"} if session else {})}
        sent |= headers or {}
        self.scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(k.encode(), v.encode()) for k, v in sent.items()],
        }
        self.app = app
        self.head: Message = {}
        self.body = b""
        self.closed_by_server = False
        self._stuck = stuck
        self._news = asyncio.Event()
        self._gone = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def status(self) -> int:
        return int(self.head["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {k.decode(): v.decode() for k, v in self.head["headers"]}

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.app(self.scope, self._receive, self._send))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._gone.set()
        assert self._task is not None
        await asyncio.wait_for(self._task, 5)

    async def _receive(self) -> Message:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.head = message
        else:
            if self._stuck and self.body:
                await asyncio.Event().wait()
            self.body += message["body"]
            self.closed_by_server = not message.get("more_body", False)
        self._news.set()

    async def until(self, happened: Callable[[Browser], Any], *, within: float = 5) -> None:
        """Wait for something to be true of what has come so far."""
        assert self._task is not None
        async with asyncio.timeout(within):
            while not happened(self):
                if self._task.done():
                    self._task.result()
                    raise AssertionError(f"it ended with {self.head} {self.body!r}")
                self._news.clear()
                news = asyncio.create_task(self._news.wait())
                await asyncio.wait({news, self._task}, return_when=asyncio.FIRST_COMPLETED)
                news.cancel()

    async def until_body(self, part: str) -> None:
        await self.until(lambda browser: part.encode() in browser.body)

    async def until_closed(self) -> None:
        await self.until(lambda browser: browser.closed_by_server)

    async def until_dropped(self) -> None:
        """Until the application is done with this request, however it ended."""
        assert self._task is not None
        await asyncio.wait_for(self._task, 5)


def play(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run an async scenario so that its database reads happen in the test's own transaction."""
    async_to_sync(scenario)()
