"""Where the desk's heavy patient goes: a clinic, its clinicians, its free times, its offers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Final

from bench.population import SOURCE
from crm.gateways import get_chart
from crm.models import Patient, Phone
from scheduling.models import (
    Clinic,
    Location,
    Provider,
    ProviderRole,
    Slot,
    SourceCode,
    VisitType,
)
from scheduling.states import FillMode, FreedBy, SlotStatus
from waitlist.models import Candidate, Offer, Opening, WaitlistEntry
from waitlist.states import CandidateKind, OpeningStatus

HALF_HOUR: Final = dt.timedelta(minutes=30)
#: Earlier times that were texted and not answered.
OFFERS: Final = 2


@dataclass(frozen=True, slots=True)
class House:
    clinic: Clinic
    roles: list[ProviderRole]
    kinds: list[VisitType]


def add_house() -> House:
    location = Location.objects.create(
        name="Camelback Health Center", short_name="Camelback", zone="America/Phoenix",
        phone="(602) 555-0100", city="Phoenix", state="AZ", postal_code="85016",
        latitude=33.51, longitude=-112.03,
    )  # fmt: skip
    kinds = VisitType.objects.bulk_create(
        VisitType(
            code=f"KNEE-{n}",
            name=name,
            specialty="Orthopedics",
            minutes=30,
            preparation="Wear shorts.",
        )
        for n, name in enumerate(("Knee follow-up", "Knee injection", "X-ray of the knee"))
    )
    clinic = Clinic.objects.create(
        location=location, specialty="Orthopedics", name="Orthopedics, Camelback", mode=FillMode.OFF
    )
    clinic.visit_types.set(kinds)
    roles = [_add_role(clinic, name) for name in ("Park", "Okafor", "Yazzie", "Nguyen", "Reyes")]
    SourceCode.objects.bulk_create(
        SourceCode(source=get_chart().source, kind="visit-type", code=kind.code, visit_type=kind)
        for kind in kinds
    )
    return House(clinic, roles, kinds)


def _add_role(clinic: Clinic, name: str) -> ProviderRole:
    provider = Provider.objects.create(family_name=name, given_name="Grace", credential="MD")
    SourceCode.objects.create(
        source=get_chart().source,
        kind="provider",
        code=f"provider-{provider.pk}",
        provider=provider,
    )
    return ProviderRole.objects.create(provider=provider, clinic=clinic)


def add_offers(house: House, patient: Patient, phone: Phone, at: dt.datetime) -> None:
    """Earlier times that were texted and not answered; and what they wait for."""
    WaitlistEntry.objects.create(patient=patient, visit_type=house.kinds[0], created_at=at)
    for n in range(OFFERS):
        starts_at = at.replace(minute=0, second=0, microsecond=0) + dt.timedelta(days=n + 1)
        slot = Slot.objects.create(
            role=house.roles[n], visit_type=house.kinds[0], starts_at=starts_at,
            ends_at=starts_at + HALF_HOUR, source=SOURCE, source_id=f"freed-{n}",
        )  # fmt: skip
        opening = Opening.objects.create(
            slot=slot,
            status=OpeningStatus.OFFERING,
            cause=FreedBy.CANCELLATION,
            opened_at=at,
            starts_at=starts_at,
            deadline_at=starts_at - dt.timedelta(hours=2),
        )
        candidate = Candidate.objects.create(
            opening=opening, patient=patient, kind=CandidateKind.LATER_VISIT, rank=1
        )
        Offer.objects.create(
            opening=opening,
            slot=slot,
            candidate=candidate,
            patient=patient,
            phone=phone,
            offered_at=at,
            expires_at=at + dt.timedelta(hours=3),
        )


def add_free_times(house: House, count: int, at: dt.datetime) -> None:
    first = at.replace(minute=0, second=0, microsecond=0) + dt.timedelta(days=7)
    times = [first + HALF_HOUR * (48 * (n // 12) + n % 12) for n in range(count)]
    Slot.objects.bulk_create(
        Slot(
            role=role,
            visit_type=kind,
            starts_at=starts_at,
            ends_at=starts_at + HALF_HOUR,
            status=SlotStatus.FREE,
            source=SOURCE,
            source_id=f"free-{role.pk}-{n}",
        )
        for role in house.roles
        for n, (starts_at, kind) in enumerate(
            zip(times, islice(cycle(house.kinds), count), strict=True)
        )
    )
