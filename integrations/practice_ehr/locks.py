"""The practice EHR's locks, always in this order: identifier, Appointment, Slot, then by id."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.models import Q

from integrations.practice_ehr.models import Document


def lock_name(name: str) -> None:
    """Let one transaction at a time do what `name` says, until it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def lock_documents(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Document]:
    """The rows with these (kind, id) keys that exist, locked in the order of the keys."""
    by_kind: dict[str, list[str]] = {}
    for kind, fhir_id in keys:
        by_kind.setdefault(kind, []).append(fhir_id)
    wanted = Q(pk__in=[])
    for kind, ids in by_kind.items():
        wanted |= Q(kind=kind, fhir_id__in=ids)
    rows = Document.objects.select_for_update().filter(wanted).order_by("kind", "fhir_id")
    return {(row.kind, row.fhir_id): row for row in rows}
