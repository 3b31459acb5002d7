"""What has to end before two records of patients are made one: offers that are out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from crm import merge_hooks
from waitlist.models import Offer
from waitlist.states import LIVE_OFFER


def objection(patient_ids: Collection[int], at: dt.datetime) -> str | None:
    """An offer that somebody may still say yes to."""
    offers = Offer.objects.filter(patient__in=patient_ids, status__in=LIVE_OFFER)
    if offers.exists():
        return "An earlier time is on offer to one of them. Wait for the answer, or withdraw it."
    return None


def connect() -> None:
    merge_hooks.object_to_merges(objection)
    merge_hooks.may_stay_behind("waitlist.candidate", "waitlist.importedscore")
