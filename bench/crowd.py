"""Waiting patients of a whole health system, for matching: written by PostgreSQL itself.

Three sites, three specialties with four visit types each, 36 clinicians. Of a hundred patients
sixty have a visit to come and forty stand on a waitlist or asked and found no time; some are
both, some have a series. Three in ten have limits, one in twenty may not be texted, one in
thirty was asked lately. The same size makes the same crowd.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection

from bench.population import analyze, insert, place
from crm.models import ConsentEntry, Patient, PatientPhone, Phone
from crm.states import Channel, ConsentDecision, Purpose
from scheduling.models import (
    Appointment,
    Clinic,
    Location,
    Provider,
    ProviderRole,
    Slot,
    VisitType,
)
from scheduling.states import AppointmentStatus, FillMode, FreedBy, Origin, SlotStatus
from waitlist.models import Candidate, Offer, Opening, WaitlistEntry
from waitlist.states import CandidateKind, EntryKind, OfferStatus, OpeningStatus, Urgency

SITES, SPECIALTIES, TYPES_EACH, CLINICIANS_EACH = 3, 3, 4, 4


@dataclass(frozen=True, slots=True)
class Crowd:
    """What was made; `at` is the instant that everything is dated from."""

    size: int
    at: dt.datetime
    zone: str
    roles: list[ProviderRole]
    visit_types: list[VisitType]
    in_one_type: bool


def gather_crowd(size: int, *, at: dt.datetime, in_one_type: bool = False) -> Crowd:
    """`size` waiting patients in an empty database; all `in_one_type` is the worst case."""
    at = at.replace(second=0, microsecond=0)
    zone, number = place(at)
    visit_types, roles = _clinics(zone)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        # Millions of rows that fit together by construction: no key need be looked up.
        cursor.execute("SET session_replication_role = replica")
        _people(size, number=number)
        _demand(size, visit_types, roles, at, in_one_type=in_one_type)
        _asked_lately(size, roles, visit_types, at)
        cursor.execute("SET session_replication_role = DEFAULT; RESET synchronous_commit")
    analyze()
    _settle()
    return Crowd(size, at, zone, roles, visit_types, in_one_type)


def clear_crowd() -> None:
    """An empty database again, for the next size."""
    tables = (Patient, Phone, Location, Provider, VisitType)
    names = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")


def _settle() -> None:
    """What autovacuum would have done within the hour."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("CHECKPOINT")


def _clinics(zone: str) -> tuple[list[VisitType], list[ProviderRole]]:
    """Visit types by specialty (0 to 3 the first), and four clinicians a clinic."""
    types = [
        VisitType.objects.create(
            code=f"BENCH-{specialty}-{number}",
            name=f"Visit {number}",
            specialty=f"Specialty {specialty}",
            minutes=30,
        )
        for specialty in range(SPECIALTIES)
        for number in range(TYPES_EACH)
    ]
    roles = []
    for site in range(SITES):
        location = Location.objects.create(
            name=f"Bench Health Center {site}",
            short_name=f"Bench {site}",
            zone=zone,
            latitude=33.4 + 0.1 * site,
            longitude=-112.0,
        )
        for specialty in range(SPECIALTIES):
            clinic = Clinic.objects.create(
                location=location,
                specialty=f"Specialty {specialty}",
                name=f"Specialty {specialty}, Bench {site}",
                mode=FillMode.AUTOMATIC,
            )
            own = types[specialty * TYPES_EACH : (specialty + 1) * TYPES_EACH]
            clinic.visit_types.set(own)
            roles += [
                ProviderRole.objects.create(
                    clinic=clinic,
                    provider=Provider.objects.create(
                        family_name=f"Clinician{site}{specialty}{n}", credential="MD"
                    ),
                )
                for n in range(CLINICIANS_EACH)
            ]
    return types, roles


