"""What the desk reads of a patient's chart, as an EHR tells it: plain values, never results.

Adapters in `integrations` translate their wire format into these, and nothing else crosses the
border. Keys and codes are the EHR's own: this floor knows no clinicians and no visit types.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from crm.states import ItemStatus, MedicationStatus, ReportStatus, ReviewOutcome

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class LabTold:
    """One report, without a single value of it (FHIR DiagnosticReport).

    `category` is the code of http://hl7.org/fhir/R4/valueset-diagnostic-service-sections.html:
    "LAB", "RAD", "PAT". `is_sensitive` for one whose very name tells something: substance use,
    HIV, genetics.
    """

    report_id: str
    name: str
    status: ReportStatus
    category: str = ""
    collected_at: dt.datetime | None = None
    issued_at: dt.datetime | None = None
    reviewed_at: dt.datetime | None = None
    reviewed_by: str = ""
    outcome: ReviewOutcome = ReviewOutcome.NONE
    released_at: dt.datetime | None = None  # to the patient, as in the portal
    is_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class CarePlanTold:
    """One thing that was ordered (FHIR ServiceRequest, or an activity of a CarePlan).

    `visit_type_code` is the EHR's code of the visit that it takes. Days are the site's, both
    included.
    """

    item_id: str
    title: str
    status: ItemStatus
    plan: str = ""  # "After knee surgery"
    visit_type_code: str = ""
    ordered_on: dt.date | None = None
    ordered_by: str = ""
    due_from_on: dt.date | None = None
    due_until_on: dt.date | None = None
    visits_planned: int = 1
    visits_done: int = 0
    is_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class MedicationTold:
    """One prescription with what was dispensed on it (FHIR MedicationRequest, MedicationDispense).

    `atc` is its ATC code where the EHR has one; what kind of drug it is, `crm.rules.drugs` says.
    """

    medication_id: str
    name: str
    status: MedicationStatus
    atc: str = ""
    days_supply: int | None = None
    last_filled_on: dt.date | None = None
    refills_left: int | None = None
    pharmacy: str = ""
    prescriber: str = ""
    is_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class EncounterTold:
    """One past visit (FHIR Encounter). `appointment_id` is the EHR's key of what was booked."""

    encounter_id: str
    starts_at: dt.datetime
    title: str = ""
    visit_type_code: str = ""
    provider_id: str = ""
    provider: str = ""
    location: str = ""
    appointment_id: str = ""
    is_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class CoverageTold:
    """Insurance as the EHR has it now (FHIR Coverage). `status` is FHIR's word."""

    payer: str
    status: str
    plan: str = ""
    member_id: str = ""
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ChartAnswer(Generic[Told]):
    """What was read. `unread` rows made no sense; `has_more` where the EHR holds still others."""

    rows: tuple[Told, ...]
    unread: int = 0
    has_more: bool = False


class ChartUnavailable(Exception):
    """The EHR gave no answer, or none that makes sense. The text is for staff, without data."""


class ChartGateway(Protocol):
    """One EHR's charts. Calls block up to their own time-out; never call inside a transaction.

    `source` names the system under which its keys of patients are kept. Every method takes such a
    key, and raises `ChartUnavailable`.
    """

    source: str

    def read_labs(self, patient_id: str, *, since: dt.date) -> ChartAnswer[LabTold]:
        """Reports of that day and later."""

    def read_plan(self, patient_id: str) -> ChartAnswer[CarePlanTold]:
        """What was ordered and is not over."""

    def read_medications(self, patient_id: str) -> ChartAnswer[MedicationTold]:
        """Prescriptions, those that were stopped as well: a caller may ask for one."""

    def read_encounters(self, patient_id: str, *, since: dt.date) -> ChartAnswer[EncounterTold]:
        """Visits that took place, of that day and later."""

    def read_coverages(self, patient_id: str) -> ChartAnswer[CoverageTold]:
        """Insurance, also what has ended."""
