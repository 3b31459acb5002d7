"""What the demo's visits need, in our tables: kept by staff there, so the practice EHR has none."""

from __future__ import annotations

import datetime as dt

from crm.models import Patient
from integrations.demo.dataset import Dataset
from integrations.demo.inventory import Inventory
from integrations.demo.tables import insert
from scheduling.models import (
    AcceptedCoverage,
    Appointment,
    FrequencyLimit,
    ProviderRule,
    ServiceRequest,
)

#: When letters with instructions go out.
MORNING = dt.time(16, tzinfo=dt.UTC)


def add_rules(dataset: Dataset, inventory: Inventory) -> None:
    """Clinicians' rules, payers that one clinic takes, and how often a visit is paid for."""
    insert(
        ProviderRule(
            role=inventory.roles[row.clinician],
            min_age=row.min_age,
            accepts_new=row.accepts_new,
            reason=row.reason,
        )
        for row in dataset.clinician_rules
    )
    insert(
        AcceptedCoverage(
            clinic=inventory.clinics[row.specialty, row.site], payer=row.payer, plan=row.plan
        )
        for row in dataset.payers_taken
    )
    insert(
        FrequencyLimit(visit_type=inventory.kinds[row.kind], payer=row.payer, months=row.months)
        for row in dataset.limits
    )


def add_orders(
    dataset: Dataset,
    inventory: Inventory,
    patients: dict[str, Patient],
    visits: dict[str, Appointment],
) -> None:
    """Orders of visits ahead, with their authorizations."""
    insert(
        ServiceRequest(
            patient=patients[row.mrn],
            visit_type=inventory.kinds[row.kind],
            appointment=visits[row.visit],
            not_before_on=row.not_before_on,
            authorization=row.authorization,
            valid_from_on=row.valid_from_on,
            valid_until_on=row.valid_until_on,
            visits_allowed=row.visits_allowed,
            follows=visits.get(row.follows),
            follows_after_days=row.follows_after_days,
            instructed_at=(
                dt.datetime.combine(row.instructed_on, MORNING) if row.instructed_on else None
            ),
        )
        for row in dataset.orders
    )