def _people(size: int, *, number: str) -> None:
    """Patients 1 to `size`, each with a phone of the same key."""
    insert(
        Patient,
        size,
        id="n",
        family_name="'Family' || n",
        given_name="'Given' || n",
        birth_on=f"DATE '1945-01-01' + ({_chance(1)} * 27000)::int",
        latitude=f"33.5 + ({_chance(2)} - 0.5) * 0.8",
        longitude=f"-112.0 + ({_chance(3)} - 0.5) * 0.8",
        deceased_at=f"CASE WHEN {_chance(4)} < 0.003 THEN now() END",
        wants_earlier_offers=f"{_chance(5)} > 0.03",
        max_miles=f"CASE WHEN {_chance(6)} < 0.1 THEN (5 + {_chance(7)} * 30)::int END",
        notice_hours=f"CASE WHEN {_chance(8)} < 0.1 THEN ({_chance(9)} * 96)::int END",
        prefers_weekdays=(
            f"CASE WHEN {_chance(10)} < 0.1 THEN '{{0,2,4}}'::smallint[] ELSE '{{}}' END"
        ),
        prefers_parts_of_day=(
            f"CASE WHEN {_chance(11)} < 0.15 THEN '{{morning}}'::varchar[] "
            f"WHEN {_chance(11)} < 0.3 THEN '{{afternoon}}'::varchar[] ELSE '{{}}' END"
        ),
        created_at="now()",
    )
    insert(Phone, size, id="n", number=number, can_text=f"{_chance(12)} > 0.01")
    insert(PatientPhone, size, patient_id="n", phone_id="n")
    insert(
        ConsentEntry,
        size,
        phone_id="n",
        patient_id="n",
        channel=f"'{Channel.SMS}'",
        purpose=f"'{Purpose.ALL}'",
        decision=(
            f"CASE WHEN {_chance(13)} < 0.04 THEN '{ConsentDecision.REVOKED}' "
            f"ELSE '{ConsentDecision.GRANTED}' END"
        ),
        at="now() - interval '100 days'",
        source="'intake-form'",
        recorded_by="'bench'",
    )


