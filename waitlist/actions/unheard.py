"""Somebody who said yes and could not be told what became of it: a person calls them."""

from __future__ import annotations

import datetime as dt
from typing import Final

from crm.actions import open_task
from crm.engine import Actor
from crm.models import Task
from crm.states import TaskKind
from waitlist.models import Offer
from waitlist.states import OfferStatus

#: A person calls within so long.
DUE: Final = dt.timedelta(minutes=30)
#: They said yes, and this is how it ended.
_WHY: Final = {
    OfferStatus.WON: "The earlier time that they took is booked, and no text could tell them in "
    "time. A later visit that it replaces is given up. Call them.",
    OfferStatus.REFUSED: "The earlier time that they took could not be booked, and no text could "
    "tell them in time. Any other visit stays as it is. Call them.",
}


def call_unheard(*, offer_id: int, by: Actor, at: dt.datetime) -> Task | None:
    """A text about an offer did not reach its patient: where that was the outcome, have them
    called, once. None where nothing hangs on it. The phone may have opted out after the yes."""
    offer = Offer.objects.select_related("patient", "interaction__journey").get(pk=offer_id)
    why = _WHY.get(OfferStatus(offer.status))
    if why is None:
        return None
    return open_task(
        kind=TaskKind.EHR_WRITE,
        title="Call a patient whom no text could tell about their visit",
        why=why,
        patient=offer.patient,
        journey=offer.interaction.journey if offer.interaction else None,
        due_at=at + DUE,
        cause_key=f"unheard:{offer.pk}:{offer.status}",
        by=by,
        at=at,
    )


def call_unheard_in_time(
    *, offer_id: int, until: dt.datetime, by: Actor, at: dt.datetime
) -> Task | None:
    """The text waits for the hours of texting: they are called, as by `call_unheard`, where it
    would come later than the visit's least notice before it starts. None where it is in time.

    :param until: the first instant at which it may go (aware).
    """
    offer = Offer.objects.select_related("appointment", "slot__visit_type").get(pk=offer_id)
    starts_at = offer.appointment.starts_at if offer.appointment else offer.slot.starts_at
    notice = dt.timedelta(minutes=offer.slot.visit_type.lead_minutes)
    if starts_at - until >= notice:
        return None
    return call_unheard(offer_id=offer_id, by=by, at=at)
