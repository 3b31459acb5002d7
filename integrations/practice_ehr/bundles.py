"""`POST /fhir`: batch and transaction Bundles (http://hl7.org/fhir/R4/http.html#transaction).

Entries may create (POST) and update (PUT). What is plain filling of the system goes through
`actions.load` together; a booking, or anything with a condition, goes one by one.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from integrations.practice_ehr import actions
from integrations.practice_ehr.documents import FHIR_ID, KINDS, Json, check, instant
from integrations.practice_ehr.models import Document
from integrations.practice_ehr.outcomes import FhirError


@dataclass(slots=True)
class Entry:
    """One entry of a Bundle, read. `fhir_id` of a POST is chosen beforehand for references."""

    method: str
    kind: str
    fhir_id: str
    body: Json
    if_match: str
    if_none_exist: str
    is_booking: bool = False

    @property
    def is_plain(self) -> bool:
        return not (self.if_match or self.if_none_exist or self.is_booking)


def run(bundle: Json, *, at: dt.datetime) -> Json:
    """Carry out a Bundle and return the response Bundle, entry by entry in the same order.

    A transaction happens whole or not at all; in a batch each entry stands for itself.

    :raises FhirError: 400 for no Bundle; any refusal of an entry of a transaction
    """
    if bundle.get("resourceType") != "Bundle" or bundle.get("type") not in {"batch", "transaction"}:
        raise FhirError(400, "Only a Bundle of type batch or transaction can be posted here.")
    raw = bundle.get("entry", [])
    if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
        raise FhirError(400, "Bundle.entry is a list of entries.", expression="Bundle.entry")
    names = assign_ids(raw)
    if bundle["type"] == "transaction":
        _replace_references(raw, names)
        with transaction.atomic():
            answers = _run_entries(raw, at=at, stop=True)
    else:
        answers = _run_entries(raw, at=at, stop=False)
    return {"resourceType": "Bundle", "type": f"{bundle['type']}-response", "entry": answers}


def assign_ids(raw: list[Json]) -> dict[str, str]:
    """Choose the ids of what is created. Returns `Type/id` by the entry's `fullUrl`."""
    names: dict[str, str] = {}
    for item in raw:
        resource, request = item.get("resource"), item.get("request")
        if isinstance(resource, dict) and isinstance(request, dict) and is_create(request):
            resource["id"] = str(uuid.uuid4())
            names[str(item.get("fullUrl"))] = f"{resource.get('resourceType')}/{resource['id']}"
    return names


def is_create(request: Json) -> bool:
    return request.get("method") == "POST"


def _replace_references(node: Any, names: dict[str, str]) -> None:
    if isinstance(node, list):
        for item in node:
            _replace_references(item, names)
    elif isinstance(node, dict):
        reference = node.get("reference")
        if isinstance(reference, str) and reference in names:
            node["reference"] = names[reference]
        for value in node.values():
            _replace_references(value, names)


def _run_entries(raw: list[Json], *, at: dt.datetime, stop: bool) -> list[Json]:
    answers: dict[int, Json] = {}
    entries: dict[int, Entry] = {}
    for number, item in enumerate(raw):
        try:
            entries[number] = read_entry(item)
        except FhirError as error:
            if stop:
                raise
            answers[number] = _refusal(error)
    _mark_bookings(list(entries.values()))
    plain = {number: entry for number, entry in entries.items() if entry.is_plain}
    _check_no_twice(list(plain.values()))
    rows = [
        actions.make_row(kind=entry.kind, fhir_id=entry.fhir_id, body=entry.body, at=at)
        for entry in plain.values()
    ]
    for number, stored in zip(plain, actions.load(rows, at=at), strict=True):
        answers[number] = _answer(stored)
    for number in entries.keys() - plain.keys():
        try:
            answers[number] = _answer(_run_one(entries[number], at=at))
        except FhirError as error:
            if stop:
                raise
            answers[number] = _refusal(error)
    return [answers[number] for number in range(len(raw))]


def read_entry(item: Json) -> Entry:
    """One entry, checked. :raises FhirError: 400, 404, 405, 422"""
    request, body = item.get("request"), item.get("resource")
    if not isinstance(request, dict) or not isinstance(body, dict):
        raise FhirError(400, "Each entry needs a request and a resource.")
    kind, _, fhir_id = str(request.get("url", "")).partition("/")
    if kind not in KINDS:
        raise FhirError(404, f"{kind[:40] or 'A resource without a type'} is not kept here.")
    if is_create(request) and not fhir_id:
        fhir_id = body["id"]
    elif request.get("method") != "PUT":
        raise FhirError(405, "Entries may POST a new resource or PUT one by its id.")
    if body.get("id") != fhir_id or not FHIR_ID.fullmatch(fhir_id):
        raise FhirError(400, "The resource's id is not the one in its request.")
    check(kind, body)
    return Entry(
        method=request["method"],
        kind=kind,
        fhir_id=fhir_id,
        body=body,
        if_match=str(request.get("ifMatch", "")),
        if_none_exist=str(request.get("ifNoneExist", "")),
    )


def _mark_bookings(entries: list[Entry]) -> None:
    """A POST of an Appointment is a booking, a PUT of a known one a change: both obey the rule."""
    ids = [entry.fhir_id for entry in entries if entry.kind == "Appointment"]
    known = set(
        Document.objects.filter(kind="Appointment", fhir_id__in=ids).values_list(
            "fhir_id", flat=True
        )
    )
    for entry in entries:
        if entry.kind == "Appointment":
            entry.is_booking = entry.method == "POST" or entry.fhir_id in known


def _check_no_twice(entries: list[Entry]) -> None:
    if len({(entry.kind, entry.fhir_id) for entry in entries}) < len(entries):
        raise FhirError(400, "Two entries are about the same resource.")


def _run_one(entry: Entry, *, at: dt.datetime) -> actions.Stored:
    if entry.method == "POST":
        return actions.create(
            kind=entry.kind,
            body=entry.body,
            at=at,
            if_none_exist=entry.if_none_exist,
            fhir_id=entry.fhir_id,
        )
    return actions.update(
        kind=entry.kind, fhir_id=entry.fhir_id, body=entry.body, at=at, if_match=entry.if_match
    )


def _answer(stored: actions.Stored) -> Json:
    row = stored.row
    response = {
        "status": "201 Created" if stored.created else "200 OK",
        "location": f"{row.kind}/{row.fhir_id}/_history/{row.version}",
        "etag": f'W/"{row.version}"',
        "lastModified": instant(row.updated_at),
    }
    return {"response": response}


def _refusal(error: FhirError) -> Json:
    return {"response": {"status": str(error.status), "outcome": error.outcome()}}
