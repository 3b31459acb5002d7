"""What an EHR told, as rows to keep: cut to what a column holds, drugs sorted by their kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from crm.models import CarePlanItem, Encounter, LabReport, Medication
from crm.models.chart import ChartRow
from crm.ports import CarePlanTold, CoverageTold, EncounterTold, LabTold, MedicationTold
from crm.rules.drugs import class_of, is_controlled
from crm.states import ChartPart

#: Widths of the columns.
_NAME, _KEY, _CODE, _SHORT = 160, 140, 120, 12
#: The widest PositiveSmallIntegerField.
_MOST = 32_767


def _lab(patient_id: int, told: LabTold) -> LabReport:
    return LabReport(
        patient_id=patient_id,
        source_id=told.report_id[:_KEY],
        is_sensitive=told.is_sensitive,
        name=told.name[:_NAME],
        status=told.status,
        category=told.category[:_SHORT],
        collected_at=told.collected_at,
        issued_at=told.issued_at,
        reviewed_at=told.reviewed_at,
        reviewed_by=told.reviewed_by[:_NAME],
        outcome=told.outcome,
        released_at=told.released_at,
    )


def _item(patient_id: int, told: CarePlanTold) -> CarePlanItem:
    return CarePlanItem(
        patient_id=patient_id,
        source_id=told.item_id[:_KEY],
        is_sensitive=told.is_sensitive,
        title=told.title[:_NAME],
        plan=told.plan[:_NAME],
        status=told.status,
        visit_type_code=told.visit_type_code[:_CODE],
        ordered_on=told.ordered_on,
        ordered_by=told.ordered_by[:_NAME],
        due_from_on=told.due_from_on,
        due_until_on=told.due_until_on,
        visits_planned=_count(told.visits_planned),
        visits_done=_count(told.visits_done),
    )


def _medication(patient_id: int, told: MedicationTold) -> Medication:
    return Medication(
        patient_id=patient_id,
        source_id=told.medication_id[:_KEY],
        is_sensitive=told.is_sensitive,
        name=told.name[:_NAME],
        status=told.status,
        days_supply=_count(told.days_supply),
        last_filled_on=told.last_filled_on,
        refills_left=_count(told.refills_left),
        pharmacy=told.pharmacy[:_NAME],
        prescriber=told.prescriber[:_NAME],
        is_controlled=is_controlled(told.name),
        drug_class=class_of(told.name, atc=told.atc),
    )


def _encounter(patient_id: int, told: EncounterTold) -> Encounter:
    return Encounter(
        patient_id=patient_id,
        source_id=told.encounter_id[:_KEY],
        is_sensitive=told.is_sensitive,
        starts_at=told.starts_at,
        title=told.title[:_NAME],
        visit_type_code=told.visit_type_code[:_CODE],
        provider_code=told.provider_id[:_CODE],
        provider=told.provider[:_NAME],
        location=told.location[:_NAME],
        appointment_key=told.appointment_id[:_CODE],
    )


def told_coverage(told: CoverageTold, *, at: dt.datetime) -> dict[str, Any]:
    """The fields that a check writes. Silence about the plan or a first day takes nothing away;
    about a last day it does: the plan goes on."""
    said = {"plan": told.plan[:80], "starts_on": told.starts_on}
    kept = {name: value for name, value in said.items() if value}
    return {**kept, "ends_on": told.ends_on, "status": told.status[:20], "checked_at": at}


def _count(told: int | None) -> Any:
    return None if told is None else max(0, min(told, _MOST))


#: The rows of each part, and how one is made of what was told. Coverage is kept by itself.
ROWS: Final[Mapping[ChartPart, tuple[type[ChartRow], Callable[[int, Any], ChartRow]]]] = {
    ChartPart.LABS: (LabReport, _lab),
    ChartPart.PLAN: (CarePlanItem, _item),
    ChartPart.MEDICATIONS: (Medication, _medication),
    ChartPart.VISITS: (Encounter, _encounter),
}
