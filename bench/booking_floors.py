"""What booking is measured against: the same promise, kept in bare SQL."""

from __future__ import annotations

from typing import Final

from django.db import connection

from crm.models import Patient
from scheduling.models import Appointment
from scheduling.states import AppointmentStatus, Origin

#: Tables of their own for `book_alone`, and as many slots as stand free.
TABLES: Final = """
CREATE TABLE bench_slot (id bigint PRIMARY KEY, provider bigint, starts_at timestamptz,
                         ends_at timestamptz, status varchar(24) NOT NULL DEFAULT 'free');
CREATE TABLE bench_visit (
    id bigserial PRIMARY KEY, slot bigint, provider bigint, seat smallint, patient bigint,
    starts_at timestamptz, ends_at timestamptz,
    EXCLUDE USING gist (provider WITH =, seat WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&),
    EXCLUDE USING gist (patient WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&));
INSERT INTO bench_slot (id, provider, starts_at, ends_at)
SELECT s.id, r.provider_id, s.starts_at, s.ends_at
FROM scheduling_slot s JOIN scheduling_providerrole r ON r.id = s.role_id WHERE s.status = 'free';
"""


def visit_statement() -> str:
    """Inserts the visit of `patient` on `slot`; the columns that are not named have defaults."""
    told = {
        "patient_id": "%(patient)s",
        "slot_id": "s.id",
        "role_id": "s.role_id",
        "provider_id": "r.provider_id",
        "visit_type_id": "s.visit_type_id",
        "starts_at": "s.starts_at",
        "ends_at": "s.ends_at",
        "status": f"'{AppointmentStatus.REQUESTED}'",
        "origin": f"'{Origin.FIRSTCALL}'",
        "booked_at": "now()",
        "identifier": "gen_random_uuid()",
    }
    fields = [f for f in Appointment._meta.local_concrete_fields if not f.primary_key]
    with connection.cursor() as cursor:
        for field in fields:
            default = field.get_db_prep_save(field.get_default(), connection)
            plain = cursor.mogrify("%s", [default]).decode().replace("%", "%%")
            told.setdefault(field.attname, plain)
    columns = ", ".join(str(field.column) for field in fields)
    values = ", ".join(told[field.attname] for field in fields)
    return (
        f"INSERT INTO scheduling_appointment ({columns}) SELECT {values} "  # noqa: S608 our own words
        "FROM scheduling_slot s JOIN scheduling_providerrole r ON r.id = s.role_id "
        "WHERE s.id = %(slot)s ON CONFLICT DO NOTHING RETURNING id"
    )


def book_barely(statement: str, slot_id: int, patient: Patient) -> bool:
    """The least that keeps the same promise on our own tables."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        try:
            cursor.execute(
                "SELECT FROM scheduling_slot WHERE id = %s AND status = 'free' FOR UPDATE",
                [slot_id],
            )
            if cursor.fetchone() is None:
                return False
            cursor.execute(statement, {"slot": slot_id, "patient": patient.pk})
            if cursor.fetchone() is None:
                return False
            cursor.execute(
                "UPDATE scheduling_slot SET status = 'busy', taken = 1 WHERE id = %s", [slot_id]
            )
            return True
        finally:
            cursor.execute("COMMIT")


def book_alone(slot_id: int, patient: Patient) -> bool:
    """The same on tables that have nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        try:
            cursor.execute(
                "SELECT provider, starts_at, ends_at FROM bench_slot "
                "WHERE id = %s AND status = 'free' FOR UPDATE",
                [slot_id],
            )
            found = cursor.fetchone()
            if found is None:
                return False
            cursor.execute(
                "INSERT INTO bench_visit (slot, provider, seat, patient, starts_at, ends_at) "
                "VALUES (%s, %s, 1, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
                [slot_id, found[0], patient.pk, found[1], found[2]],
            )
            if cursor.fetchone() is None:
                return False
            cursor.execute("UPDATE bench_slot SET status = 'busy' WHERE id = %s", [slot_id])
            return True
        finally:
            cursor.execute("COMMIT")
