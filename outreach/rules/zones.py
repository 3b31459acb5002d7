"""Where a person may be, as far as the clock matters: address, site, and area code.

The law counts the hour where the called person is (47 CFR 64.1200(c)(1)). Nobody knows that
for sure, so every zone that there is a reason to believe in counts, and the strictest holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers.timezone import time_zones_for_number
from phonenumbers.tzdata import TIMEZONE_DATA

#: A number abroad that could be anywhere in its country says nothing about the hour.
_MOST_ZONES = 3
#: Digits that tell the place: country, area code, exchange.
_PLACE = 8
#: "+1" and the area code, in the United States, Canada and the islands of their plan.
_AREA_CODE = slice(2, 5)


def zones_of_person(*, address: str, site: str, number: str) -> frozenset[str]:
    """All zones that could be the person's.

    :param address: IANA name for where they live, or empty.
    :param site: IANA name of the clinic's site, or empty.
    :param number: their phone in E.164; its area code counts.
    """
    return _zones_of(address, site, number[:_PLACE])


@lru_cache(maxsize=4_096)
def _zones_of(address: str, site: str, start: str) -> frozenset[str]:
    named = {zone for zone in (address, site) if zone}
    return frozenset(named | zones_of_number(start))


@lru_cache(maxsize=4_096)
def zones_of_number(start: str) -> frozenset[str]:
    """Zones of the area that numbers starting so belong to; empty when that says nothing.

    Of an American area code that spans zones all count, and not just that of the exchange: a
    mobile number is carried along when its owner moves, at least as often within the state.
    """
    if start.startswith("+1"):
        return _area_codes().get(start[_AREA_CODE], frozenset())
    try:
        parsed = phonenumbers.parse(start.ljust(12, "0"))
    except phonenumbers.NumberParseException:
        return frozenset()
    zones = frozenset(time_zones_for_number(parsed))
    return zones if len(zones) <= _MOST_ZONES and _are_known(zones) else frozenset()


@lru_cache(maxsize=1)
def _area_codes() -> Mapping[str, frozenset[str]]:
    """Zones by area code; without toll-free and personal numbers, which could be anywhere."""
    zones: dict[str, set[str]] = defaultdict(set)
    for prefix, found in TIMEZONE_DATA.items():
        if prefix.startswith("1") and len(prefix) >= len("1602"):
            zones[prefix[1:4]].update(found)
    return {code: frozenset(found) for code, found in zones.items() if _are_known(frozenset(found))}


def _are_known(zones: frozenset[str]) -> bool:
    try:
        return all(ZoneInfo(zone) for zone in zones)
    except (KeyError, ValueError):
        return False  # "Etc/Unknown"
