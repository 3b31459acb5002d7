"""Sites, clinics, clinicians and visit types, and what other systems call them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from crm.models import User
from integrations.demo.dataset import Dataset
from integrations.demo.dataset.needs import INTERPRETER_HOURS, TRANSPORT_HOURS
from integrations.demo.dataset.rows import Clinician, Kind, Site
from integrations.demo.dataset.system import CLINICIAN, SITES, clinics
from integrations.models import Hl7Sender
from scheduling.models import (
    Clinic,
    Location,
    Provider,
    ProviderRole,
    Room,
    SourceCode,
    VisitType,
)
from scheduling.states import FillMode

#: The interface engine in front of the practice EHR, as its HL7 messages name it: MSH-3|MSH-4.
#: What it tells is stored as the EHR's own word, by the same keys and codes.
HL7_SENDER = "PRACTICE|SONORA"
SIGNED_BEFORE = dt.timedelta(days=30)
#: Less than the default, as the demo is told often and each of its people has one offer a day.
MOST_ASKED_IN_VAIN = 8


@dataclass(frozen=True, slots=True)
class Inventory:
    """The rows by code. Each clinician has one role."""

    locations: dict[str, Location]
    kinds: dict[str, VisitType]
    providers: dict[str, Provider]
    roles: dict[str, ProviderRole]
    rooms: dict[str, Room]  # by clinician: their procedure room
    clinics: dict[tuple[str, str], Clinic]  # by specialty and site

    def room_for(self, clinician: str, kind: str) -> Room | None:
        """The room that such a visit takes, if it needs one."""
        return self.rooms[clinician] if self.kinds[kind].needs_room else None

    def location_of(self, clinician: str) -> Location:
        return self.locations[CLINICIAN[clinician].site]


def add_inventory(dataset: Dataset, *, signed_by: User, at: dt.datetime, source: str) -> Inventory:
    """Make all of it. Every clinic is switched to automatic and has signed the rule for SIU."""
    locations = {site.code: _location(site) for site in dataset.sites}
    Location.objects.bulk_create(locations.values())
    kinds = {kind.code: _visit_type(kind) for kind in dataset.kinds}
    VisitType.objects.bulk_create(kinds.values())
    for kind in dataset.kinds:
        if kind.stands_in_for:
            kinds[kind.code].stands_in_for.set(kinds[code] for code in kind.stands_in_for)
    made = _add_clinics(dataset, locations, kinds, signed_by=signed_by, at=at)
    providers = {c.code: _provider(c) for c in dataset.clinicians}
    Provider.objects.bulk_create(providers.values())
    roles = {
        c.code: ProviderRole(provider=providers[c.code], clinic=made[c.specialty, c.site])
        for c in dataset.clinicians
    }
    ProviderRole.objects.bulk_create(roles.values())
    rooms = {c.code: Room(location=locations[c.site], name=c.room) for c in dataset.clinicians}
    Room.objects.bulk_create(rooms.values())
    inventory = Inventory(locations, kinds, providers, roles, rooms, made)
    SourceCode.objects.bulk_create(_codes(source, dataset, inventory))
    Hl7Sender.objects.create(name=HL7_SENDER, source=source, zone=SITES[0].zone)
    return inventory


def _add_clinics(
    dataset: Dataset,
    locations: dict[str, Location],
    kinds: dict[str, VisitType],
    *,
    signed_by: User,
    at: dt.datetime,
) -> dict[tuple[str, str], Clinic]:
    made = {
        (specialty, site.code): Clinic(
            location=locations[site.code],
            specialty=specialty,
            name=f"{specialty}, {site.short_name}",
            mode=FillMode.AUTOMATIC,
            siu_rule_signed_at=at - SIGNED_BEFORE,
            siu_rule_signed_by=signed_by,
            max_disappointed=MOST_ASKED_IN_VAIN,
            interpreter_notice_hours=INTERPRETER_HOURS,
            transport_notice_hours=TRANSPORT_HOURS,
        )
        for specialty, site in clinics()
    }
    Clinic.objects.bulk_create(made.values())
    for (specialty, _), clinic in made.items():
        # What is sensitive is never offered by text, so it stays switched off.
        own = [k for k in dataset.kinds if k.specialty == specialty and not k.is_sensitive]
        clinic.visit_types.set(kinds[kind.code] for kind in own)
    return made


def _location(site: Site) -> Location:
    digits = site.phone.removeprefix("+1")
    return Location(
        name=site.name,
        short_name=site.short_name,
        zone=site.zone,
        phone=f"({digits[:3]}) {digits[3:6]}-{digits[6:]}",
        address_line=site.address_line,
        city=site.city,
        state=site.state,
        postal_code=site.postal_code,
        latitude=site.latitude,
        longitude=site.longitude,
    )


def _visit_type(kind: Kind) -> VisitType:
    return VisitType(
        code=kind.code,
        name=kind.name,
        specialty=kind.specialty,
        minutes=kind.minutes,
        lead_minutes=kind.lead_minutes,
        needs_room=kind.needs_room,
        is_sensitive=kind.is_sensitive,
        preparation=kind.preparation,
        prep_hours=kind.prep_hours,
        prep_send_hours=kind.prep_send_hours,
        audience=kind.audience,
        needs_authorization=kind.needs_authorization,
        min_age=kind.min_age,
        max_age=kind.max_age,
    )


def _provider(clinician: Clinician) -> Provider:
    return Provider(
        family_name=clinician.family_name,
        given_name=clinician.given_name,
        credential=clinician.credential,
        sex=clinician.sex,
        languages=list(clinician.languages),
    )


def _codes(source: str, dataset: Dataset, inventory: Inventory) -> Iterator[SourceCode]:
    """What the practice EHR, and the HL7 engine in front of it, call them."""
    for code, location in inventory.locations.items():
        yield SourceCode(source=source, kind="location", code=code, location=location)
    for code, visit_type in inventory.kinds.items():
        yield SourceCode(source=source, kind="visit-type", code=code, visit_type=visit_type)
    for clinician in dataset.clinicians:
        code = clinician.code
        provider, role = inventory.providers[code], inventory.roles[code]
        yield SourceCode(source=source, kind="provider", code=code, provider=provider)
        yield SourceCode(source=source, kind="role", code=clinician.role_code, role=role)
        room = inventory.rooms[code]
        yield SourceCode(source=source, kind="room", code=clinician.room_code, room=room)