def _demand(
    size: int,
    types: list[VisitType],
    roles: list[ProviderRole],
    at: dt.datetime,
    *,
    in_one_type: bool,
) -> None:
    """Six in ten have a visit to come; the other four, and a few of the six, stand on a list."""
    later = int(size * 0.6)
    wanted: dict[str, Any] = {"types": types, "roles": roles, "at": at, "in_one_type": in_one_type}
    _visits(later, patient="n", name="later", **wanted)
    _visits(later // 20, patient="n * 19", name="series", **wanted)
    one = str(types[0].pk)
    calm = f"mod(floor({_chance(14)} * {len(types)})::int, {TYPES_EACH}) = {TYPES_EACH - 1}"
    several = _pick([t.pk for t in types], _chance(14))
    for count, patient in ((size - later, f"n + {later}"), (later // 20, "n * 20")):
        insert(
            WaitlistEntry,
            count,
            patient_id=patient,
            kind=f"CASE WHEN {_chance(15)} < 0.3 THEN '{EntryKind.UNMET_REQUEST}' "
            f"ELSE '{EntryKind.WAITLIST}' END",
            visit_type_id=one if in_one_type else several,
            location_id=f"CASE WHEN {_chance(16)} < 0.1 THEN "
            + _pick(sorted({r.clinic.location_id for r in roles}), _chance(17))
            + " END",
            # Nobody is urgent for the last kind of each specialty: there the other terms decide.
            urgency=f"CASE WHEN {calm} THEN '{Urgency.ROUTINE}' "
            f"WHEN {_chance(18)} < 0.01 THEN '{Urgency.URGENT}' "
            f"WHEN {_chance(18)} < 0.07 THEN '{Urgency.SOON}' ELSE '{Urgency.ROUTINE}' END",
            created_at=f"'{at.isoformat()}'::timestamptz "
            f"- (180 * {_chance(19)} * {_chance(20)}) * interval '1 day'",
        )


def _chance(seed: int) -> str:
    """A number from 0 to 1 for each n; another one for another seed."""
    return f"((hashint8extended(n, {seed}) & 1048575) / 1048576.0)"


def _visits(
    count: int,
    *,
    patient: str,
    name: str,
    types: list[VisitType],
    roles: list[ProviderRole],
    at: dt.datetime,
    in_one_type: bool,
) -> None:
    """Visits one to 180 days ahead, fewer the farther, booked within the last 120 days.

    Type, clinician and site go together: one number from 0 to 1 by patient decides for all.
    """
    each = SITES * CLINICIANS_EACH
    specialty = "0" if in_one_type else f"mod(n, {SPECIALTIES})"
    member = f"mod(n / {SPECIALTIES}, {each})"
    own: list[list[ProviderRole]] = [
        [r for r in roles if r.clinic.specialty == f"Specialty {s}"] for s in range(SPECIALTIES)
    ]
    by_member = [role for found in own for role in found]
    place_in = f"{specialty} * {each} + {member}"
    type_in = "0" if in_one_type else f"{specialty} * {TYPES_EACH} + mod(n / 36, {TYPES_EACH})"
    seed = {"later": 30, "series": 40}[name]
    starts = (
        f"date_trunc('day', '{at.isoformat()}'::timestamptz) "
        f"+ (1 + floor(179 * power({_chance(seed)}, 1.5))) * interval '1 day' "
        f"+ floor(16 + 20 * {_chance(seed + 1)}) * interval '30 minutes'"
    )
    insert(
        Appointment,
        count,
        patient_id=patient,
        role_id=_pick([r.pk for r in by_member], place_in, whole=True),
        provider_id=_pick([r.provider_id for r in by_member], place_in, whole=True),
        location_id=_pick([r.clinic.location_id for r in by_member], place_in, whole=True),
        visit_type_id=_pick([t.pk for t in types], type_in, whole=True),
        starts_at=starts,
        ends_at=f"{starts} + interval '30 minutes'",
        status=f"'{AppointmentStatus.BOOKED}'",
        origin=f"'{Origin.EHR}'",
        booked_at=f"'{at.isoformat()}'::timestamptz "
        f"- (120 * {_chance(seed + 2)} * {_chance(seed + 3)}) * interval '1 day'",
        source="'bench-ehr'",
        source_id=f"'{name}-' || n",
    )


def _asked_lately(
    size: int, roles: list[ProviderRole], types: list[VisitType], at: dt.datetime
) -> None:
    """One in thirty was offered something in the last weeks; a tenth of them took it."""
    slot = Slot.objects.create(
        role=roles[0],
        visit_type=types[0],
        starts_at=at - dt.timedelta(days=1),
        ends_at=at - dt.timedelta(days=1) + dt.timedelta(minutes=30),
        status=SlotStatus.BUSY,
        source="bench-ehr",
        source_id="past",
    )
    past = Opening.objects.create(
        slot=slot,
        status=OpeningStatus.EXPIRED,
        cause=FreedBy.CANCELLATION,
        opened_at=at - dt.timedelta(days=20),
        starts_at=slot.starts_at,
        deadline_at=at - dt.timedelta(days=2),
        closed_at=at - dt.timedelta(days=2),
    )
    count = size // 30
    common = {"opening_id": str(past.pk), "patient_id": "n * 29"}
    insert(Candidate, count, id="n", kind=f"'{CandidateKind.LATER_VISIT}'", rank="n", **common)
    insert(
        Offer,
        count,
        slot_id=str(slot.pk),
        candidate_id="n",
        phone_id="n * 29",
        status=f"CASE WHEN {_chance(50)} < 0.1 THEN '{OfferStatus.WON}' WHEN {_chance(50)} < 0.4 "
        f"THEN '{OfferStatus.DECLINED}' ELSE '{OfferStatus.EXPIRED}' END",
        token="'bench-' || n",  # noqa: S106 nobody
        offered_at=f"'{at.isoformat()}'::timestamptz - (40 * {_chance(51)}) * interval '1 day'",
        expires_at=f"'{at.isoformat()}'::timestamptz",
        **common,
    )


def _pick(keys: list[int], place_in: str, *, whole: bool = False) -> str:
    """One of `keys`, by a number from 0 to 1, or by a place among them."""
    array = ",".join(map(str, keys))
    at = f"({place_in})::int" if whole else f"floor({place_in} * {len(keys)})::int"
    return f"(ARRAY[{array}])[1 + {at}]"
