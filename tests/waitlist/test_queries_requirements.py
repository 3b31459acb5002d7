"""What is read of orders, payers, clinicians' rules and scores, in two statements."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from crm.models import Patient
from scheduling.models import Appointment, Slot
from scheduling.queries import get_slot
from scheduling.rules.requirements import Order, Requirements
from scheduling.states import AppointmentStatus, Audience
from tests.factories import (
    NOW,
    AcceptedCoverageFactory,
    AppointmentFactory,
    CandidateFactory,
    ClinicFactory,
    CoverageFactory,
    FrequencyLimitFactory,
    ImportedScoreFactory,
    OpeningFactory,
    PatientFactory,
    ProviderFactory,
    ProviderRoleFactory,
    ProviderRuleFactory,
    ScoreWeightFactory,
    ServiceRequestFactory,
    SlotFactory,
    VisitTypeFactory,
    WaitlistEntryFactory,
)
from tests.waitlist.needs_cast import standing
from waitlist.queries.requirements import Claim, claim_of, requirements_of
from waitlist.rules.eligibility import Refusal
from waitlist.rules.facts import OutsideScore
from waitlist.states import ScoreKind

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
TODAY = dt.date(2026, 11, 18)


@pytest.fixture
def slot() -> Slot:
    """Saturday the 21st at 9:00 in Phoenix, of a clinic with one kind of visit switched on."""
    kind = VisitTypeFactory.create(name="Stress test")
    role = ProviderRoleFactory.create(
        clinic=ClinicFactory.create(visit_types=[kind]),
        provider=ProviderFactory.create(family_name="Okafor", languages=["en", "es"]),
    )
    return get_slot(SlotFactory.create(role=role, visit_type=kind).pk)


@pytest.fixture
def patient() -> Patient:
    return PatientFactory.create()


def asked(slot: Slot, patient: Patient, visit: Appointment | None = None) -> Requirements:
    claim = Claim(patient.pk, None, visit.pk if visit else None)
    return requirements_of([claim], get_slot(slot.pk), at=NOW)[patient.pk].requirements


def scores(slot: Slot, patient: Patient, at: dt.datetime = NOW) -> tuple[OutsideScore, ...]:
    return requirements_of([Claim(patient.pk)], slot, at=at)[patient.pk].imported


def find_standing(claim: Claim, slot: Slot) -> Refusal | None:
    found = requirements_of([claim], slot, at=NOW)[claim.patient_id]
    return standing(found.requirements, at=NOW)


def rule_against(slot: Slot, patient: Patient, visit: Appointment | None = None) -> str:
    claim = Claim(patient.pk, None, visit.pk if visit else None)
    found = find_standing(claim, get_slot(slot.pk))
    return found.rule if found else ""


def visit_of(slot: Slot, patient: Patient, **about: Any) -> Appointment:
    """A visit of the slot's own kind with its clinician, six weeks ahead."""
    about = {"role": slot.role, "visit_type": slot.visit_type} | about
    return AppointmentFactory.create(patient=patient, **about)


def busy_clinic(slot: Slot, patient: Patient) -> Appointment:
    """Everything that can be asked is asked, and everything that can be had is had."""
    clinic, kind = slot.role.clinic, slot.visit_type
    kind.audience, kind.prep_hours, kind.needs_authorization = Audience.ESTABLISHED, 12, True
    kind.save()
    clinic.requires_coverage, clinic.interpreter_notice_hours = True, 24
    clinic.save()
    ProviderRuleFactory.create(role=slot.role, min_age=18)
    AcceptedCoverageFactory.create(clinic=clinic)
    FrequencyLimitFactory.create(visit_type=kind)
    ScoreWeightFactory.create(clinic=None)
    patient.needs_interpreter, patient.spoken_language = True, "ara"
    patient.save()
    CoverageFactory.create(patient=patient)
    visit = visit_of(slot, patient)
    visit_of(slot, patient, status=AppointmentStatus.FULFILLED, starts_at=NOW - 400 * DAY)
    ServiceRequestFactory.create(
        patient=patient, visit_type=kind, visits_allowed=3, instructed_at=NOW
    )
    ImportedScoreFactory.create(patient=patient)
    return visit


