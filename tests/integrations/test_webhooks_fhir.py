"""FHIR notifications over HTTP: taken, refused, repeated, and applied by their step."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client
from pydantic import SecretStr

from config.env import get_env
from crm.engine import run_step
from integrations.fhir import webhooks
from integrations.inbox.actions import STEP
from integrations.models import InboxMessage
from integrations.states import InboxStatus
from scheduling.models import Appointment
from scheduling.states import AppointmentStatus, CancelledBy, SlotStatus
from tests.drive import settle
from tests.factories import NOW, SOURCE, SlotFactory
from tests.scheduling.told import FREED, booked_slot, events

pytestmark = pytest.mark.django_db
URL = "/webhooks/fhir/"
FHIR = "application/fhir+json"
PROBLEM = "application/problem+json"
BEARER = "Bearer demo-fhir-webhook-token"
SYSTEM = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"


@pytest.fixture(autouse=True)
def ehr_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_env(), "ehr_source", SOURCE)


def appointment(**changes: Any) -> dict[str, Any]:
    """An R4 Appointment that is new to us."""
    body = {
        "resourceType": "Appointment",
        "id": "A1",
        "meta": {"versionId": "1", "lastUpdated": "2026-11-18T17:00:00Z"},
        "status": "booked",
        "start": "2026-12-01T16:00:00Z",
        "end": "2026-12-01T16:30:00Z",
        "participant": [{"actor": {"reference": "Patient/P1"}, "status": "accepted"}],
    }
    return {**body, **changes}


def version(number: int) -> dict[str, str]:
    return {"versionId": str(number), "lastUpdated": f"2026-11-18T17:0{number}:00Z"}


CANCELLED = {
    "status": "cancelled",
    "cancelationReason": {"coding": [{"system": SYSTEM, "code": "pat"}]},
}


def slot_free(key: str, number: int = 2) -> dict[str, Any]:
    return {
        "resourceType": "Slot",
        "id": key,
        "meta": version(number),
        "status": "free",
        "start": "2026-12-01T16:00:00Z",
        "end": "2026-12-01T16:30:00Z",
    }


def bundle(*resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "history", "entry": entries, **more}


def send(
    body: object, *, token: str = BEARER, kind: str = FHIR, path: str = "", **more: Any
) -> Any:
    """POST to the webhook, or PUT to a path under it."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    ask = Client().put if path else Client().post
    return ask(URL + path, data, content_type=kind, headers={"Authorization": token}, **more)


def problem(answer: Any) -> dict[str, Any]:
    assert answer["Content-Type"] == PROBLEM
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["type"].startswith("urn:firstcall:problem:")
    return dict(body)


# --- taken ---------------------------------------------------------------------------


def test_keeps_a_notification_and_answers_before_the_work() -> None:
    answer = send(appointment())
    message = InboxMessage.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"id": message.pk, "status": "accepted"})
    assert (message.key, message.source) == ("Appointment/A1/_history/1", SOURCE)
    assert message.status == InboxStatus.RECEIVED
    assert not Appointment.objects.exists()
    settle_now()
    assert Appointment.objects.get().source_id == "A1"
    message.refresh_from_db()
    assert message.status == InboxStatus.APPLIED


def test_a_cancel_and_the_freed_slot_after_it_open_the_slot() -> None:
    slot, visit = booked_slot()
    seen = {
        "id": visit.source_id,
        "participant": [],
        "slot": [{"reference": f"Slot/{slot.source_id}"}],
    }
    send(appointment(meta=version(1), **seen, **CANCELLED))
    settle_now()
    slot.refresh_from_db()
    assert slot.status == SlotStatus.VACATED
    assert Appointment.objects.get().cancelled_by == CancelledBy.PATIENT
    send(slot_free(slot.source_id))
    settle_now()
    slot.refresh_from_db()
    assert slot.status == SlotStatus.FREE
    assert events(FREED) == [slot.pk]


def settle_now() -> None:
    """Applies what was received, whatever the clock said a moment ago."""
    due = InboxMessage.objects.filter(due_at__isnull=False).order_by("pk")
    for pk in due.values_list("pk", flat=True):
        assert run_step(STEP, pk, at=dt.datetime.now(dt.UTC))


