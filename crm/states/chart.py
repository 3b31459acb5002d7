"""Words of a chart that was read from an EHR. Rows of it have no life of their own here."""

from __future__ import annotations

from enum import StrEnum


class ChartPart(StrEnum):
    """What is asked for and kept by itself, each with its own age."""

    LABS = "labs"
    PLAN = "plan"
    MEDICATIONS = "medications"
    VISITS = "visits"
    COVERAGE = "coverage"


class ReportStatus(StrEnum):
    """http://hl7.org/fhir/R4/valueset-diagnostic-report-status.html"""

    REGISTERED = "registered"
    PARTIAL = "partial"
    PRELIMINARY = "preliminary"
    FINAL = "final"
    AMENDED = "amended"
    CORRECTED = "corrected"
    APPENDED = "appended"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered-in-error"
    UNKNOWN = "unknown"


class ReviewOutcome(StrEnum):
    """What the clinician who reviewed a report left word of."""

    NONE = ""
    NO_ACTION = "no-action"
    TALK = "talk"  # wants to speak with the patient about it


class ItemStatus(StrEnum):
    """http://hl7.org/fhir/R4/valueset-request-status.html"""

    DRAFT = "draft"
    ACTIVE = "active"
    ON_HOLD = "on-hold"
    REVOKED = "revoked"
    COMPLETED = "completed"
    ENTERED_IN_ERROR = "entered-in-error"
    UNKNOWN = "unknown"


class MedicationStatus(StrEnum):
    """http://hl7.org/fhir/R4/valueset-medicationrequest-status.html"""

    ACTIVE = "active"
    ON_HOLD = "on-hold"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    ENTERED_IN_ERROR = "entered-in-error"
    STOPPED = "stopped"
    DRAFT = "draft"
    UNKNOWN = "unknown"


class DrugClass(StrEnum):
    """Drugs whose sudden end endangers, and all others."""

    INSULIN = "insulin"
    ANTICONVULSANT = "anticonvulsant"
    ANTICOAGULANT = "anticoagulant"
    OTHER = "other"
