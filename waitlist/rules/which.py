"""Two offers on one phone, told apart in one text without saying more than it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from outreach.rules.segments import count_segments, to_gsm7

#: A longer first name has no room in the text.
LONGEST_NAME: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of two offers. `time` as `say_time` says it; `is_private`: a label hides the name."""

    patient_id: int
    time: str
    name: str
    is_private: bool = False


def say_two(first: Choice, second: Choice) -> tuple[str, str] | None:
    """What "reply 1" and "reply 2" stand for; None where nothing that may be said differs.

    One person's two offers differ by their times alone. Of two people each gets an initial;
    first names only where the initials are the same; neither where one of them has a privacy
    label, since the other reads along (45 CFR 164.502(b): no more than it takes).
    """
    names = _names(first, second)
    if names is not None:
        return f"{first.time} ({names[0]})", f"{second.time} ({names[1]})"
    return (first.time, second.time) if first.time != second.time else None


def _names(first: Choice, second: Choice) -> tuple[str, str] | None:
    if first.patient_id == second.patient_id or first.is_private or second.is_private:
        return None
    one, other = (to_gsm7(choice.name.strip()) for choice in (first, second))
    if not (_can_be_said(one) and _can_be_said(other)):
        return None
    if one[0].upper() != other[0].upper():
        return f"{one[0].upper()}.", f"{other[0].upper()}."
    if one.upper() != other.upper() and max(len(one), len(other)) <= LONGEST_NAME:
        return one, other
    return None


def _can_be_said(name: str) -> bool:
    return bool(name) and not count_segments(name).outside