def test_asks_twice_however_much_there_is_and_however_many_they_are(
    slot: Slot, patient: Patient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        requirements_of([Claim(patient.pk)], slot, at=NOW)
    visit = busy_clinic(slot, patient)
    others = PatientFactory.create_batch(20)
    fresh = get_slot(slot.pk)
    claims = [Claim(patient.pk, slot.visit_type_id, visit.pk), *(Claim(o.pk) for o in others)]
    with django_assert_num_queries(2):
        found = requirements_of(claims, fresh, at=NOW)
    assert set(found) == {claim.patient_id for claim in claims}
    assert found[patient.pk].imported
    with django_assert_num_queries(0):
        assert requirements_of([], fresh, at=NOW) == {}


def test_reads_all_that_the_rules_need_of_the_busiest_clinic(slot: Slot, patient: Patient) -> None:
    visit = busy_clinic(slot, patient)
    found = asked(slot, patient, visit)
    assert found.terms.audience is Audience.ESTABLISHED
    assert (found.terms.prep_hours, found.terms.interpreter_notice_hours) == (12, 24)
    assert (found.terms.day, found.terms.zone) == (dt.date(2026, 11, 21), "America/Phoenix")
    assert found.terms.accepted == {("desert mutual", "")}
    assert [rule.min_age for rule in found.terms.provider_rules] == [18]
    assert [limit.months for limit in found.terms.limits] == [12]
    assert (found.birth_on, found.is_established) == (dt.date(1980, 3, 14), True)
    assert (found.interpreter, found.needs_transport) == ("ara", False)
    assert found.last_visit_on == (NOW - 400 * DAY).date()
    assert found.orders == (Order(visits_left=2, is_instructed=True),)
    assert [c.payer for c in found.coverages] == ["Desert Mutual"]
    assert rule_against(slot, patient, visit) == ""


def test_a_kind_of_visit_that_is_not_switched_on_is_known_by_name(
    slot: Slot, patient: Patient
) -> None:
    other = VisitTypeFactory.create(name="Echocardiogram")
    claim = Claim(patient.pk, other.pk)
    terms = requirements_of([claim], slot, at=NOW)[patient.pk].requirements.terms
    assert (terms.visit_type, terms.is_switched_on) == ("Echocardiogram", False)
    assert asked(slot, patient).terms.is_switched_on


@pytest.mark.parametrize("whose", ["role", "provider"])
def test_rules_hang_on_the_clinician_or_on_their_role(
    slot: Slot, patient: Patient, whose: str
) -> None:
    target = {"role": slot.role} if whose == "role" else {"provider": slot.role.provider}
    rule = ProviderRuleFactory.create(**({"role": None} | target))
    assert rule_against(slot, patient) == "provider-rule"
    rule.visit_type = VisitTypeFactory.create()
    rule.save()
    assert rule_against(slot, patient) == ""
    ProviderRuleFactory.create()  # somebody else's
    assert rule_against(slot, patient) == ""


def test_a_clinicians_own_payers_stand_instead_of_the_clinics(slot: Slot, patient: Patient) -> None:
    CoverageFactory.create(patient=patient, payer="Saguaro")
    AcceptedCoverageFactory.create(clinic=slot.role.clinic, payer="Saguaro")
    AcceptedCoverageFactory.create()  # another clinic's
    assert rule_against(slot, patient) == ""
    AcceptedCoverageFactory.create(clinic=slot.role.clinic, role=slot.role, payer="Medicare")
    assert rule_against(slot, patient) == "coverage"


def test_an_order_of_the_visit_itself_speaks_for_it_alone(slot: Slot, patient: Patient) -> None:
    visit = visit_of(slot, patient)
    about = {"patient": patient, "visit_type": slot.visit_type}
    ServiceRequestFactory.create(**about, appointment=visit, not_before_on=TODAY + 20 * DAY)
    assert rule_against(slot, patient, visit) == "order-date"
    assert rule_against(slot, patient) == ""
    ServiceRequestFactory.create(**about)  # of any visit of the kind: not of this one
    assert rule_against(slot, patient, visit) == "order-date"


def test_an_order_without_a_visit_speaks_for_all_of_its_kind(slot: Slot, patient: Patient) -> None:
    visit = visit_of(slot, patient)
    order = ServiceRequestFactory.create(
        patient=patient, visit_type=slot.visit_type, valid_until_on=TODAY
    )
    assert rule_against(slot, patient, visit) == rule_against(slot, patient) == "authorization"
    order.is_active = False
    order.save()
    assert rule_against(slot, patient) == ""
    ServiceRequestFactory.create(patient=patient, valid_until_on=TODAY)  # of another kind
    ServiceRequestFactory.create(visit_type=slot.visit_type, valid_until_on=TODAY)  # another's
    assert rule_against(slot, patient) == ""


def test_an_order_whose_visit_was_given_up_speaks_for_whoever_waits(
    slot: Slot, patient: Patient
) -> None:
    visit = visit_of(slot, patient)
    ServiceRequestFactory.create(
        patient=patient, visit_type=slot.visit_type, appointment=visit, valid_until_on=TODAY
    )
    assert rule_against(slot, patient) == ""
    Appointment.objects.filter(pk=visit.pk).update(status=AppointmentStatus.NO_SHOW)
    assert rule_against(slot, patient) == "authorization"


def test_counts_the_visits_that_an_authorization_has_left(slot: Slot, patient: Patient) -> None:
    ServiceRequestFactory.create(
        patient=patient,
        visit_type=slot.visit_type,
        valid_from_on=TODAY - 30 * DAY,
        visits_allowed=2,
    )
    visit = visit_of(slot, patient)  # would be given up: not counted
    took_place = {"status": AppointmentStatus.FULFILLED}
    visit_of(slot, patient, starts_at=NOW - 31 * DAY, **took_place)  # before it began
    visit_of(slot, patient, starts_at=NOW - 9 * DAY, status=AppointmentStatus.CANCELLED)
    visit_of(slot, patient, starts_at=NOW - 8 * DAY, visit_type=VisitTypeFactory.create())
    visit_of(slot, patient, starts_at=NOW - 30 * DAY, **took_place)
    assert asked(slot, patient, visit).orders[0].visits_left == 1
    assert asked(slot, patient).orders[0].visits_left == 0
    visit_of(slot, patient, starts_at=NOW + 9 * DAY)
    assert rule_against(slot, patient, visit) == "authorization"


def test_the_last_visit_counts_by_the_day_at_the_site(slot: Slot, patient: Patient) -> None:
    FrequencyLimitFactory.create(visit_type=slot.visit_type, months=0, days=30)
    evening = dt.datetime(2026, 10, 23, 2, 0, tzinfo=dt.UTC)  # Oct 22 in Phoenix: 30 days before
    visit = visit_of(slot, patient, starts_at=evening, status=AppointmentStatus.FULFILLED)
    assert asked(slot, patient).last_visit_on == dt.date(2026, 10, 22)
    assert rule_against(slot, patient) == ""
    Appointment.objects.filter(pk=visit.pk).update(
        starts_at=evening + DAY, ends_at=evening + 2 * DAY
    )
    assert rule_against(slot, patient) == "frequency"
    Appointment.objects.filter(pk=visit.pk).update(status=AppointmentStatus.NO_SHOW)
    assert rule_against(slot, patient) == ""


def test_a_visit_is_not_moved_before_what_must_come_first(slot: Slot, patient: Patient) -> None:
    lab = visit_of(
        slot,
        patient,
        visit_type=VisitTypeFactory.create(name="Blood draw"),
        starts_at=slot.starts_at + DAY,
    )
    visit = visit_of(slot, patient)
    ServiceRequestFactory.create(
        patient=patient, visit_type=slot.visit_type, appointment=visit, follows=lab
    )
    found = find_standing(Claim(patient.pk, None, visit.pk), slot)
    assert found is not None
    assert found.sentence == "Must come after Blood draw of Sun Nov 22"
    Appointment.objects.filter(pk=lab.pk).update(status=AppointmentStatus.CANCELLED)
    found = find_standing(Claim(patient.pk, None, visit.pk), slot)
    assert found is not None
    assert found.sentence == "Blood draw must come first, and is not booked"
    Appointment.objects.filter(pk=lab.pk).update(
        status=AppointmentStatus.FULFILLED, starts_at=NOW - DAY, ends_at=NOW - DAY / 2
    )
    assert rule_against(slot, patient, visit) == ""


def test_a_visit_is_not_moved_too_far_before_what_follows_it(slot: Slot, patient: Patient) -> None:
    lab = visit_of(slot, patient, starts_at=NOW + 38 * DAY)
    procedure = visit_of(slot, patient, visit_type=VisitTypeFactory.create(is_sensitive=True))
    order = ServiceRequestFactory.create(
        patient=patient,
        visit_type=procedure.visit_type,
        appointment=procedure,
        follows=lab,
        follows_within_days=30,
    )
    found = find_standing(Claim(patient.pk, None, lab.pk), slot)
    assert found is not None
    assert found.sentence == "Must come at most 30 days before Another visit of Wed Dec 30"
    order.follows_within_days = 39
    order.save()
    assert rule_against(slot, patient, lab) == ""


@pytest.mark.parametrize(
    ("language", "spoken", "needed"),
    [("en", "ara", "ara"), ("es", "", ""), ("en", "", ""), ("en", "es", "")],
)
def test_an_interpreter_is_for_a_language_that_the_clinician_does_not_speak(
    slot: Slot, language: str, spoken: str, needed: str
) -> None:
    slot.role.clinic.interpreter_notice_hours = 24
    slot.role.clinic.save()
    patient = PatientFactory.create(
        needs_interpreter=True, language=language, spoken_language=spoken
    )
    assert asked(slot, patient).interpreter == needed


def test_a_ride_needs_its_hours(slot: Slot) -> None:
    patient = PatientFactory.create(needs_transport=True)
    assert rule_against(slot, patient) == ""
    slot.role.clinic.transport_notice_hours = 72
    slot.role.clinic.save()
    assert rule_against(slot, patient) == "transport"  # it is 71 hours away


# --- scores of outside models --------------------------------------------------------------


def test_scores_count_for_nothing_until_a_weight_is_set(slot: Slot, patient: Patient) -> None:
    ImportedScoreFactory.create(patient=patient)
    assert scores(slot, patient) == ()
    ScoreWeightFactory.create(model="another-model", clinic=None)
    assert scores(slot, patient) == ()
    ScoreWeightFactory.create(clinic=slot.role.clinic, weight=15)
    (found,) = scores(slot, patient)
    assert (found.kind, found.value, found.weight) == (ScoreKind.ACCEPTANCE, 0.5, 15)
    assert (found.model, found.version, found.source) == ("accept", "2.1", "Sonora data science")


def test_a_clinics_own_weight_stands_instead_of_the_general_one(
    slot: Slot, patient: Patient
) -> None:
    ImportedScoreFactory.create(patient=patient)
    ScoreWeightFactory.create(clinic=None, weight=40)
    ScoreWeightFactory.create(clinic=ClinicFactory.create(), weight=60)
    assert [found.weight for found in scores(slot, patient)] == [40]
    ScoreWeightFactory.create(clinic=slot.role.clinic, weight=0)
    assert scores(slot, patient) == ()


def test_the_newest_score_counts_until_it_expires(slot: Slot, patient: Patient) -> None:
    ScoreWeightFactory.create(clinic=None)
    ScoreWeightFactory.create(clinic=None, kind=ScoreKind.NO_SHOW_RISK, model="noshow")
    newest = ImportedScoreFactory.create(patient=patient, value=0.7)
    ImportedScoreFactory.create(patient=patient, value=0.1, computed_at=NOW - 9 * DAY)
    ImportedScoreFactory.create(patient=patient, kind=ScoreKind.NO_SHOW_RISK, model="noshow")
    ImportedScoreFactory.create(value=0.9)  # somebody else's
    assert [(s.kind, s.value) for s in scores(slot, patient)] == [
        (ScoreKind.NO_SHOW_RISK, 0.5),
        (ScoreKind.ACCEPTANCE, 0.7),
    ]
    assert scores(slot, patient, newest.expires_at - dt.timedelta(seconds=1))
    assert scores(slot, patient, newest.expires_at) == ()


def test_who_gives_nothing_up_is_asked_about_for_what_made_them_a_candidate() -> None:
    opening = OpeningFactory.create()
    slot, other = get_slot(opening.slot_id), VisitTypeFactory.create()
    slot.visit_type.stands_in_for.add(other)
    patient = PatientFactory.create()
    older = WaitlistEntryFactory.create(patient=patient, visit_type=slot.visit_type)
    newer = WaitlistEntryFactory.create(patient=patient, visit_type=other, created_at=NOW)
    oldest = claim_of(patient, opening, slot, gives_up=None)
    assert oldest == Claim(patient.pk, older.visit_type_id)
    CandidateFactory.create(opening=opening, patient=patient, entry=newer)
    assert claim_of(patient, opening, slot, gives_up=None) == Claim(patient.pk, other.pk)
