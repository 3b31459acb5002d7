"""What an EHR says of a visit is stored, in whatever order it comes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from crm.engine import Actor, move
from crm.engine.models import AuditEntry
from crm.models import Patient, Task
from crm.states import TaskStatus
from scheduling.actions import (
    ReportRefused,
    UnknownVisit,
    cancel_appointment,
    request_booking,
)
from scheduling.models import Appointment, EhrWrite, Provider, Slot
from scheduling.ports import CodeReport, IdentifierReport, PatientReport, ProviderReport, ReportKind
from scheduling.states import (
    AppointmentStatus,
    CancelledBy,
    EhrOperation,
    EhrWriteStatus,
    FreedBy,
    Origin,
    SlotStatus,
)
from tests.factories import (
    NOW,
    SOURCE,
    AppointmentFactory,
    ClinicFactory,
    PatientFactory,
    PatientIdentifierFactory,
    SlotFactory,
)
from tests.scheduling.told import (
    EHR,
    FREED,
    MINUTE,
    TAKEN,
    about,
    apply,
    booked_slot,
    cancelled,
    events,
    identified,
    known_as,
    person,
    sign,
    told,
    who,
)

pytestmark = pytest.mark.django_db
VISIT = AppointmentStatus


# --- a visit that is new to us -------------------------------------------------------


def test_registers_a_visit_with_its_patient_and_clinician() -> None:
    outcome = apply(
        told(
            patient=person("MRN7", family_name="Ruiz", given_name="Ana", language="spa"),
            providers=(ProviderReport("DR9", "Okafor", "Chidi"),),
            visit_type=CodeReport("OV", "Office visit"),
        )
    )
    assert outcome.was_applied
    visit = Appointment.objects.get()
    assert (visit.status, visit.origin, visit.source_id) == (VISIT.BOOKED, Origin.EHR, "V1")
    assert (visit.patient.family_name, visit.patient.language) == ("Ruiz", "es")
    assert visit.provider is not None
    assert str(visit.provider) == "Chidi Okafor"
    assert visit.told_visit_type == "Office visit"
    assert events("scheduling.appointment-reported") == [visit.pk]


def test_fills_the_slot_that_it_names() -> None:
    slot = SlotFactory.create()
    apply(told(slot_id=slot.source_id, starts_at=slot.starts_at, ends_at=slot.ends_at))
    slot.refresh_from_db()
    assert (slot.status, slot.taken) == (SlotStatus.BUSY, 1)
    assert events(TAKEN) == [slot.pk]


def test_fills_the_slot_of_that_clinician_at_that_minute() -> None:
    slot = SlotFactory.create()
    apply(told(starts_at=slot.starts_at, ends_at=slot.ends_at, **known_as(slot)))
    slot.refresh_from_db()
    assert slot.status == SlotStatus.BUSY
    assert Provider.objects.count() == 1


@pytest.mark.parametrize(
    "kind",
    [ReportKind.CANCELLED, ReportKind.DELETED, ReportKind.DISCONTINUED, ReportKind.NO_SHOW],
)
def test_refuses_the_end_of_a_visit_that_it_never_heard_of(kind: ReportKind) -> None:
    with pytest.raises(UnknownVisit) as caught:
        apply(told(kind=kind, status=VISIT.CANCELLED))
    assert caught.value.field == "appointment_id"
    assert (caught.value.source, caught.value.appointment_id) == (SOURCE, "V1")
    assert not Appointment.objects.exists()
    assert not Patient.objects.exists()


def test_refuses_a_state_that_ends_a_visit_that_it_never_heard_of() -> None:
    with pytest.raises(UnknownVisit):
        apply(told(status=VISIT.CANCELLED))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"patient": None}, "patient"),
        ({"patient": PatientReport(identifiers=(), family_name="Ruiz")}, "patient"),
        ({"starts_at": None}, "starts_at"),
        ({"appointment_id": "x" * 121}, "appointment_id"),
        ({"source": "x" * 121}, "source"),
        ({"patient": person("x" * 121)}, "patient"),
        ({"providers": (ProviderReport("x" * 121),)}, "providers"),
        ({"sent_at": NOW + dt.timedelta(days=2)}, "sent_at"),
    ],
)
def test_refuses_what_it_cannot_store(change: dict[str, Any], field: str) -> None:
    with pytest.raises(ReportRefused) as caught:
        apply(told(**change))
    assert caught.value.field == field
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("length", ["slot", "type", "usual"])
def test_finds_an_end_where_only_the_start_is_told(length: str) -> None:
    slot = SlotFactory.create(visit_type__minutes=45)
    names = known_as(slot) if length == "slot" else {}
    if length == "type":
        slot.visit_type.sourcecode_set.create(source=SOURCE, kind="visit-type", code="T1")
        names = {"visit_type": CodeReport("T1")}
    apply(told(starts_at=slot.starts_at, ends_at=None, **names))
    visit = Appointment.objects.get()
    minutes = {"slot": 45, "type": 45, "usual": 30}[length]
    assert visit.ends_at - visit.starts_at == minutes * MINUTE


# --- people --------------------------------------------------------------------------


def test_matches_a_patient_by_any_identifier_and_learns_the_others() -> None:
    patient = PatientIdentifierFactory.create(value="MRN1").patient
    both = (IdentifierReport(SOURCE, "MRN1"), IdentifierReport("urn:other", "77"))
    apply(told(patient=PatientReport(identifiers=both, family_name="Newname")))
    patient.refresh_from_db()
    assert patient.family_name == "Newname"
    assert patient.identifiers.count() == 2


def test_matches_nobody_by_name_and_birth_date() -> None:
    PatientFactory.create(family_name="Ruiz", birth_on=dt.date(1980, 1, 1))
    apply(told(patient=person(family_name="Ruiz", birth_on=dt.date(1980, 1, 1))))
    assert Patient.objects.count() == 2


def test_refuses_identifiers_of_two_patients_and_changes_neither() -> None:
    for value in ("MRN1", "MRN2"):
        PatientIdentifierFactory.create(value=value)
    ids = (IdentifierReport(SOURCE, "MRN1"), IdentifierReport(SOURCE, "MRN2"))
    with pytest.raises(ReportRefused):
        apply(told(patient=PatientReport(identifiers=ids, family_name="Other")))
    assert not Patient.objects.filter(family_name="Other").exists()


def test_refuses_a_visit_that_changes_its_patient() -> None:
    apply(told())
    with pytest.raises(ReportRefused) as caught:
        apply(told(patient=person("MRN2"), sent_at=NOW + MINUTE))
    assert caught.value.field == "patient"
    assert Appointment.objects.get().patient_id == who("MRN1")


def test_follows_a_known_visit_whose_patient_it_does_not_identify() -> None:
    apply(told())
    nobody = PatientReport(identifiers=(), family_name="Someone")
    apply(cancelled(patient=nobody))
    visit = Appointment.objects.get()
    assert visit.status == VISIT.CANCELLED
    assert visit.patient.family_name == "Unknown"


def test_notes_a_death_once_and_never_takes_it_back_by_silence() -> None:
    apply(told(patient=person(is_deceased=True)))
    assert Patient.objects.get().deceased_at == NOW
    apply(told(patient=person(), sent_at=NOW + MINUTE), at=NOW + MINUTE)
    apply(told(patient=person(is_deceased=True), sent_at=NOW + 2 * MINUTE), at=NOW + 2 * MINUTE)
    assert Patient.objects.get().deceased_at == NOW


@pytest.mark.parametrize(
    ("said", "language", "spoken"),
    [
        ("", "en", ""),
        ("es-mx", "es", ""),
        ("spanish", "es", ""),
        ("eng", "en", ""),
        ("ara", "en", "ara"),
        ("est", "en", "est"),  # Estonian, not Spanish
        ("a very long name of a language", "en", "a very long name"),
    ],
)
def test_reads_the_language(said: str, language: str, spoken: str) -> None:
    apply(told(patient=person(language=said)))
    patient = Patient.objects.get()
    assert (patient.language, patient.spoken_language) == (language, spoken)


def test_leaves_alone_what_the_sender_leaves_out() -> None:
    apply(told(patient=person(family_name="Ruiz", language="es", city="Mesa")))
    apply(told(patient=person(), sent_at=NOW + MINUTE))
    patient = Patient.objects.get()
    assert (patient.family_name, patient.language, patient.city) == ("Ruiz", "es", "Mesa")


# --- order ---------------------------------------------------------------------------


def test_ignores_a_statement_older_than_the_newest() -> None:
    apply(told())
    apply(cancelled())
    outcome = apply(told(sent_at=NOW + MINUTE / 2))
    assert not outcome.was_applied
    assert Appointment.objects.get().status == VISIT.CANCELLED


def test_applies_statements_of_one_instant_in_the_order_they_come() -> None:
    apply(told())
    apply(cancelled(sent_at=NOW))
    assert Appointment.objects.get().status == VISIT.CANCELLED


def test_stores_a_rebooking_after_a_cancel() -> None:
    slot, visit = booked_slot()
    apply(about(visit, cancelled()))
    apply(about(visit, told(sent_at=NOW + 2 * MINUTE, patient=None, starts_at=None, ends_at=None)))
    visit.refresh_from_db()
    slot.refresh_from_db()
    assert (visit.status, visit.cancelled_at, visit.cancelled_by) == (VISIT.BOOKED, None, "")
    assert (slot.status, slot.taken) == (SlotStatus.BUSY, 1)


TOLD_STATES = [
    VISIT.BOOKED,
    VISIT.ARRIVED,
    VISIT.FULFILLED,
    VISIT.NO_SHOW,
    VISIT.CANCELLED,
    VISIT.ENTERED_IN_ERROR,
]


class TestAnyOrder(HypothesisTestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(states=st.lists(st.sampled_from(TOLD_STATES), min_size=1, max_size=6), data=st.data())
    def test_the_newest_statement_stands_in_the_end(
        self, states: list[AppointmentStatus], data: st.DataObject
    ) -> None:
        apply(told())
        statements = [
            told(status=state, sent_at=NOW + number * MINUTE)
            for number, state in enumerate(states, start=1)
        ]
        for report in data.draw(st.permutations(statements)):
            apply(report)
        assert Appointment.objects.get().status == states[-1]


# --- cancels and slots ---------------------------------------------------------------


def state_of(slot: Slot) -> SlotStatus:
    slot.refresh_from_db()
    return SlotStatus(slot.status)


def test_a_cancel_in_a_feed_with_slots_vacates_the_slot_and_asks_the_ehr() -> None:
    slot, visit = booked_slot()
    apply(about(visit, cancelled(cancelled_by=CancelledBy.PATIENT)))
    assert state_of(slot) == SlotStatus.VACATED
    assert (slot.vacated_cause, slot.vacated_appointment) == (FreedBy.CANCELLATION, visit)
    assert slot.due_at == NOW, "its step must ask the EHR"
    assert not events(FREED)


@pytest.mark.parametrize(
    ("who_cancelled", "signed", "covers_unstated", "after"),
    [
        (CancelledBy.PATIENT, True, False, SlotStatus.FREE),
        (CancelledBy.PATIENT, False, False, SlotStatus.VACATED),
        (CancelledBy.UNKNOWN, True, True, SlotStatus.FREE),
        (CancelledBy.UNKNOWN, True, False, SlotStatus.VACATED),
        (CancelledBy.PROVIDER, True, True, SlotStatus.VACATED),
        (CancelledBy.ORGANIZATION, True, True, SlotStatus.VACATED),
    ],
)
def test_a_cancel_in_a_feed_without_slots_goes_by_the_signed_rule(
    who_cancelled: CancelledBy, signed: bool, covers_unstated: bool, after: SlotStatus
) -> None:
    slot, visit = booked_slot()
    sign(slot, signed=signed, covers_unstated=covers_unstated)
    apply(about(visit, cancelled(tells_slots=False, cancelled_by=who_cancelled)))
    assert state_of(slot) == after
    assert events(FREED) == ([slot.pk] if after is SlotStatus.FREE else [])
    assert after is SlotStatus.FREE or slot.due_at == NOW, "else the EHR must be asked"


def test_a_deleted_visit_frees_its_slot_only_where_the_rule_covers_the_unstated() -> None:
    slot, visit = booked_slot()
    sign(slot, covers_unstated=True)
    deleted = cancelled(kind=ReportKind.DELETED, status=VISIT.ENTERED_IN_ERROR, tells_slots=False)
    apply(about(visit, deleted))
    assert state_of(slot) == SlotStatus.FREE


@pytest.mark.parametrize("status", [VISIT.NO_SHOW, VISIT.ARRIVED, VISIT.FULFILLED])
@pytest.mark.parametrize("tells_slots", [True, False])
def test_a_visit_that_has_had_its_time_frees_nothing(
    status: AppointmentStatus, tells_slots: bool
) -> None:
    slot, visit = booked_slot()
    sign(slot, covers_unstated=True)
    apply(about(visit, cancelled(status=status, tells_slots=tells_slots)))
    visit.refresh_from_db()
    assert visit.status == status
    assert state_of(slot) == SlotStatus.BUSY
    assert not events(FREED)


def test_a_second_cancel_frees_nothing_again() -> None:
    slot, visit = booked_slot()
    apply(about(visit, cancelled(tells_slots=False, cancelled_by=CancelledBy.PATIENT)))
    apply(
        about(
            visit,
            cancelled(
                tells_slots=False, cancelled_by=CancelledBy.PATIENT, sent_at=NOW + 2 * MINUTE
            ),
        )
    )
    assert events(FREED) == [slot.pk]


def test_a_later_statement_may_say_who_cancelled_and_a_delete_keeps_it() -> None:
    _, visit = booked_slot()
    apply(about(visit, cancelled()))
    later = cancelled(cancelled_by=CancelledBy.PROVIDER, sent_at=NOW + 2 * MINUTE)
    apply(about(visit, later))
    deleted = cancelled(status=VISIT.ENTERED_IN_ERROR, sent_at=NOW + 3 * MINUTE)
    apply(about(visit, deleted))
    visit.refresh_from_db()
    assert (visit.status, visit.cancelled_by) == (VISIT.ENTERED_IN_ERROR, CancelledBy.PROVIDER)


def test_a_cancel_of_a_past_visit_frees_nothing_to_offer() -> None:
    starts_at = NOW - dt.timedelta(hours=1)
    slot, visit = booked_slot(starts_at=starts_at, ends_at=starts_at + 30 * MINUTE)
    apply(about(visit, cancelled(tells_slots=False, cancelled_by=CancelledBy.PATIENT)))
    assert state_of(slot) == SlotStatus.FREE
    assert not events(FREED)


# --- reschedules ---------------------------------------------------------------------


def moved_to(slot: Slot, **more: Any) -> dict[str, Any]:
    return {
        "kind": ReportKind.RESCHEDULED,
        "sent_at": NOW + MINUTE,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "patient": None,
        "slot_id": slot.source_id,
    } | more


@pytest.mark.parametrize(
    ("signed", "after"), [(True, SlotStatus.FREE), (False, SlotStatus.VACATED)]
)
def test_a_reschedule_leaves_the_old_slot_by_the_signed_rule_and_takes_the_new(
    signed: bool, after: SlotStatus
) -> None:
    old, visit = booked_slot()
    sign(old, signed=signed)
    new = SlotFactory.create(role=old.role, starts_at=old.starts_at + dt.timedelta(days=7))
    apply(about(visit, told(**moved_to(new, tells_slots=False))))
    visit.refresh_from_db()
    assert (visit.slot, visit.starts_at, visit.status) == (new, new.starts_at, VISIT.BOOKED)
    assert (state_of(old), state_of(new)) == (after, SlotStatus.BUSY)
    assert events(FREED) == ([old.pk] if signed else [])
    assert events(TAKEN) == [new.pk]


def test_a_reschedule_to_where_we_know_no_slot_leaves_the_old_one() -> None:
    old, visit = booked_slot()
    apply(
        about(
            visit,
            told(
                kind=ReportKind.RESCHEDULED,
                sent_at=NOW + MINUTE,
                tells_slots=False,
                patient=None,
                starts_at=old.starts_at + dt.timedelta(days=1),
                ends_at=None,
            ),
        )
    )
    visit.refresh_from_db()
    assert visit.slot is None
    assert visit.ends_at - visit.starts_at == 30 * MINUTE
    assert state_of(old) == SlotStatus.FREE


def test_a_change_of_details_moves_nothing() -> None:
    slot, visit = booked_slot()
    apply(
        about(
            visit,
            told(
                kind=ReportKind.MODIFIED,
                sent_at=NOW + MINUTE,
                patient=None,
                starts_at=None,
                ends_at=None,
                room=CodeReport("R9"),
            ),
        )
    )
    assert state_of(slot) == SlotStatus.BUSY
    assert not events(FREED)


# --- overlaps ------------------------------------------------------------------------


def test_stores_an_overlapping_visit_flags_it_and_asks_a_person_once() -> None:
    slot, first = booked_slot()
    names = known_as(slot)
    for version in range(2):
        apply(
            told(
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                sent_at=NOW + version * MINUTE,
                **names,
            )
        )
    second = Appointment.objects.exclude(pk=first.pk).get()
    assert second.overlap_flagged_at == NOW
    assert [task.patient_id for task in Task.objects.all()] == [second.patient_id]
    slot.refresh_from_db()
    assert (slot.status, slot.taken) == (SlotStatus.BUSY, 1)


@pytest.mark.parametrize("which", ["the other is cancelled", "it moves away"])
def test_an_overlap_that_has_ended_is_no_longer_flagged_nor_asked_about(which: str) -> None:
    slot, first = booked_slot()
    names = known_as(slot)
    there = {"starts_at": slot.starts_at, "ends_at": slot.ends_at}
    apply(told(sent_at=NOW, **there, **names))
    second = Appointment.objects.exclude(pk=first.pk).get()
    task = Task.objects.get()
    if which == "it moves away":
        later = {name: at + dt.timedelta(days=1) for name, at in there.items()}
        apply(told(sent_at=NOW + MINUTE, **later, **names))
    else:
        apply(about(first, cancelled(sent_at=NOW + MINUTE, tells_slots=False)))
    second.refresh_from_db()
    task.refresh_from_db()
    assert (second.overlap_flagged_at, task.status) == (None, TaskStatus.CANCELLED)
    if which == "it moves away":
        apply(told(sent_at=NOW + 2 * MINUTE, **there, **names))
        task.refresh_from_db()
        second.refresh_from_db()
        assert second.overlap_flagged_at is not None
        assert task.status == TaskStatus.OPEN, "the same overlap is back, and asked about again"


def test_seats_of_one_slot_are_no_overlap_until_they_are_full() -> None:
    slot, first = booked_slot(capacity=2, status=SlotStatus.FREE)
    names = known_as(slot) | {"starts_at": slot.starts_at, "ends_at": slot.ends_at}
    apply(told(**names))
    assert state_of(slot) == SlotStatus.BUSY
    assert sorted(slot.appointments.values_list("seat", flat=True)) == [1, 2]
    assert not Task.objects.exists()
    apply(told(appointment_id="V2", patient=person("MRN2"), **names))
    assert Task.objects.count() == 1
    apply(about(first, cancelled(tells_slots=False, cancelled_by=CancelledBy.PATIENT)))
    assert state_of(slot) == SlotStatus.BUSY, "two visits are still on its two seats"
    assert not events(FREED)
    apply(cancelled(tells_slots=False, cancelled_by=CancelledBy.PATIENT))
    assert (state_of(slot), slot.taken) == (SlotStatus.FREE, 1)
    assert events(FREED) == [slot.pk]


def test_one_patient_twice_in_one_slot_is_an_overlap() -> None:
    slot, first = booked_slot(capacity=2, status=SlotStatus.FREE)
    patient = identified(first, "MRN1")
    apply(told(patient=patient, slot_id=slot.source_id, starts_at=slot.starts_at))
    assert Task.objects.count() == 1


# --- what Firstcall has booked or cancelled itself -----------------------------------


def ours(**fields: Any) -> tuple[Slot, Appointment]:
    """A booking of ours that awaits the EHR's word."""
    slot = SlotFactory.create(**fields)
    patient = PatientIdentifierFactory.create(value="MRN1").patient
    return slot, request_booking(slot_id=slot.pk, patient=patient, by=EHR, at=NOW)


