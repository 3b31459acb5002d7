"""The dataset into Firstcall's tables: a row for a row, in bulk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TypeVar

from django.db import connection, models

from crm.models import (
    ConsentEntry,
    Coverage,
    Patient,
    PatientIdentifier,
    PatientPhone,
    Phone,
    Proxy,
)
from crm.states import Channel
from integrations.demo.dataset import Dataset
from integrations.demo.dataset.rows import Person, VisitRow
from integrations.demo.dataset.system import MRN_SYSTEM
from integrations.demo.inventory import Inventory
from scheduling.models import Appointment, Slot
from scheduling.rules.policies import Policy, is_late_cancel
from scheduling.states import Origin, SlotStatus
from waitlist.models import WaitlistEntry

BATCH = 1000
Row = TypeVar("Row", bound=models.Model)


def insert(rows: Iterable[Row]) -> list[Row]:
    """Insert `rows` of one model; each gets its key."""
    found = list(rows)
    return type(found[0])._base_manager.bulk_create(found, batch_size=BATCH) if found else []


def analyze() -> None:
    """Tell PostgreSQL what is in the tables now: its own look comes a minute too late for the
    first story, which would take seconds where it takes milliseconds."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def add_people(dataset: Dataset, *, source: str) -> dict[str, Patient]:
    """Patients with identifiers, phones, proxies, consent and coverage, by MRN."""
    made = insert(_patient(person, rides=person.mrn in dataset.rides) for person in dataset.people)
    patients = {person.mrn: row for person, row in zip(dataset.people, made, strict=True)}
    insert(_identifiers(dataset.people, patients, source))
    lines = insert(
        Phone(
            number=line.number,
            can_text=line.can_text,
            cannot_text_reason="" if line.can_text else "Landline",
        )
        for line in dataset.lines
    )
    phones = {line.number: row for line, row in zip(dataset.lines, lines, strict=True)}
    _add_reach(dataset, patients, phones)
    insert(
        Coverage(
            patient=patients[row.mrn],
            payer=row.payer,
            plan=row.plan,
            member_id=row.member_id,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            checked_at=dt.datetime.combine(row.checked_on, dt.time(17), dt.UTC),
        )
        for row in dataset.coverages
    )
    return patients


def _patient(person: Person, *, rides: bool) -> Patient:
    return Patient(
        family_name=person.family_name,
        given_name=person.given_name,
        birth_on=person.birth_on,
        sex=person.sex,
        language=person.language,
        spoken_language=person.spoken_language,
        needs_interpreter=person.needs_interpreter,
        needs_transport=rides,
        zone=person.zone,
        email=person.email,
        address_line=person.address_line,
        city=person.city,
        state=person.state,
        postal_code=person.postal_code,
        latitude=person.latitude,
        longitude=person.longitude,
        sensitivity=[str(label) for label in person.sensitivity],
        prefers_parts_of_day=list(person.prefers_parts_of_day),
        prefers_weekdays=list(person.prefers_weekdays),
        max_miles=person.max_miles,
        notice_hours=person.notice_hours,
        wants_earlier_offers=person.wants_earlier_offers,
    )


def _identifiers(
    people: Iterable[Person], patients: dict[str, Patient], source: str
) -> Iterable[PatientIdentifier]:
    for person in people:
        patient = patients[person.mrn]
        yield PatientIdentifier(patient=patient, system=MRN_SYSTEM, value=person.mrn)
        yield PatientIdentifier(patient=patient, system=source, value=person.ehr_id)


def _add_reach(dataset: Dataset, patients: dict[str, Patient], phones: dict[str, Phone]) -> None:
    insert(
        PatientPhone(
            patient=patients[row.mrn],
            phone=phones[row.number],
            use=row.use,
            rank=row.rank,
            is_confidential=row.is_confidential,
            ended_on=row.ended_on,
        )
        for row in dataset.phones
    )
    insert(
        Proxy(
            patient=patients[row.mrn],
            person=patients[row.person],
            name=row.name,
            relationship=row.relationship,
            phone=phones.get(row.number),
            scope=[str(scope) for scope in row.scope],
            until_age=row.until_age,
            court_restriction=row.court_restriction,
        )
        for row in dataset.proxies
    )
    insert(
        ConsentEntry(
            phone=phones[row.number],
            patient=patients.get(row.mrn),
            channel=Channel.SMS,
            purpose=row.purpose,
            decision=row.decision,
            at=row.at,
            source=row.source,
            evidence=dict(row.evidence),
            recorded_by=row.recorded_by,
        )
        for row in dataset.consents
    )


def add_slots(dataset: Dataset, inventory: Inventory, *, source: str) -> dict[str, Slot]:
    """Slots by their key in the EHR. No event: what is free now was free before we came."""
    slots = insert(
        Slot(
            role=inventory.roles[row.clinician],
            room=inventory.room_for(row.clinician, row.kind),
            visit_type=inventory.kinds[row.kind],
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            status=row.status,
            taken=int(row.status is SlotStatus.BUSY),
            restriction=row.restriction,
            restriction_reason=row.restriction_reason,
            release_at=row.release_at,
            due_at=row.release_at,
            source=source,
            source_id=row.ehr_id,
        )
        for row in dataset.slots
    )
    return {slot.source_id: slot for slot in slots}


def add_visits(
    dataset: Dataset,
    inventory: Inventory,
    patients: dict[str, Patient],
    slots: dict[str, Slot],
    *,
    source: str,
) -> dict[str, Appointment]:
    """Visits as the EHR has them, by their key there. Its own facts, so outside our
    no-double-booking constraints."""
    visits = insert(
        Appointment(
            patient=patients[row.mrn],
            slot=slots.get(row.slot),
            role=inventory.roles[row.clinician],
            provider=inventory.providers[row.clinician],
            location=inventory.location_of(row.clinician),
            room=inventory.room_for(row.clinician, row.kind),
            visit_type=inventory.kinds[row.kind],
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            status=row.status,
            origin=Origin.EHR,
            booked_at=row.booked_at,
            booked_by=row.booked_by,
            cancelled_at=row.cancelled_at,
            cancelled_by=row.cancelled_by or "",
            cancel_reason=row.cancel_reason,
            cancel_code=row.cancel_code or "",
            cancelled_late=_is_late(row, inventory.location_of(row.clinician).zone),
            source=source,
            source_id=row.ehr_id,
            source_version="1",
            source_sent_at=row.changed_at,
        )
        for row in dataset.visits
    )
    return {visit.source_id: visit for visit in visits}


def _is_late(row: VisitRow, zone: str) -> bool | None:
    """By the policy that holds where a clinic has written none."""
    if row.cancelled_at is None:
        return None
    hours = Policy().late_cancel_hours
    return is_late_cancel(row.starts_at, cancelled_at=row.cancelled_at, zone=zone, hours=hours)


def add_waiting(dataset: Dataset, inventory: Inventory, patients: dict[str, Patient]) -> None:
    """Waitlist entries and unmet requests."""
    insert(
        WaitlistEntry(
            patient=patients[row.mrn],
            kind=row.entry,
            visit_type=inventory.kinds[row.kind],
            provider=inventory.providers.get(row.clinician),
            location=inventory.locations[row.site],
            urgency=row.urgency,
            not_before_on=row.not_before_on,
            not_after_on=row.not_after_on,
            created_at=row.created_at,
        )
        for row in dataset.waiting
    )
