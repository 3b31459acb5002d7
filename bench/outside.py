"""What other systems send: signed webhooks, a carrier's news of a text, at a given rate."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from standardwebhooks import Webhook
from twilio.request_validator import RequestValidator

from bench.carrier import OUR_NUMBER, TOKEN
from bench.population import SOURCE
from config.env import DEMO_WEBHOOK_SECRET, get_env
from scheduling.models import Appointment

_local = threading.local()
#: A server may have hung up on a connection that nobody used for so long (seconds).
KEPT_ALIVE = 3.0


def post(port: int, path: str, body: bytes, headers: dict[str, str]) -> int:
    """POST on this thread's own connection, kept alive; returns the status."""
    http, used_at = getattr(_local, "line", (None, 0.0))
    if http is None or http.port != port or time.monotonic() - used_at > KEPT_ALIVE:
        http = HTTPConnection("127.0.0.1", port, timeout=30)
    http.request("POST", path, body, headers)
    response = http.getresponse()
    response.read()
    _local.line = (http, time.monotonic())
    return int(response.status)


def cancellation(visit: Appointment) -> tuple[bytes, dict[str, str]]:
    """The signed event of a visit that its patient has cancelled."""
    now = dt.datetime.now(tz=dt.UTC)
    event = {
        "event": "appointment.cancelled",
        "source": SOURCE,
        "sent_at": now.isoformat(),
        "tells_slots": False,
        "appointment": {"id": visit.source_id, "cancelled_by": "patient"},
    }
    return signed(event, now)


def signed(event: dict[str, Any], now: dt.datetime) -> tuple[bytes, dict[str, str]]:
    """Body and headers by the scheme of Standard Webhooks."""
    body, key = json.dumps(event), f"msg_{uuid.uuid4().hex}"
    headers = {
        "Content-Type": "application/json",
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(DEMO_WEBHOOK_SECRET).sign(key, now, body),
    }
    return body.encode(), headers


def reply(number: str, text: str) -> tuple[bytes, dict[str, str]]:
    """The carrier's webhook for a text from `number`."""
    form = {
        "MessageSid": f"SM{uuid.uuid4().hex}",
        "From": number,
        "To": OUR_NUMBER,
        "Body": text,
    }
    url = get_env().public_url.rstrip("/") + "/webhooks/twilio/inbound/"
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, form),
    }
    return urlencode(form).encode(), headers


def paced(count: int, per_second: float) -> Iterator[int]:
    """0 to `count`, each at its time; one that is late does not delay those after it."""
    began = time.monotonic()
    for number in range(count):
        wait = began + number / per_second - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        yield number


def at_rate(count: int, per_second: float, job: Callable[[int], Any], *, threads: int) -> list[Any]:
    """Start `job(0)`, `job(1)`, … on threads at that rate; their results in order."""
    with ThreadPoolExecutor(threads) as pool:
        started = [pool.submit(job, number) for number in paced(count, per_second)]
        return [one.result() for one in started]