@pytest.mark.parametrize("known_by", ["identifier", "patient and minute"])
def test_the_news_of_our_booking_confirms_it(known_by: str) -> None:
    slot, mine = ours()
    echo = {"our_identifier": str(mine.identifier)} if known_by == "identifier" else {}
    apply(
        told(
            kind=ReportKind.BOOKED,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            slot_id=slot.source_id,
            **echo,
        )
    )
    mine.refresh_from_db()
    assert (mine.status, mine.source_id, mine.origin) == (VISIT.BOOKED, "V1", Origin.FIRSTCALL)
    assert Appointment.objects.count() == 1
    assert events("scheduling.appointment-confirmed") == [mine.pk]


def test_a_booking_that_the_clinic_moves_is_the_clinics_own() -> None:
    slot, mine = ours()
    other = SlotFactory.create(role=slot.role, starts_at=slot.starts_at + dt.timedelta(hours=1))
    rival = PatientFactory.create()
    standing = request_booking(slot_id=other.pk, patient=rival, by=EHR, at=NOW)
    apply(told(our_identifier=str(mine.identifier), **moved_to(other)))
    mine.refresh_from_db()
    assert (mine.origin, mine.starts_at) == (Origin.EHR, other.starts_at)
    assert mine.overlap_flagged_at is not None, "stored beside ours, for a person to see"
    standing.refresh_from_db()
    assert standing.status == VISIT.REQUESTED


