"""Plain JSON webhooks: signed, taken, refused with every fault named, applied by their step."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from typing import Any

import pytest
import time_machine
from django.test import Client
from pydantic import SecretStr
from standardwebhooks import Webhook

from config.env import DEMO_WEBHOOK_SECRET, get_env
from crm.engine import run_step
from crm.models import Patient
from integrations.inbox.actions import STEP
from integrations.models import InboxMessage
from integrations.rest.signatures import check_signature
from integrations.states import InboxStatus
from scheduling.models import Appointment
from scheduling.states import AppointmentStatus, CancelledBy, SlotStatus
from tests.drive import settle
from tests.factories import NOW, SOURCE
from tests.scheduling.told import FREED, booked_slot, events, sign

pytestmark = pytest.mark.django_db
VISITS, SLOTS = "/webhooks/rest/appointments/", "/webhooks/rest/slots/"
OTHER_SECRET = "whsec_" + base64.b64encode(b"another secret of a sender").decode()


@pytest.fixture(autouse=True)
def clock() -> Any:
    """The signature's time stamp is compared with the real clock."""
    with time_machine.travel(NOW, tick=False):
        yield


def visit_event(**changes: Any) -> dict[str, Any]:
    """A visit that is booked, and new to us."""
    appointment = {
        "id": "V1",
        "starts_at": "2026-12-01T09:00:00-07:00",
        "ends_at": "2026-12-01T09:30:00-07:00",
        **changes.pop("appointment", {}),
    }
    body = {
        "event": "appointment.booked",
        "source": SOURCE,
        "sent_at": "2026-11-18T17:00:00Z",
        "appointment": appointment,
        "patient": {
            "identifiers": [{"system": SOURCE, "value": "MRN1"}],
            "family_name": "Ruiz",
            "birth_on": "1980-03-14",
            "phones": [{"number": "+16025550142"}],
        },
    }
    return {**body, **changes}


def cancel_event(visit: Appointment, **changes: Any) -> dict[str, Any]:
    return {
        "event": "appointment.cancelled",
        "source": visit.source,
        "sent_at": "2026-11-18T17:01:00Z",
        "appointment": {"id": visit.source_id, "cancelled_by": "patient"},
        **changes,
    }


def slot_event(**changes: Any) -> dict[str, Any]:
    slot = {"id": "S1", "status": "free", **changes.pop("slot", {})}
    return {
        "event": "slot.updated",
        "source": SOURCE,
        "sent_at": "2026-11-18T17:02:00Z",
        "slot": slot,
        **changes,
    }


def signed(
    body: bytes, *, key: str = "msg_1", secret: str = DEMO_WEBHOOK_SECRET, at: dt.datetime = NOW
) -> dict[str, str]:
    return {
        "webhook-id": key,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(key, at, body.decode()),
    }


def send(
    event: object, *, url: str = VISITS, headers: dict[str, str] | None = None, **sign_with: Any
) -> Any:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    given = signed(body, **sign_with) if headers is None else headers
    return Client().post(url, body, content_type="application/json", headers=given)


def faults(answer: Any) -> list[str]:
    """The fields that a problem names."""
    assert answer["Content-Type"] == "application/problem+json"
    return [error["field"] for error in answer.json()["errors"]]


# --- taken ---------------------------------------------------------------------------


def test_keeps_an_event_and_answers_before_the_work() -> None:
    answer = send(visit_event())
    message = InboxMessage.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"id": message.pk, "status": "accepted"})
    assert (message.key, message.source) == ("msg_1", SOURCE)
    assert not Appointment.objects.exists()
    settle(NOW)
    visit = Appointment.objects.get()
    assert (visit.status, visit.source_id) == (AppointmentStatus.BOOKED, "V1")
    assert visit.starts_at == dt.datetime(2026, 12, 1, 16, tzinfo=dt.UTC)
    assert str(visit.patient) == "Ruiz"
    assert [str(phone.number) for phone in visit.patient.phones.all()] == ["+16025550142"]


@pytest.mark.parametrize(("tells_slots", "after"), [(True, "vacated"), (False, "free")])
def test_a_cancel_goes_by_the_signed_rule_only_for_senders_without_slots(
    tells_slots: bool, after: str
) -> None:
    slot, visit = booked_slot()
    sign(slot)
    send(cancel_event(visit, tells_slots=tells_slots))
    settle_inbox()
    slot.refresh_from_db()
    assert slot.status == after
    assert Appointment.objects.get().cancelled_by == CancelledBy.PATIENT


def settle_inbox() -> None:
    """Only the inbox: other steps would ask an EHR."""
    due = InboxMessage.objects.filter(due_at__isnull=False).order_by("pk")
    for pk in due.values_list("pk", flat=True):
        assert run_step(STEP, pk, at=NOW)


