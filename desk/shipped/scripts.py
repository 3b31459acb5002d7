"""Every script that Firstcall comes with, by the kind of call; "" is a line's first words."""

from __future__ import annotations

from typing import Final

from desk.shipped import partner_scripts as partner
from desk.shipped import patient_scripts as patient
from desk.shipped.build import Step

#: Code of the script, its name, the code of its kind of call, and its steps.
SCRIPTS: Final[tuple[tuple[str, str, str, list[Step]], ...]] = (
    ("opening", "First words", "", patient.OPENING),
    ("book", "Book a visit", "book", patient.BOOK),
    ("move", "Move a visit", "move", patient.MOVE),
    ("cancel", "Cancel a visit", "cancel", patient.CANCEL),
    ("late", "Running late", "late", patient.LATE),
    ("results", "Test results", "results", patient.RESULTS),
    ("refill", "Refill", "refill", patient.REFILL),
    ("plan", "Treatment plan", "plan", patient.PLAN),
    ("directions", "Directions and parking", "directions", patient.DIRECTIONS),
    ("bill", "Bill", "bill", patient.BILL),
    ("nurse", "Speak with a nurse", "nurse", patient.NURSE),
    ("pharmacy", "Pharmacy", "pharmacy", partner.PHARMACY),
    ("clinician", "Another clinician", "clinician", partner.CLINICIAN),
    ("critical-result", "Critical result", "critical-result", partner.CRITICAL_RESULT),
    ("facility", "Hospital or care facility", "facility", partner.FACILITY),
    ("transport", "Ride", "transport", partner.TRANSPORT),
    ("records", "Medical records", "records", partner.RECORDS),
    ("billing", "Insurer or billing office", "billing", partner.BILLING),
    ("grievance", "Complaint", "grievance", partner.GRIEVANCE),
    ("police", "Police, court, government", "police", partner.POLICE),
    ("threat", "Threat", "threat", partner.THREAT),
    ("other", "Something else", "other", patient.OTHER),
)
