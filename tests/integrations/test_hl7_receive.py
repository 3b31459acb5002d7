"""HL7 messages from the wire to the schedule, and what their senders hear."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
from django.db import OperationalError, connection

from config.env import get_env
from crm.engine import Actor
from crm.models import Patient
from integrations.hl7v2 import receive
from integrations.hl7v2.ack import Ack, read_acks
from integrations.inbox.actions import receive_hl7, replay
from integrations.models import Hl7Sender, InboxMessage
from integrations.states import InboxStatus
from scheduling.models import Appointment, Slot, SourceCode
from scheduling.states import AppointmentStatus, CancelledBy, SlotStatus
from tests.drive import settle
from tests.factories import NOW, SlotFactory
from tests.integrations.hl7 import HERE, event, lines, sample, sch

pytestmark = pytest.mark.django_db
TRIGGERS = ("S12", "S13", "S14", "S15", "S16", "S17", "S26")
SAMPLES = [f"SIU-{trigger}-0{number}" for trigger in TRIGGERS for number in (1, 2)]
LATER = "202603021201-0600"
VISIT = AppointmentStatus


@pytest.fixture(autouse=True)
def senders() -> None:
    Hl7Sender.objects.create(name="SCHApp|GHHSFacility", zone="America/Chicago")
    Hl7Sender.objects.create(name="APP|FAC", zone="America/Chicago")


def hear(raw: bytes, *, at: dt.datetime = NOW) -> Ack:
    """What the sender of one message hears."""
    (ack,) = read_acks(receive_hl7(raw, peer="10.0.0.9:40000", at=at))
    return ack


def later(trigger: str, control_id: str = "M2") -> str:
    """MSH of a message sent a minute after the small one."""
    msh = event(trigger).replace("202603021200-0600", LATER)
    return msh.replace("|M1|", f"|{control_id}|")


def cancel(**changes: str | None) -> bytes:
    """An S15 for the small visit that says who cancelled."""
    gone: dict[str, str | None] = {"TQ1": None, "RGS": None, "AIS": None, "AIL": None, "AIP": None}
    said = {"MSH": later("S15"), "SCH": sch("Cancelled", f6="PATIENT")}
    return lines(**{**gone, **said, **changes})


def last() -> InboxMessage:
    return InboxMessage.objects.latest("pk")


# --- the samples ---------------------------------------------------------------------


def wire(name: str) -> bytes:
    return sample(name).replace(b"\n", b"\r")


def test_every_siu_sample_goes_in_by_trigger() -> None:
    """The -02 of each pair is older, so it tells nothing; S16-01 is dated 1989."""
    for name in SAMPLES:
        assert hear(wire(name)).is_accepted, name
    found = [
        (str(message.status), message.key_reused) for message in InboxMessage.objects.order_by("pk")
    ]
    applied, ignored = (InboxStatus.APPLIED, True), (InboxStatus.IGNORED, True)
    assert found == [
        *(applied, ignored),  # S12
        *(applied, ignored),
        *(applied, ignored),
        *(applied, ignored),  # S15
        *(ignored, ignored),  # S16
        *(applied, ignored),
        *(applied, ignored),  # S26
    ]
    visit = Appointment.objects.get()
    assert (visit.source, visit.source_id, visit.status) == (
        "SCHApp|GHHSFacility",
        "36996",
        VISIT.NO_SHOW,
    )
    assert visit.patient.deceased_at == NOW


def test_the_samples_in_reverse_come_to_the_same() -> None:
    """What ends a visit that nobody has heard of waits, and is tried again by itself."""
    answers = {name: hear(wire(name)) for name in reversed(SAMPLES)}
    assert [n for n, ack in answers.items() if not ack.is_accepted] == [
        *("SIU-S26-02", "SIU-S26-01", "SIU-S17-02", "SIU-S17-01"),
        *("SIU-S16-02", "SIU-S16-01", "SIU-S15-02", "SIU-S15-01"),
    ]
    assert Appointment.objects.get().status == VISIT.BOOKED
    settle(NOW)
    assert Appointment.objects.get().status == VISIT.NO_SHOW
    assert not InboxMessage.objects.filter(status=InboxStatus.REFUSED).exists()
    assert InboxMessage.objects.count() == len(SAMPLES)


@pytest.mark.parametrize("order", list(itertools.permutations(["S12", "S15", "S17", "S26"])))
def test_any_order_of_samples_comes_to_the_same(order: tuple[str, ...]) -> None:
    for trigger in order:
        hear(wire(f"SIU-{trigger}-01"))
        settle(NOW)
    assert Appointment.objects.get().status == VISIT.NO_SHOW


@pytest.mark.parametrize("name", ["LAB-ORU-1", "REF-I12-01"])
def test_another_kind_of_message_is_rejected_and_kept(name: str) -> None:
    ack = hear(wire(name))
    assert (ack.code, ack.field) == ("AR", "MSH-9")
    assert (last().status, bytes(last().body)) == (InboxStatus.REFUSED, wire(name))


def test_has_seen_every_sample() -> None:
    siu = {path.stem for path in HERE.glob("SIU*.hl7")}
    assert siu == set(SAMPLES)


# --- unknown visits ------------------------------------------------------------------


@pytest.mark.parametrize("trigger", ["S15", "S17"])
def test_the_end_of_an_unknown_visit_is_an_error_and_kept(trigger: str) -> None:
    ack = hear(cancel(MSH=event(trigger)))
    assert (ack.code, ack.field, ack.control_id) == ("AE", "SCH-2", "M1")
    assert ack.sentence == "We know no such visit of this sender."
    assert (last().status, last().refused_field) == (InboxStatus.REFUSED, "SCH-2")
    assert not Appointment.objects.exists()
    assert not Patient.objects.exists(), "what it had begun is undone"


def test_a_replay_after_the_booking_succeeds_and_is_answered_anew() -> None:
    body = cancel()
    assert hear(body).code == "AE"
    refused = last()
    hear(lines())
    replay(message_id=refused.pk, by=Actor.system("test"), at=NOW)
    settle(NOW)
    refused.refresh_from_db()
    assert refused.status == InboxStatus.APPLIED
    assert Appointment.objects.get().status == VISIT.CANCELLED
    assert hear(body).is_accepted, "whoever goes on sending it hears that it has been done"


def test_nobody_needs_to_replay_what_waited_for_its_booking() -> None:
    hear(cancel())
    waiting = last()
    assert waiting.waits_for == "APP|FAC F1"
    hear(lines())
    settle(NOW)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.waits_for) == (InboxStatus.APPLIED, "")
    assert Appointment.objects.get().status == VISIT.CANCELLED


def test_another_visits_booking_wakes_nothing() -> None:
    hear(cancel(SCH=sch("Cancelled", f2="F2")))
    waiting = last()
    hear(lines())
    settle(NOW)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.attempts) == (InboxStatus.REFUSED, 0)


# --- repeats -------------------------------------------------------------------------


def test_a_repeat_is_answered_byte_for_byte_and_changes_nothing() -> None:
    first = receive_hl7(lines(), peer="a", at=NOW)
    again = receive_hl7(lines(), peer="b", at=NOW + dt.timedelta(hours=1))
    assert again == first
    assert (InboxMessage.objects.count(), last().repeats) == (1, 1)
    assert Appointment.objects.count() == 1


def test_a_repeat_of_a_refusal_is_refused_the_same() -> None:
    first = receive_hl7(cancel(), peer="a", at=NOW)
    assert receive_hl7(cancel(), peer="a", at=NOW) == first
    assert last().repeats == 1


def test_the_same_control_id_with_another_body_is_kept_beside_and_both_flagged() -> None:
    hear(lines())
    other = lines(SCH=sch("Booked", f2="F2"))
    assert hear(other).is_accepted
    assert list(InboxMessage.objects.values_list("key_reused", flat=True)) == [True, True]
    assert Appointment.objects.count() == 2


def test_the_same_control_id_of_another_sender_is_another_message() -> None:
    Hl7Sender.objects.create(name="APP|EAST", zone="America/Chicago")
    hear(lines())
    hear(lines(MSH=event("S12").replace("|FAC|", "|EAST|")))
    assert not InboxMessage.objects.filter(key_reused=True).exists()
    assert Appointment.objects.count() == 2


@pytest.mark.fault(8)
def test_an_older_message_cannot_undo_a_newer() -> None:
    hear(lines(MSH=later("S12")))
    assert hear(cancel(MSH=event("S15"))).is_accepted
    assert (last().status, last().outcome) == (
        InboxStatus.IGNORED,
        "It is older than what we know of this visit.",
    )
    assert Appointment.objects.get().status == VISIT.BOOKED


# --- what it does to the schedule ----------------------------------------------------


def known_slot() -> Slot:
    """The slot of the small visit, by the names that its sender uses."""
    slot = SlotFactory.create(
        starts_at=dt.datetime(2026, 12, 10, 15, 0, tzinfo=dt.UTC), source="", source_id=""
    )
    names: dict[str, Any] = {"source": "APP|FAC"}
    SourceCode.objects.create(kind="provider", code="55", provider=slot.role.provider, **names)
    location = slot.role.clinic.location
    SourceCode.objects.create(kind="location", code="North Clinic", location=location, **names)
    return slot


TIMED = "TQ1|1||||||202612100900-0600|202612100930-0600"


def test_a_booking_and_its_cancel_fill_and_free_the_slot_by_the_signed_rule() -> None:
    slot = known_slot()
    hear(lines(TQ1=TIMED))
    slot.refresh_from_db()
    assert slot.status == SlotStatus.BUSY
    assert hear(cancel()).is_accepted
    slot.refresh_from_db()
    assert slot.status == SlotStatus.FREE
    assert Appointment.objects.get().cancelled_by == CancelledBy.PATIENT


def test_a_table_of_the_senders_own_says_who_cancelled() -> None:
    Hl7Sender.objects.filter(name="APP|FAC").update(cancel_reasons={"Z9": "provider"})
    slot = known_slot()
    hear(lines(TQ1=TIMED))
    hear(cancel(SCH=sch("Cancelled", f6="Z9")))
    slot.refresh_from_db()
    assert slot.status == SlotStatus.VACATED
    assert Appointment.objects.get().cancelled_by == CancelledBy.PROVIDER


def test_reads_names_in_latin_1() -> None:
    raw = lines(MSH=event("S12") + "||||||8859/1").decode().encode("latin-1")
    assert b"Nu\xf1ez" in raw
    assert hear(raw).is_accepted
    assert Patient.objects.get().family_name == "Nuñez"
    assert bytes(last().body) == raw, "kept as it came"


def test_reads_names_in_the_senders_usual_character_set() -> None:
    Hl7Sender.objects.filter(name="APP|FAC").update(charset="8859/1")
    hear(lines().decode().encode("latin-1"))
    assert Patient.objects.get().family_name == "Nuñez"


# --- senders -------------------------------------------------------------------------


@pytest.fixture
def in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_env(), "firstcall_demo", False)


@pytest.mark.usefixtures("in_production")
def test_a_sender_that_nobody_registered_is_rejected_until_somebody_does() -> None:
    raw = lines(MSH=event("S12").replace("|FAC|", "|NEW|"))
    ack = hear(raw)
    assert (ack.code, ack.field) == ("AR", "MSH-3")
    Hl7Sender.objects.create(name="APP|NEW", zone="America/Chicago")
    replay(message_id=last().pk, by=Actor.system("test"), at=NOW)
    settle(NOW)
    assert last().status == InboxStatus.APPLIED


@pytest.mark.usefixtures("in_production")
def test_a_zone_for_unknown_senders_lets_them_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_env(), "hl7_unknown_sender_zone", "America/New_York")
    assert hear(lines(MSH=event("S12").replace("|FAC|", "|NEW|"))).is_accepted


@pytest.mark.usefixtures("in_production")
def test_says_that_it_is_no_hl7_before_it_asks_who_sent_it() -> None:
    ack = hear(b"GET / HTTP/1.1")
    assert (ack.code, ack.field) == ("AR", "MSH")
    assert bytes(last().body) == b"GET / HTTP/1.1"


@pytest.mark.parametrize("wrong", [{"zone": "Mars/Base"}, {"statuses": {"X": "gone"}}])
def test_a_registration_that_makes_no_sense_refuses_and_does_not_crash(
    wrong: dict[str, Any],
) -> None:
    Hl7Sender.objects.filter(name="APP|FAC").update(**wrong)
    ack = hear(lines())
    assert (ack.code, ack.field) == ("AE", "MSH-3")


def test_two_messages_without_a_control_id_are_two() -> None:
    for visit in ("F1", "F2"):
        msh = event("S12").replace("|M1|", "||")
        assert hear(lines(MSH=msh, SCH=sch("Booked", f2=visit))).field == "MSH-10"
    assert InboxMessage.objects.filter(key_reused=False).count() == 2


def test_keys_too_long_to_store_are_refused_and_the_message_kept() -> None:
    ack = hear(lines(SCH=sch("Booked", f2="F" * 150)))
    assert (ack.code, ack.field) == ("AE", "SCH-2")
    assert last().status == InboxStatus.REFUSED


def test_a_batch_is_answered_message_by_message() -> None:
    raw = b"BHS|^~\\&|APP\r" + lines() + cancel() + b"BTS|2\r"
    acks = read_acks(receive_hl7(raw, peer="a", at=NOW))
    assert [(ack.code, ack.control_id) for ack in acks] == [("AA", "M1"), ("AA", "M2")]
    assert Appointment.objects.get().status == VISIT.CANCELLED


# --- faults --------------------------------------------------------------------------


def test_a_message_that_we_stumble_over_is_kept_answered_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(receive, "map_siu", _stumble)
        ack = hear(lines())
    assert ack.code == "AE"
    assert "Ana" not in ack.sentence
    assert last().status == InboxStatus.RECEIVED
    settle(NOW + receive.LEASE)
    assert last().status == InboxStatus.APPLIED
    assert hear(lines()).is_accepted


def _stumble(*_: Any) -> None:
    raise KeyError("Nuñez^Ana")


def test_a_database_that_fails_answers_nothing_so_that_the_sender_tries_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("deadlock detected")

    with monkeypatch.context() as broken:
        broken.setattr(receive, "apply_appointment_report", fail)
        with pytest.raises(OperationalError):
            hear(lines())
    assert hear(lines()).is_accepted
    assert InboxMessage.objects.count() == 1


def test_a_statement_that_takes_too_long_is_answered_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def run_out_of_time(*_: Any, **__: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 10")
            cursor.execute("SELECT pg_sleep(10)")

    with monkeypatch.context() as broken:
        broken.setattr(receive, "apply_appointment_report", run_out_of_time)
        answer = hear(lines())
    assert answer.code == "AE"
    assert last().status == InboxStatus.RECEIVED, "its step tries it again"
    assert hear(lines()).is_accepted


def test_a_receiver_that_dies_after_storing_leaves_the_message_to_its_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die(*_: Any) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(receive, "_apply_and_answer", die)
        with pytest.raises(KeyboardInterrupt):
            receive_hl7(lines(), peer="a", at=NOW)
    settle(NOW)
    assert last().status == InboxStatus.RECEIVED, "its receiver may still be at it"
    settle(NOW + receive.LEASE)
    assert last().status == InboxStatus.APPLIED
    assert hear(lines()).is_accepted


def test_no_answer_and_no_outcome_repeats_what_the_message_says() -> None:
    answers = [receive_hl7(wire(name), peer="a", at=NOW) for name in reversed(SAMPLES)]
    said = b"".join(answers).decode() + str(
        list(InboxMessage.objects.values_list("outcome", "refused_field", "last_error"))
    )
    for secret in ("EVERYMAN", "ADAM", "PATID1234", "Hospital Lane", "78788788"):
        assert secret not in said
