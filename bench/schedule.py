"""A health system's inventory by the million slots, written by PostgreSQL itself.

Two thousand clinicians at forty sites in two zones. Half of them give the four visit types of
one specialty, which everybody needs; the others share nineteen specialties. Each has 25 slots a
day, as far ahead as the size asks: a million are 20 days of them, ten million are 200. Up to two
weeks of these are past, a quarter at most. Of all slots, a quarter is free; of these one in
eight is restricted, one in ten is by video, and one in ten may serve another visit type, too.
The same size makes the same schedule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

from bench.population import analyze, insert
from crm.models import Coverage, Patient
from scheduling.models import (
    AcceptedCoverage,
    Appointment,
    Clinic,
    Location,
    Provider,
    ProviderRole,
    Slot,
    VisitType,
)
from scheduling.states import AppointmentStatus, Origin

SITES, SPECIALTIES, TYPES_EACH, ROLES = 40, 20, 4, 2_000
A_DAY, PATIENTS = 25, 20_000
ZONES = ("America/Phoenix", "America/Denver")
PAYERS = ("Desert Mutual", "Saguaro Health", "Mesa Care", "Blue Canyon")


@dataclass(frozen=True, slots=True)
class Schedule:
    """What was made; `at` is the instant that it is seen from."""

    slots: int
    at: dt.datetime


def write_schedule(size: int, *, at: dt.datetime) -> Schedule:
    """`size` slots in an empty database."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'")
        # Millions of rows that fit together by construction: no key need be looked up.
        cursor.execute("SET session_replication_role = replica")
        _places()
        _patients(at)
        _slots(size, at)
        cursor.execute("SET session_replication_role = DEFAULT; RESET synchronous_commit")
    analyze()
    with connection.cursor() as cursor:  # what autovacuum would have done within the hour
        cursor.execute("VACUUM scheduling_slot")
        cursor.execute("CHECKPOINT")
    return Schedule(size, at)


def clear_schedule() -> None:
    """An empty database again, for the next size."""
    tables = (Patient, Location, Provider, VisitType)
    names = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")


def _places() -> None:
    """Keys count from 1: site, specialty (1 is the one that half of them have), clinician."""
    insert(
        Location,
        SITES,
        id="n",
        name="'Bench Health Center ' || n",
        short_name="'Bench ' || n",
        zone=f"CASE WHEN mod(n, 10) = 0 THEN '{ZONES[1]}' ELSE '{ZONES[0]}' END",
        latitude="33.5 + sin(n) * 0.45",
        longitude="-112.0 + cos(n * 1.7) * 0.45",
    )
    insert(
        VisitType,
        SPECIALTIES * TYPES_EACH,
        id="n",
        code="'BENCH-' || n",
        name="'Visit ' || n",
        specialty=f"'Specialty ' || (1 + (n - 1) / {TYPES_EACH})",
        minutes="20",
    )
    insert(
        Clinic,
        SITES * SPECIALTIES,
        id="n",
        location_id=f"1 + mod(n - 1, {SITES})",
        specialty=f"'Specialty ' || (1 + (n - 1) / {SITES})",
        name="'Clinic ' || n",
    )
    insert(
        Provider,
        ROLES,
        id="n",
        family_name="'Clinician' || n",
        credential="'MD'",
        sex="CASE WHEN mod(n, 5) < 3 THEN 'female' ELSE 'male' END",
        languages="CASE WHEN mod(n / 2, 4) = 0 THEN '{en,es}'::varchar[] ELSE '{en}' END",
    )
    insert(
        ProviderRole,
        ROLES,
        id="n",
        provider_id="n",
        clinic_id=f"1 + mod(n * 7, {SITES}) + {SITES} * ({_specialty('n')} - 1)",
    )
    insert(
        AcceptedCoverage,
        SITES * SPECIALTIES * 3,
        clinic_id=f"1 + mod((n - 1) / 3, {SITES * SPECIALTIES})",
        payer="(ARRAY['" + "','".join(PAYERS) + "'])[1 + mod(n + (n - 1) / 3, 4)]",
        role_id="NULL::bigint",
    )


