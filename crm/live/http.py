"""The little of HTTP that the streaming process needs, on plain ASGI messages."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from crm.live.origins import may_read_across

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Request:
    """What a browser asked. Header names are lower case, as ASGI has them."""

    method: str
    path: str
    headers: dict[str, str]
    query: dict[str, str]

    @classmethod
    def from_scope(cls, scope: Scope) -> Request:
        return cls(
            method=scope["method"],
            path=scope["path"],
            headers={k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]},
            query=dict(parse_qsl(scope["query_string"].decode("latin-1"))),
        )

    @property
    def host(self) -> str:
        return self.headers.get("host", "")

    @property
    def origin(self) -> str:
        """The address of the page that asks, when that is not our own; else empty."""
        return self.headers.get("origin", "")

    @property
    def last_event_id(self) -> int | None:
        """What the browser saw last: its own header on a reconnect, our page's query otherwise."""
        raw = self.headers.get("last-event-id") or self.query.get("last_event_id", "")
        return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 19 else None


class Refused(Exception):
    """No stream for this request: the HTTP status, and a sentence that says why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


async def send_json(
    send: Send, status: int, body: dict[str, Any], *, request: Request | None = None
) -> None:
    """A whole JSON answer; readable by the asking page when `request` is given."""
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    headers += cors(request) if request else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


async def start_stream(send: Send, request: Request) -> None:
    """The head of an event stream; the body follows in pieces."""
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),  # nginx would hold the events back
        *cors(request),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


def cors(request: Request) -> Headers:
    """Lets the page's own address read the answer, with its cookie; nobody else's."""
    vary = [(b"vary", b"Origin")]
    if not request.origin or not may_read_across(request.origin, host=request.host):
        return vary
    return [
        (b"access-control-allow-origin", request.origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        *vary,
    ]
