"""The rule that makes this an EHR: a booked Appointment has its slot, a cancelled one frees it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import F

from integrations.practice_ehr.documents import HOLDING, parse_instant, slot_ids
from integrations.practice_ehr.locks import lock_documents
from integrations.practice_ehr.models import Document
from integrations.practice_ehr.outcomes import FhirError

#: From these the time of the slot is spent, so that it is not given back.
SPENT = frozenset({"noshow", "fulfilled"})


def settle(*, before: Document | None, after: Document, at: dt.datetime) -> None:
    """Take and free slots as an Appointment changes. Call it in the Appointment's transaction.

    :raises FhirError: 409 when a slot is taken, 422 when it does not exist or does not fit
    """
    held = slot_ids(before.body) if before and before.status in HOLDING else set()
    wanted = slot_ids(after.body) if after.status in HOLDING else set()
    freed = set() if after.status in SPENT else held - wanted
    # A no-show that is taken back has its slot still: its time was not given to anybody else.
    kept = slot_ids(before.body) if before and before.status in HOLDING | SPENT else set()
    for slot_id in sorted(wanted - kept | freed):
        if slot_id in freed:
            _free(slot_id, appointment=after, at=at)
        else:
            _check_fits(slot_id, appointment=after)
            take(slot_id=slot_id, at=at)


def take(*, slot_id: str, at: dt.datetime) -> None:
    """Turn a free slot busy by compare-and-set. :raises FhirError: 409 or 404"""
    slot = Document.objects.filter(kind="Slot", fhir_id=slot_id)
    changed = slot.filter(status="free").update(
        status="busy", version=F("version") + 1, updated_at=at
    )
    if changed:
        return
    if not slot.exists():
        raise FhirError(404, "There is no such slot.")
    raise FhirError(409, "The slot is not free any more.", expression="Appointment.slot")


def _check_fits(slot_id: str, *, appointment: Document) -> None:
    slot = Document.objects.filter(kind="Slot", fhir_id=slot_id).first()
    if slot is None:
        raise FhirError(422, "There is no such slot.", expression="Appointment.slot")
    ends_at = parse_instant(slot.body["end"], expression="Slot.end")
    if (
        slot.starts_at is None
        or appointment.starts_at is None
        or not slot.starts_at <= appointment.starts_at < ends_at
    ):
        raise FhirError(
            422, "The visit does not start within its slot.", expression="Appointment.start"
        )


def _free(slot_id: str, *, appointment: Document, at: dt.datetime) -> None:
    # The slot's row first: of two visits in it, cancelled at once, the later must see the other go.
    lock_documents([("Slot", slot_id)])
    if not _held(slot_id, but_for=appointment):
        Document.objects.filter(kind="Slot", fhir_id=slot_id, status="busy").update(
            status="free", version=F("version") + 1, updated_at=at
        )


def _held(slot_id: str, *, but_for: Document) -> bool:
    """Whether another visit holds the slot: clinics overbook."""
    return (
        Document.objects.filter(
            kind="Appointment", status__in=HOLDING, tokens__contains=[f"slot=Slot/{slot_id}"]
        )
        .exclude(pk=but_for.pk)
        .exists()
    )


def settle_loaded(*, slot_ids: Collection[str], at: dt.datetime) -> None:
    """After a load: each of these slots that a visit holds and that says free turns busy."""
    names = [f"slot=Slot/{slot_id}" for slot_id in slot_ids]
    visits = Document.objects.filter(
        kind="Appointment", status__in=HOLDING, tokens__overlap=names
    ).values_list("tokens", flat=True)
    prefix = "slot=Slot/"
    held = {token.removeprefix(prefix) for row in visits for token in row if prefix in token}
    Document.objects.filter(kind="Slot", fhir_id__in=held & set(slot_ids), status="free").update(
        status="busy", version=F("version") + 1, updated_at=at
    )