def test_takes_a_bundle_of_several_in_its_order() -> None:
    slot, visit = booked_slot()
    gone = appointment(id=visit.source_id, participant=[], meta=version(1), **CANCELLED)
    answer = send(bundle(gone, slot_free(slot.source_id), id="B1"))
    assert answer.status_code == 202
    assert InboxMessage.objects.get().key == "Bundle/B1"
    settle_now()
    slot.refresh_from_db()
    assert slot.status == SlotStatus.FREE


def test_takes_an_update_at_the_address_of_the_resource() -> None:
    answer = send(appointment(), path="Appointment/A1")
    assert answer.status_code == 202
    wrong = send(appointment(), path="Appointment/A2")
    assert (wrong.status_code, problem(wrong)["errors"][0]["field"]) == (422, "id")


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (appointment(), "Appointment/A1/_history/1"),
        (appointment(meta={"lastUpdated": "2026-11-18T17:00:00Z"}), "Appointment/A1@2026"),
        (appointment(meta={}), "Appointment/A1"),
        (bundle(appointment()), "sha256:"),
        (bundle(appointment(), id="B7"), "Bundle/B7"),
        (slot_free("S1"), "Slot/S1/_history/2"),
    ],
)
def test_names_each_notification(body: dict[str, Any], key: str) -> None:
    assert send(body).status_code == 202
    assert InboxMessage.objects.get().key.startswith(key)


@pytest.mark.parametrize("kind", [FHIR, "application/json", "application/fhir+json; charset=utf-8"])
def test_takes_both_types_whatever_the_sender_accepts(kind: str) -> None:
    assert send(appointment(), kind=kind, HTTP_ACCEPT="application/fhir+json").status_code == 202


@pytest.mark.parametrize(
    "status",
    [
        {"resourceType": "SubscriptionStatus", "type": "handshake"},
        {
            "resourceType": "Parameters",
            "parameter": [{"name": "type", "valueCode": "heartbeat"}],
        },
    ],
)
def test_a_greeting_of_the_subscription_is_welcome_and_changes_nothing(
    status: dict[str, Any],
) -> None:
    assert send(bundle(status)).status_code == 202
    settle_now()
    message = InboxMessage.objects.get()
    assert message.status == InboxStatus.IGNORED
    assert "greeting" in message.outcome


# --- repeats and order ---------------------------------------------------------------


def test_a_repeat_is_answered_as_the_first_time_before_and_after_the_work() -> None:
    first = send(appointment())
    second = send(appointment())
    settle_now()
    third = send(appointment())
    assert first.json() == second.json() == third.json()
    assert InboxMessage.objects.get().repeats == 2
    settle_now()
    assert Appointment.objects.count() == 1


def test_the_same_version_with_another_body_is_kept_and_flagged() -> None:
    send(appointment())
    send(appointment(description="other"))
    assert list(InboxMessage.objects.values_list("key_reused", flat=True)) == [True, True]


def slot_says(key: str, status: str) -> dict[str, Any]:
    """A slot's state as an EHR tells it that names neither version nor time."""
    return {**slot_free(key), "status": status, "meta": {}}


def send_at(seconds: int, body: object) -> None:
    with time_machine.travel(NOW + dt.timedelta(seconds=seconds), tick=False):
        assert send(body).status_code == 202
        settle(NOW + dt.timedelta(seconds=seconds))


@pytest.mark.parametrize("wrap", [lambda body: body, bundle], ids=["alone", "in a Bundle"])
def test_a_state_without_a_version_that_returns_is_news(wrap: Any) -> None:
    slot = SlotFactory.create(source_id="S1")
    status = []
    for number, word in enumerate(("busy", "free", "busy", "free")):
        send_at(number * 100, wrap(slot_says("S1", word)))
        slot.refresh_from_db()
        status.append(slot.status)
    assert status == ["busy", "free", "busy", "free"]
    assert InboxMessage.objects.count() == 4
    assert len(set(InboxMessage.objects.values_list("key", "digest"))) == 4
    assert not InboxMessage.objects.filter(key_reused=True).exists()


