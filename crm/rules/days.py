"""Which day it is somewhere. Pure."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo


def day_in(zone: str, *, at: dt.datetime) -> dt.date:
    """The day by the wall clock of an IANA zone; an empty one counts as UTC."""
    return at.astimezone(ZoneInfo(zone or "UTC")).date()
