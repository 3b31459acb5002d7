"""Twilio's message API as it speaks on the wire, on this machine, for tests of the adapter.

The shapes are those of https://www.twilio.com/docs/messaging/api/message-resource: form-encoded
requests with HTTP Basic credentials, JSON answers, errors with `code`, `message` and `status`.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ACCOUNT, TOKEN = "AC" + "0" * 32, "secret-token"


@dataclass
class TwilioServer:
    """The account behind the API. `trouble` is what happens to the next requests, in order.

    A pair is an error (HTTP status, Twilio's code); "garbage" is a page that is no JSON;
    "hang-up" takes the message and closes the connection; "slow" takes it and closes it after
    `slow_seconds`; "ignored" does not take it, and closes it after as long.
    """

    url: str = ""
    requests: list[dict[str, str]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)
    trouble: deque[tuple[int, int] | str] = field(default_factory=deque)
    troubled: list[str] = field(default_factory=list)  # whose texts met it
    slow_seconds: float = 1.0

    def take(self, form: dict[str, str]) -> dict[str, Any]:
        made = {
            "sid": f"SM{len(self.messages):032x}",
            "account_sid": ACCOUNT,
            "to": form["To"],
            "from": form.get("From"),
            "messaging_service_sid": form.get("MessagingServiceSid"),
            "body": form["Body"],
            "status": "queued",
            "direction": "outbound-api",
            "date_created": formatdate(usegmt=False),
            "date_sent": None,
            "error_code": None,
            "num_segments": "1",
        }
        self.messages.insert(0, made)
        return made


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = parse_qs(self.rfile.read(length).decode())
        form = {key: values[0] for key, values in body.items()}
        if not self._is_ours() or self._has_trouble(form):
            return
        self.server.twilio.requests.append(form)
        if form["To"] in self.server.twilio.blocked:
            self._error(400, 21610)
            return
        self._answer(201, self.server.twilio.take(form))

    def do_GET(self) -> None:
        if not self._is_ours() or self._has_trouble({}):
            return
        asked = parse_qs(urlsplit(self.path).query)
        found = [m for m in self.server.twilio.messages if m["to"] == asked["To"][0]]
        size = int(asked.get("PageSize", ["50"])[0])
        self._answer(200, {"messages": found[:size], "page": 0, "page_size": size})

    def _is_ours(self) -> bool:
        wanted = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        given = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if urlsplit(self.path).path != wanted:
            self._error(404, 20404)
        elif self.headers.get("Authorization") != f"Basic {given}":
            self._error(401, 20003)
        else:
            return True
        return False

    def _has_trouble(self, form: dict[str, str]) -> bool:
        twilio = self.server.twilio
        if not twilio.trouble:
            return False
        trouble = twilio.trouble.popleft()
        twilio.troubled.append(form.get("To", ""))
        if isinstance(trouble, tuple):
            self._error(*trouble)
        elif trouble == "garbage":
            self._write(200, b"<html>A proxy's page</html>")
        elif trouble == "hang-up":
            twilio.take(form)
            self.close_connection = True
        else:
            if trouble == "slow":
                twilio.take(form)
            time.sleep(twilio.slow_seconds)
            self.close_connection = True
        return True

    def _error(self, status: int, code: int) -> None:
        message = "The 'To' number +1602555 is not to appear in any log of ours."
        self._answer(status, {"code": code, "message": message, "status": status})

    def _answer(self, status: int, payload: dict[str, Any]) -> None:
        self._write(status, json.dumps(payload).encode())

    def _write(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base's name
        """Quiet."""


class _Server(ThreadingHTTPServer):
    twilio: TwilioServer
    daemon_threads = True


@contextmanager
def serve_twilio() -> Iterator[TwilioServer]:
    """Run the server on a free port of the loopback."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.twilio = TwilioServer(url=f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.twilio
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
