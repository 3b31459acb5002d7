"""An EHR makes two records one: ADT^A40, the public sample and what may be wrong with it."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.actions.merging import undo_merge
from crm.engine.steps import run_step
from crm.models import Patient, PatientIdentifier, PatientMerge, Task
from crm.states import TaskKind
from crm.states.merging import MergeStatus
from integrations.hl7v2.ack import Ack, read_acks
from integrations.inbox.actions import receive_hl7
from integrations.models import Hl7Sender, InboxMessage
from integrations.states import InboxStatus
from scheduling.states import HoldStatus
from tests.factories import (
    NOW,
    TEST,
    AppointmentFactory,
    HoldFactory,
    PatientFactory,
    PatientIdentifierFactory,
)
from tests.integrations.hl7 import sample

pytestmark = pytest.mark.django_db

A40 = sample("ADT-A40-01").replace(b"\n", b"\r")
SYSTEM, STAYS, GONE = "BCBS", "12345", "56789"


@pytest.fixture(autouse=True)
def sender() -> Hl7Sender:
    name = "Ntierprise|Ntierprise Clinic"
    return Hl7Sender.objects.create(name=name, zone="America/Chicago")


def known(value: str) -> Patient:
    row = PatientIdentifierFactory.create(system=SYSTEM, value=value)
    return Patient.objects.get(pk=row.patient_id)


def whose(value: str) -> Patient:
    return PatientIdentifier.objects.get(system=SYSTEM, value=value).patient


def hear(raw: bytes = A40, *, at: dt.datetime = NOW) -> Ack:
    (ack,) = read_acks(receive_hl7(raw, peer="10.0.0.9:40000", at=at))
    return ack


def test_merges_by_itself_in_the_senders_direction() -> None:
    gone, stays = known(GONE), known(STAYS)
    visit = AppointmentFactory.create(patient=gone)
    assert hear().is_accepted
    assert InboxMessage.objects.get().status == InboxStatus.APPLIED
    merge = PatientMerge.objects.get()
    assert (merge.survivor, merge.other, merge.status) == (stays, gone, MergeStatus.MERGED)
    visit.refresh_from_db()
    assert visit.patient == whose(STAYS) == whose(GONE) == stays
    stays.refresh_from_db()
    assert stays.family_name == "Test", "the sender's word on who it is holds"
    assert not Task.objects.exists(), "nobody is asked"


def test_said_again_it_changes_nothing_and_undone_it_stays_undone() -> None:
    gone, _ = known(GONE), known(STAYS)
    hear()
    hear(A40.replace(b"8919-40", b"8919-41"))
    merge = PatientMerge.objects.get()
    undo_merge(merge_id=merge.pk, by=TEST, at=NOW)
    hear(A40.replace(b"8919-40", b"8919-42"))
    assert whose(GONE) == gone
    assert "taken this merge back" in InboxMessage.objects.latest("pk").outcome


@pytest.mark.parametrize("value", [STAYS, GONE])
def test_one_record_that_we_know_is_known_by_both_numbers(value: str) -> None:
    patient = known(value)
    assert hear().is_accepted
    assert whose(STAYS) == whose(GONE) == patient
    assert not PatientMerge.objects.exists()


def test_a_person_whom_we_do_not_know_is_registered_once() -> None:
    assert hear().is_accepted
    assert whose(STAYS) == whose(GONE) == Patient.objects.get()


def test_waits_for_what_is_in_flight_and_then_merges() -> None:
    gone, stays = known(GONE), known(STAYS)
    hold = HoldFactory.create(patient=gone, expires_at=NOW + dt.timedelta(minutes=5))
    assert hear().is_accepted
    merge = PatientMerge.objects.get()
    assert (merge.status, merge.survivor) == (MergeStatus.FLAGGED, stays)
    soon = NOW + dt.timedelta(minutes=2)
    run_step("crm.merge", merge.pk, at=soon)
    assert whose(GONE) == gone
    type(hold).objects.update(expires_at=NOW)
    assert hold.status == HoldStatus.HELD
    run_step("crm.merge", merge.pk, at=soon + dt.timedelta(minutes=2))
    merge.refresh_from_db()
    assert (merge.status, whose(GONE)) == (MergeStatus.MERGED, stays)
    assert merge.due_at is not None, "late rows are still looked for"


def test_asks_a_person_about_what_never_ends() -> None:
    gone, _ = known(GONE), known(STAYS)
    HoldFactory.create(patient=gone, expires_at=NOW + dt.timedelta(days=5))
    hear()
    merge = PatientMerge.objects.get()
    run_step("crm.merge", merge.pk, at=NOW + dt.timedelta(hours=5))
    assert Task.objects.get().kind == TaskKind.DUPLICATE


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (A40.replace(b"MRG|56789^^^BCBS^MR", b"MRG|"), "MRG-1"),
        (A40.split(b"MRG|")[0], "MRG"),
        (A40.replace(b"PID|1||12345^^^BCBS^MR", b"PID|1||"), "PID-3"),
        (A40.replace(b"56789^^^BCBS^MR", b"900112233^^^SSA^SS"), "MRG-1"),
    ],
)
def test_says_which_side_it_lacks_and_leaves_all_as_it_was(raw: bytes, field: str) -> None:
    PatientFactory.create()
    ack = hear(raw)
    assert (ack.code, ack.field) == ("AE", field)
    assert not PatientIdentifier.objects.exists()


def test_one_message_may_tell_of_several_pairs() -> None:
    known(GONE), known(STAYS), known("1"), known("2")
    more = b"PID|2||1^^^BCBS^MR||More^Ana\rMRG|2^^^BCBS^MR\r"
    assert hear(A40.rstrip(b"\r") + b"\r" + more).is_accepted
    assert PatientMerge.objects.filter(status=MergeStatus.MERGED).count() == 2
