"""How the server misbehaves on purpose: by its switches, or for one request by a header.

The header is `X-Practice-Faults: slow=200, refuse=429, drop=1500, garble, drip=50`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from django.db.models import F

from integrations.practice_ehr.models import Switches
from integrations.practice_ehr.outcomes import FhirError

HEADER = "X-Practice-Faults"
REFUSALS = frozenset({409, 412, 422, 429, 500, 503})
DRIP_MS = 100
LONGEST_MS = 120_000
MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Faults:
    """What to do to one request. Zero and False mean nothing."""

    slow: int = 0  # milliseconds before the work starts
    refuse: int = 0  # HTTP status instead of the work
    drop: int = 0  # milliseconds to hold the connection after the commit, then 504
    garble: bool = False  # cut the JSON of the answer in half
    drip: int = 0  # milliseconds between one byte of the answer and the next


def read_header(text: str) -> Faults:
    """The faults that a request asks for. :raises FhirError: 400"""
    known = {field.name for field in fields(Faults)}
    asked: dict[str, Any] = {}
    for part in text.split(","):
        name, _, value = part.strip().partition("=")
        if name not in known or (value and not value.isdecimal()):
            raise FhirError(400, f"{HEADER} knows slow, refuse, drop, garble and drip.")
        asked[name] = True if name == "garble" else min(int(value or DRIP_MS), LONGEST_MS)
    if asked.get("refuse", 409) not in REFUSALS:
        raise FhirError(400, f"refuse takes one of {sorted(REFUSALS)}.")
    return Faults(**asked)


def read_switches() -> Switches:
    """The switches as they are."""
    return Switches.objects.get_or_create(pk=1)[0]


def spend_faults(*, is_booking: bool, is_write: bool) -> Faults:
    """The faults that the switches hold for this request; their counters go down by one.

    Refusals hit new visits; lost, garbled and dripping answers hit new and changed visits.
    """
    switches = read_switches()
    if not is_write:
        return Faults(slow=switches.slow_ms)
    if is_booking and _spend("refuse_next", switches.refuse_next):
        return Faults(slow=switches.slow_ms, refuse=switches.refuse_status)
    return Faults(
        slow=switches.slow_ms,
        drop=switches.hold_ms if _spend("drop_next", switches.drop_next) else 0,
        garble=_spend("garble_next", switches.garble_next),
        drip=DRIP_MS if _spend("drip_next", switches.drip_next) else 0,
    )


def _spend(counter: str, left: int) -> bool:
    """Whether this request is the one: several may ask for the last at once."""
    if not left:
        return False
    row = Switches.objects.filter(pk=1, **{f"{counter}__gt": 0})
    return row.update(**{counter: F(counter) - 1}) == 1


def describe(switches: Switches) -> dict[str, int | bool]:
    """The switches as JSON."""
    names = [field.name for field in Switches._meta.fields if not field.primary_key]
    return {name: getattr(switches, name) for name in names}


def set_switches(wanted: dict[str, Any]) -> Switches:
    """Change the switches that are named, leave the others. :raises FhirError: 422"""
    read_switches()
    known = describe(Switches())
    for name, value in wanted.items():
        if name not in known:
            raise FhirError(422, f"There is no switch of that name; there are {sorted(known)}.")
        _check_switch(name, value, is_flag=isinstance(known[name], bool))
    Switches.objects.filter(pk=1).update(**wanted)
    return read_switches()


def _check_switch(name: str, value: object, *, is_flag: bool) -> None:
    if is_flag:
        if not isinstance(value, bool):
            raise FhirError(422, f"{name} is true or false.", expression=name)
        return
    if not isinstance(value, int) or isinstance(value, bool):
        raise FhirError(422, f"{name} is a whole number.", expression=name)
    most = LONGEST_MS if name.endswith("_ms") else MOST
    if not 0 <= value <= most:
        raise FhirError(422, f"{name} lies between 0 and {most}.", expression=name)
    if name == "refuse_status" and value not in REFUSALS:
        raise FhirError(422, f"{name} is one of {sorted(REFUSALS)}.", expression=name)
