"""Searches of the last twelve weeks for the ledger of lost demand, from the seed."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from crm.models import Patient, User
from crm.states import Channel
from integrations.demo.inventory import Inventory
from scheduling.models import SearchRecord, VisitType
from scheduling.states import Declined, Lack, SearchStatus

SEARCHES, DAYS = 420, 84
#: How searches end, in a hundred; and what those that end without a booking lack.
_ENDS = {SearchStatus.BOOKED: 66, SearchStatus.LOST: 24, SearchStatus.ABANDONED: 10}
_LACKS = {
    Lack.HIDDEN: 38,
    Lack.DECLINED: 34,
    Lack.NO_TIMES: 12,
    Lack.TOO_FAR: 9,
    Lack.WISHES: 7,
}
_RULES = {
    "same-day": 30,
    "new-patients": 24,
    "coverage": 16,
    "held-for-review": 12,
    "authorization": 10,
    "provider-rule": 8,
}
_NOTES = {
    Declined.TOO_LATE: ("wanted it this month", "goes elsewhere", ""),
    Declined.OTHER_HOURS: ("works until five", "only Saturdays", ""),
    Declined.TOO_FAR: ("has no car", ""),
    Declined.OTHER_CLINICIAN: ("wants to see a woman", ""),
    Declined.REMOTE: ("asked for video", ""),
    Declined.THINKS: ("",),
}
#: More is looked for than there is of these, so that the ledger has something to tell.
_SCARCE = 4


def add_searches(
    inventory: Inventory, patients: dict[str, Patient], *, by: User, at: dt.datetime, seed: int
) -> int:
    """As the desk and the web pages would have left them; returns how many."""
    random = Random(seed)  # noqa: S311 made up, not secret
    kinds = list(inventory.kinds.values())
    weighted = kinds + kinds[:_SCARCE] * 3
    people = list(patients.values())
    rows = [
        _search(random.choice(weighted), inventory, people, random, by=by, at=at)
        for _ in range(SEARCHES)
    ]
    return len(SearchRecord.objects.bulk_create(rows))


def _search(
    kind: VisitType,
    inventory: Inventory,
    people: list[Patient],
    random: Random,
    *,
    by: User,
    at: dt.datetime,
) -> SearchRecord:
    status, is_web = _pick(_ENDS, random), random.random() < 0.2
    begun_at = at - dt.timedelta(minutes=random.randrange(40, DAYS * 24 * 60))
    how = _lacking(random) if status is SearchStatus.LOST else {}
    ended_at = begun_at + dt.timedelta(minutes=random.randrange(2, 30))
    return SearchRecord(
        status=status,
        channel=Channel.WEB if is_web else Channel.DESK,
        visit_type=kind,
        patient=random.choice(people) if random.random() < 0.8 else None,
        location=random.choice(list(inventory.locations.values())),
        wanted=_wanted(random),
        by=None if is_web else by,
        created_at=begun_at,
        searched_at=ended_at,
        closed_at=ended_at,
        looks=random.randrange(1, 5),
        **{"shown": random.randrange(4, 24)} | how,
    )


def _lacking(random: Random) -> dict[str, Any]:
    lack = _pick(_LACKS, random)
    if lack is Lack.DECLINED:
        declined = random.choice(list(_NOTES))
        return {"lack": lack, "declined": declined, "note": random.choice(_NOTES[declined])}
    if lack is Lack.HIDDEN:
        rule = _pick(_RULES, random)
        hidden = {rule: random.randrange(3, 20)}
        return {"lack": lack, "lack_rule": rule, "hidden": hidden, "shown": 0}
    return {"lack": lack, "shown": 0}


def _wanted(random: Random) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    if random.random() < 0.6:
        wanted["window"] = random.choice(("3-days", "2-weeks"))
    if random.random() < 0.4:
        wanted["parts_of_day"] = [random.choice(("morning", "afternoon", "evening"))]
    if random.random() < 0.35:
        wanted |= {"place": "home", "max_miles": random.choice((5, 10, 20))}
    if random.random() < 0.2:
        wanted["language"] = "es"
    return wanted


def _pick(weights: dict[Any, int], random: Random) -> Any:
    return random.choices(list(weights), weights=list(weights.values()))[0]
