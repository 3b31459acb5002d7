"""Messages that come in the same moment. Each guard has a twin that shows the race without it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError

from crm.models import Patient, PatientIdentifier
from integrations.hl7v2 import receive
from integrations.hl7v2.ack import read_acks
from integrations.inbox import actions, locks
from integrations.inbox.actions import receive_hl7, store
from integrations.models import Hl7Sender, InboxMessage
from integrations.states import InboxKind, InboxStatus
from scheduling import locks as scheduling_locks
from scheduling import people
from scheduling.actions import ReportOutcome, reports
from scheduling.models import Appointment, Provider
from tests.concurrency.crowd import all_at_once, of_type
from tests.factories import NOW
from tests.integrations.hl7 import lines, sch
from tests.scheduling.told import apply, person, told

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def sender() -> None:
    Hl7Sender.objects.create(name="APP|FAC", zone="America/Chicago")


def both_meet_in(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, *, before: bool) -> None:
    """Two callers of a function wait for each other there. Where a guard lets only one of them
    come so far, it goes on alone after a second."""
    gate = threading.Barrier(2)
    function = getattr(module, name)

    def meet() -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            gate.wait(timeout=1)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if before:
            meet()
        result = function(*args, **kwargs)
        if not before:
            meet()
        return result

    monkeypatch.setattr(module, name, wrapped)


def twice(job: Callable[[], Any]) -> list[Any]:
    return all_at_once(job, job)


# --- one message, sent twice at once -------------------------------------------------


def hear() -> bytes:
    return receive_hl7(lines(), peer="a", at=NOW)


def test_one_message_sent_twice_at_once_is_one_row_and_one_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both_meet_in(monkeypatch, receive, "_apply", before=True)
    first, second = twice(hear)
    assert first == second
    assert read_acks(first)[0].is_accepted
    message = InboxMessage.objects.get()
    assert (message.status, message.repeats) == (InboxStatus.APPLIED, 1)
    assert Appointment.objects.count() == 1


def test_without_the_messages_lock_both_apply_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "lock_message", lambda pk: InboxMessage.objects.get(pk=pk))
    both_meet_in(monkeypatch, receive, "_apply", before=True)
    first, second = twice(hear)
    assert first != second, "one of them hears that something went wrong"
    assert {read_acks(answer)[0].code for answer in (first, second)} == {"AA", "AE"}


def test_twenty_copies_of_one_message_are_one_row() -> None:
    answers = all_at_once(*[hear] * 20)
    assert len(set(answers)) == 1
    assert InboxMessage.objects.get().repeats == 19


# --- one key, two bodies -------------------------------------------------------------


def keep(body: bytes) -> Callable[[], Any]:
    return lambda: store(
        kind=InboxKind.REST, source="ehr", key="k", body=body, peer="", at=NOW, due_at=None
    )


def flags() -> list[bool]:
    return list(InboxMessage.objects.values_list("key_reused", flat=True))


def test_two_bodies_under_one_key_at_once_are_both_flagged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both_meet_in(monkeypatch, actions, "insert_or_none", before=False)
    all_at_once(keep(b"1"), keep(b"2"))
    assert flags() == [True, True]


def test_without_the_keys_lock_neither_sees_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "lock_key", lambda *_, **__: None)
    both_meet_in(monkeypatch, actions, "insert_or_none", before=False)
    all_at_once(keep(b"1"), keep(b"2"))
    assert flags() == [False, False]


# --- one new visit, two messages -----------------------------------------------------


def no_names_are_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling_locks, "lock_names", lambda *_: None)
    monkeypatch.setattr(people, "lock_names", lambda *_: None)


def test_a_new_visit_told_of_twice_at_once_is_registered_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both_meet_in(monkeypatch, reports, "find_known", before=False)
    outcomes = twice(lambda: apply(told()))
    assert len(of_type(outcomes, ReportOutcome)) == 2
    assert Appointment.objects.count() == Patient.objects.count() == 1


def test_without_the_names_locks_it_is_registered_twice_and_one_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_names_are_locked(monkeypatch)
    both_meet_in(monkeypatch, reports, "find_known", before=False)
    outcomes = twice(lambda: apply(told()))
    assert len(of_type(outcomes, IntegrityError)) == 1


# --- one new patient, one new clinician, two visits ----------------------------------


def two_visits_of_one_new_patient() -> list[Any]:
    return all_at_once(
        lambda: apply(told(patient=person("NEW"))),
        lambda: apply(told(appointment_id="V2", patient=person("NEW"))),
    )


def test_a_new_patient_named_twice_at_once_is_one_person(monkeypatch: pytest.MonkeyPatch) -> None:
    both_meet_in(monkeypatch, people, "_find", before=False)
    outcomes = two_visits_of_one_new_patient()
    assert len(of_type(outcomes, ReportOutcome)) == 2
    assert Patient.objects.count() == PatientIdentifier.objects.count() == 1


def test_without_the_names_locks_a_new_patient_is_two(monkeypatch: pytest.MonkeyPatch) -> None:
    no_names_are_locked(monkeypatch)
    both_meet_in(monkeypatch, people, "_find", before=False)
    two_visits_of_one_new_patient()
    assert Patient.objects.count() == 2


def test_visits_of_a_new_clinician_all_at_once_register_them_once() -> None:
    def booked(number: int) -> Callable[[], bytes]:
        msh = lines().decode().split("\r")[0].replace("|M1|", f"|M{number}|")
        body = lines(
            MSH=msh,
            SCH=sch("Booked", f2=f"F{number}"),
            PID=f"PID|1||{number}^^^MRN^MR||Ruiz^Ana",
        )
        return lambda: receive_hl7(body, peer="a", at=NOW)

    answers = all_at_once(*(booked(number) for number in range(10)))
    assert all(isinstance(a, bytes) and read_acks(a)[0].is_accepted for a in answers)
    assert (Provider.objects.count(), Appointment.objects.count()) == (1, 10)
