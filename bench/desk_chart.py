"""A chart as the EHR told it, as heavy as is asked for, and just read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from crm.models import (
    CarePlanItem,
    ChartFetch,
    Coverage,
    Encounter,
    LabReport,
    Medication,
    Patient,
)
from crm.states import ChartPart, ItemStatus, MedicationStatus, ReportStatus


def add_chart(
    patient: Patient,
    count: int,
    *,
    kinds: Sequence[str],
    clinicians: Sequence[str],
    at: dt.datetime,
) -> None:
    """`count` rows of each part, and read a minute ago, so that nobody asks the EHR again."""
    read_at = at - dt.timedelta(minutes=1)
    ChartFetch.objects.bulk_create(
        ChartFetch(patient=patient, part=part, asked_at=read_at, fetched_at=read_at)
        for part in ChartPart
    )
    _add_tests(patient, count, at)
    _add_orders(patient, count, kinds, at)
    Encounter.objects.bulk_create(
        Encounter(
            patient=patient,
            source_id=f"encounter-{n}",
            starts_at=at - dt.timedelta(days=10 * (n + 1), hours=3),
            title="Knee follow-up",
            visit_type_code=kinds[n % len(kinds)],
            provider_code=clinicians[n % len(clinicians)],
            provider="Grace Park, MD",
            location="Camelback",
        )
        for n in range(count)
    )
    Coverage.objects.bulk_create(
        Coverage(patient=patient, payer=f"Desert Mutual {n}", status="active", checked_at=read_at)
        for n in range(min(count, 4))
    )


def _add_tests(patient: Patient, count: int, at: dt.datetime) -> None:
    LabReport.objects.bulk_create(
        LabReport(
            patient=patient,
            source_id=f"report-{n}",
            name="Basic metabolic panel",
            status=ReportStatus.FINAL if n % 3 else ReportStatus.REGISTERED,
            category="LAB",
            collected_at=at - dt.timedelta(days=3 * (n + 1)),
            issued_at=at - dt.timedelta(days=3 * n + 1),
            reviewed_at=at - dt.timedelta(days=3 * n + 1) if n % 3 == 2 else None,
        )
        for n in range(count)
    )


def _add_orders(patient: Patient, count: int, kinds: Sequence[str], at: dt.datetime) -> None:
    today = at.date()
    CarePlanItem.objects.bulk_create(
        CarePlanItem(
            patient=patient,
            source_id=f"order-{n}",
            title="X-ray of the knee",
            plan="Knee plan",
            status=ItemStatus.ACTIVE,
            visit_type_code=kinds[n % len(kinds)],
            ordered_on=today - dt.timedelta(days=20 + n),
            ordered_by="Grace Park, MD",
            due_from_on=today - dt.timedelta(days=n),
            due_until_on=today + dt.timedelta(days=10 + n),
        )
        for n in range(count)
    )
    Medication.objects.bulk_create(
        Medication(
            patient=patient,
            source_id=f"prescription-{n}",
            name=f"Naproxen 500 mg, {n}",
            status=MedicationStatus.ACTIVE,
            days_supply=30,
            last_filled_on=today - dt.timedelta(days=20),
            refills_left=2,
            pharmacy="Walgreens on McDowell",
            prescriber="Grace Park, MD",
        )
        for n in range(count)
    )