def test_a_freed_slot_is_freed() -> None:
    slot, visit = booked_slot()
    send(cancel_event(visit))
    send(slot_event(slot={"id": slot.source_id}), url=SLOTS, key="msg_2")
    settle_inbox()
    slot.refresh_from_db()
    assert slot.status == SlotStatus.FREE
    assert events(FREED) == [slot.pk]


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ("appointment.rescheduled", "booked"),
        ("appointment.cancelled", "cancelled"),
        ("appointment.deleted", "entered-in-error"),
        ("appointment.no-show", "noshow"),
    ],
)
def test_the_event_says_the_state(event: str, status: str) -> None:
    send(visit_event())
    later = visit_event(event=event, sent_at="2026-11-18T17:01:00Z")
    assert send(later, key="msg_2").status_code == 202
    settle_inbox()
    assert Appointment.objects.get().status == status


@pytest.mark.parametrize("status", ["booked", "arrived", "fulfilled", "noshow"])
def test_an_update_says_the_state_itself(status: str) -> None:
    send(visit_event(event="appointment.updated", appointment={"status": status}))
    settle_inbox()
    assert Appointment.objects.get().status == status


def test_the_end_of_an_unknown_visit_is_kept_and_waits_for_it() -> None:
    gone = visit_event(event="appointment.cancelled", sent_at="2026-11-18T17:01:00Z")
    send(gone)
    settle(NOW)
    message = InboxMessage.objects.get()
    assert (message.status, message.refused_field) == (InboxStatus.REFUSED, "appointment.id")
    send(visit_event(), key="msg_2")
    settle(NOW)
    assert Appointment.objects.get().status == AppointmentStatus.CANCELLED


@pytest.mark.fault(8)
def test_an_older_event_cannot_undo_a_newer() -> None:
    send(visit_event())
    send(visit_event(event="appointment.cancelled", sent_at="2026-11-18T17:01:00Z"), key="msg_2")
    send(visit_event(sent_at="2026-11-18T17:00:30Z"), key="msg_3")
    settle_inbox()
    assert Appointment.objects.get().status == AppointmentStatus.CANCELLED
    assert InboxMessage.objects.get(key="msg_3").status == InboxStatus.IGNORED


def test_an_event_for_the_wrong_address_is_refused() -> None:
    assert faults(send(visit_event(), url=SLOTS)) == ["event", "slot"]


# --- repeats -------------------------------------------------------------------------


def test_a_repeat_with_a_fresh_signature_is_answered_as_the_first_time() -> None:
    first = send(visit_event())
    settle_inbox()
    later = NOW + dt.timedelta(minutes=10)
    with time_machine.travel(later, tick=False):
        second = send(visit_event(), at=later)
    assert first.json() == second.json()
    assert InboxMessage.objects.get().repeats == 1


def test_the_same_id_with_another_body_is_kept_and_flagged() -> None:
    send(visit_event())
    send(visit_event(appointment={"id": "V2"}))
    settle_inbox()
    assert list(InboxMessage.objects.values_list("key_reused", flat=True)) == [True, True]
    assert Appointment.objects.count() == 2


# --- signatures ----------------------------------------------------------------------


def test_two_secrets_are_good_while_rotating(monkeypatch: pytest.MonkeyPatch) -> None:
    both = SecretStr(f"{OTHER_SECRET}, {DEMO_WEBHOOK_SECRET}")
    monkeypatch.setattr(get_env(), "webhook_secret", both)
    assert send(visit_event(), secret=OTHER_SECRET).status_code == 202
    assert send(visit_event(), key="msg_2").status_code == 202


@pytest.mark.parametrize("minutes", [-5.1, 5.1, -60 * 24])
def test_an_old_or_early_time_stamp_is_refused(minutes: float) -> None:
    answer = send(visit_event(), at=NOW + dt.timedelta(minutes=minutes))
    assert answer.status_code == 401
    assert not InboxMessage.objects.exists()


@pytest.mark.parametrize("minutes", [-4.9, 4.9])
def test_a_time_stamp_within_five_minutes_is_good(minutes: float) -> None:
    assert send(visit_event(), at=NOW + dt.timedelta(minutes=minutes)).status_code == 202


