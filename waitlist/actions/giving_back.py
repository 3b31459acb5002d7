"""A winner who cannot come after all: a person settles it with them, and nothing changes before."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.actions import open_task
from crm.engine import Actor, publish
from crm.models import Task
from crm.states import TaskKind
from scheduling.states import LIVE
from waitlist import locks, texts
from waitlist.actions.answers import OfferClosed
from waitlist.models import Offer
from waitlist.states import OfferStatus

HAS_IT = frozenset({OfferStatus.ACCEPTED, OfferStatus.WON})
#: A person calls within so long.
DUE = dt.timedelta(minutes=30)


def give_back_key(offer: Offer) -> str:
    """The cause of the task that a person settles it by."""
    return f"give-back:{offer.pk}"


def ask_to_give_back(*, offer_id: int, by: Actor, at: dt.datetime) -> Task:
    """The patient says that they cannot come to what they won. Harmless twice.

    Their visit stands until a person has spoken to them: a wrong press must cost nobody the
    time they waited for. Publishes `waitlist.give-back-asked`.

    :raises OfferClosed: when the time is not theirs, or not any more.
    """
    with transaction.atomic():
        _, offer = locks.lock_offer(offer_id)
        visit = offer.appointment
        if offer.status not in HAS_IT or visit is None or visit.status not in LIVE:
            raise OfferClosed(offer)
        task = open_task(
            kind=TaskKind.CANCEL_VISIT,
            title="Cannot come to the earlier time that they took",
            why="They pressed so on the page of their offer. Nothing was changed. Call, and cancel "
            "it in the EHR if they mean it; ask whether they want their old time back.",
            patient=offer.patient,
            journey=offer.interaction.journey if offer.interaction else None,
            due_at=at + DUE,
            cause_key=give_back_key(offer),
            by=by,
            at=at,
        )
        texts.tell(offer, "give_back_ack", by=by, at=at)
        publish("waitlist.give-back-asked", offer, at=at, opening=offer.opening_id)
    return task