def test_a_booking_that_the_clinic_lengthens_is_the_clinics_own() -> None:
    slot, mine = ours()
    following = SlotFactory.create(role=slot.role, starts_at=slot.ends_at)
    request_booking(slot_id=following.pk, patient=PatientFactory.create(), by=EHR, at=NOW)
    apply(
        told(
            our_identifier=str(mine.identifier),
            starts_at=slot.starts_at,
            ends_at=following.ends_at,
            slot_id=slot.source_id,
        )
    )
    mine.refresh_from_db()
    assert (mine.origin, mine.ends_at) == (Origin.EHR, following.ends_at)


def cancelled_by_us(visit: Appointment) -> EhrWrite:
    cancel_appointment(
        appointment_id=visit.pk,
        cancelled_by=CancelledBy.PATIENT,
        reason="asked by text",
        by=Actor.system("test"),
        at=NOW + MINUTE,
    )
    return EhrWrite.objects.get(appointment=visit, operation=EhrOperation.CANCEL)


def test_the_state_before_our_cancel_does_not_bring_the_visit_back() -> None:
    slot, visit = booked_slot()
    cancelled_by_us(visit)
    echo = told(sent_at=NOW + MINUTE, slot_id=slot.source_id, patient=None, starts_at=None)
    apply(about(visit, echo), at=NOW + 2 * MINUTE)
    visit.refresh_from_db()
    assert visit.status == VISIT.CANCELLED
    assert state_of(slot) == SlotStatus.VACATED


