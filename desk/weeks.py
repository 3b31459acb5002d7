"""How far back a page looks, as its choices say it."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy


def last_weeks(counts: Iterable[int]) -> list[tuple[int, Promise | str]]:
    """ "Last week", "Last 4 weeks"."""
    return [
        (n, gettext_lazy("Last week"))
        if n == 1
        else (n, format_lazy(gettext_lazy("Last {n} weeks"), n=n))
        for n in counts
    ]
