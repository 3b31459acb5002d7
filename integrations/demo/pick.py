"""Which visit to cancel for a story that comes true now: found by asking the real matcher."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db.models import F, Model, QuerySet

from crm.models import Patient
from integrations.demo.dataset.system import MRN_SYSTEM
from outreach.rules.quiet_hours import is_quiet, next_permitted
from scheduling.models import Appointment, Location, Slot, SourceCode
from scheduling.states import AppointmentStatus, FillMode, Restriction, SlotStatus
from waitlist.models import Opening
from waitlist.queries import gather, slot_facts
from waitlist.rules.facts import PersonFacts
from waitlist.rules.ranking import rank

#: Nearer visits leave little time to ask anybody; farther ones make a slow story.
SOONEST, LATEST = dt.timedelta(hours=26), dt.timedelta(days=14)
ENOUGH = 8
#: Of the first wave somebody gives up a later visit, so that the story goes on with its slot.
FIRST_ASKED = 4
#: A story takes seconds. With less time than this till 21:00 another zone is better…
COMFORTABLE = dt.timedelta(minutes=10)
#: … and with less than this the story waits for the zone that opens next.
TOO_LATE = dt.timedelta(minutes=2)
#: Clinics that told a story lately come last.
LATELY = dt.timedelta(days=1)

#: A clinic and a visit type, by key.
Pair = tuple[int, int]


class NoStory(Exception):
    """No visit makes a story right now; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Story:
    """A booked visit to cancel, with the names that HL7 and FHIR have for it.

    The patient's codes are what the practice EHR calls them; codes of provider, location and
    visit type are the same in HL7 and FHIR. `candidates` may be texted at `begins_at`, which is
    the time asked for, or at most two minutes on when the hour is just about to change.
    """

    begins_at: dt.datetime
    zone: str
    clinic_id: int
    clinic: str
    visit_type_id: int
    visit_type: tuple[str, str]  # code, name
    slot_id: int
    slot_key: str
    appointment_id: int
    appointment_key: str
    source: str  # the EHR of both keys
    starts_at: dt.datetime
    ends_at: dt.datetime
    patient: Patient
    patient_key: str
    mrn: tuple[str, str]  # system, value
    provider: tuple[str, str, str]  # code, family name, given name
    location: tuple[str, str]  # code, name
    candidates: tuple[int, ...]  # patients, the first in line first


def pick_story(*, at: dt.datetime, besides: Collection[Story] = ()) -> Story:
    """A visit 26 hours to 14 days ahead that at least eight fresh patients could take now.

    "Could take" is what the matcher says at this instant: consent, hours, budget and all. It
    is read only, and cheap: some ten queries for each visit that is looked at.

    :param besides: stories of the same demo: this one is for another clinic where it can be, and
        else for another visit type, so that the same people are not asked twice.
    :raises NoStory:
    """
    for zone, begins_at in _zones(at):
        for visit in _visits(zone, begins_at, besides):
            story = _story(visit, zone, begins_at)
            if story is not None:
                return story
    raise NoStory(
        "Nobody is left for a story right now: everybody who could take a freed slot was texted "
        "today, or it is night where they are. Try again in a few hours, or start afresh with "
        "`make reset` and `make up`."
    )


def _zones(at: dt.datetime) -> Iterator[tuple[str, dt.datetime]]:
    """Zones of sites where a story can begin, and when: at `at` with time to spare, at `at`
    without, and within two minutes."""
    zones = Location.objects.filter(is_active=True).order_by("zone").values_list("zone", flat=True)
    begins = {zone: _opens(zone, at) for zone in zones.distinct()}
    now = [zone for zone, begins_at in begins.items() if begins_at == at]
    now.sort(key=lambda zone: is_quiet(at + COMFORTABLE, zone=zone))
    yield from ((zone, at) for zone in now)
    soon = [(begins_at, z) for z, begins_at in begins.items() if at < begins_at <= at + TOO_LATE]
    yield from ((zone, begins_at) for begins_at, zone in sorted(soon))


def _opens(zone: str, at: dt.datetime) -> dt.datetime:
    """When a story can begin there: now, unless it is night or about to be."""
    if is_quiet(at, zone=zone):
        return next_permitted(at, zone=zone)
    return next_permitted(at + TOO_LATE, zone=zone) if is_quiet(at + TOO_LATE, zone=zone) else at


