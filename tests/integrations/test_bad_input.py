"""Input that nobody should send, by name: a clear answer, nothing lost, and an operator sees it.

Single fields, signatures and time stamps: `test_webhooks_rest.py`, `test_webhooks_fhir.py`,
`test_twilio_webhooks.py`, `test_hl7_mapping.py`.
"""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import random
from typing import Any

import pytest
import time_machine
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from config.env import get_env
from crm.engine import Actor
from crm.models import Patient
from integrations.hl7v2.ack import read_acks
from integrations.hl7v2.client import send as send_mllp
from integrations.inbox.actions import note_too_long, receive_hl7, replay
from integrations.inbox.queries import list_messages
from integrations.models import Hl7Sender, InboxMessage
from integrations.states import InboxStatus
from scheduling.models import Appointment, Slot, SourceCode
from scheduling.states import AppointmentStatus
from tests.drive import settle
from tests.factories import NOW, SOURCE, ProviderRoleFactory, VisitTypeFactory
from tests.integrations.hl7 import SMALL, lines, sample
from tests.integrations.test_hl7_listener import HOST, Listen
from tests.integrations.test_hl7_listener import listen as listen  # noqa: PLC0414 - a fixture
from tests.integrations.test_webhooks_fhir import BEARER, FHIR, appointment, send
from tests.integrations.test_webhooks_rest import signed

TEN_MEGABYTES = 10_000_000
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def ehr_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_env(), "ehr_source", SOURCE)


def last() -> InboxMessage:
    return InboxMessage.objects.latest("pk")


# --- ten megabytes ------------------------------------------------------------------------


@pytest.mark.fault(27)
def test_ten_megabytes_over_mllp_are_refused_and_written_down(listen: Listen) -> None:
    noted: list[tuple[bytes, int]] = []
    port = listen(note_too_long=lambda head, cap, _: noted.append((head, cap)))
    (ack,) = read_acks(send_mllp(HOST, port, lines() + b"NTE|1||" + b"x" * TEN_MEGABYTES, 20))
    assert (ack.code, ack.control_id) == ("AR", "M1")
    assert ack.sentence == "The message is longer than 1,000,000 bytes."
    assert [(head[:3], len(head) < 5000, cap) for head, cap in noted] == [(b"MSH", True, 10**6)]
    assert send_mllp(HOST, port, b"small", 5) == b"small", "others are served"


@pytest.mark.django_db
def test_the_beginning_of_what_was_too_long_is_in_the_inbox_once() -> None:
    for _ in range(2):
        note_too_long(lines()[:4096], 1_000_000, peer="10.0.0.9:1", at=NOW)
    message = InboxMessage.objects.get()
    assert (message.status, message.refused_field) == (InboxStatus.REFUSED, "MSH")
    assert (message.key, message.source, message.repeats) == ("M1", "APP|FAC", 1)
    assert "only its beginning" in message.outcome


BODIES = [("/webhooks/fhir/", FHIR), ("/webhooks/rest/appointments/", "application/json")]


@pytest.mark.fault(27)
@pytest.mark.django_db
@pytest.mark.parametrize(("path", "kind"), BODIES)
@pytest.mark.parametrize("how", ["with its length", "chunked"])
def test_ten_megabytes_to_a_webhook_are_a_problem(path: str, kind: str, how: str) -> None:
    body = json.dumps({"text": "x" * TEN_MEGABYTES}).encode()
    headers = {"Authorization": BEARER, **signed(b"{}")}
    more: dict[str, Any] = {}
    if how == "chunked":
        more = {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": ""}
        headers["Transfer-Encoding"] = "chunked"
    answer = Client().post(path, body, content_type=kind, headers=headers, **more)
    assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")
    assert answer.json()["type"] == "urn:firstcall:problem:too-large"
    assert not InboxMessage.objects.exists()


@pytest.mark.fault(27)
@pytest.mark.django_db
@pytest.mark.parametrize(("path", "kind"), BODIES)
def test_a_gzip_bomb_is_refused_without_being_opened(path: str, kind: str) -> None:
    bomb = gzip.compress(b"0" * TEN_MEGABYTES)
    headers = {"Authorization": BEARER, "Content-Encoding": "gzip", **signed(b"{}")}
    answer = Client().post(path, bomb, content_type=kind, headers=headers)
    assert answer.status_code == 415
    assert answer.json()["type"] == "urn:firstcall:problem:unsupported-encoding"
    assert not InboxMessage.objects.exists()


# --- what cannot be read, or is nobody's -----------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("raw", "code", "field"),
    [
        (b"not hl7 at all", "AR", "MSH"),
        (lines(SCH=None), "AE", "SCH"),
        (lines(MSH=SMALL["MSH"].replace("SIU^S12^SIU_S12", "ORU^R01")), "AR", "MSH-9"),
        (lines(PID="PID|1||||Nuñez^Ana"), "AE", "PID-3"),
        (lines(TQ1="TQ1|1||||||soon"), "AE", "TQ1-7"),
    ],
    ids=["unparseable", "no visit", "unmapped", "unknown patient", "no time"],
)
def test_refused_hl7_names_the_field_in_err_is_kept_and_listed(
    raw: bytes, code: str, field: str
) -> None:
    Hl7Sender.objects.create(name="APP|FAC", zone="America/Chicago")
    answer = receive_hl7(raw, peer="10.0.0.9:1", at=NOW)
    (ack,) = read_acks(answer)
    assert (ack.code, ack.field) == (code, field)
    assert b"\rERR|" in answer
    (line,) = list_messages(status=InboxStatus.REFUSED).lines
    assert (line.refused_field, bytes(last().body)) == (field, raw)
    assert not Appointment.objects.exists()


