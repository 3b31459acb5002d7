"""What the generator returns. Rows name each other by code, MRN, number or EHR id."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from crm.states import ConsentDecision, PhoneUse, ProxyScope, Purpose, Sensitivity, Sex
from scheduling.states import (
    AppointmentStatus,
    Audience,
    CancelledBy,
    CancelReason,
    Restriction,
    SlotStatus,
)
from waitlist.states import EntryKind, Urgency


@dataclass(frozen=True, slots=True)
class Site:
    """A location. `code` is its key in the EHR and its name in HL7 messages."""

    code: str
    name: str
    short_name: str
    zone: str
    phone: str
    address_line: str
    city: str
    state: str
    postal_code: str
    country: str  # ISO 3166-1 alpha-2, for FHIR only
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Kind:
    """A visit type."""

    code: str
    name: str
    specialty: str
    minutes: int
    lead_minutes: int = 120
    needs_room: bool = False
    is_sensitive: bool = False
    is_for_new_patients: bool = False
    preparation: str = ""
    prep_hours: int = 0
    prep_send_hours: int = 0
    audience: Audience = Audience.ANY
    needs_authorization: bool = False
    min_age: int | None = None
    max_age: int | None = None
    stands_in_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clinician:
    """A provider and the one clinic they work in: a specialty at a site.

    `code` is their key in the EHR and their identifier in HL7 messages.
    """

    code: str
    family_name: str
    given_name: str
    credential: str
    sex: Sex
    languages: tuple[str, ...]
    site: str
    specialty: str
    weekdays: tuple[int, ...]  # Monday is 0

    @property
    def role_code(self) -> str:
        """Key of the PractitionerRole."""
        return f"{self.code}-{self.site}"

    @property
    def room(self) -> str:
        """The procedure room that is theirs on their days."""
        return f"Procedure room {self.code.removeprefix('P')}"

    @property
    def room_code(self) -> str:
        """AIL-3.1 and AIL-3.2 of that room, as the HL7 reader puts them together."""
        return f"PROC/{self.code.removeprefix('P')}"


@dataclass(frozen=True, slots=True)
class Person:
    """A patient, their home site, and what suits them. `number` makes their keys."""

    number: int
    household: int
    family_name: str
    given_name: str
    birth_on: dt.date
    sex: Sex
    language: str
    spoken_language: str
    needs_interpreter: bool
    site: str
    zone: str
    email: str
    address_line: str
    city: str
    state: str
    postal_code: str
    latitude: float
    longitude: float
    sensitivity: tuple[Sensitivity, ...]
    prefers_parts_of_day: tuple[str, ...]
    prefers_weekdays: tuple[int, ...]
    max_miles: int
    notice_hours: int | None
    wants_earlier_offers: bool

    @property
    def mrn(self) -> str:
        return f"S{self.number:06d}"

    @property
    def ehr_id(self) -> str:
        return f"patient-{self.number:05d}"


@dataclass(frozen=True, slots=True)
class Line:
    """A phone number, in E.164."""

    number: str
    can_text: bool = True


@dataclass(frozen=True, slots=True)
class PhoneOf:
    """One patient's use of a line; rank 1 is tried first."""

    mrn: str
    number: str
    use: PhoneUse
    rank: int = 1
    is_confidential: bool = False
    ended_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ProxyOf:
    """`person` may act for `mrn`."""

    mrn: str
    person: str
    name: str
    relationship: str
    number: str
    scope: tuple[ProxyScope, ...]
    until_age: int | None = None
    court_restriction: str = ""


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One entry of the ledger; without an MRN it speaks for the whole line."""

    number: str
    mrn: str
    purpose: Purpose
    decision: ConsentDecision
    at: dt.datetime
    source: str
    evidence: tuple[tuple[str, str], ...]
    recorded_by: str


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """Insurance of a patient."""

    mrn: str
    payer: str
    plan: str
    member_id: str
    starts_on: dt.date
    checked_on: dt.date
    ends_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A bookable piece of a clinician's schedule."""

    ehr_id: str
    clinician: str
    kind: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    status: SlotStatus = SlotStatus.FREE
    restriction: Restriction = Restriction.NONE
    restriction_reason: str = ""
    release_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A visit as the EHR has it. Past visits and cancelled ones have no slot any more."""

    ehr_id: str
    mrn: str
    clinician: str
    kind: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    status: AppointmentStatus
    booked_at: dt.datetime
    booked_by: str
    slot: str = ""
    cancelled_at: dt.datetime | None = None
    cancelled_by: CancelledBy | None = None
    cancel_reason: str = ""
    cancel_code: CancelReason | None = None

    @property
    def changed_at(self) -> dt.datetime:
        """When the EHR last had something to say of it."""
        return self.cancelled_at or self.booked_at


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """Somebody who waits without having a later visit booked."""

    mrn: str
    entry: EntryKind
    kind: str
    site: str
    clinician: str
    urgency: Urgency
    created_at: dt.datetime
    not_before_on: dt.date | None = None
    not_after_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order for a visit ahead; `visit` and `follows` are keys in the EHR."""

    mrn: str
    kind: str
    visit: str
    not_before_on: dt.date | None = None
    authorization: str = ""
    valid_from_on: dt.date | None = None
    valid_until_on: dt.date | None = None
    visits_allowed: int | None = None
    follows: str = ""
    follows_after_days: int = 0
    instructed_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ClinicianRule:
    """Whom a clinician sees."""

    clinician: str
    min_age: int | None = None
    accepts_new: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PayerTaken:
    """One payer that a clinic takes, or one plan of it."""

    specialty: str
    site: str
    payer: str
    plan: str


@dataclass(frozen=True, slots=True)
class PayerLimit:
    """How often such a visit is paid for: by one payer, or by all."""

    kind: str
    payer: str = ""
    months: int = 0


@dataclass(frozen=True, slots=True)
class Dataset:
    """The whole demo health system, dated from `today`."""

    seed: int
    today: dt.date
    sites: tuple[Site, ...]
    kinds: tuple[Kind, ...]
    clinicians: tuple[Clinician, ...]
    people: tuple[Person, ...]
    lines: tuple[Line, ...]
    phones: tuple[PhoneOf, ...]
    proxies: tuple[ProxyOf, ...]
    consents: tuple[ConsentRow, ...]
    coverages: tuple[CoverageRow, ...]
    slots: tuple[SlotRow, ...]
    visits: tuple[VisitRow, ...]
    waiting: tuple[WaitingRow, ...]
    orders: tuple[OrderRow, ...]
    rides: frozenset[str]
    clinician_rules: tuple[ClinicianRule, ...]
    payers_taken: tuple[PayerTaken, ...]
    limits: tuple[PayerLimit, ...]
