"""Their appointments, each to be moved or given up in place."""

from __future__ import annotations

import datetime as dt
from typing import Any

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
        return {"visits": (), "why_not": NOT_THEIRS}
    offers = Offer.objects.filter(patient=patient, status=OfferStatus.SENT).select_related(
        "slot", "opening__slot__role__provider", "opening__slot__role__clinic__location"
    )
    waits = WaitlistEntry.objects.filter(patient=patient, status=EntryStatus.WAITING)
    if not contact.names_all:
        offers = offers.exclude(opening__slot__visit_type__is_sensitive=True)
        waits = waits.exclude(visit_type__is_sensitive=True)
    return {
        "visits": contact.visits[:MOST],
        "first_move": next((v.pk for v in contact.visits[:MOST] if v.visit_type_id), None),
        "more": len(contact.visits) > MOST,
        # What they looked for may be sensitive by its words alone.
        "needs": open_needs(contact.interaction, at=at) if contact.names_all else (),
        "offers": list(offers.order_by("-pk")[:3]),
        "waits": list(waits.select_related("visit_type").order_by("pk")[:3]),
    }
