"""Times and visits as these pages show them: at the site, by its clock, in one language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.conf import settings

from desk.self_service.pages import phone_link, words_in
from desk.self_service.words import BookWords
from outreach.rules.times import say_time
from scheduling.models import (
    Appointment,
    Location,
    OnlineVisit,
    SelfServiceSession,
    Slot,
    VisitType,
)
from scheduling.queries.search_page import Found
from scheduling.states import Modality
from waitlist.offer_page import Time
from waitlist.queries.offers import Visit
from waitlist.rules.ics import CalendarVisit
from waitlist.rules.saying import say_clock


@dataclass(frozen=True, slots=True)
class Said:
    """A name, and the language that it is in: not every clinic has given one in Spanish."""

    name: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of visit to choose."""

    pk: int
    said: Said
    site: str
    is_chosen: bool


def kinds_of(
    session: SelfServiceSession, open_visits: Iterable[OnlineVisit], typed: str
) -> list[Kind]:
    """What may be booked online, as patients know it; the one that is chosen is marked."""
    rows = list(open_visits)
    asked, place = session.visit_type_id, session.location_id
    if session.link is not None and session.link.visit_type_id is not None:
        rows = [row for row in rows if row.visit_type_id == session.link.visit_type_id] or rows
    return [
        Kind(
            row.pk,
            said_name(row, session.language),
            row.clinic.location.name,
            typed == str(row.pk)
            if typed
            else row.visit_type_id == asked and place in {None, row.clinic.location_id},
        )
        for row in rows
    ]


def said_name(row: OnlineVisit, language: str) -> Said:
    """As patients know it; else as staff do."""
    if language == "es" and row.name_es:
        return Said(row.name_es, "es")
    return Said(row.name_en or row.visit_type.name, "en")


@dataclass(frozen=True)
class Card:
    """One visit with its words, for `self_service/visit.html`."""

    visit: Visit
    time: Time
    words: BookWords
    phone: str
    kind: Said

    @property
    def is_in_person(self) -> bool:
        return self.visit.modality is Modality.IN_PERSON

    @property
    def phone_link(self) -> str:
        return phone_link(self.phone)


def card_of_slot(session: SelfServiceSession, slot: Slot) -> Card:
    """A time that may become theirs. They have chosen the kind here, so it is named."""
    kind = session.visit_type or slot.visit_type
    visit = Visit(
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        location=slot.role.clinic.location,
        modality=Modality(slot.modality),
        clinician=str(slot.role.provider),
        kind=kind.name,
        preparation="",
        must_call_before=False,
    )
    return _card(session, visit, _said_kind(session, slot.role.clinic_id, kind))


def card_of_visit(session: SelfServiceSession, visit: Appointment, *, old: str = "") -> Card:
    """A visit of theirs. Where it or they are labelled, neither kind nor clinician is named:
    a phone and a date of birth are no proof against the rest of a family."""
    kind, patient = visit.visit_type, session.patient
    discreet = kind is None or kind.is_sensitive or bool(patient and patient.sensitivity)
    clinic_id = visit.role.clinic_id if visit.role else 0
    said = Said() if discreet or kind is None else _said_kind(session, clinic_id, kind)
    preparation = kind.preparation if kind else ""
    shown = Visit(
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        location=site_of(visit),
        modality=Modality(visit.slot.modality) if visit.slot else Modality.IN_PERSON,
        clinician="" if discreet or visit.provider is None else str(visit.provider),
        kind=said.name,
        preparation="" if discreet else preparation,
        must_call_before=discreet and bool(preparation),
    )
    return _card(session, shown, said, old=old)


def site_of(visit: Appointment) -> Location:
    """Where it is; one that the EHR could not name is told by the organization alone."""
    if visit.location is not None:
        return visit.location
    if visit.role is not None:
        return visit.role.clinic.location
    organization = settings.FIRSTCALL.organization_name
    return Location(name=organization, short_name=organization[:24], zone="UTC")


def say_old(visit: Appointment, language: str) -> str:
    """The visit that is moved, in a few words."""
    return say_time(visit.starts_at, site_of(visit).zone, language)


def _said_kind(session: SelfServiceSession, clinic_id: int, kind: VisitType) -> Said:
    row = OnlineVisit.objects.filter(clinic=clinic_id, visit_type=kind).first()
    return said_name(row, session.language) if row else Said(kind.name, "en")


def _card(session: SelfServiceSession, visit: Visit, kind: Said, *, old: str = "") -> Card:
    language = session.language
    zone = session.patient.zone if session.patient else ""
    time = Time(visit, language, zone)
    phone = visit.location.phone or settings.FIRSTCALL.organization_phone
    words = words_in(
        language,
        phone=phone,
        organization=settings.FIRSTCALL.organization_name,
        site=visit.location.short_name,
        clinician=visit.clinician,
        minutes=str(visit.minutes),
        day=time.day,
        clock=time.clock,
        zone=time.zone,
        old_time=old,
    )
    return Card(visit, time, words, phone, kind)


@dataclass(frozen=True, slots=True)
class Offered:
    """One time to press."""

    slot_id: int
    time: Time
    clinician: str
    site: str


@dataclass(frozen=True, slots=True)
class Day:
    """The times of one day at one site's clock."""

    name: str
    times: tuple[Offered, ...]


def days_of(session: SelfServiceSession, found: Iterable[Found]) -> list[Day]:
    """Times by day, in their order."""
    offered = [_offered(session, one.slot) for one in found]
    days = groupby(offered, key=lambda one: one.time.day)
    return [Day(name[:1].upper() + name[1:], tuple(times)) for name, times in days]


def _offered(session: SelfServiceSession, slot: Slot) -> Offered:
    return Offered(
        slot.pk,
        time_of_slot(session, slot),
        str(slot.role.provider),
        slot.role.clinic.location.name,
    )


def time_of_slot(session: SelfServiceSession, slot: Slot) -> Time:
    """The time alone, without a query."""
    visit = Visit(
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        location=slot.role.clinic.location,
        modality=Modality(slot.modality),
        clinician="",
        kind="",
        preparation="",
        must_call_before=False,
    )
    return Time(visit, session.language, session.patient.zone if session.patient else "")


def calendar_visit(card: Card, booked: Appointment) -> CalendarVisit:
    """The booked visit in neutral words: calendars are shared and synced."""
    where = card.visit.location
    return CalendarVisit(
        uid=f"{booked.identifier}@firstcall",
        starts_at=booked.starts_at,
        ends_at=booked.ends_at,
        title=card.words["calendar_title"],
        place=f"{where.name}, {card.time.place}" if card.is_in_person else where.name,
        notes=card.words["calendar_notes"],
    )


def until_clock(moment: dt.datetime, zone: str) -> str:
    """ "9:40 AM": until when a time is kept, by the clock of `zone`."""
    return say_clock(moment, zone)
