"""The one module that speaks HTTP to an EHR. httpx stays in here.

Every way a call can end is one of the port's words: an answer, `EhrRefused` (nothing was
changed), `EhrUnavailable` (it certainly had no effect) or `EhrUnknown` (it may have worked).
Only a write can be unknown for want of an answer; a read that got none is merely unavailable.

Nothing of a request's address or body is logged or put into an error: they hold patient data.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import functools
import json
import logging
import os
import ssl
import threading
import time
import weakref
from dataclasses import dataclass
from typing import Any

import httpx
import structlog
from django.conf import settings

from crm import clock
from scheduling.ports import EhrRefused, EhrUnavailable, EhrUnknown

Json = dict[str, Any]
log = structlog.get_logger(__name__)

# At INFO httpx writes whole addresses, search values included, into the log.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
MAX_BYTES = 4 * 1024 * 1024
#: EHR vendors ask for no more than five to ten calls at once.
MAX_CONNECTIONS = 8
LONGEST_RETRY_AFTER = dt.timedelta(hours=1)
WRITES = frozenset({"POST", "PUT"})


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer, or the 404 or 410 of a read. `body` is None when the answer has none."""

    status: int
    body: Json | None
    location: str = ""

    @property
    def is_missing(self) -> bool:
        return self.status in {404, 410}


class FhirClient:
    """One FHIR server. Safe in threads and after a fork; keeps its connections."""

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        read_seconds: float = READ_SECONDS,
        connect_seconds: float = CONNECT_SECONDS,
        max_bytes: int = MAX_BYTES,
        headers: dict[str, str] | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/fhir+json",
            "Accept-Encoding": "identity",  # nothing to inflate, so no bomb
            **(headers or {}),
        }
        self._timeout = httpx.Timeout(
            read_seconds, connect=connect_seconds, pool=connect_seconds + read_seconds
        )
        self._read_seconds = read_seconds
        self._max_bytes = max_bytes
        self._forget_connections()
        _CLIENTS.add(self)

    def _forget_connections(self) -> None:
        """Start without connections: they, and the lock, belong to the process that made them."""
        self._lock = threading.Lock()
        self._http: httpx.Client | None = None

    def _connected(self) -> httpx.Client:
        with self._lock:
            if self._http is None:
                self._http = httpx.Client(
                    headers=self._headers,
                    timeout=self._timeout,
                    limits=httpx.Limits(max_connections=MAX_CONNECTIONS),
                    # The system's certificates, so that a hospital's own authority is known.
                    verify=ssl.create_default_context(),
                    follow_redirects=False,
                    trust_env=False,  # no proxy between us and a loopback EHR by accident
                )
            return self._http

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        with self._lock:
            if self._http is not None:
                self._http.close()
                self._http = None

    def read(self, path: str, *, params: dict[str, str] | None = None) -> Answer:
        """GET. A 404 or 410 is an answer. :raises EhrUnavailable, EhrUnknown:"""
        return self._call("GET", path, params=params)

    def write(
        self, method: str, path: str, body: Json, *, headers: dict[str, str] | None = None
    ) -> Answer:
        """POST or PUT a resource. :raises EhrRefused, EhrUnavailable, EhrUnknown:"""
        return self._call(method, path, body=body, headers=headers)

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        body: Json | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        started = time.monotonic()
        is_write = method in WRITES
        status = 0
        content = None if body is None else json.dumps(body).encode()
        sent = {**(headers or {}), **({"Content-Type": "application/fhir+json"} if body else {})}
        try:
            with self._connected().stream(
                method, f"{self._base_url}/{path}", params=params, content=content, headers=sent
            ) as response:
                status = response.status_code
                classify(method, status, retry_after=response.headers.get("Retry-After", ""))
                raw = self._read_body(response, started=started, is_write=is_write)
                return _answer(status, raw, response.headers.get("Location", ""))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise explain(error, is_write=is_write) from None
        finally:
            kind, spent = path.partition("/")[0], round((time.monotonic() - started) * 1000)
            log.info("ehr_call", method=method, kind=kind, status=status, ms=spent)

    def _read_body(self, response: httpx.Response, *, started: float, is_write: bool) -> bytes:
        """The body, within the size and, drip by drip, the time that a call may take."""
        deadline = started + CONNECT_SECONDS + self._read_seconds
        found = bytearray()
        for chunk in response.iter_raw():
            found += chunk
            if len(found) > self._max_bytes:
                raise EhrUnknown("The EHR's answer is larger than any answer should be.")
            if time.monotonic() > deadline:
                raise no_answer("The EHR's answer did not end in time.", is_write=is_write)
        return bytes(found)


