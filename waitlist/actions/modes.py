"""Following the mode of a clinic with the openings that live already."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor, move, publish, record, wake
from crm.states import Purpose
from outreach.actions import withdraw
from scheduling.models import Clinic
from scheduling.states import ASKS_PATIENTS, FillMode
from waitlist import locks
from waitlist.actions.closing import close_opening, have_left
from waitlist.actions.openings import STEP
from waitlist.actions.plans import drop_plan
from waitlist.models import Offer, Opening
from waitlist.states import LIVE_OPENING, OfferStatus, OpeningStatus

SWITCHED_OFF = "the clinic has switched offers off"
#: Nobody has been asked yet, and a person has not paused it.
_ASKED_NOBODY = frozenset({OpeningStatus.LATER, OpeningStatus.MATCHING, OpeningStatus.WATCHING})


def follow_mode(*, clinic_id: int, by: Actor, at: dt.datetime) -> int:
    """Bring the live openings of a clinic in line with its mode, each by itself.

    Returns how many there were.
    """
    live = Opening.objects.filter(slot__role__clinic=clinic_id, status__in=LIVE_OPENING)
    ids = list(live.order_by("pk").values_list("pk", flat=True))
    for pk in ids:
        follow_mode_with(opening_id=pk, by=by, at=at)
    return len(ids)


def follow_mode_with(*, opening_id: int, by: Actor, at: dt.datetime) -> None:
    """The same for one opening.

    - To automatic or clerk-confirmed, it goes on from where it is; shadow ends.
    - To off or shadow, what has not left stays here. Where nobody has been asked, the opening
      ends or only watches from now on; where somebody has, their yes counts until the deadline
      and nobody else is asked.

    Publishes `waitlist.opening-mode-changed`.
    """
    with transaction.atomic():
        opening = locks.lock_opening(opening_id)
        clinics = Clinic.objects.filter(roles__slots=opening.slot_id)
        mode = FillMode(clinics.values_list("mode", flat=True).get())
        if opening.status not in LIVE_OPENING or opening.mode == mode:
            return
        drop_plan(opening, reason=f"the clinic's mode is {mode} now", by=by, at=at)
        if mode in ASKS_PATIENTS:
            _ask(opening, mode, by=by, at=at)
        else:
            _ask_nobody_else(opening, mode, by=by, at=at)
        publish("waitlist.opening-mode-changed", opening, at=at, mode=mode)


def _ask(opening: Opening, mode: FillMode, *, by: Actor, at: dt.datetime) -> None:
    if opening.status == OpeningStatus.WATCHING:
        move(opening, to=OpeningStatus.OFFERING, mode=mode, by=by, at=at, reason=_why(mode))
    else:
        _set_mode(opening, mode, by=by, at=at)
    if opening.status == OpeningStatus.OFFERING:
        wake(opening, STEP, at=at)


def _ask_nobody_else(opening: Opening, mode: FillMode, *, by: Actor, at: dt.datetime) -> None:
    if opening.status in _ASKED_NOBODY:
        _end_or_watch(opening, mode, by=by, at=at)
        return
    asked = _keep_back(opening, by=by, at=at)
    if asked or opening.status == OpeningStatus.CLAIMED:
        _set_mode(opening, FillMode.OFF, by=by, at=at)
    else:
        _end_or_watch(opening, mode, by=by, at=at)


def _end_or_watch(opening: Opening, mode: FillMode, *, by: Actor, at: dt.datetime) -> None:
    """Nobody knows of it: end it, or only watch it from now on."""
    if mode is FillMode.OFF:
        close_opening(opening, to=OpeningStatus.WITHDRAWN, why=SWITCHED_OFF, by=by, at=at)
    elif opening.status in _ASKED_NOBODY:
        _set_mode(opening, mode, by=by, at=at)
    else:
        to = OpeningStatus.WATCHING
        move(opening, to=to, by=by, at=at, reason=_why(mode), mode=mode, is_paused=False)
        wake(opening, STEP, at=at)


def _keep_back(opening: Opening, *, by: Actor, at: dt.datetime) -> bool:
    """Texts that have not left stay here, and their offers end untold. Whether any had left."""
    live = locks.lock_live_offers(opening)
    # First, since it waits for whoever is sending one of them: that one counts as having left.
    withdraw(subjects=live, purpose=Purpose.OFFER, why=SWITCHED_OFF, by=by, at=at)
    left = have_left(Offer.objects.filter(opening=opening).only("pk"))
    for offer in live:
        if offer.status == OfferStatus.SENT and offer.pk not in left:
            move(offer, to=OfferStatus.CLOSED, by=by, at=at, reason=SWITCHED_OFF)
    return bool(left)


def _set_mode(opening: Opening, mode: FillMode, *, by: Actor, at: dt.datetime) -> None:
    was = opening.mode
    if was == mode:
        return
    Opening.objects.filter(pk=opening.pk).update(mode=mode)
    opening.mode = mode
    record("waitlist.opening.mode-changed", opening, by=by, at=at, was=was, now=mode)


def _why(mode: FillMode) -> str:
    return f"the clinic's mode is {mode} now"