def _specialty(role: str) -> str:
    """Every other clinician has the first; the others share the rest."""
    return f"(CASE WHEN mod({role}, 2) = 0 THEN 1 ELSE 2 + mod({role} / 2, {SPECIALTIES - 1}) END)"


def _patients(at: dt.datetime) -> None:
    insert(
        Patient,
        PATIENTS,
        id="n",
        family_name="'Family' || n",
        birth_on="DATE '1950-01-01' + mod(n, 20000)::int",
        latitude="33.5 + sin(n * 3.1) * 0.4",
        longitude="-112.0 + cos(n * 2.3) * 0.4",
        created_at="now()",
    )
    insert(
        Coverage,
        PATIENTS,
        patient_id="n",
        payer="(ARRAY['" + "','".join(PAYERS) + "'])[1 + mod(n, 4)]",
    )
    seen = f"'{at.isoformat()}'::timestamptz - (30 + mod(n, 400)) * interval '1 day'"
    role = f"(1 + mod(n * 13, {ROLES}))"
    insert(
        Appointment,
        PATIENTS * 3,
        patient_id=f"1 + mod(n, {PATIENTS})",
        role_id=role,
        provider_id=role,
        visit_type_id="1",
        starts_at=seen,
        ends_at=f"{seen} + interval '20 minutes'",
        status=f"'{AppointmentStatus.FULFILLED}'",
        origin=f"'{Origin.EHR}'",
        booked_at=f"{seen} - interval '20 days'",
        source="'bench'",
        source_id="'seen-' || n",
    )


#: Slot n: its clinician, then its day, then its hour, so that a day's slots are written together.
_ROLE = f"(1 + mod(n - 1, {ROLES}))"
_OF_DAY = f"mod((n - 1) / {ROLES}, {A_DAY})"
_DAY = f"((n - 1) / {ROLES * A_DAY})"
_CHANCE = "(hashint8(n * 10 + {0})::bigint + 2147483648) / 4294967296.0"


def _slots(size: int, at: dt.datetime) -> None:
    days = size // (ROLES * A_DAY)
    first = (at - dt.timedelta(days=min(14, days // 4) - 1)).date().isoformat()
    # 8:00 to 16:20 in the first zone.
    starts = (
        f"(DATE '{first}' + {_DAY}::int + time '8:00'"
        f" + {_OF_DAY} * interval '20 minutes') AT TIME ZONE '{ZONES[0]}'"
    )
    specialty = _specialty(_ROLE)
    kind = f"(({specialty} - 1) * {TYPES_EACH} + 1 + mod((n + {_OF_DAY}) / 3, {TYPES_EACH}))"
    with _without_indexes():
        insert(
            Slot,
            size,
            id="n",
            role_id=_ROLE,
            visit_type_id=kind,
            starts_at=starts,
            ends_at=f"{starts} + interval '20 minutes'",
            modality=f"CASE WHEN {_CHANCE.format(1)} < 0.1 THEN 'video' ELSE 'in-person' END",
            status=f"CASE WHEN {_CHANCE.format(2)} < 0.25 THEN 'free' "
            f"WHEN {_CHANCE.format(2)} < 0.3 THEN 'blocked' ELSE 'busy' END",
            taken=f"CASE WHEN {_CHANCE.format(2)} < 0.3 THEN 0 ELSE 1 END",
            restriction=f"CASE WHEN {_CHANCE.format(3)} < 0.875 THEN 'none' "
            "ELSE (ARRAY['same-day', 'same-week', 'new-patients', 'held-for-review'])"
            "[1 + mod(n, 4)] END",
            also_serves=f"CASE WHEN {_CHANCE.format(4)} < 0.1 "
            f"THEN ARRAY[({specialty} - 1) * {TYPES_EACH} + 1 + mod(n, {TYPES_EACH})]::bigint[] "
            "ELSE '{}' END",
            source="''",
            source_id="''",
        )


@contextmanager
def _without_indexes() -> Iterator[None]:
    """Indexes of the slots are made anew afterward: five times as fast as keeping them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = 'scheduling_slot'::regclass AND NOT indisprimary"
            " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)"
        )
        found = cursor.fetchall()
        for name, _ in found:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for _, definition in found:
            cursor.execute(definition)