def _visits(zone: str, at: dt.datetime, besides: Collection[Story]) -> Iterator[Appointment]:
    """The soonest visit of each clinic and visit type, those first that had no story lately and
    have the most later visits."""
    told = {(story.clinic_id, story.visit_type_id) for story in besides}
    busy = {story.clinic_id for story in besides}
    recent = Counter(
        Opening.objects.filter(opened_at__gt=at - LATELY).values_list(
            "slot__role__clinic_id", "slot__visit_type_id"
        )
    )
    later = Counter(
        Appointment.objects.filter(
            status=AppointmentStatus.BOOKED,
            starts_at__gt=at + SOONEST,
            role__clinic__location__zone=zone,
        ).values_list("role__clinic_id", "visit_type_id")
    )
    soonest: dict[Pair, int] = {}
    for pk, clinic_id, visit_type_id in _cancellable(zone, at):
        soonest.setdefault((clinic_id, visit_type_id), pk)
    pairs = sorted(soonest.keys() - told, key=lambda p: (p[0] in busy, recent[p], -later[p], p))
    for pair in pairs:
        yield Appointment.objects.select_related(
            "patient",
            "slot__room",
            "slot__visit_type",
            "slot__role__provider",
            "slot__role__clinic__location",
        ).get(pk=soonest[pair])


def _cancellable(zone: str, at: dt.datetime) -> QuerySet[Appointment, tuple[int, int, int]]:
    """Visits whose cancellation by their patient would free a slot that may be filled, the
    soonest first: key, clinic, visit type."""
    return (
        Appointment.objects.filter(
            status=AppointmentStatus.BOOKED,
            slot__status=SlotStatus.BUSY,
            slot__capacity=1,
            slot__restriction=Restriction.NONE,
            slot__starts_at__range=(at + SOONEST, at + LATEST),
            slot__openings__isnull=True,
            slot__role__clinic__location__zone=zone,
            slot__role__clinic__mode=FillMode.AUTOMATIC,
            slot__role__clinic__siu_rule_signed_at__isnull=False,
            slot__role__clinic__visit_types=F("slot__visit_type"),
            patient__identifiers__system=F("source"),
        )
        .order_by("starts_at", "pk")
        .values_list("pk", "slot__role__clinic_id", "slot__visit_type_id")
    )


def _story(visit: Appointment, zone: str, at: dt.datetime) -> Story | None:
    """The story of this visit, if enough people could take its time."""
    slot = visit.slot
    if slot is None:
        return None
    people = _candidates(visit, slot, at)
    if len(people) < ENOUGH or not any(p.later_starts_at for p in people[:FIRST_ASKED]):
        return None
    clinic, visit_type, provider = slot.role.clinic, slot.visit_type, slot.role.provider
    codes = _Codes(visit.source)
    keys = dict(visit.patient.identifiers.values_list("system", "value"))
    return Story(
        begins_at=at,
        zone=zone,
        clinic_id=clinic.pk,
        clinic=clinic.name,
        visit_type_id=visit_type.pk,
        visit_type=(codes.find(visit_type=visit_type), visit_type.name),
        slot_id=slot.pk,
        slot_key=slot.source_id,
        appointment_id=visit.pk,
        appointment_key=visit.source_id,
        source=visit.source,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        patient=visit.patient,
        patient_key=keys[visit.source],
        mrn=(MRN_SYSTEM, keys[MRN_SYSTEM]),
        provider=(codes.find(provider=provider), provider.family_name, provider.given_name),
        location=(codes.find(location=clinic.location), clinic.location.name),
        candidates=tuple(person.patient_id for person in people),
    )


def _candidates(visit: Appointment, slot: Slot, at: dt.datetime) -> tuple[PersonFacts, ...]:
    """Patients whom the matcher would ask right now, the first in line first."""
    lead = dt.timedelta(minutes=slot.visit_type.lead_minutes)
    opening = Opening(slot=slot, freed_appointment=visit, deadline_at=slot.starts_at - lead)
    people = [person.facts for person in gather(opening, slot, at=at)]
    ranked = rank(slot_facts(slot, at=at), people, at=at).ranked
    return tuple(
        place.person
        for place in ranked
        if place.person.contact and place.person.contact.retry_at is None
    )


@dataclass(frozen=True, slots=True)
class _Codes:
    """What one EHR calls our rows."""

    source: str

    def find(self, **target: Model) -> str:
        """:raises SourceCode.DoesNotExist:"""
        return SourceCode.objects.get(source=self.source, **target).code
