"""A loopback Twilio: takes texts, notes when and for whom, and answers at once.

    python -m bench.carrier PORT

One process of its own, so that its work delays nobody's. `GET /taken?from=N` gives what it took,
from the Nth on.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import httpx

from config.up.valkey import can_bind, free_port

ACCOUNT, TOKEN = "AC" + "0" * 32, "secret-token"
OUR_NUMBER = "+16025550100"
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


@dataclass(frozen=True, slots=True)
class Text:
    """One text as it came in: when (seconds since 1970, this machine's clock), to whom, what."""

    at: float
    to: str
    body: str


class Carrier(asyncio.Protocol):
    """One connection, kept alive. Requests come one after the other on it."""

    taken: list[tuple[float, str, str]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].decode("latin-1")
            whole = end + 4 + _length(head)
            if len(self._buffer) < whole:
                return
            body, self._buffer = self._buffer[end + 4 : whole], self._buffer[whole:]
            method, target, _ = head.split("\r\n", 1)[0].split(" ", 2)
            self._transport.write(_response(*self._answer(method, target, body)))

    def _answer(self, method: str, target: str, body: bytes) -> tuple[int, object]:
        url = urlsplit(target)
        if url.path == "/taken":
            return 200, self.taken[int(parse_qs(url.query)["from"][0]) :]
        if url.path != MESSAGES:
            return 404, {"code": 20404, "message": "not here", "status": 404}
        if method != "POST":
            return 200, {"messages": [], "page": 0, "page_size": 50}
        form = parse_qs(body.decode())
        self.taken.append((time.time(), form["To"][0], form["Body"][0]))
        sid = f"SM{len(self.taken):032x}"
        return 201, {"sid": sid, "status": "queued", "to": form["To"][0], "error_code": None}


def _length(head: str) -> int:
    for line in head.split("\r\n")[1:]:
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    return 0


def _response(status: int, payload: object) -> bytes:
    body = json.dumps(payload).encode()
    head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Carrier, "127.0.0.1", port)
    await server.serve_forever()


class Taken:
    """What a carrier took, read as it grows."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.texts: list[Text] = []
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=10)

    def read(self) -> list[Text]:
        """The texts that came in since the last reading."""
        fresh = self._http.get("/taken", params={"from": len(self.texts)}).json()
        found = [Text(*one) for one in fresh]
        self.texts += found
        return found


@contextmanager
def carrier() -> Iterator[Taken]:
    """A carrier process until the block ends."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.carrier", str(port)])
    try:
        while can_bind(port):
            time.sleep(0.02)
        yield Taken(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