def test_without_a_version_only_the_latest_is_a_repeat_and_a_flip_back_is_news() -> None:
    """A slot held and let go within a minute; the latest told once more, hours later."""
    slot = SlotFactory.create(source_id="S1")
    for seconds, word in ((0, "busy"), (20, "free"), (40, "busy"), (59, "free"), (7200, "free")):
        send_at(seconds, slot_says("S1", word))
    assert sorted(InboxMessage.objects.values_list("repeats", flat=True)) == [0, 0, 0, 1]
    slot.refresh_from_db()
    assert slot.status == SlotStatus.FREE


def test_states_without_a_version_are_in_one_row_however_they_are_wrapped() -> None:
    """Free alone, busy in a Bundle, and free alone again is no repeat of the first."""
    slot = SlotFactory.create(source_id="S1")
    send_at(0, slot_says("S1", "free"))
    send_at(100, bundle(slot_says("S1", "busy")))
    slot.refresh_from_db()
    assert slot.status == SlotStatus.BUSY
    send_at(200, slot_says("S1", "free"))
    slot.refresh_from_db()
    assert slot.status == SlotStatus.FREE


def test_versions_out_of_order_end_with_the_newest() -> None:
    """The cancel comes before its visit is known: it waits, and is tried again by itself."""
    send(appointment(meta=version(2), **CANCELLED))
    settle_now()
    message = InboxMessage.objects.get()
    assert (message.status, message.refused_field) == (InboxStatus.REFUSED, "Appointment.id")
    send(appointment(meta=version(1)))
    settle(dt.datetime.now(dt.UTC))
    assert Appointment.objects.get().status == AppointmentStatus.CANCELLED
    message.refresh_from_db()
    assert message.status == InboxStatus.APPLIED


def test_a_bundle_is_applied_whole_or_not_at_all() -> None:
    known = appointment()
    unknown = appointment(id="A2", meta=version(2), **CANCELLED)
    send(bundle(known, unknown))
    settle_now()
    message = InboxMessage.objects.get()
    assert message.status == InboxStatus.REFUSED
    assert message.refused_field == "Bundle, report 2: Appointment.id"
    assert not Appointment.objects.exists()


# --- refused, and kept all the same --------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"not json", 400, "body"),
        (b"\xff\xfe", 400, "body"),
        (b"[]", 400, "body"),
        (b'{"resourceType": NaN}', 400, "body"),
        (b"[" * 100_000, 400, "body"),
        ({"resourceType": "Patient", "id": "1"}, 422, "resourceType"),
        (appointment(status="dancing"), 422, "Appointment.status"),
        (appointment(start="tomorrow"), 422, "Appointment.start"),
        (appointment(id=None), 422, "Appointment.id"),
        (bundle(), 422, "Bundle.entry"),
        (bundle({"resourceType": "Patient", "id": "1"}), 422, "Bundle.entry"),
        (bundle(appointment(end="x")), 422, "Bundle.entry[0].Appointment.end"),
        (b"", 422, "Subscription.channel.payload"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_field_and_kept(
    body: object, status: int, field: str
) -> None:
    answer = send(body)
    assert answer.status_code == status
    assert [error["field"] for error in problem(answer)["errors"]] == [field]
    message = InboxMessage.objects.get()
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert (bytes(message.body), message.status) == (raw, InboxStatus.REFUSED)
    assert message.refused_field == field
    assert message.due_at is None


def test_a_repeat_of_what_was_refused_is_refused_the_same_and_counted() -> None:
    first, second = send(b"not json"), send(b"not json")
    assert first.json() == second.json()
    assert InboxMessage.objects.get().repeats == 1


def test_no_problem_repeats_what_was_sent() -> None:
    answer = send(appointment(status="Maria Alvarez", description="HIV"))
    assert "Maria" not in answer.content.decode()
    assert "HIV" not in answer.content.decode()


# --- not ours to read ----------------------------------------------------------------


@pytest.mark.parametrize(
    "token",
    [
        "",
        "Bearer",
        "Bearer wrong",
        "Basic demo-fhir-webhook-token",
        "demo-fhir-webhook-token",
        "Bearer é",
    ],
)
def test_a_stranger_is_turned_away_and_nothing_is_kept(token: str) -> None:
    answer = send(appointment(), token=token)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    problem(answer)
    assert not InboxMessage.objects.exists()


def test_two_tokens_are_good_while_rotating(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_env(), "fhir_webhook_token", SecretStr("new, old"))
    assert send(appointment(), token="Bearer new").status_code == 202
    assert send(appointment(), token="bearer old").status_code == 202
    assert send(appointment(), token="Bearer new, old").status_code == 401


def test_without_a_token_set_nobody_comes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_env(), "fhir_webhook_token", SecretStr(""))
    assert send(appointment(), token="Bearer ").status_code == 401


