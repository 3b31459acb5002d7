"""The dataset as FHIR R4 resources, as the practice EHR would hold them. Pure."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from integrations.demo.chart import charts
from integrations.demo.dataset.rows import (
    Clinician,
    CoverageRow,
    Dataset,
    Kind,
    Person,
    PhoneOf,
    Site,
    SlotRow,
    VisitRow,
)
from integrations.demo.dataset.system import (
    CLINICIAN,
    KIND,
    MRN_SYSTEM,
    ORGANIZATION,
    SITE,
    VISIT_TYPE_SYSTEM,
    clinic_code,
    clinics,
)
from scheduling.states import CancelledBy, SlotStatus

Json = dict[str, Any]

LOCATION_SYSTEM = "urn:sonora:location"
PROVIDER_SYSTEM = "urn:sonora:provider"
CLINIC_SYSTEM = "urn:sonora:clinic"
#: On the resource that goes in last: which dataset this is.
LOAD_SYSTEM = "urn:sonora:demo-load"
LANGUAGE_SYSTEM = "urn:ietf:bcp:47"
COVERAGE_CLASS_SYSTEM = "http://terminology.hl7.org/CodeSystem/coverage-class"
REASON_SYSTEM = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"

SLOT_STATUSES = {
    SlotStatus.FREE: "free",
    SlotStatus.BUSY: "busy",
    SlotStatus.BLOCKED: "busy-unavailable",
}
_REASONS = {CancelledBy.PATIENT: ("pat", "Patient"), CancelledBy.PROVIDER: ("prov", "Provider")}
_CREDENTIAL_SYSTEM = "http://terminology.hl7.org/CodeSystem/v2-0360"


def resources(dataset: Dataset) -> Iterator[Json]:
    """Every resource, those that others refer to first, and the mark of the load last."""
    yield from map(_location, dataset.sites)
    yield from map(_practitioner, dataset.clinicians)
    yield from map(_role, dataset.clinicians)
    yield from (_schedule(clinician, dataset.today) for clinician in dataset.clinicians)
    phones: Mapping[str, list[PhoneOf]] = _by_mrn(dataset.phones)
    yield from (_patient(person, phones.get(person.mrn, [])) for person in dataset.people)
    yield from map(_coverage, dataset.coverages)
    yield from map(_slot, dataset.slots)
    people = {person.mrn: person for person in dataset.people}
    yield from (_appointment(visit, people[visit.mrn]) for visit in dataset.visits)
    yield from charts(dataset)
    yield from services(dataset)


def services(dataset: Dataset) -> list[Json]:
    """The clinics as HealthcareServices. The first of them carries the mark of the load."""
    found = [_service(specialty, site) for specialty, site in clinics()]
    mark = {"system": LOAD_SYSTEM, "value": mark_of(dataset.seed, dataset.today)}
    found[0]["identifier"].append(mark)
    return found


def mark_of(seed: int, today: dt.date) -> str:
    """What tells one demo from another."""
    return f"{seed}@{today.isoformat()}"


def _by_mrn(phones: Sequence[PhoneOf]) -> dict[str, list[PhoneOf]]:
    found: dict[str, list[PhoneOf]] = defaultdict(list)
    for phone in phones:
        found[phone.mrn].append(phone)
    return found


def _ref(kind: str, key: str, display: str = "") -> Json:
    return {"reference": f"{kind}/{key}"} | ({"display": display} if display else {})


def _identifier(system: str, value: str) -> list[Json]:
    return [{"system": system, "value": value}]


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _coded(kind: Kind) -> list[Json]:
    coding = {"system": VISIT_TYPE_SYSTEM, "code": kind.code, "display": kind.name}
    return [{"coding": [coding], "text": kind.name}]


def _location(site: Site) -> Json:
    return {
        "resourceType": "Location",
        "id": site.code,
        "identifier": _identifier(LOCATION_SYSTEM, site.code),
        "status": "active",
        "name": site.name,
        "telecom": [{"system": "phone", "value": site.phone, "use": "work"}],
        "address": _address(
            site.address_line, site.city, site.state, site.postal_code, site.country
        ),
        "position": {"latitude": site.latitude, "longitude": site.longitude},
    }


def _address(line: str, city: str, state: str, postal_code: str, country: str) -> Json:
    parts = {
        "line": [line],
        "city": city,
        "state": state,
        "postalCode": postal_code,
        "country": country,
    }
    return {name: value for name, value in parts.items() if value}


def _practitioner(clinician: Clinician) -> Json:
    credential = {"coding": [{"system": _CREDENTIAL_SYSTEM, "code": clinician.credential}]}
    return {
        "resourceType": "Practitioner",
        "id": clinician.code,
        "identifier": _identifier(PROVIDER_SYSTEM, clinician.code),
        "active": True,
        "name": [{"family": clinician.family_name, "given": [clinician.given_name]}],
        "gender": str(clinician.sex),
        "qualification": [{"code": credential}],
        "communication": [_language(code) for code in clinician.languages],
    }


def _language(code: str) -> Json:
    return {"coding": [{"system": LANGUAGE_SYSTEM, "code": code}]}


def _role(clinician: Clinician) -> Json:
    return {
        "resourceType": "PractitionerRole",
        "id": clinician.role_code,
        "active": True,
        "practitioner": _ref("Practitioner", clinician.code, _name(clinician)),
        "specialty": [{"text": clinician.specialty}],
        "location": [_ref("Location", clinician.site)],
        "healthcareService": [
            _ref("HealthcareService", clinic_code(clinician.specialty, clinician.site))
        ],
    }


def _name(clinician: Clinician) -> str:
    return f"{clinician.given_name} {clinician.family_name}, {clinician.credential}"


def _schedule(clinician: Clinician, today: dt.date) -> Json:
    return {
        "resourceType": "Schedule",
        "id": clinician.code,
        "active": True,
        "specialty": [{"text": clinician.specialty}],
        "actor": [
            _ref("Practitioner", clinician.code, _name(clinician)),
            _ref("Location", clinician.site, SITE[clinician.site].name),
        ],
        "planningHorizon": {"start": today.isoformat()},
    }


def _patient(person: Person, phones: list[PhoneOf]) -> Json:
    site = SITE[person.site]
    body: Json = {
        "resourceType": "Patient",
        "id": person.ehr_id,
        "identifier": _identifier(MRN_SYSTEM, person.mrn),
        "active": True,
        "name": [{"use": "official", "family": person.family_name, "given": [person.given_name]}],
        "gender": str(person.sex),
        "birthDate": person.birth_on.isoformat(),
        "telecom": [_telecom(phone) for phone in phones],
        "address": [
            {"use": "home"}
            | _address(
                person.address_line, person.city, person.state, person.postal_code, site.country
            )
        ],
        "communication": [
            {"language": _language(person.spoken_language or person.language), "preferred": True}
        ],
    }
    if person.email:
        body["telecom"].append({"system": "email", "value": person.email})
    return body


def _telecom(phone: PhoneOf) -> Json:
    use = "old" if phone.ended_on else str(phone.use)
    return {"system": "phone", "value": phone.number, "use": use, "rank": phone.rank}


def _coverage(row: CoverageRow) -> Json:
    number = int(row.mrn.removeprefix("S"))
    period = {"start": row.starts_on.isoformat()}
    if row.ends_on:
        period["end"] = row.ends_on.isoformat()
    body: Json = {
        "resourceType": "Coverage",
        "id": f"coverage-{number:05d}",
        "status": "active",
        "subscriberId": row.member_id,
        "beneficiary": _ref("Patient", f"patient-{number:05d}"),
        "period": period,
        "payor": [{"display": row.payer}],
    }
    if row.plan:
        kind = {"coding": [{"system": COVERAGE_CLASS_SYSTEM, "code": "plan"}]}
        body["class"] = [{"type": kind, "value": row.plan, "name": row.plan}]
    return body


def _slot(slot: SlotRow) -> Json:
    body: Json = {
        "resourceType": "Slot",
        "id": slot.ehr_id,
        "serviceType": _coded(KIND[slot.kind]),
        "schedule": _ref("Schedule", slot.clinician),
        "status": SLOT_STATUSES[slot.status],
        "start": _instant(slot.starts_at),
        "end": _instant(slot.ends_at),
    }
    if slot.restriction_reason:
        body["comment"] = slot.restriction_reason
    return body


def _appointment(visit: VisitRow, person: Person) -> Json:
    clinician = CLINICIAN[visit.clinician]
    actors = (
        _ref("Patient", person.ehr_id),
        _ref("Practitioner", clinician.code, _name(clinician)),
        _ref("Location", clinician.site, SITE[clinician.site].name),
    )
    body: Json = {
        "resourceType": "Appointment",
        "id": visit.ehr_id,
        "status": str(visit.status),
        "serviceType": _coded(KIND[visit.kind]),
        "start": _instant(visit.starts_at),
        "end": _instant(visit.ends_at),
        "minutesDuration": KIND[visit.kind].minutes,
        "created": _instant(visit.booked_at),
        "participant": [{"actor": actor, "status": "accepted"} for actor in actors],
    }
    if visit.slot:
        body["slot"] = [_ref("Slot", visit.slot)]
    if visit.cancelled_by is not None:
        code, display = _REASONS[visit.cancelled_by]
        coding = {"system": REASON_SYSTEM, "code": code, "display": display}
        body["cancelationReason"] = {"coding": [coding], "text": visit.cancel_reason}
    return body


def _service(specialty: str, site: Site) -> Json:
    code = clinic_code(specialty, site.code)
    return {
        "resourceType": "HealthcareService",
        "id": code,
        "identifier": _identifier(CLINIC_SYSTEM, code),
        "active": True,
        "name": f"{specialty}, {site.name}",
        "providedBy": {"display": ORGANIZATION},
        "specialty": [{"text": specialty}],
        "location": [_ref("Location", site.code)],
    }
