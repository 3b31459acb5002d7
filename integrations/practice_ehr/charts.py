"""What the tables of `documents` say of the resources of a chart (http://hl7.org/fhir/R4/)."""

from __future__ import annotations

_ABOUT = {"identifier": "identifier", "subject": "subject", "patient": "subject"}

TOKENS: dict[str, dict[str, str]] = {
    "DiagnosticReport": _ABOUT,
    "CarePlan": _ABOUT,
    "ServiceRequest": _ABOUT,
    "MedicationRequest": _ABOUT,
    "MedicationDispense": {**_ABOUT, "prescription": "authorizingPrescription"},
    "Encounter": {
        **_ABOUT,
        "practitioner": "participant.individual",
        "appointment": "appointment",
    },
}
TARGETS = {"prescription": "MedicationRequest", "appointment": "Appointment"}
#: The parameter that searches `starts_at`, and the path of what it stands for.
START_PARAMETER = {"DiagnosticReport": "date", "Encounter": "date"}
STARTS = {"DiagnosticReport": "effectiveDateTime", "Encounter": "period.start"}

_REQUEST = frozenset(
    {"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"}
)
STATUSES: dict[str, frozenset[str]] = {
    "DiagnosticReport": frozenset(
        {"registered", "partial", "preliminary", "final", "amended", "corrected", "appended"}
        | {"cancelled", "entered-in-error", "unknown"}
    ),
    "CarePlan": _REQUEST,
    "ServiceRequest": _REQUEST,
    "MedicationRequest": frozenset(
        {"active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft"}
        | {"unknown"}
    ),
    "MedicationDispense": frozenset(
        {"preparation", "in-progress", "cancelled", "on-hold", "completed", "entered-in-error"}
        | {"stopped", "declined", "unknown"}
    ),
    "Encounter": frozenset(
        {"planned", "arrived", "triaged", "in-progress", "onleave", "finished", "cancelled"}
        | {"entered-in-error", "unknown"}
    ),
}
REQUIRED: dict[str, tuple[str, ...]] = {
    "DiagnosticReport": ("status", "code"),
    "CarePlan": ("status", "intent", "subject"),
    "ServiceRequest": ("status", "intent", "subject"),
    "MedicationRequest": ("status", "intent", "subject"),
    "MedicationDispense": ("status",),
    "Encounter": ("status", "class"),
}
