"""Each way in which an EHR can answer badly, on the wire."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from email.utils import format_datetime
from typing import Any

import pytest
import time_machine
from django.test import override_settings
from pydantic import SecretStr

from config.env import Env
from integrations.fhir.client import FhirClient, default_client, read_retry_after
from integrations.fhir.gateway import FhirGateway
from scheduling.ports import BookingDraft, EhrError, EhrRefused, EhrUnavailable, EhrUnknown
from scheduling.states import CancelledBy, SlotStatus
from tests.integrations.ehr_server import ROOT, EhrServer, free_port

Talk = Callable[[socket.socket, bytes], None]
START = dt.datetime(2031, 3, 4, 15, 0, tzinfo=dt.UTC)
DRAFT = BookingDraft(
    identifier="draft-1",
    patient_id="patient-1",
    slot_id="slot-1",
    provider_id="practitioner-1",
    location_id="location-1",
    visit_type_code="colonoscopy",
    starts_at=START,
    ends_at=START + dt.timedelta(minutes=30),
)
VISIT = {
    "resourceType": "Appointment",
    "id": "visit-1",
    "meta": {"versionId": "1"},
    "identifier": [{"system": "urn:firstcall:appointment", "value": "draft-1"}],
    "status": "booked",
    "start": "2031-03-04T15:00:00Z",
    "end": "2031-03-04T15:30:00Z",
    "slot": [{"reference": "Slot/slot-1"}],
    "participant": [{"actor": {"reference": "Patient/patient-1"}, "status": "accepted"}],
}


class WireServer:
    """A server that says what a test wants, one connection after another, each for one request."""

    def __init__(self, *talks: Talk) -> None:
        self.requests: list[bytes] = []
        self._talks = talks
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/fhir"

    def _run(self) -> None:
        for talk in self._talks:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                request = read_request(connection)
                self.requests.append(request)
                try:
                    talk(connection, request)
                except OSError:
                    continue  # the client has hung up, as some tests want

    def close(self) -> None:
        self._listener.close()
        self._thread.join(timeout=5)


def read_request(connection: socket.socket) -> bytes:
    found = b""
    while b"\r\n\r\n" not in found:
        found += connection.recv(65536)
    head, _, rest = found.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            while len(rest) < int(value):
                rest += connection.recv(65536)
    return head + b"\r\n\r\n" + rest


def say(status: int, body: object = "", headers: dict[str, str] | None = None) -> Talk:
    raw = body if isinstance(body, str) else json.dumps(body)
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(raw.encode())}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    answer = "\r\n".join([*lines, "Connection: close", "", raw])
    return lambda connection, request: connection.sendall(answer.encode())


def hang_up(connection: socket.socket, request: bytes) -> None:
    """Close without a word."""


def break_off(connection: socket.socket, request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{")


def stay_silent(connection: socket.socket, request: bytes) -> None:
    time.sleep(0.6)


def drip(connection: socket.socket, request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n")
    for _ in range(100):
        connection.sendall(b" ")
        time.sleep(0.1)


@pytest.fixture
def wire() -> Iterator[Callable[..., tuple[FhirGateway, WireServer]]]:
    """A gateway that talks to a server with these lines to say."""
    servers: list[WireServer] = []
    clients: list[FhirClient] = []

    def start(*talks: Talk, **options: Any) -> tuple[FhirGateway, WireServer]:
        server = WireServer(*talks)
        client = FhirClient(server.url, "secret-token", **{"read_seconds": 2.0, **options})
        servers.append(server)
        clients.append(client)
        return FhirGateway(client, source="wire"), server

    yield start
    for client in clients:
        client.close()
    for server in servers:
        server.close()


def patience(talk: Talk) -> float:
    """Seconds to wait for a word: few where none will come."""
    return 0.3 if talk is stay_silent else 2.0


WRITE_OUTCOMES: list[tuple[Talk, type[EhrError]]] = [
    (say(400), EhrRefused),
    (say(409), EhrRefused),
    (say(410), EhrRefused),
    (say(412), EhrRefused),
    (say(422), EhrRefused),
    (say(301, headers={"Location": "/elsewhere"}), EhrUnavailable),
    (say(401), EhrUnavailable),
    (say(403), EhrUnavailable),
    (say(404), EhrUnavailable),
    (say(405), EhrUnavailable),
    (say(429), EhrUnavailable),
    (say(503), EhrUnavailable),
    (say(408), EhrUnknown),
    (say(500), EhrUnknown),
    (say(502), EhrUnknown),
    (say(504), EhrUnknown),
    (say(201, '{"resourceType": "Appoint'), EhrUnknown),
    (say(201, "<html>Welcome</html>"), EhrUnknown),
    (say(201, "[" * 100_000), EhrUnknown),
    (say(201, "[]"), EhrUnknown),
    (say(201, {"resourceType": "Appointment"}), EhrUnknown),
    (say(201, ""), EhrUnknown),
    (say(201, " " * 2000), EhrUnknown),
    (hang_up, EhrUnknown),
    (break_off, EhrUnknown),
    (stay_silent, EhrUnknown),
]


@pytest.mark.parametrize(("talk", "error"), WRITE_OUTCOMES)
def test_tells_how_a_booking_ended(wire: Any, talk: Talk, error: type[EhrError]) -> None:
    gateway, server = wire(talk, max_bytes=1000, read_seconds=patience(talk))

    with pytest.raises(error) as caught:
        gateway.book(DRAFT)

    assert type(caught.value) is error
    assert len(server.requests) == 1
    assert "patient-1" not in str(caught.value)
    assert "draft-1" not in str(caught.value)


def test_does_not_wait_to_the_end_of_an_answer_that_drips(wire: Any) -> None:
    gateway, _ = wire(drip, read_seconds=0.3)
    started = time.monotonic()

    with pytest.raises(EhrUnknown):
        gateway.book(DRAFT)

    assert time.monotonic() - started < 7  # all of it would take ten seconds


READ_OUTCOMES: list[tuple[Talk, type[EhrError]]] = [
    (say(500), EhrUnavailable),
    (say(503), EhrUnavailable),
    (say(401), EhrUnavailable),
    (hang_up, EhrUnavailable),
    (stay_silent, EhrUnavailable),
    (say(400), EhrUnknown),
    (say(200, "{"), EhrUnknown),
    (say(200, ""), EhrUnknown),
    (say(200, {**VISIT, "id": "another-visit"}), EhrUnknown),
    (say(200, {**VISIT, "status": "somehow"}), EhrUnknown),
    (say(200, {**VISIT, "start": "yesterday"}), EhrUnknown),
    (say(200, {"resourceType": "OperationOutcome", "id": "visit-1"}), EhrUnknown),
]


@pytest.mark.parametrize(("talk", "error"), READ_OUTCOMES)
def test_tells_how_a_reading_ended(wire: Any, talk: Talk, error: type[EhrError]) -> None:
    gateway, _ = wire(talk, read_seconds=patience(talk))

    with pytest.raises(error) as caught:
        gateway.read("visit-1")

    assert type(caught.value) is error


def test_a_refused_connection_had_no_effect() -> None:
    client = FhirClient(f"http://127.0.0.1:{free_port()}/fhir", "t")
    with closing(client), pytest.raises(EhrUnavailable):
        FhirGateway(client, source="nobody").book(DRAFT)


@pytest.mark.parametrize("url", ["", "not a url", "ftp://127.0.0.1/fhir", "http://[::1"])
def test_a_wrong_address_had_no_effect(url: str) -> None:
    with closing(FhirClient(url, "t")) as client, pytest.raises(EhrUnavailable):
        FhirGateway(client, source="nobody").book(DRAFT)


def test_books_by_the_location_alone_and_reads_back(wire: Any) -> None:
    created = say(201, headers={"Location": "http://ehr/fhir/Appointment/visit-1/_history/1"})
    gateway, server = wire(created, say(200, VISIT))

    assert gateway.book(DRAFT).appointment_id == "visit-1"

    post, get = (request.decode() for request in server.requests)
    assert post.startswith("POST /fhir/Appointment HTTP/1.1")
    assert "If-None-Exist: identifier=urn:firstcall:appointment|draft-1" in post
    assert "Authorization: Bearer secret-token" in post
    assert get.startswith("GET /fhir/Appointment/visit-1 HTTP/1.1")


@pytest.mark.parametrize("talk", [hang_up, say(503), say(404), say(200, "{"), say(200, "")])
def test_a_booking_that_is_not_read_back_is_unknown(wire: Any, talk: Talk) -> None:
    gateway, _ = wire(say(201, VISIT), talk)

    with pytest.raises(EhrUnknown):
        gateway.book(DRAFT)


def test_cancels_with_everything_else_in_the_visit_kept(wire: Any) -> None:
    odd = {**VISIT, "extension": [{"url": "http://ehr/room", "valueString": "7"}]}
    gone = {**odd, "status": "cancelled", "meta": {"versionId": "2"}}
    gateway, server = wire(say(200, odd), say(200, gone), say(200, gone))

    gateway.cancel(appointment_id="visit-1", reason=CancelledBy.PATIENT)

    head, _, body = server.requests[1].decode().partition("\r\n\r\n")
    coding = {
        "system": "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason",
        "code": "pat",
        "display": "Patient",
    }
    assert head.startswith("PUT /fhir/Appointment/visit-1 HTTP/1.1")
    assert 'If-Match: W/"1"' in head
    assert json.loads(body) == {
        **odd,
        "status": "cancelled",
        "cancelationReason": {"coding": [coding]},
    }


def test_cancels_what_was_changed_between_reading_and_writing(wire: Any) -> None:
    newer = {**VISIT, "meta": {"versionId": "2"}}
    gone = {**newer, "status": "cancelled", "meta": {"versionId": "3"}}
    gateway, server = wire(
        *(say(200, VISIT), say(412)),
        *(say(200, newer), say(200, newer), say(200, gone), say(200, gone)),
    )

    cancelled = gateway.cancel(appointment_id="visit-1", reason=CancelledBy.PATIENT)

    assert cancelled.version == "3"
    assert b'If-Match: W/"2"' in server.requests[4]


def test_does_not_insist_on_cancelling_what_the_ehr_refuses(wire: Any) -> None:
    gateway, server = wire(say(200, VISIT), say(422), say(200, VISIT))

    with pytest.raises(EhrRefused):
        gateway.cancel(appointment_id="visit-1", reason=CancelledBy.PATIENT)

    assert len(server.requests) == 3


def test_a_cancellation_that_does_not_show_is_unknown(wire: Any) -> None:
    gateway, _ = wire(say(200, VISIT), say(200, VISIT), say(200, VISIT))

    with pytest.raises(EhrUnknown):
        gateway.cancel(appointment_id="visit-1", reason=CancelledBy.PATIENT)


@pytest.mark.parametrize("status", ["fulfilled", "noshow"])
def test_refuses_to_cancel_a_visit_that_is_over(wire: Any, status: str) -> None:
    gateway, server = wire(say(200, {**VISIT, "status": status}))

    with pytest.raises(EhrRefused):
        gateway.cancel(appointment_id="visit-1", reason=CancelledBy.PATIENT)

    assert len(server.requests) == 1


def searchset(*resources: dict[str, Any]) -> dict[str, Any]:
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


def test_finds_the_visit_that_still_stands_among_several(wire: Any) -> None:
    gone = {**VISIT, "id": "visit-0", "status": "cancelled"}
    outcome = {"resourceType": "OperationOutcome", "issue": []}
    gateway, _ = wire(say(200, searchset(gone, outcome, VISIT)))

    assert gateway.find("draft-1").appointment_id == "visit-1"


OTHERS = {**VISIT, "identifier": [{"system": "urn:firstcall:appointment", "value": "draft-2"}]}


@pytest.mark.parametrize(
    "answer",
    [
        searchset(VISIT, {**VISIT, "id": "visit-2"}),
        searchset(OTHERS),
        {"resourceType": "OperationOutcome"},
        {"resourceType": "Bundle", "entry": "none"},
    ],
    ids=["two stand", "ignores the identifier", "no bundle", "broken bundle"],
)
def test_an_unclear_search_is_not_taken_for_nothing_found(
    wire: Any, answer: dict[str, Any]
) -> None:
    gateway, _ = wire(say(200, answer))

    with pytest.raises(EhrUnknown):
        gateway.find("draft-1")


def test_a_missing_search_is_not_taken_for_nothing_found(wire: Any) -> None:
    gateway, _ = wire(say(404))

    with pytest.raises(EhrUnknown):
        gateway.find("draft-1")


@pytest.mark.parametrize(
    "answer",
    [
        {"resourceType": "Slot", "id": "slot-2", "status": "free"},
        {"resourceType": "Slot", "id": "slot-1", "status": "free"},
        VISIT,
    ],
)
def test_a_slot_that_makes_no_sense_is_unknown(wire: Any, answer: dict[str, Any]) -> None:
    gateway, _ = wire(say(200, answer))

    with pytest.raises(EhrUnknown):
        gateway.read_slot("slot-1")


def test_a_slot_without_a_time_of_change_was_so_when_we_asked(wire: Any) -> None:
    slot = {
        "resourceType": "Slot",
        "id": "slot-1",
        "status": "free",
        "start": "2026-12-01T16:00:00Z",
        "end": "2026-12-01T16:30:00Z",
    }
    gateway, _ = wire(say(200, slot))
    before = dt.datetime.now(dt.UTC)

    report = gateway.read_slot("slot-1")

    assert report.status is SlotStatus.FREE
    assert before <= report.sent_at <= dt.datetime.now(dt.UTC)


def test_keys_cannot_leave_their_place_in_the_address(wire: Any) -> None:
    gateway, server = wire(say(404))

    assert gateway.read("../Patient/1?x=#") is None

    assert server.requests[0].startswith(b"GET /fhir/Appointment/..%2FPatient%2F1%3Fx%3D%23 ")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30),
        (" 5 ", 5),
        ("999999999999", 3600),
        ("", None),
        ("soon", None),
        ("-3", None),
        (format_datetime(dt.datetime(2031, 3, 4, 15, 1, tzinfo=dt.UTC), usegmt=True), 60),
        (format_datetime(dt.datetime(2031, 3, 4, 14, 0, tzinfo=dt.UTC), usegmt=True), 0),
        (format_datetime(dt.datetime(2031, 3, 5, 14, 0, tzinfo=dt.UTC), usegmt=True), 3600),
    ],
)
def test_reads_how_long_to_wait(value: str, seconds: int | None) -> None:
    with time_machine.travel(START, tick=False):
        found = read_retry_after(value)

    assert found == (None if seconds is None else dt.timedelta(seconds=seconds))


def test_logs_the_call_without_whom_it_is_about(
    practice_ehr: EhrServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with closing(practice_ehr.client()) as client:
        gateway = FhirGateway(client, source="practice-ehr")
        gateway.find("a-private-identifier")
        gateway.read("a-private-visit")

    logged = [f"{record.name} {record.getMessage()}" for record in caplog.records]
    assert sum("ehr_call" in line for line in logged) == 2
    assert not any("private" in line for line in logged)


def test_takes_the_ehr_from_the_settings(practice_ehr: EhrServer) -> None:
    env = Env(
        firstcall_demo=True,
        ehr_base_url=practice_ehr.fhir_url,
        ehr_token=SecretStr("a-token-for-tests"),
        ehr_source="main-ehr",
    )
    default_client.cache_clear()
    try:
        with override_settings(FIRSTCALL=env):
            gateway = FhirGateway()
            assert gateway.source == "main-ehr"
            assert gateway.find("nothing") is None
            assert default_client() is default_client()
            default_client().close()
    finally:
        default_client.cache_clear()


def test_a_wrong_token_is_unavailable_rather_than_refused(practice_ehr: EhrServer) -> None:
    client = FhirClient(practice_ehr.fhir_url, "another token")
    with closing(client), pytest.raises(EhrUnavailable, match="credentials"):
        FhirGateway(client, source="practice-ehr").book(DRAFT)


FORK = """
import os, sys, threading
import django
from django.conf import settings
settings.configure(INSTALLED_APPS=[], USE_TZ=True)
django.setup()
from integrations.fhir.client import FhirClient
client = FhirClient(sys.argv[1], sys.argv[2])
assert client.read("Slot/nowhere").is_missing
sockets = client._http
client._lock.acquire()  # as another thread of the parent might, at this very moment
pid = os.fork()
if pid == 0:
    assert client.read("Slot/nowhere").is_missing
    assert client._http is not sockets
    os._exit(0)
client._lock.release()
_, status = os.waitpid(pid, 0)
assert client.read("Slot/nowhere").is_missing
assert client._http is sockets
sys.exit(os.waitstatus_to_exitcode(status))
"""


def test_a_forked_worker_has_connections_of_its_own(practice_ehr: EhrServer) -> None:
    command = [sys.executable, "-c", FORK, practice_ehr.fhir_url, "a-token-for-tests"]

    ended = subprocess.run(command, cwd=ROOT, env=os.environ, timeout=30, check=False)

    assert ended.returncode == 0


def test_threads_share_one_pool_and_wait_their_turn(practice_ehr: EhrServer) -> None:
    errors: list[EhrError] = []
    with closing(practice_ehr.client(headers={"X-Practice-Faults": "slow=100"})) as client:

        def read() -> None:
            try:
                assert client.read("Slot/nowhere").is_missing
            except EhrError as error:
                errors.append(error)

        threads = [threading.Thread(target=read) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert errors == []
