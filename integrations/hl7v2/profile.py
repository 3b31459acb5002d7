"""What one sender means by its codes: the row behind MSH-3|MSH-4, and the standard tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from zoneinfo import ZoneInfo

from integrations.cancel_reasons import CODES, CancelMeaning
from scheduling.ports import CodeReport
from scheduling.states import AppointmentStatus, CancelledBy, CancelReason

#: SCH-25, HL7 table 0278, and the spellings met besides. Pending means that nobody has confirmed
#: a visit which does stand in the schedule, so it takes its place like any other.
STANDARD_STATUSES: Mapping[str, AppointmentStatus] = {
    "booked": AppointmentStatus.BOOKED,
    "pending": AppointmentStatus.BOOKED,
    "overbook": AppointmentStatus.BOOKED,
    "scheduled": AppointmentStatus.BOOKED,
    "rescheduled": AppointmentStatus.BOOKED,
    "confirmed": AppointmentStatus.BOOKED,
    "arrived": AppointmentStatus.ARRIVED,
    "checkedin": AppointmentStatus.ARRIVED,
    "started": AppointmentStatus.ARRIVED,
    "complete": AppointmentStatus.FULFILLED,
    "completed": AppointmentStatus.FULFILLED,
    "checkedout": AppointmentStatus.FULFILLED,
    "cancelled": AppointmentStatus.CANCELLED,
    "canceled": AppointmentStatus.CANCELLED,
    "cancel": AppointmentStatus.CANCELLED,
    "dc": AppointmentStatus.CANCELLED,
    "discontinued": AppointmentStatus.CANCELLED,
    "noshow": AppointmentStatus.NO_SHOW,
    "deleted": AppointmentStatus.ENTERED_IN_ERROR,
    "enteredinerror": AppointmentStatus.ENTERED_IN_ERROR,
}

#: Table 0278 values that are no visit of anybody.
NOT_A_VISIT = frozenset({"waitlist", "blocked"})

#: SCH-6 by FHIR's appointment-cancellation-reason codes and by plain words. What is not here is
#: nobody's; and "other" of a v2 sender says nothing of who, as it does in FHIR's tree of codes.
STANDARD_CANCEL_REASONS: Mapping[str, CancelMeaning] = {
    **{code: reason for code, reason in CODES.items() if code != "other"},
    **dict.fromkeys(
        (
            *("patient", "patient request", "patient cancelled", "patient canceled"),
            "cancelled by patient",
        ),
        CancelReason.PATIENT_UNSAID,
    ),
    **dict.fromkeys(
        (
            *("provider", "provider cancelled", "provider canceled", "provider unavailable"),
            "cancelled by provider",
        ),
        CancelReason.CLINICIAN_UNSAID,
    ),
    **dict.fromkeys(
        ("clinic", "facility", "organization", "clinic cancelled"), CancelReason.CLINIC_UNSAID
    ),
}


def code_key(text: str) -> str:
    """How codes are compared: "No Show", "NO-SHOW" and "noshow" are one."""
    return re.sub(r"[^0-9a-z]", "", text.casefold())


_STATUSES = {code_key(code): status for code, status in STANDARD_STATUSES.items()}
_CANCEL_REASONS = {code_key(code): said for code, said in STANDARD_CANCEL_REASONS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderProfile:
    """How to read one sender. Only the zone has no default: a wrong guess moves every visit.

    `zone`: IANA zone of time stamps without an offset.
    `source`: name to store facts under; empty for the message's own MSH-3.1|MSH-4.1.
    `charset`: of messages whose MSH-18 is empty.
    `statuses`, `cancel_reasons`: the sender's codes or names (SCH-25, SCH-6), asked before the
    standard ones. A cancel reason stands for one of ours, or for whose doing it was.
    `appointment_id_from`: "SCH-2" (the filler's id: the filler keeps the schedule, and its id
    stays when a placer has none or several place one visit) or "SCH-1"; the other one is taken
    where the first is empty.
    `visit_type_from`: the first of these that is filled, of "AIS-3", "SCH-8", "SCH-7".
    `location_from`: "PL.4" (facility) or "PL.1" (point of care) of AIL-3.
    `primary_roles`: AIP-4 codes or names of those who see the patient, where the words do not
    tell.
    `processing_ids`: MSH-11 values taken; an empty one always is.
    `placer_namespace`: SCH-1.2 that marks SCH-1.1 as the identifier that we gave the visit.
    `phone_region`: CLDR region of phone numbers without a country code.
    """

    zone: str
    source: str = ""
    charset: str = "utf-8"
    statuses: Mapping[str, AppointmentStatus] = field(default_factory=dict)
    cancel_reasons: Mapping[str, CancelMeaning] = field(default_factory=dict)
    appointment_id_from: str = "SCH-2"
    visit_type_from: tuple[str, ...] = ("AIS-3", "SCH-8", "SCH-7")
    location_from: str = "PL.4"
    primary_roles: frozenset[str] = frozenset()
    processing_ids: frozenset[str] = frozenset({"P"})
    placer_namespace: str = "FIRSTCALL"
    phone_region: str = "US"

    def __post_init__(self) -> None:
        """Fail when the profile is made, not when its first message arrives.

        :raises zoneinfo.ZoneInfoNotFoundError: for a zone that does not exist.
        """
        ZoneInfo(self.zone)

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def find_status(self, code: CodeReport) -> AppointmentStatus | None:
        """What SCH-25 says, or None when no table knows it."""
        return _look_up(code, self.statuses, _STATUSES)

    def find_canceller(self, code: CodeReport) -> CancelledBy | None:
        """Who gave the visit up by a reason code, or None when no table knows it."""
        meaning = _look_up(code, self.cancel_reasons, _CANCEL_REASONS)
        return meaning.who if isinstance(meaning, CancelReason) else meaning

    def find_cancel_reason(self, code: CodeReport) -> CancelReason | None:
        """Our word for a reason code, or None when no table knows more than whose doing it was."""
        meaning = _look_up(code, self.cancel_reasons, _CANCEL_REASONS)
        return meaning if isinstance(meaning, CancelReason) else None

    def is_primary_role(self, code: CodeReport) -> bool:
        """Whether this sender's table says that such a person sees the patient."""
        return bool(
            {code_key(code.code), code_key(code.text)} & set(map(code_key, self.primary_roles))
        )


_T = TypeVar("_T")


def _look_up(code: CodeReport, own: Mapping[str, _T], standard: Mapping[str, _T]) -> _T | None:
    mine = {code_key(key): value for key, value in own.items()}
    for table in (mine, standard):
        for key in (code_key(code.code), code_key(code.text)):
            if key in table:
                return table[key]
    return None