@pytest.mark.django_db
def test_an_unknown_slot_is_kept_with_its_field_and_replayed_once_it_is_known() -> None:
    slot = {
        "resourceType": "Slot",
        "id": "S9",
        "meta": {"versionId": "1", "lastUpdated": "2026-11-18T17:00:00Z"},
        "status": "free",
        "start": "2026-12-01T16:00:00Z",
        "end": "2026-12-01T16:30:00Z",
        "schedule": {"reference": "Schedule/77"},
        "serviceType": [{"coding": [{"code": "FU"}]}],
    }
    contained = {
        "resourceType": "Schedule",
        "id": "77",
        "actor": [{"reference": "Practitioner/55"}],
    }
    slot |= {"contained": [contained], "schedule": {"reference": "#77"}}
    assert send(slot).status_code == 202
    settle(dt.datetime.now(dt.UTC))
    assert (last().status, last().refused_field) == (InboxStatus.REFUSED, "Slot.schedule")
    role, visit_type = ProviderRoleFactory.create(), VisitTypeFactory.create()
    names = {"source": SOURCE}
    SourceCode.objects.create(kind="provider", code="55", provider=role.provider, **names)
    SourceCode.objects.create(kind="visit-type", code="FU", visit_type=visit_type, **names)
    at = dt.datetime.now(dt.UTC)
    replay(message_id=last().pk, by=Actor.system("test"), at=at)
    settle(at)
    assert last().status == InboxStatus.APPLIED
    assert Slot.objects.get(source_id="S9").role == role


@pytest.mark.django_db
@pytest.mark.parametrize("phone", ["555-CALL-ME", "000", "(775)555-01", "^NET^Internet^a@b.c"])
def test_a_phone_that_cannot_be_texted_does_not_stop_the_visit(phone: str) -> None:
    Hl7Sender.objects.create(name="APP|FAC", zone="America/Chicago")
    raw = lines(PID=f"PID|1||77^^^MRN^MR||Nuñez^Ana||19800229|F|||||{phone}")
    (ack,) = read_acks(receive_hl7(raw, peer="a", at=NOW))
    assert ack.is_accepted
    assert Appointment.objects.get().status == AppointmentStatus.BOOKED
    assert not Patient.objects.get().patient_phones.exists()


# --- again, out of order, and a day late -------------------------------------------------------


@pytest.mark.fault(8)
@pytest.mark.django_db
def test_a_webhook_a_hundred_times_out_of_order_and_a_day_late_ends_with_the_newest() -> None:
    states = ("booked", "arrived", "fulfilled", "cancelled")
    bodies = [
        appointment(
            status=status,
            meta={"versionId": str(n), "lastUpdated": f"2026-11-18T17:0{n}:00Z"},
        )
        for n, status in enumerate(states)
    ]
    sent = bodies * 25
    random.Random(8).shuffle(sent)
    with time_machine.travel(NOW, tick=False):
        assert send(bodies[0]).status_code == 202
        settle(NOW)
        assert {send(body).status_code for body in sent} == {202}
        settle(NOW)
    with time_machine.travel(NOW + dt.timedelta(days=1), tick=False):
        assert {send(body).status_code for body in bodies} == {202}
        settle(NOW + dt.timedelta(days=1))
    assert Appointment.objects.get().status == AppointmentStatus.CANCELLED
    assert InboxMessage.objects.count() == len(states)
    assert sum(InboxMessage.objects.values_list("repeats", flat=True)) == 101


# --- fuzzed -----------------------------------------------------------------------------------

SIU = sample("SIU-S12-01").replace(b"\n", b"\r")


@pytest.mark.fault(26)
class TestFuzzed(HypothesisTestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.binary(max_size=200)
        | st.tuples(st.integers(0, len(SIU)), st.integers(0, 40), st.binary(max_size=6)).map(
            lambda cut: SIU[: cut[0]] + cut[2] + SIU[cut[0] + cut[1] :]
        )
    )
    def test_any_hl7_is_kept_and_answered(self, raw: bytes) -> None:
        acks = read_acks(receive_hl7(raw, peer="a", at=NOW))
        assert acks
        assert {ack.code for ack in acks} <= {"AA", "AE", "AR"}
        assert InboxMessage.objects.exclude(status=InboxStatus.RECEIVED).count() >= 1
