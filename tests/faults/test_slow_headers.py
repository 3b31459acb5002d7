"""Faults to survive, 28: callers who never finish their first line, at the server as deployed."""

from __future__ import annotations

import socket
from contextlib import ExitStack

import httpx
import pytest

from tests.faults.processes import Firstcall
from tests.faults.web import LiveWeb

pytestmark = [pytest.mark.faults, pytest.mark.fault(28)]

#: Many times the threads that serve requests; gunicorn's threads stop at some sixty.
SLOW = 200
BEGINNINGS = (b"", b"GET /heal", b"POST /webhooks/fhir/ HTTP/1.1\r\nHost: here\r\nX-Half: ")


def test_callers_who_never_finish_their_headers_hold_up_nobody(firstcall: Firstcall) -> None:
    firstcall.start("web")
    LiveWeb(firstcall).wait()
    with ExitStack() as open_calls:
        for number in range(SLOW):
            call = socket.create_connection(("127.0.0.1", firstcall.web_port), timeout=10)
            open_calls.enter_context(call)
            call.sendall(BEGINNINGS[number % len(BEGINNINGS)])
        url = f"http://127.0.0.1:{firstcall.web_port}/sign-in/"
        for _ in range(20):
            assert httpx.get(url, timeout=30, trust_env=False).status_code == 200
