"""Times on a patient's page: the long form, at the site, in English or Spanish.

The short form ("Tue Dec 1, 9:40 AM") is `outreach.rules.times`; texts and pages never differ in
the hour, only in the length of the words.
"""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

_DAYS: Final = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
_MONTHS: Final = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "es": (
        *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
        *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
}
#: What people call the clock of a zone; others are called by their city.
_ZONES: Final = {
    "America/New_York": ("Eastern time", "hora del este"),
    "America/Chicago": ("Central time", "hora del centro"),
    "America/Denver": ("Mountain time", "hora de la montaña"),
    "America/Phoenix": ("Arizona time", "hora de Arizona"),
    "America/Los_Angeles": ("Pacific time", "hora del Pacífico"),
    "America/Anchorage": ("Alaska time", "hora de Alaska"),
    "Pacific/Honolulu": ("Hawaii time", "hora de Hawái"),
}


def say_day(at: dt.datetime, zone: str, language: str) -> str:
    """ "Tuesday, December 1" or "martes 1 de diciembre".

    :param at: aware.
    :param zone: IANA name of the site's zone.
    :param language: "en" or "es".
    """
    local = at.astimezone(ZoneInfo(zone))
    weekday = _DAYS[language][local.weekday()]
    month = _MONTHS[language][local.month - 1]
    if language == "es":
        return f"{weekday} {local.day} de {month}"
    return f"{weekday}, {month} {local.day}"


def say_clock(at: dt.datetime, zone: str) -> str:
    """ "9:40 AM", in both languages as our texts say it."""
    local = at.astimezone(ZoneInfo(zone))
    half = "AM" if local.hour < 12 else "PM"
    return f"{local.hour % 12 or 12}:{local.minute:02} {half}"


def say_zone(zone: str, language: str) -> str:
    """What the clock of `zone` is called: "Arizona time", or "hora de Lord Howe"."""
    city = zone.rsplit("/", 1)[-1].replace("_", " ")
    english, spanish = _ZONES.get(zone, (f"{city} time", f"hora de {city}"))
    return spanish if language == "es" else english


def same_clock(at: dt.datetime, zone: str, other: str) -> bool:
    """Whether clocks in both zones show the same time at that instant."""
    return at.astimezone(ZoneInfo(zone)).utcoffset() == at.astimezone(ZoneInfo(other)).utcoffset()
