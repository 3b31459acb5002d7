"""What EHRs tell of coverage, orders and interpreters is kept where the rules look."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from crm.models import AuditEntry, Coverage, Patient
from scheduling.actions import ReportRefused
from scheduling.models import ServiceRequest
from scheduling.ports import CoverageReport, OrderReport
from scheduling.states import AppointmentStatus
from tests.factories import NOW, CoverageFactory, VisitTypeFactory
from tests.scheduling.told import MINUTE, about, apply, booked_slot, identified, person, told

pytestmark = pytest.mark.django_db
HMO = CoverageReport("Desert Mutual", "HMO", "X1", dt.date(2026, 1, 1), dt.date(2026, 12, 31))
REFERRAL = OrderReport(
    "O1",
    not_before_on=dt.date(2026, 12, 1),
    authorization="A-77",
    valid_from_on=dt.date(2026, 11, 1),
    valid_until_on=dt.date(2027, 1, 31),
)
LATER = NOW + MINUTE


def only_patient() -> Patient:
    return Patient.objects.get(identifiers__value="MRN1")


def test_keeps_coverage_with_its_dates_and_once() -> None:
    apply(told(patient=person(coverages=(HMO, CoverageReport("")))))
    again = replace(HMO, payer="DESERT MUTUAL", ends_on=dt.date(2027, 12, 31))
    apply(told(patient=person(coverages=(again,)), sent_at=LATER), at=LATER)
    (kept,) = Coverage.objects.filter(patient=only_patient())
    assert (kept.payer, kept.plan, kept.member_id) == ("Desert Mutual", "HMO", "X1")
    assert (kept.starts_on, kept.ends_on) == (dt.date(2026, 1, 1), dt.date(2027, 12, 31))
    assert kept.checked_at == LATER
    verbs = AuditEntry.objects.filter(subject_type="crm.coverage").order_by("pk")
    assert [entry.verb for entry in verbs] == ["crm.coverage.told", "crm.coverage.told-anew"]


def test_leaves_alone_what_is_not_told_and_what_is_older() -> None:
    apply(told(patient=person(needs_interpreter=True)))
    patient = only_patient()
    CoverageFactory.create(patient=patient, payer="Saguaro")
    apply(told(patient=person(), sent_at=LATER), at=LATER)
    older = person(coverages=(HMO,), needs_interpreter=False)
    apply(told(appointment_id="V2", starts_at=NOW + dt.timedelta(days=5), patient=older), at=LATER)
    patient.refresh_from_db()
    assert patient.needs_interpreter
    assert [row.payer for row in patient.coverages.all()] == ["Saguaro"]
    newer = person(needs_interpreter=False)
    apply(told(patient=newer, sent_at=LATER + MINUTE), at=LATER + MINUTE)
    patient.refresh_from_db()
    assert not patient.needs_interpreter


def test_keeps_the_order_of_a_visit_and_brings_it_up_to_date() -> None:
    _, visit = booked_slot()
    apply(about(visit, told(patient=None, order=REFERRAL, sent_at=LATER)), at=LATER)
    later = OrderReport("O1", valid_until_on=dt.date(2027, 3, 31))
    sent_at = LATER + MINUTE
    apply(about(visit, told(patient=None, order=later, sent_at=sent_at)), at=sent_at)
    order = ServiceRequest.objects.get()
    assert (order.patient, order.appointment, order.source_id) == (visit.patient, visit, "O1")
    assert (order.not_before_on, order.authorization) == (dt.date(2026, 12, 1), "A-77")
    assert (order.valid_from_on, order.valid_until_on) == (
        dt.date(2026, 11, 1),
        dt.date(2027, 3, 31),
    )


def test_an_order_for_several_visits_is_none_of_a_single_one() -> None:
    _, visit = booked_slot()
    order = replace(REFERRAL, visits_allowed=12)
    apply(about(visit, told(patient=None, order=order, sent_at=LATER)), at=LATER)
    kept = ServiceRequest.objects.get()
    assert (kept.appointment, kept.visits_allowed) == (None, 12)


def test_leaves_out_an_order_that_is_another_patients_and_applies_the_rest() -> None:
    _, visit = booked_slot()
    ServiceRequest.objects.create(
        patient=booked_slot()[1].patient,
        visit_type=VisitTypeFactory.create(),
        source=visit.source,
        source_id="O1",
    )
    report = told(patient=None, order=REFERRAL, sent_at=LATER, status=AppointmentStatus.CANCELLED)
    outcome = apply(about(visit, report), at=LATER)
    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.CANCELLED
    assert "another patient's" in outcome.sentence
    assert AuditEntry.objects.filter(verb="scheduling.order.left-out").count() == 1
    assert not ServiceRequest.objects.filter(patient=visit.patient).exists()


def test_an_order_of_a_kind_that_we_do_not_know_is_left_out() -> None:
    apply(told(order=REFERRAL))
    assert not ServiceRequest.objects.exists()
    _, visit = booked_slot()
    report = told(order=OrderReport("O" * 121), patient=identified(visit, "MRN9"))
    with pytest.raises(ReportRefused, match="longer than 120"):
        apply(about(visit, report))
