"""Where a person may be, as far as the clock matters: address, site, and area code.

The law counts the hour where the called person is (47 CFR 64.1200(c)(1)). Nobody knows that
for sure, so every zone that there is a reason to believe in counts, and the strictest holds.
"""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers.timezone import time_zones_for_number

#: A number that could be anywhere (toll-free, or a whole country) says nothing about the hour.
_MOST_ZONES = 3
#: Digits that tell the place: country, area code, exchange.
_PLACE = 8


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
    """Zones of the area that numbers starting so belong to; empty when that says nothing."""
    try:
        parsed = phonenumbers.parse(start.ljust(12, "0"))
    except phonenumbers.NumberParseException:
        return frozenset()
    zones = frozenset(time_zones_for_number(parsed))
    return zones if len(zones) <= _MOST_ZONES and _are_known(zones) else frozenset()


def _are_known(zones: frozenset[str]) -> bool:
    try:
        return all(ZoneInfo(zone) for zone in zones)
    except (KeyError, ValueError):
        return False  # "Etc/Unknown"
