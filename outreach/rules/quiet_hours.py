"""When a text may reach a person: 8:00 to 21:00 where the person is.

Source: 47 CFR 64.1200(c)(1). Of several zones that could be the person's (address, site, area
code) the strictest holds, which `next_permitted_in_all` finds. The hours are half-open: 8:00:00
is permitted, 21:00:00 is not. They are read off the wall clock, so clock changes need no care.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm.rules.law import CLOSES_AT, OPENS_AT

_DAYS_TRIED = 4
_ROUNDS_TRIED = 32


def is_quiet(at: datetime, *, zone: str, opens: int = OPENS_AT, closes: int = CLOSES_AT) -> bool:
    """Whether a text sent `at` this instant would arrive at a bad hour in `zone`.

    :param at: aware.
    :param zone: IANA name; an unknown one raises `ZoneInfoNotFoundError`, a `KeyError`.
    :param opens: first permitted hour of the day, 0 to 23.
    :param closes: first quiet hour after it, up to 24.
    :raises ValueError: for a naive datetime or hours that leave nothing open.
    """
    _check(at, opens=opens, closes=closes)
    return not opens <= at.astimezone(ZoneInfo(zone)).hour < closes


def next_permitted(
    at: datetime, *, zone: str, opens: int = OPENS_AT, closes: int = CLOSES_AT
) -> datetime:
    """`at` itself where it is permitted, else the next opening as an aware UTC datetime.

    :raises ValueError: for a naive datetime or hours that leave nothing open.
    """
    if not is_quiet(at, zone=zone, opens=opens, closes=closes):
        return at
    local = ZoneInfo(zone)
    today = at.astimezone(local).date()
    for days in range(_DAYS_TRIED):
        opening = datetime.combine(today + timedelta(days=days), time(opens), tzinfo=local)
        # An opening hour that the clock skips becomes the first instant after the gap.
        instant = opening.astimezone(UTC)
        if instant >= at and not is_quiet(instant, zone=zone, opens=opens, closes=closes):
            return instant
    raise ValueError(f"No hour from {opens} to {closes} within {_DAYS_TRIED} days in {zone}.")


def next_permitted_in_all(
    at: datetime, *, zones: Collection[str], opens: int = OPENS_AT, closes: int = CLOSES_AT
) -> datetime:
    """The first instant from `at` on that is permitted in every one of `zones`.

    :raises ValueError: where no hour suits them all, or `zones` is empty: without any zone
        nobody knows whether it is night.
    """
    if not zones:
        raise ValueError("No zone is known for this person, so no hour is known to be permitted.")
    for _ in range(_ROUNDS_TRIED):
        latest = max(next_permitted(at, zone=zone, opens=opens, closes=closes) for zone in zones)
        if latest == at:
            return at
        at = latest
    raise ValueError(f"No hour from {opens} to {closes} suits all of {', '.join(zones)}.")


def _check(at: datetime, *, opens: int, closes: int) -> None:
    if at.tzinfo is None:
        raise ValueError("Quiet hours need an aware datetime.")
    if not 0 <= opens < closes <= 24:
        raise ValueError(f"Hours must satisfy 0 <= opens < closes <= 24, not {opens} and {closes}.")