@pytest.mark.parametrize("kind", ["text/xml", "application/fhir+xml", "multipart/form-data"])
def test_another_type_is_refused(kind: str) -> None:
    answer = send(appointment(), kind=kind)
    assert answer.status_code == 415
    problem(answer)
    assert not InboxMessage.objects.exists()


@pytest.mark.fault(27)
def test_a_compressed_body_is_refused_unread() -> None:
    answer = send(b"\x1f\x8b bomb", HTTP_CONTENT_ENCODING="gzip")
    assert answer.status_code == 415
    assert not InboxMessage.objects.exists()


# --- size ----------------------------------------------------------------------------


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(get_env(), "webhook_max_bytes", 600)
    return 600


def padded(size: int) -> bytes:
    body = json.dumps(appointment()).encode()
    return body + b" " * (size - len(body))


def test_a_body_of_the_cap_is_taken_and_one_byte_more_is_not(small: int) -> None:
    assert send(padded(small)).status_code == 202
    answer = send(padded(small + 1))
    assert answer.status_code == 413
    problem(answer)
    assert InboxMessage.objects.count() == 1


class Stream(io.BytesIO):
    """A body without a length, as the server hands it over; counts what was read of it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert size > 0, "an unbounded read"
        got = super().read(min(size, 100))
        self.taken += len(got)
        return got


def send_chunked(stream: Stream) -> Any:
    environ: dict[str, Any] = {"wsgi.input": stream, "CONTENT_LENGTH": "", "CONTENT_TYPE": FHIR}
    return Client().generic(
        "POST",
        URL,
        b"",
        headers={"Authorization": BEARER, "Transfer-Encoding": "chunked"},
        **environ,
    )


def test_a_chunked_body_is_taken_up_to_the_cap(small: int) -> None:
    assert send_chunked(Stream(padded(small))).status_code == 202
    assert bytes(InboxMessage.objects.get().body) == padded(small)


@pytest.mark.fault(27)
def test_a_chunked_body_is_read_no_further_than_the_cap(small: int) -> None:
    stream = Stream(b" " * 10_000_000)
    assert send_chunked(stream).status_code == 413
    assert stream.taken == small + 1
    assert not InboxMessage.objects.exists()


@pytest.mark.parametrize("length", ["-1", "ten"])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    answer = send(appointment(), CONTENT_LENGTH=length)
    assert answer.status_code == 400
    assert not InboxMessage.objects.exists()


# --- the rest of HTTP ----------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_other_methods_are_refused_with_a_problem(method: str) -> None:
    answer = getattr(Client(), method)(URL, headers={"Authorization": BEARER})
    assert answer.status_code == 405
    problem(answer)


def test_a_database_that_is_away_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: Any) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(webhooks, "store", fail)
    answer = send(appointment())
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "server closed" not in problem(answer)["detail"]


def test_needs_no_csrf_token_and_sets_no_cookie() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(
        URL, json.dumps(appointment()), content_type=FHIR, headers={"Authorization": BEARER}
    )
    assert answer.status_code == 202
    assert not answer.cookies


def test_the_time_of_receipt_stands_in_for_a_missing_time_of_change() -> None:
    send(appointment(meta={}))
    settle_now()
    visit = Appointment.objects.get()
    assert visit.source_sent_at == InboxMessage.objects.get().received_at
    assert visit.source_sent_at is not None
    assert visit.source_sent_at > NOW.replace(year=2025)