def forged(**changes: str) -> dict[str, str]:
    return {**signed(json.dumps(visit_event()).encode()), **changes}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        forged(**{"webhook-id": "msg_2"}),
        forged(**{"webhook-timestamp": str(int(NOW.timestamp()) + 1)}),
        forged(**{"webhook-timestamp": "nan"}),
        forged(**{"webhook-signature": "v1,AAAA"}),
        forged(**{"webhook-signature": "v1,not base64!"}),
        forged(**{"webhook-signature": "v1"}),
        forged(**{"webhook-signature": "v2,AAAA"}),
        signed(json.dumps(visit_event()).encode(), secret=OTHER_SECRET),
        signed(b"another body"),
    ],
)
def test_a_forged_event_is_turned_away_and_nothing_is_kept(headers: dict[str, str]) -> None:
    answer = send(visit_event(), headers=headers)
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert not InboxMessage.objects.exists()


def test_without_a_secret_set_nobody_comes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_env(), "webhook_secret", SecretStr(""))
    assert send(visit_event()).status_code == 401


def test_signs_as_the_scheme_says() -> None:
    """By hand, from the specification, so that we don't only agree with our own library."""
    body, key, stamp = b'{"a":1}', "msg_x", str(int(NOW.timestamp()))
    secret = base64.b64decode(DEMO_WEBHOOK_SECRET.removeprefix("whsec_"))
    digest = hmac.new(secret, f"{key}.{stamp}.".encode() + body, hashlib.sha256).digest()
    headers = {
        "webhook-id": key,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }
    assert check_signature(body, headers, secrets=[DEMO_WEBHOOK_SECRET]) == key


def test_bytes_that_are_no_text_cannot_be_signed() -> None:
    answer = send(b"\xff", headers=forged())
    assert answer.status_code == 400
    assert not InboxMessage.objects.exists()


# --- refused, and kept all the same --------------------------------------------------


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        ({}, ["event", "source", "sent_at", "appointment"]),
        (visit_event(event="appointment.danced"), ["event"]),
        (visit_event(sent_at="2026-11-18T17:00:00"), ["sent_at"]),
        (visit_event(sent_at="2026-13-18T17:00:00Z"), ["sent_at"]),
        (visit_event(sent_at="0001-01-01T00:00:00+14:00"), ["sent_at"]),
        (
            visit_event(appointment={"ends_at": "2026-12-01T08:00:00-07:00"}),
            ["appointment.ends_at"],
        ),
        (visit_event(appointment={"status": "cancelled"}), ["appointment.status"]),
        (visit_event(event="appointment.updated"), ["appointment.status"]),
        (visit_event(appointment={"id": "x" * 121}), ["appointment.id"]),
        (visit_event(appointment={"id": "a\x00b"}), ["appointment.id"]),
        (visit_event(patient={"identifiers": []}), ["patient.identifiers"]),
        (
            visit_event(patient={"identifiers": [{"system": "s", "value": "1"}, {"value": "2"}]}),
            ["patient.identifiers[1].system"],
        ),
        (
            visit_event(
                patient={
                    "identifiers": [{"system": "s", "value": "1"}],
                    "phones": [{"number": "555-0142"}],
                    "sex": "Maria",
                }
            ),
            ["patient.sex", "patient.phones[0].number"],
        ),
        (visit_event(patient="Maria"), ["patient"]),
    ],
)
def test_every_fault_is_named_and_the_body_kept(event: dict[str, Any], fields: list[str]) -> None:
    answer = send(event)
    assert answer.status_code == 422
    assert faults(answer) == fields
    message = InboxMessage.objects.get()
    assert (message.status, message.refused_field) == (InboxStatus.REFUSED, fields[0])
    assert json.loads(bytes(message.body)) == event


@pytest.mark.parametrize("body", [b"not json", b"[]", b'{"a": NaN}', b"[" * 100_000, b""])
def test_what_is_no_json_is_refused_and_kept(body: bytes) -> None:
    answer = send(body)
    assert (answer.status_code, faults(answer)) == (400, ["body"])
    assert bytes(InboxMessage.objects.get().body) == body


def test_no_problem_repeats_what_was_sent() -> None:
    answer = send(visit_event(event="Maria", appointment={"cancelled_by": "Alvarez"}))
    said = answer.content.decode()
    assert answer.status_code == 422
    assert "Maria" not in said
    assert "Alvarez" not in said


def test_another_type_is_refused() -> None:
    body = json.dumps(visit_event()).encode()
    answer = Client().post(VISITS, body, content_type="text/plain", headers=signed(body))
    assert answer.status_code == 415
    assert not InboxMessage.objects.exists()


def test_a_body_longer_than_the_cap_is_refused_before_its_signature(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(get_env(), "webhook_max_bytes", 10)
    assert send(visit_event()).status_code == 413


def test_a_refused_event_names_nobody_in_our_tables() -> None:
    send(visit_event(event="appointment.cancelled"))
    settle_inbox()
    assert not Patient.objects.exists()
