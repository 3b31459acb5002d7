"""Patients by the hundred thousand, written by PostgreSQL itself.

One clinic on automatic, its clinicians, its slots; and waiting patients who can be texted: some
with a visit to come, some on the waitlist. A model's other columns get their defaults, so a new
field does not break this.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.utils import timezone

from crm.models import ConsentEntry, Patient, PatientIdentifier, PatientPhone, Phone, User
from crm.states import Channel, ConsentDecision, Purpose
from outreach.rules.quiet_hours import is_quiet
from scheduling.models import (
    Appointment,
    Clinic,
    Location,
    Provider,
    ProviderRole,
    Slot,
    SourceCode,
    VisitType,
)
from scheduling.states import AppointmentStatus, FillMode, Origin, SlotStatus
from waitlist.models import WaitlistEntry

SOURCE = "bench-ehr"
SPECIALTY = "Cardiology"
#: Zones that cover the day, and what mobile numbers look like there, by patient number.
PLACES = (
    ("America/Phoenix", "'+1' || (6022000000 + n)"),
    ("Asia/Dubai", "'+97150' || lpad(n::text, 7, '0')"),
    ("Asia/Tokyo", "'+8190' || (10000000 + n)"),
)


@dataclass(frozen=True, slots=True)
class Population:
    """What was made. `slots` are booked by strangers and start within days, soonest first."""

    zone: str
    clinic: Clinic
    visit_type: VisitType
    roles: list[ProviderRole]
    patients: int


def populate(
    size: int, *, at: dt.datetime, worst_case: bool = False, share_later: float = 0.7
) -> Population:
    """Make a clinic with `size` waiting patients in an empty database.

    `share_later` of them have a visit to come; the others stand on its waitlist. As a rule a
    fifth have limits (a distance, weekdays, notice) that leave some of them out; in the
    `worst_case` no rule leaves anybody out, so everybody is ranked.
    """
    zone, number = place(at)
    clinic, visit_type, roles = _clinic(zone)
    _people(size, number=number, worst_case=worst_case)
    later = int(size * share_later)
    _visits_to_come(later, clinic, visit_type, roles, at)
    _waitlist(later, size, visit_type, at)
    analyze()
    return Population(zone, clinic, visit_type, roles, size)


def place(at: dt.datetime) -> tuple[str, str]:
    """The zone of `PLACES` where it stays permitted to text for longest, and its numbers."""
    return max(PLACES, key=lambda found: _hours_open(at, found[0]))


def _hours_open(at: dt.datetime, zone: str) -> int:
    for hour in range(24):
        if is_quiet(at + dt.timedelta(hours=hour), zone=zone):
            return hour
    return 24


def _clinic(zone: str) -> tuple[Clinic, VisitType, list[ProviderRole]]:
    signer = User.objects.create(username="bench-manager")
    location = Location.objects.create(
        name="Bench Health Center",
        short_name="Bench",
        zone=zone,
        phone="(602) 555-0100",
        latitude=33.5,
        longitude=-112.0,
    )
    visit_type = VisitType.objects.create(
        code="BENCH-FU", name="Follow-up", specialty=SPECIALTY, minutes=30
    )
    clinic = Clinic.objects.create(
        location=location,
        specialty=SPECIALTY,
        name="Cardiology, Bench",
        mode=FillMode.AUTOMATIC,
        siu_rule_signed_at=timezone.now(),
        siu_rule_signed_by=signer,
    )
    clinic.visit_types.add(visit_type)
    roles = []
    for number in range(20):
        provider = Provider.objects.create(family_name=f"Clinician{number}", credential="MD")
        roles.append(ProviderRole.objects.create(provider=provider, clinic=clinic))
        SourceCode.objects.create(
            source=SOURCE, kind="provider", code=f"provider-{number}", provider=provider
        )
    SourceCode.objects.create(source=SOURCE, kind="location", code="site", location=location)
    SourceCode.objects.create(
        source=SOURCE, kind="visit-type", code=visit_type.code, visit_type=visit_type
    )
    return clinic, visit_type, roles


def _people(size: int, *, number: str, worst_case: bool) -> None:
    """Patients 1 to `size`, each with one phone of the same key and consent to everything."""
    limits = {
        "max_miles": "CASE WHEN n % 10 = 0 THEN 10 END",
        "prefers_weekdays": "CASE WHEN n % 10 = 1 THEN '{0,2,4}'::smallint[] ELSE '{}' END",
        "notice_hours": "CASE WHEN n % 10 = 2 THEN 48 END",
    }
    insert(
        Patient,
        size,
        id="n",
        family_name="'Family' || n",
        given_name="'Given' || n",
        birth_on="DATE '1950-01-01' + (n % 20000)::int",
        latitude="33.5 + (n % 200) * 0.002",
        longitude="-112.0 + (n % 170) * 0.002",
        created_at="now()",
        **({} if worst_case else limits),
    )
    insert(Phone, size, id="n", number=number)
    insert(PatientPhone, size, patient_id="n", phone_id="n")
    insert(PatientIdentifier, size, patient_id="n", system=f"'{SOURCE}'", value="'patient-' || n")
    insert(
        ConsentEntry,
        size,
        phone_id="n",
        patient_id="n",
        channel=f"'{Channel.SMS}'",
        purpose=f"'{Purpose.ALL}'",
        decision=f"'{ConsentDecision.GRANTED}'",
        at="now() - interval '100 days'",
        source="'intake-form'",
        recorded_by="'bench'",
    )


def _visits_to_come(
    count: int, clinic: Clinic, visit_type: VisitType, roles: list[ProviderRole], at: dt.datetime
) -> None:
    """Booked visits of patients 1 to `count`, four to sixteen weeks ahead."""
    starts = f"'{_minute(at)}'::timestamptz + (28 + n % 84) * interval '1 day'"
    starts += " + (n % 16) * interval '30 minutes'"
    insert(
        Appointment,
        count,
        patient_id="n",
        role_id=_one_of([role.pk for role in roles]),
        provider_id=_one_of([role.provider_id for role in roles]),
        location_id=str(clinic.location_id),
        visit_type_id=str(visit_type.pk),
        starts_at=starts,
        ends_at=f"{starts} + interval '30 minutes'",
        status=f"'{AppointmentStatus.BOOKED}'",
        origin=f"'{Origin.EHR}'",
        booked_at="now() - (n % 60) * interval '1 day'",
        source=f"'{SOURCE}'",
        source_id="'later-' || n",
    )


def _waitlist(after: int, size: int, visit_type: VisitType, at: dt.datetime) -> None:
    insert(
        WaitlistEntry,
        size - after,
        patient_id=f"n + {after}",
        visit_type_id=str(visit_type.pk),
        created_at=f"'{_minute(at)}'::timestamptz - (n % 90) * interval '1 day'",
    )


def add_booked_slots(
    population: Population, count: int, *, at: dt.datetime, hours_ahead: int = 72
) -> list[Appointment]:
    """Slots from `hours_ahead` on, each with a stranger's visit on it that can be cancelled."""
    first = at.replace(second=0, microsecond=0) + dt.timedelta(hours=hours_ahead)
    roles = population.roles
    strangers = Patient.objects.bulk_create(
        Patient(family_name=f"Stranger{n}", wants_earlier_offers=False) for n in range(count)
    )
    slots = Slot.objects.bulk_create(
        Slot(
            role=roles[n % len(roles)],
            visit_type=population.visit_type,
            starts_at=first + dt.timedelta(minutes=30 * (n // len(roles))),
            ends_at=first + dt.timedelta(minutes=30 * (n // len(roles) + 1)),
            status=SlotStatus.BUSY,
            taken=1,
            source=SOURCE,
            source_id=f"slot-{n}",
        )
        for n in range(count)
    )
    visits = Appointment.objects.bulk_create(
        Appointment(
            patient=stranger,
            slot=slot,
            role=slot.role,
            provider_id=slot.role.provider_id,
            location_id=population.clinic.location_id,
            visit_type=population.visit_type,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            status=AppointmentStatus.BOOKED,
            origin=Origin.EHR,
            booked_at=at - dt.timedelta(days=10),
            source=SOURCE,
            source_id=f"visit-{n}",
        )
        for n, (stranger, slot) in enumerate(zip(strangers, slots, strict=True))
    )
    analyze()
    return visits


def insert(model: type[models.Model], count: int, **columns: str) -> None:
    """`count` rows by one INSERT … SELECT; `columns` are SQL in terms of n, from 1.

    Named by attribute ("patient_id"). The others get the field's default, once for all rows;
    a default that must differ from row to row has to be named.
    """
    parts: list[str] = []
    names: list[str] = []
    values: list[Any] = []
    for field in model._meta.local_concrete_fields:
        if field.attname in columns:
            parts.append(f"({columns[field.attname]})")
        elif isinstance(field, models.AutoField):
            continue
        elif isinstance(field, models.UUIDField):
            parts.append("gen_random_uuid()")
        else:
            parts.append(f"%s::{field.db_type(connection)}")
            values.append(field.get_db_prep_save(field.get_default(), connection))
        names.append(connection.ops.quote_name(str(field.column)))
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        select = ", ".join(parts).replace("n % ", "n %% ") if values else ", ".join(parts)
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) "  # noqa: S608 our own words
            f"SELECT {select} FROM generate_series(1, {int(count)}) AS n",
            values or None,
        )
        if "id" in columns:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{model._meta.db_table}', 'id'), "
                f"greatest({int(count)}, 1))"
            )


def analyze() -> None:
    """Fresh statistics: the planner should know how full the tables are."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _one_of(keys: list[int]) -> str:
    """One of `keys`, by patient number."""
    array = ",".join(map(str, keys))
    return f"(ARRAY[{array}])[1 + n % {len(keys)}]"


def _minute(at: dt.datetime) -> str:
    return at.replace(second=0, microsecond=0).isoformat()
