"""What scheduling asks of an EHR, and what an EHR reports to scheduling.

Everything here is a plain value: adapters in `integrations` translate their wire
format into these and back, and nothing else crosses the border.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from scheduling.states import AppointmentStatus, CancelledBy, CancelReason, SlotStatus

# --- what an EHR reports -----------------------------------------------------------


class ReportKind(StrEnum):
    """What the sender says happened. SIU trigger or FHIR change, in one vocabulary."""

    BOOKED = "booked"  # SIU S12
    RESCHEDULED = "rescheduled"  # SIU S13
    MODIFIED = "modified"  # SIU S14
    CANCELLED = "cancelled"  # SIU S15
    DISCONTINUED = "discontinued"  # SIU S16
    DELETED = "deleted"  # SIU S17
    NO_SHOW = "no-show"  # SIU S26
    STATE = "state"  # FHIR or JSON: the whole present state, no event named


@dataclass(frozen=True, slots=True)
class IdentifierReport:
    """One identifier as its issuer writes it: HL7 CX.4 or FHIR Identifier.system, and the value."""

    system: str
    value: str


@dataclass(frozen=True, slots=True)
class PhoneReport:
    """`raw` as sent; `number` in E.164 or empty when it cannot be read as a phone number."""

    raw: str
    number: str
    use: str = "home"  # FHIR ContactPoint.use: home, work, mobile


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """Insurance as the sender has it: IN1-4, 36, 12, 13, or a FHIR Coverage. Dates included."""

    payer: str
    plan: str = ""
    member_id: str = ""
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class PatientReport:
    """A person as the sender describes them. Unknown parts are empty or None.

    `is_deceased` is True when the sender says so, False when it says nothing of it.
    `deletes` names what the sender takes back: "birth_on", "sex", "address", "phones" (all but
    those at work), "work_phones". `needs_interpreter` is None where the sender does not say.
    """

    identifiers: tuple[IdentifierReport, ...]
    family_name: str = ""
    given_name: str = ""
    birth_on: dt.date | None = None
    sex: str = "unknown"  # FHIR administrative gender: male, female, other, unknown
    language: str = ""  # BCP 47 or ISO 639 as sent, lower case: "en", "es", "ara"
    phones: tuple[PhoneReport, ...] = ()
    address_lines: tuple[str, ...] = ()
    city: str = ""
    state: str = ""
    postal_code: str = ""
    is_deceased: bool = False
    deletes: frozenset[str] = frozenset()
    coverages: tuple[CoverageReport, ...] = ()
    needs_interpreter: bool | None = None


@dataclass(frozen=True, slots=True)
class ProviderReport:
    """A clinician as the sender names them (AIP-3, or a Practitioner participant)."""

    identifier: str
    family_name: str = ""
    given_name: str = ""
    role_text: str = ""  # AIP-4 text: "Gastroenterologist"


@dataclass(frozen=True, slots=True)
class CodeReport:
    """A coded value as sent: HL7 CWE or FHIR Coding."""

    code: str
    text: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class OrderReport:
    """The order that a visit is based on (FHIR ServiceRequest by Appointment.basedOn; SCH-26, AUT).

    `order_id` is the sender's own key for it, with the name of whoever numbers it where that is
    told: a laboratory and a clinic of one sender may both have a 17. Dates are days at the site,
    both included; None where nothing is said. `authorization` is the payer's or the referral's
    number.
    """

    order_id: str
    not_before_on: dt.date | None = None
    authorization: str = ""
    valid_from_on: dt.date | None = None
    valid_until_on: dt.date | None = None
    visits_allowed: int | None = None


@dataclass(frozen=True, slots=True)
class AppointmentReport:
    """One statement by an EHR about one visit.

    `source` names the sender (for HL7 "MSH-3|MSH-4", for FHIR the connection's name);
    `appointment_id` is the sender's own key for the visit, unique within `source`.
    `sent_at` orders statements about the same visit: an older one never undoes a newer.
    `version` is the sender's version where it has one (FHIR meta.versionId), else empty.
    `our_identifier` is the identifier that we gave the visit when we created it, if echoed.
    `cancel_code` is its reason in our words, where the sender's code is one that everybody knows.
    `tells_slots` is False for feeds that only speak of visits (SIU): then a cancelled
    visit says nothing about its slot, and only the clinic's signed rule may free it.
    """

    source: str
    kind: ReportKind
    appointment_id: str
    status: AppointmentStatus
    sent_at: dt.datetime
    tells_slots: bool
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    patient: PatientReport | None = None
    providers: tuple[ProviderReport, ...] = ()
    location: CodeReport | None = None
    room: CodeReport | None = None
    visit_type: CodeReport | None = None
    services: tuple[CodeReport, ...] = ()
    cancel_reason: CodeReport | None = None
    cancelled_by: CancelledBy = CancelledBy.UNKNOWN
    cancel_code: CancelReason | None = None
    slot_id: str = ""
    version: str = ""
    our_identifier: str = ""
    notes: tuple[str, ...] = field(default=())
    order: OrderReport | None = None


@dataclass(frozen=True, slots=True)
class SlotReport:
    """One statement by an EHR about one slot. `slot_id` is the sender's, unique in `source`."""

    source: str
    slot_id: str
    status: SlotStatus
    sent_at: dt.datetime
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    provider: ProviderReport | None = None
    location: CodeReport | None = None
    visit_type: CodeReport | None = None
    version: str = ""


# --- what we ask of an EHR ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EhrCapabilities:
    """What this EHR can do; the row of its capability matrix (E4)."""

    can_book: bool
    can_cancel: bool
    reads_slots: bool
    honors_if_match: bool
    can_arrive: bool = False  # takes a check-in, and takes it back
    can_no_show: bool = False  # takes a no-show, and takes it back
    takes_resources: bool = False  # takes further clinicians, rooms and machines of a visit

    def can_mark(self, status: AppointmentStatus) -> bool:
        """Whether `EhrGateway.mark` can bring a visit to `status`."""
        return {
            AppointmentStatus.ARRIVED: self.can_arrive,
            AppointmentStatus.NO_SHOW: self.can_no_show,
            AppointmentStatus.BOOKED: self.can_arrive or self.can_no_show,
        }.get(status, False)


@dataclass(frozen=True, slots=True)
class BookingDraft:
    """A visit to create. `identifier` is ours, unique, and makes the request repeatable.

    What it takes beside its clinician and site, in the EHR's own names, only where that takes it:
    further clinicians, and rooms and machines (FHIR: "Device/12" for one that is no Location).
    """

    identifier: str
    patient_id: str
    slot_id: str
    provider_id: str
    location_id: str
    visit_type_code: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    further_provider_ids: tuple[str, ...] = ()
    room_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EhrAppointment:
    """A visit as the EHR holds it now."""

    appointment_id: str
    status: AppointmentStatus
    starts_at: dt.datetime
    ends_at: dt.datetime
    version: str = ""
    identifier: str = ""
    slot_id: str = ""


class EhrError(Exception):
    """Base of what an EHR gateway raises; the text is for staff, without patient data."""


class EhrRefused(EhrError):
    """The EHR understood and said no (409, 412, 422). Nothing was changed there."""


class EhrUnavailable(EhrError):
    """The request certainly had no effect: refused connection, 429, 503. Try again later."""

    def __init__(self, message: str, *, retry_after: dt.timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class EhrUnknown(EhrError):
    """No answer, or one that makes no sense: the request may have worked. Read back."""


class VideoUnavailable(Exception):
    """No link could be made now; the text is for staff, without patient data."""


@dataclass(frozen=True, slots=True)
class VideoLink:
    """Addresses of one visit's room: one for the patient, one for the clinician. Both secret."""

    patient_url: str
    clinician_url: str


class VideoGateway(Protocol):
    """One provider of video rooms. Calls may block; never call inside a transaction."""

    def create_room(
        self, identifier: str, starts_at: dt.datetime, ends_at: dt.datetime
    ) -> VideoLink:
        """The room for one visit at one time; the same again gives the same room.

        :raises VideoUnavailable:
        """


class EhrGateway(Protocol):
    """One EHR. Calls block up to their own time-out; never call inside a transaction."""

    source: str
    capabilities: EhrCapabilities

    def book(self, draft: BookingDraft) -> EhrAppointment:
        """Create the visit. :raises EhrRefused, EhrUnavailable, EhrUnknown:"""

    def cancel(
        self, *, appointment_id: str, reason: CancelledBy, version: str = ""
    ) -> EhrAppointment:
        """Cancel the visit; one that is cancelled already is a success.

        :raises EhrRefused, EhrUnavailable, EhrUnknown:
        """

    def mark(
        self, *, appointment_id: str, status: AppointmentStatus, version: str = ""
    ) -> EhrAppointment:
        """Say that the patient arrived or did not come; *booked* takes either back.

        A visit that stands so already is a success; one that is over or cancelled is refused.

        :raises EhrRefused, EhrUnavailable, EhrUnknown:
        """

    def read(self, appointment_id: str) -> EhrAppointment | None:
        """The visit now, or None when the EHR has none. :raises EhrUnavailable, EhrUnknown:"""

    def find(self, identifier: str) -> EhrAppointment | None:
        """The visit that carries our identifier. :raises EhrUnavailable, EhrUnknown:"""

    def read_slot(self, slot_id: str) -> SlotReport | None:
        """The slot now, or None. :raises EhrUnavailable, EhrUnknown:"""
