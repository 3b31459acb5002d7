"""Two records made one, and taken apart again so that nothing tells that they ever were."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.actions.consent import grant_consent, revoke_consent
from crm.actions.duplicates import (
    MergeRefused,
    MergeSettled,
    dismiss_duplicate,
    flag_duplicate,
)
from crm.actions.merging import merge_patients, swap_merge, undo_merge
from crm.engine.steps import run_step
from crm.models import (
    AuditEntry,
    ConsentEntry,
    Event,
    EventDelivery,
    Journey,
    Patient,
    PatientMerge,
    PatientPhone,
    Phone,
    Task,
)
from crm.queries import contact_permission
from crm.queries.merging import records_of, standing
from crm.queries.patient_links import links
from crm.states import Channel, Purpose, Sensitivity, TaskKind, TaskStatus
from crm.states.merging import MergeStatus
from scheduling.models import Appointment
from scheduling.states import EhrWriteStatus, Origin
from tests.factories import (
    NOW,
    TEST,
    AppointmentFactory,
    CandidateFactory,
    CoverageFactory,
    EhrWriteFactory,
    HoldFactory,
    ImportedScoreFactory,
    InteractionFactory,
    JourneyFactory,
    MessageFactory,
    OfferFactory,
    PatientFactory,
    PatientIdentifierFactory,
    PatientPhoneFactory,
    PatientRestrictionFactory,
    PhoneFactory,
    ProxyFactory,
    ServiceRequestFactory,
    TaskFactory,
    WaitlistEntryFactory,
)

pytestmark = pytest.mark.django_db

OURS = ("crm", "scheduling", "waitlist", "outreach", "triage", "desk")
#: They tell what happened, and grow.
_TELL = (AuditEntry, Event, EventDelivery, PatientMerge)
Pair = tuple[Patient, Patient]


@pytest.fixture
def pair() -> Pair:
    """Rosa, and Rosa once more."""
    stays = PatientFactory.create(given_name="Rosa", family_name="Delgado", email="")
    gone = PatientFactory.create(
        given_name="Rosie", family_name="Delgado", email="rosa@example.com", needs_transport=True
    )
    return stays, gone


def flagged(pair: Pair) -> PatientMerge:
    return flag_duplicate(one=pair[0], other=pair[1], by=TEST, at=NOW)


def merged(pair: Pair) -> PatientMerge:
    merge = flagged(pair)
    return merge_patients(merge_id=merge.pk, keep=pair[0].pk, by=TEST, at=NOW)


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of ours as it stands, but for those that tell what happened."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.app_label in OURS and model not in (*_TELL, Task)
    }


def at_one_number(stays: Patient, gone: Patient) -> None:
    phone = PhoneFactory.create()
    PatientPhoneFactory.create(patient=stays, phone=phone)
    PatientPhoneFactory.create(patient=gone, phone=phone, is_confidential=True)


def at_one_opening(stays: Patient, gone: Patient) -> None:
    first = CandidateFactory.create(patient=stays)
    CandidateFactory.create(patient=gone, opening=first.opening)


def limited_twice(stays: Patient, gone: Patient) -> None:
    first = PatientRestrictionFactory.create(patient=stays)
    PatientRestrictionFactory.create(patient=gone, clinic=first.clinic)


def insured_alike(stays: Patient, gone: Patient) -> None:
    for patient in (stays, gone):
        CoverageFactory.create(patient=patient, payer="Saguaro", plan="Gold", member_id="7")


def labeled(stays: Patient, gone: Patient) -> None:
    row = Patient.objects.filter(pk=gone.pk)
    row.update(sensitivity=[Sensitivity.VIP], deceased_at=NOW, wants_earlier_offers=False)


def merged_before(stays: Patient, gone: Patient) -> None:
    merged((gone, PatientFactory.create(given_name="Rosita")))


def of_one(factory: Any, **fields: Any) -> Callable[[Patient, Patient], None]:
    def make(_stays: Patient, gone: Patient) -> None:
        factory.create(patient=gone, **fields)

    return make


def spoken_for(_stays: Patient, gone: Patient) -> None:
    ProxyFactory.create(person=gone)


def two_visits(_stays: Patient, gone: Patient) -> None:
    AppointmentFactory.create_batch(2, patient=gone)


def told_to_the_ehr(_stays: Patient, gone: Patient) -> None:
    EhrWriteFactory.create(appointment__patient=gone, status=EhrWriteStatus.SENT)


#: What may hang on the two records.
LIVES: dict[str, Callable[[Patient, Patient], None]] = {
    "visits": two_visits,
    "journey": of_one(JourneyFactory),
    "contact": of_one(InteractionFactory),
    "task": of_one(TaskFactory),
    "coverage": of_one(CoverageFactory),
    "one coverage": insured_alike,
    "identifier": of_one(PatientIdentifierFactory),
    "own phone": of_one(PatientPhoneFactory),
    "shared phone": at_one_number,
    "order": of_one(ServiceRequestFactory),
    "text": of_one(MessageFactory),
    "waits": of_one(WaitlistEntryFactory),
    "candidate": of_one(CandidateFactory),
    "two candidates": at_one_opening,
    "limits": limited_twice,
    "score": of_one(ImportedScoreFactory),
    "proxy": of_one(ProxyFactory),
    "speaks for": spoken_for,
    "labels": labeled,
    "merged before": merged_before,
}


@settings(max_examples=12)
@given(st.sets(st.sampled_from(sorted(LIVES)), min_size=4), st.booleans())
def test_undoing_puts_every_row_back(lives: set[str], swap: bool) -> None:
    with transaction.atomic():
        pair = PatientFactory.create(), PatientFactory.create()
        for life in sorted(lives):
            LIVES[life](*pair)
        before = everything()
        merge = merged(pair)
        assert everything() != before
        if swap:
            merge = swap_merge(merge_id=merge.pk, by=TEST, at=NOW)
            assert Patient.objects.get(pk=pair[0].pk).merged_into_id == pair[1].pk
        undo_merge(merge_id=merge.pk, by=TEST, at=NOW)
        assert everything() == before
        transaction.set_rollback(True)


def test_whatever_hangs_on_one_hangs_on_the_other(pair: Pair) -> None:
    stays, gone = pair
    for life in LIVES.values():
        life(stays, gone)
    merged(pair)
    left = {link.name: list(link.of(gone.pk)) for link in links() if link.of(gone.pk)}
    assert set(left) == {
        "crm.coverage.patient",
        "crm.patientphone.patient",
        "waitlist.candidate.patient",
        "scheduling.patientrestriction.patient",
    }, "each of which the other record has, too"
    assert Patient.objects.get(pk=gone.pk).merged_into == stays
    assert set(Patient.objects.filter(merged_into=stays).values_list("given_name", flat=True)) == {
        "Rosie",
        "Rosita",
    }


def test_every_key_to_a_patient_is_known_or_cannot_be_written() -> None:
    known = {link.name for link in links()}
    there = {
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is Patient
    }
    unwritten = {"crm.consententry.patient", "crm.patientmerge.survivor", "crm.patientmerge.other"}
    assert there - known == unwritten
    assert "crm.patient.merged_into" in known


def test_learns_what_only_the_other_said_and_heeds_the_stricter(pair: Pair) -> None:
    stays, _ = pair
    labeled(*pair)
    at_one_number(*pair)
    merged(pair)
    stays.refresh_from_db()
    assert (stays.given_name, stays.email) == ("Rosa", "rosa@example.com")
    assert (stays.needs_transport, stays.wants_earlier_offers) == (True, False)
    assert (stays.sensitivity, stays.deceased_at) == ([Sensitivity.VIP], NOW)
    assert PatientPhone.objects.get(patient=stays).is_confidential


def test_undoing_leaves_what_was_written_since(pair: Pair) -> None:
    stays, gone = pair
    merge = merged(pair)
    Patient.objects.filter(pk=stays.pk).update(email="new@example.com")
    visit, other = AppointmentFactory.create_batch(2, patient=stays)
    also = {"scheduling.appointment.patient": [other.pk]}
    undo_merge(merge_id=merge.pk, by=TEST, at=NOW, also=also)
    stays.refresh_from_db()
    assert (stays.email, stays.needs_transport) == ("new@example.com", False)
    assert list(stays.appointments.all()) == [visit]
    assert list(gone.appointments.all()) == [other]


def test_an_agent_flags_once_and_staff_are_asked_once(pair: Pair) -> None:
    first = flagged(pair)
    assert flagged((pair[1], pair[0])) == first
    task = Task.objects.get(kind=TaskKind.DUPLICATE)
    dismiss_duplicate(merge_id=first.pk, by=TEST, at=NOW)
    task.refresh_from_db()
    assert task.status == TaskStatus.DONE
    with pytest.raises(MergeSettled):
        merge_patients(merge_id=first.pk, by=TEST, at=NOW)
    assert flagged(pair) != first, "somebody sees it once more"


def test_whom_the_ehr_knows_is_suggested_to_stay(pair: Pair) -> None:
    PatientIdentifierFactory.create(patient=pair[1])
    assert flagged(pair).survivor == pair[1]


def test_one_record_is_no_pair(pair: Pair) -> None:
    merged(pair)
    with pytest.raises(MergeRefused, match="one record already"):
        flagged(pair)


def test_a_merge_beneath_another_is_undone_after_it(pair: Pair) -> None:
    first = merged(pair)
    second = merged((PatientFactory.create(), pair[0]))
    with pytest.raises(MergeRefused, match="Undo that merge first"):
        undo_merge(merge_id=first.pk, by=TEST, at=NOW)
    undo_merge(merge_id=second.pk, by=TEST, at=NOW)
    undo_merge(merge_id=first.pk, by=TEST, at=NOW)
    assert not Patient.objects.exclude(merged_into=None).exists()


@pytest.mark.parametrize(
    ("in_flight", "says"),
    [
        (of_one(OfferFactory), "on offer to one of them"),
        (of_one(HoldFactory, expires_at=NOW + dt.timedelta(minutes=5)), "being kept for one"),
        (told_to_the_ehr, "The EHR is being told"),
    ],
)
def test_nothing_is_merged_while_something_is_in_flight(
    pair: Pair, in_flight: Callable[[Patient, Patient], Any], says: str
) -> None:
    in_flight(*pair)
    merge, before = flagged(pair), everything()
    with pytest.raises(MergeRefused, match=says):
        merge_patients(merge_id=merge.pk, by=TEST, at=NOW)
    assert everything() == before
    assert PatientMerge.objects.get().status == MergeStatus.FLAGGED


def test_two_visits_at_one_time_are_settled_first(pair: Pair) -> None:
    for patient in pair:
        AppointmentFactory.create(patient=patient, origin=Origin.FIRSTCALL)
    merge, before = flagged(pair), everything()
    with pytest.raises(MergeRefused, match="visit at the same time"):
        merge_patients(merge_id=merge.pk, by=TEST, at=NOW)
    assert everything() == before


def test_what_was_written_for_the_other_meanwhile_comes_along(pair: Pair) -> None:
    merge = merged(pair)
    late = JourneyFactory.create(patient=pair[1])
    minute = NOW + dt.timedelta(minutes=1)
    assert run_step("crm.merge", merge.pk, at=minute)
    late.refresh_from_db()
    merge.refresh_from_db()
    assert late.patient == pair[0]
    assert merge.due_at == NOW + dt.timedelta(hours=1)
    undo_merge(merge_id=merge.pk, by=TEST, at=minute)
    assert Journey.objects.get(pk=late.pk).patient == pair[1]


# --- consent: what was written stays written, and the stricter holds ---------------------------


def allowed(patient: Patient, phone: Phone) -> bool:
    return contact_permission(
        patient=patient, phone=phone, channel=Channel.SMS, purpose=Purpose.OFFER, at=NOW
    ).allowed


def says(patient: Patient, phone: Phone, days: int, *, stop: bool) -> None:
    at = NOW + dt.timedelta(days=days)
    about: dict[str, Any] = {"phone": phone, "patient": patient, "channel": Channel.SMS}
    if stop:
        revoke_consent(**about, source="desk", by=TEST, at=at)
    else:
        grant_consent(**about, purpose=Purpose.OFFER, source="intake-form", by=TEST, at=at)


@pytest.mark.parametrize("stopped", [0, 1])
@pytest.mark.parametrize("days", [-3, -1])
def test_a_stop_of_either_holds(pair: Pair, stopped: int, days: int) -> None:
    at_one_number(*pair)
    phone = Phone.objects.get(patient_phones__patient=pair[0])
    says(pair[stopped], phone, days, stop=True)
    says(pair[1 - stopped], phone, -2, stop=False)
    before = list(ConsentEntry.objects.values())
    assert [allowed(one, phone) for one in pair] == [stopped == 1, stopped == 0]
    merge = merged(pair)
    assert not allowed(pair[0], phone)
    assert list(ConsentEntry.objects.values()) == before
    undo_merge(merge_id=merge.pk, by=TEST, at=NOW)
    assert [allowed(one, phone) for one in pair] == [stopped == 1, stopped == 0]


def test_consent_of_either_counts_and_a_new_one_after_the_merge(pair: Pair) -> None:
    at_one_number(*pair)
    phone = Phone.objects.get(patient_phones__patient=pair[0])
    says(pair[1], phone, -5, stop=True)
    says(pair[1], phone, -4, stop=False)
    merged(pair)
    assert allowed(pair[0], phone), "they took it back themselves"
    says(pair[1], phone, -3, stop=True)
    assert not allowed(pair[0], phone)
    says(pair[0], phone, 1, stop=False)
    assert allowed(pair[0], phone)


def test_visits_are_told_of_by_the_record_that_stands(pair: Pair) -> None:
    visit = AppointmentFactory.create(patient=pair[1])
    merged(pair)
    assert Appointment.objects.get(pk=visit.pk).patient == pair[0]
    assert standing(pair[1].pk) == standing(pair[0].pk) == pair[0]
    assert records_of(pair[0].pk) == sorted(one.pk for one in pair)
    verbs = AuditEntry.objects.filter(patient_id=pair[1].pk).values_list("verb", flat=True)
    assert "crm.patient.merged-away" in verbs
