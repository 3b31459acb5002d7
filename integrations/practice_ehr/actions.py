"""Every write to the practice EHR's documents."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

from django.db import transaction

from integrations.practice_ehr import slots
from integrations.practice_ehr.documents import FHIR_ID, Json, check, elements, read_columns
from integrations.practice_ehr.documents import reference_key as key_of
from integrations.practice_ehr.locks import lock_documents, lock_name
from integrations.practice_ehr.models import Document
from integrations.practice_ehr.outcomes import FhirError

ETAG = re.compile(r'(?:W/)?"?(\d+)"?')


@dataclass(frozen=True, slots=True)
class Stored:
    """The row after a write, and whether the write made it."""

    row: Document
    created: bool


def create(
    *, kind: str, body: Json, at: dt.datetime, if_none_exist: str = "", fhir_id: str = ""
) -> Stored:
    """Store a new resource under an id of our own; a booked Appointment takes its slot.

    `if_none_exist` is the query of FHIR's conditional create (`identifier=system|value`): when
    one resource matches it, that one is returned and nothing is changed.

    :raises FhirError: 400, 409 slot taken, 412 several match, 422
    """
    check(kind, body)
    with transaction.atomic():
        if if_none_exist:
            token = identifier_token(if_none_exist)
            lock_name(f"{kind}?{token}")
            found = list(Document.objects.filter(kind=kind, tokens__contains=[token])[:2])
            if len(found) > 1:
                raise FhirError(412, "Several resources match If-None-Exist.")
            if found:
                return Stored(found[0], created=False)
        row = make_row(kind=kind, fhir_id=fhir_id or str(uuid.uuid4()), body=body, at=at)
        check_references(row)
        row.save(force_insert=True)
        if kind == "Appointment":
            slots.settle(before=None, after=row, at=at)
    return Stored(row, created=True)


def update(*, kind: str, fhir_id: str, body: Json, at: dt.datetime, if_match: str = "") -> Stored:
    """Replace a resource, or create it under the client's id; visits take and free slots.

    :raises FhirError: 400, 409 slot taken, 412 when `if_match` is not the present version, 422
    """
    check(kind, body)
    if body.get("id") != fhir_id or not FHIR_ID.fullmatch(fhir_id):
        raise FhirError(400, "The body's id is not the one in the address.", expression="id")
    with transaction.atomic():
        lock_name(f"{kind}/{fhir_id}")  # there may be no row yet to lock
        before = lock_documents([(kind, fhir_id)]).get((kind, fhir_id))
        _check_version(before, if_match)
        row = make_row(kind=kind, fhir_id=fhir_id, body=body, at=at)
        check_references(row)
        if before:
            row.pk, row.version = before.pk, before.version + 1
        row.save()
        if kind == "Appointment":
            slots.settle(before=before, after=row, at=at)
    return Stored(row, created=before is None)


def _check_version(before: Document | None, if_match: str) -> None:
    if not if_match:
        return
    match = ETAG.fullmatch(if_match)
    if match is None:
        raise FhirError(400, "If-Match is no version.")
    if before is None or int(match[1]) != before.version:
        raise FhirError(412, "The resource has another version by now.")


def make_row(*, kind: str, fhir_id: str, body: Json, at: dt.datetime) -> Document:
    """An unsaved row of version 1 for a checked document."""
    columns = read_columns(kind, body)
    return Document(
        kind=kind,
        fhir_id=fhir_id,
        updated_at=at,
        status=columns.status,
        starts_at=columns.starts_at,
        tokens=columns.tokens,
        body=body,
    )


def identifier_token(query: str) -> str:
    """The search token of a conditional create. :raises FhirError: 400"""
    pairs = parse_qsl(query.removeprefix("?"))
    if len(pairs) != 1 or pairs[0][0] != "identifier":
        raise FhirError(400, "If-None-Exist is supported for one identifier only.")
    return f"identifier={pairs[0][1]}"


def check_references(row: Document) -> None:
    """Refuse a visit or a note for a person or place that is not here. :raises FhirError: 422"""
    path = {"Appointment": "participant.actor", "DocumentReference": "subject"}.get(row.kind)
    if path is None:
        return
    keys = {key_of(actor) for actor in elements(row.body, path)} - {""}
    wanted = {tuple(key.split("/", 1)) for key in keys}
    ids = {fhir_id for _, fhir_id in wanted}
    held = Document.objects.filter(fhir_id__in=ids).values_list("kind", "fhir_id")
    for kind, _ in sorted(wanted - set(held)):
        raise FhirError(
            422, f"A {kind} that it names is not known here.", expression=f"{row.kind}.{path}"
        )


def load(rows: list[Document], *, at: dt.datetime) -> Iterator[Stored]:
    """Store many documents at once, as an interface engine fills a new system.

    The fast path: one statement per thousand, no refusals. A slot that a visit holds turns busy;
    a document that is the same as before keeps its version. Appointments must be new.
    """
    keys = [(row.kind, row.fhir_id) for row in rows]
    with transaction.atomic():
        lock_name("load")
        present = lock_documents(keys)
        changed = []
        for row, key in zip(rows, keys, strict=True):
            before = present.get(key)
            if before:
                row.version = before.version + 1
            if before is None or (before.body, before.status) != (row.body, row.status):
                changed.append(row)
        _upsert(changed)
        slots.settle_loaded(slot_ids=_slots_of(changed), at=at)
        stored = lock_documents(keys)
    for key in keys:
        yield Stored(stored[key], created=key not in present)


def _upsert(rows: list[Document]) -> None:
    Document.objects.bulk_create(
        rows,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["kind", "fhir_id"],
        update_fields=["version", "updated_at", "status", "starts_at", "tokens", "body"],
    )


def _slots_of(rows: list[Document]) -> set[str]:
    loaded = {row.fhir_id for row in rows if row.kind == "Slot"}
    named = {
        token.removeprefix("slot=Slot/")
        for row in rows
        for token in row.tokens
        if token.startswith("slot=Slot/")
    }
    return loaded | named
