"""Sentences that are made of words and figures, and can still be said in another language. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final, Self

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip

#: Pattern of what begins with a large letter.
CAPITALIZED: Final = "%(capitalized)s"


class Said(str):
    """An English sentence that remembers what it was made of.

    It is kept, logged and answered to other systems as the English words that it is; only a page
    asks `crm.saying.translated` for it in the language of whoever reads.
    """

    __slots__ = ("one", "pattern", "values")

    pattern: str
    #: The pattern where `values["n"]` is 1; empty where there is only one form.
    one: str
    values: dict[str, Any]

    def __new__(
        cls, words: str, pattern: str = "", one: str = "", values: dict[str, Any] | None = None
    ) -> Self:
        made = super().__new__(cls, words)
        made.pattern, made.one, made.values = pattern or words, one, values or {}
        return made

    def __str__(self) -> Self:
        """Itself: `str()` of an exception that carries it, or of it, forgets nothing."""
        return self

    def capitalized(self) -> Said:
        """With a large first letter, in any language."""
        return Said(self[:1].upper() + self[1:], CAPITALIZED, values={"capitalized": self})

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str.__str__(self),)


def say(pattern: str, /, **values: Any) -> Said:
    """`say("It is held by %(who)s.", who=name)`: a value that is `Said` itself is translated, too.

    A pattern without values is said as it stands.
    """
    return Said(pattern % values if values else pattern, pattern, values=values)


def say_count(one: str, many: str, /, *, n: float, **values: Any) -> Said:
    """`say_count("%(n)s day", "%(n)s days", n=3)`."""
    told = {"n": n, **values}
    return Said((one if n == 1 else many) % told, many, one, told)


def say_all(parts: Sequence[Said | str], between: str = " ") -> Said:
    """Several of them in one; what is empty is left out."""
    named = {f"part{i}": part for i, part in enumerate(part for part in parts if part)}
    return say(between.replace("%", "%%").join(f"%({name})s" for name in named), **named)


def say_month_day(day: dt.date) -> Said:
    """ "Dec 14"."""
    return say("%(month)s %(day)s", month=say(MONTHS[day.month - 1]), day=day.day)


def say_full_date(day: dt.date) -> Said:
    """ "Jan 7, 2027"."""
    return say(
        "%(month)s %(day)s, %(year)s",
        month=say(MONTHS[day.month - 1]),
        day=day.day,
        year=day.year,
    )


def say_weekday_date(day: dt.date) -> Said:
    """ "Tue Dec 1"."""
    return say(
        "%(weekday)s %(month)s %(day)s",
        weekday=say(WEEKDAYS[day.weekday()]),
        month=say(MONTHS[day.month - 1]),
        day=day.day,
    )
