"""Finding a slot: what is wanted goes in, a page of times that can be booked comes out.

One statement finds the slots of a page with everything about them (`search_sql`); `judge_slots`
then asks the one availability function about all of them together, so that what a search shows
is what a booking takes.

How it sorts: first up to three times of the clinician whom the patient saw last in this
specialty, if they come within 14 days of the first day searched; then everybody's by the day at
the site, the time, and the slot's key. The next page begins after the last key of this one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from zoneinfo import ZoneInfo

from crm.models import Patient
from scheduling.models import Slot, VisitType
from scheduling.queries.availability import judge_slots
from scheduling.queries.search_page import Cursor, Found, Page
from scheduling.queries.search_reading import Row, asked_kind, parameters, read
from scheduling.queries.search_sql import EVERYTHING, SEARCH
from scheduling.rules.distance import miles_between
from scheduling.rules.search import Criteria
from scheduling.states import Modality

#: Times on a page, and how many are looked at for it: a few may be left out by rules that only
#: `judge_slots` knows.
PAGE, LOOK = 24, 36
#: A page that the rules leave too empty is looked further for, so many times.
MOST_LOOKS = 5
#: At most so many times are looked at to tell what was left out.
LOOK_LEFT_OUT = 120


def search_slots(
    criteria: Criteria,
    *,
    at: dt.datetime,
    patient: Patient | None = None,
    after: Cursor | None = None,
    own_hold_ids: Collection[int] = (),
) -> Page:
    """A page of times for what is wanted, that can be booked for `patient` now.

    Without a patient, those that somebody could book. One statement finds them, a few more tell
    what the rules must know, whatever their number; only where the rules leave the page half
    empty is there another look.

    :param own_hold_ids: holds of whoever asks, which are no obstacle.
    :raises VisitType.DoesNotExist:
    """
    asked = asked_kind(criteria)
    since = at + dt.timedelta(minutes=asked.lead_minutes)
    own: tuple[Found, ...] = ()
    kept: list[Found] = []
    own_provider_id: int | None = None
    for look in range(MOST_LOOKS):
        what = parameters(criteria, patient, after, at=at, since=since, look=LOOK)
        rows, own_provider_id = read(SEARCH, what)
        judged = _judge(rows, asked, patient, at=at, own_hold_ids=own_hold_ids)
        pinned = [found for found, is_pinned in judged if is_pinned]
        main = [found for found, is_pinned in judged if not is_pinned]
        if look == 0:
            own = tuple(found for found in pinned if found.is_open or found.is_held)
        shown = after.shown if after else tuple(found.slot.pk for found in pinned)
        kept += [found for found in main if found.is_open or found.is_held]
        if len(kept) > PAGE:
            return Page(own, tuple(kept[:PAGE]), _key(kept[PAGE - 1], shown), own_provider_id)
        if len(main) < LOOK:
            break
        after = _key(main[-1], shown)
    else:
        return Page(own, tuple(kept), after, own_provider_id)
    return Page(own, tuple(kept), None, own_provider_id)


def left_out(
    criteria: Criteria,
    *,
    at: dt.datetime,
    patient: Patient | None = None,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    own_hold_ids: Collection[int] = (),
    with_open: bool = False,
) -> tuple[Found, ...]:
    """Times that fit what is wanted and cannot be booked as they are, with the rules that say so.

    Of the first 120 times of all kinds from `since` to `until` (both included); those that can
    be booked, too, where `with_open`.
    """
    asked = asked_kind(criteria)
    first = max(since or at, at)
    what = parameters(criteria, patient, None, at=at, since=first, look=LOOK_LEFT_OUT)
    rows, _ = read(EVERYTHING, what)
    rows = [row for row in rows if until is None or row.slot.starts_at <= until]
    judged = _judge(rows, asked, patient, at=at, own_hold_ids=own_hold_ids)
    return tuple(found for found, _ in judged if with_open or not (found.is_open or found.is_held))


def judge_found(
    slot: Slot,
    criteria: Criteria,
    *,
    at: dt.datetime,
    patient: Patient | None,
    own_hold_ids: Collection[int] = (),
) -> Found:
    """One slot, as `get_slot` gives it, as the search would show it: held, booked or hidden."""
    row = Row(slot, _local_day(slot), _miles(slot, criteria), is_own=False, is_pinned=False)
    asked = asked_kind(criteria)
    ((found, _),) = _judge([row], asked, patient, at=at, own_hold_ids=own_hold_ids)
    return found


def _judge(
    rows: Iterable[Row],
    asked: VisitType,
    patient: Patient | None,
    *,
    at: dt.datetime,
    own_hold_ids: Collection[int],
) -> list[tuple[Found, bool]]:
    listed = list(rows)
    hidden = judge_slots(
        [row.slot for row in listed],
        at=at,
        patient=patient,
        visit_type=asked,
        own_hold_ids=own_hold_ids,
    )
    return [
        (Found(row.slot, row.day, row.miles, row.is_own, hidden[row.slot.pk]), row.is_pinned)
        for row in listed
    ]


def _key(found: Found, shown: tuple[int, ...]) -> Cursor:
    return Cursor(found.day, found.slot.starts_at, found.slot.pk, shown)


def _local_day(slot: Slot) -> dt.date:
    return slot.starts_at.astimezone(ZoneInfo(slot.role.clinic.location.zone)).date()


def _miles(slot: Slot, criteria: Criteria) -> float | None:
    """From the place that was asked about to the slot's site; None for video and phone."""
    site, place = slot.role.clinic.location, criteria.place
    if place is None or slot.modality != Modality.IN_PERSON:
        return None
    return miles_between(place.latitude, place.longitude, site.latitude, site.longitude)
