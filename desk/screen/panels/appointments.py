"""Their appointments, each to be moved or given up in place."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet

from crm.engine.compiled import compiled
from crm.saying import translated
from desk.queries.open_needs import open_needs
from desk.screen.contact import DeskContact
from desk.screen.panels.chart import NOT_THEIRS
from waitlist.models import Offer, WaitlistEntry
from waitlist.states import EntryStatus, OfferStatus

#: So many are shown; a series has its own page.
MOST = 8


def panel(contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """What is ahead of them, an offer that they have not answered, what they wait for, and what
    they may still want: as far as whoever speaks may hear of it."""
    patient = contact.heard_patient
    if patient is None:
        return {"visits": (), "why_not": translated(NOT_THEIRS)}
    return {
        "visits": contact.visits[:MOST],
        "first_move": next((v.pk for v in contact.visits[:MOST] if v.visit_type_id), None),
        "more": len(contact.visits) > MOST,
        # What they looked for may be sensitive by its words alone.
        "needs": open_needs(contact.interaction, at=at) if contact.names_all else (),
        "offers": [
            one
            for one in _offers(patient=patient.pk)
            if contact.names_all or not one.opening.slot.visit_type.is_sensitive
        ][:3],
        "waits": [
            one
            for one in _waits(patient=patient.pk)
            if contact.names_all or not one.visit_type.is_sensitive
        ][:3],
    }


@compiled
def _offers(*, patient: int) -> QuerySet[Offer]:
    """Of them few stand at once."""
    rows = Offer.objects.filter(patient=patient, status=OfferStatus.SENT).select_related(
        "slot",
        "opening__slot__visit_type",
        "opening__slot__role__provider",
        "opening__slot__role__clinic__location",
    )
    return rows.only(
        "slot__starts_at",
        "opening__slot__visit_type__is_sensitive",
        "opening__slot__role__provider",
        "opening__slot__role__clinic__location__zone",
    ).order_by("-pk")


@compiled
def _waits(*, patient: int) -> QuerySet[WaitlistEntry]:
    rows = WaitlistEntry.objects.filter(patient=patient, status=EntryStatus.WAITING)
    return rows.select_related("visit_type").order_by("pk")