def test_a_booking_anew_after_our_cancel_was_done_brings_the_visit_back() -> None:
    slot, visit = booked_slot()
    write = cancelled_by_us(visit)
    EhrWrite.objects.filter(pk=write.pk).update(done_at=NOW + 2 * MINUTE)
    write_is(write, EhrWriteStatus.DONE)
    again = told(sent_at=NOW + 3 * MINUTE, patient=None, starts_at=None)
    apply(about(visit, again), at=NOW + 3 * MINUTE)
    visit.refresh_from_db()
    assert (visit.status, visit.origin) == (VISIT.BOOKED, Origin.EHR)
    assert state_of(slot) == SlotStatus.BUSY


def write_is(write: EhrWrite, status: EhrWriteStatus) -> None:
    move(write, to=EhrWriteStatus.SENT, by=EHR, at=NOW)
    move(write, to=status, by=EHR, at=NOW)


# --- privacy -------------------------------------------------------------------------


def test_remarks_of_the_sender_go_nowhere() -> None:
    apply(told(notes=("has a secret",)))
    kept = [*AuditEntry.objects.values(), *Appointment.objects.values()]
    assert "secret" not in str(kept)


def test_each_change_is_audited_as_the_ehrs() -> None:
    visit = AppointmentFactory.create(role__clinic=ClinicFactory.create())
    apply(about(visit, cancelled()))
    entry = AuditEntry.objects.get(verb="scheduling.appointment.moved")
    assert (entry.actor_kind, entry.actor_label) == ("ehr", SOURCE)
    assert (entry.from_status, entry.to_status) == (VISIT.BOOKED, VISIT.CANCELLED)
