"""Times said the way a patient would: weekday, day, and clock time at the site."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

# Our own tables: the locale of a server is nobody's promise.
_DAYS: Final = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "es": ("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
}
_MONTHS: Final = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
}


def say_time(starts_at: datetime, zone: str, language: str) -> str:
    """ "Tue Dec 1, 9:40 AM" or "mar 1 dic, 9:40 AM", in the zone of the site.

    Without the year: what we text about is weeks away. At most 20 characters.

    :param starts_at: aware.
    :param zone: IANA name, such as "America/Chicago".
    :param language: a language code; any Spanish ("es-MX") is said in Spanish, others in English.
    :raises ValueError: for a naive datetime.
    """
    if starts_at.tzinfo is None:
        raise ValueError("say_time needs an aware datetime.")
    local = starts_at.astimezone(ZoneInfo(zone))
    language = "es" if language[:2].lower() == "es" else "en"
    weekday = _DAYS[language][local.weekday()]
    month = _MONTHS[language][local.month - 1]
    date = f"{local.day} {month}" if language == "es" else f"{month} {local.day}"
    half = "AM" if local.hour < 12 else "PM"
    return f"{weekday} {date}, {local.hour % 12 or 12}:{local.minute:02} {half}"