#: Every client of this process, to be reset in a forked child: a worker must not write into the
#: connections, nor wait for the locks, of its parent.
_CLIENTS: weakref.WeakSet[FhirClient] = weakref.WeakSet()


def _after_fork() -> None:
    for client in list(_CLIENTS):
        client._forget_connections()  # noqa: SLF001 - this module's own class


os.register_at_fork(after_in_child=_after_fork)


@functools.cache
def default_client() -> FhirClient:
    """The client for the EHR that the settings name, one per process."""
    env = settings.FIRSTCALL
    return FhirClient(
        env.ehr_base_url,
        env.ehr_token.get_secret_value(),
        read_seconds=env.ehr_timeout_seconds,
    )


def classify(method: str, status: int, *, retry_after: str = "") -> None:
    """Pass a status that is an answer, raise the port's error for any other."""
    is_write = method in WRITES
    if 200 <= status < 300 or (status in {404, 410} and not is_write):
        return
    if status in {429, 503}:
        raise EhrUnavailable(
            f"The EHR asks us to wait (HTTP {status}).", retry_after=read_retry_after(retry_after)
        )
    if status in {401, 403}:
        raise EhrUnavailable(f"The EHR does not accept our credentials (HTTP {status}).")
    # 404 and 405 to a POST: no FHIR server there, or one without visits.
    if 300 <= status < 400 or (status in {404, 405} and method == "POST"):
        raise EhrUnavailable(f"The EHR's address in the settings is wrong (HTTP {status}).")
    if 400 <= status < 500 and status != 408:
        raise _client_error(status, is_write=is_write)
    raise no_answer(f"The EHR failed (HTTP {status}).", is_write=is_write)


def _client_error(status: int, *, is_write: bool) -> Exception:
    if not is_write:
        return EhrUnknown(f"The EHR did not understand our question (HTTP {status}).")
    reason = {
        404: "does not know this visit",
        409: "says that this conflicts with what it holds",
        410: "does not hold this visit any more",
        412: "holds a newer version of this visit, or several of it",
        422: "does not accept this by its own rules",
    }.get(status, "does not accept this")
    return EhrRefused(f"The EHR {reason} (HTTP {status}).")


def no_answer(sentence: str, *, is_write: bool) -> Exception:
    """Without an answer a write may have worked; a read simply did not happen."""
    return EhrUnknown(sentence) if is_write else EhrUnavailable(sentence)


def explain(error: Exception, *, is_write: bool) -> Exception:
    """The port's error for one of httpx's. Its text may hold the address, so it is left out."""
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return EhrUnavailable("The EHR cannot be reached.")
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL | httpx.LocalProtocolError):
        return EhrUnavailable("The EHR's address in the settings is not one we can call.")
    if isinstance(error, httpx.TimeoutException):
        return no_answer("The EHR did not answer in time.", is_write=is_write)
    return no_answer("The connection to the EHR broke.", is_write=is_write)


def read_retry_after(value: str) -> dt.timedelta | None:
    """Retry-After in seconds or as an HTTP date, at most an hour; None when it says nothing."""
    if value.strip().isdecimal():
        seconds = min(int(value), int(LONGEST_RETRY_AFTER.total_seconds()))
        return dt.timedelta(seconds=seconds)
    try:
        until = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if until.tzinfo is None:
        return None
    return max(dt.timedelta(0), min(until - clock.now(), LONGEST_RETRY_AFTER))


def _answer(status: int, raw: bytes, location: str) -> Answer:
    """:raises EhrUnknown: when a 2xx answer is no JSON object"""
    if status in {404, 410} or not raw.strip():
        return Answer(status, None, location)
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise EhrUnknown("The EHR's answer is no JSON.") from None
    if not isinstance(body, dict):
        raise EhrUnknown("The EHR's answer is no FHIR resource.")
    return Answer(status, body, location)
