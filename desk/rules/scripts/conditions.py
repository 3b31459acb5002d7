"""When a step comes up: three answers, since what is not known yet may still decide."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from crm.states import Acuity, Sex, Speaker
from desk.rules.scripts.shape import Fact, Holds, OneOf, ScriptFacts, ScriptStep, Span, When

#: Every value, where there is an end of them.
CLOSED_LISTS: Final[Mapping[Fact, tuple[str, ...]]] = {
    Fact.ACUITY: tuple(Acuity),
    Fact.SEX: tuple(Sex),
    Fact.SPEAKER: tuple(Speaker),
    Fact.PATIENT: ("new", "established"),
    Fact.LANGUAGE: ("en", "es"),
}
#: One past the highest value of a number.
_BELOW = {Fact.AGE: 131, Fact.HOUR: 24}
_SPAN = re.compile(r"^(\d{1,3})\s*(?:-|–|to)\s*(\d{1,3})$")  # noqa: RUF001 an en dash is typed, too
_FROM = re.compile(r"^(?:from\s+(\d{1,3})|(\d{1,3})\s*(?:\+|and (?:over|up|older|later)))$")
_UNDER = re.compile(r"^(?:under|below|before)\s+(\d{1,3})$")


class ConditionUnreadable(ValueError):
    """The sentence says how to write it."""


def applies(step: ScriptStep, facts: ScriptFacts, answers: Mapping[str, str]) -> bool | None:
    """Whether the step comes up in this contact; None while that is not known."""
    found = [_is_met(when, facts, answers) for when in step.when]
    if False in found:
        return False
    return None if None in found else True


def _is_met(when: When, facts: ScriptFacts, answers: Mapping[str, str]) -> bool | None:
    value = answers.get(when.answer) if when.answer else facts.find(Fact(when.about))
    return None if value is None else holds(when.holds, value)


def holds(condition: Holds, value: int | str) -> bool:
    """Whether a known value meets the condition."""
    match condition:
        case Span(start, below):
            return (
                isinstance(value, int)
                and (start or 0) <= value
                and (below is None or value < below)
            )
        case OneOf(values, is_not):
            return (str(value).casefold() in {each.casefold() for each in values}) is not is_not


def read_holds(fact: Fact | None, text: str) -> Holds:
    """What an editor typed: "under 18", "18 to 64", "patient, proxy", "not es".

    :param fact: None for an earlier answer.
    :raises ConditionUnreadable:
    """
    said = " ".join(text.split()).lower()
    return _read_span(fact, said) if fact and fact.is_number else _read_list(fact, said)


def say_holds(fact: Fact | None, condition: Holds) -> str:
    """As an editor would type it."""
    match condition:
        case OneOf(values, is_not):
            return ("not " if is_not else "") + ", ".join(values)
        case Span(start, None):
            return f"{start or 0} and {'over' if fact is Fact.AGE else 'later'}"
        case Span(None | 0, below):
            return f"{'under' if fact is Fact.AGE else 'before'} {below}"
        case Span(start, below):
            return f"{start} to {(below or 1) - 1}"


def _read_span(fact: Fact, said: str) -> Span:
    if match := _SPAN.match(said):
        span = Span(int(match[1]), int(match[2]) + 1)
    elif match := _FROM.match(said):
        span = Span(int(match[1] or match[2]), None)
    elif match := _UNDER.match(said):
        span = Span(None, int(match[1]))
    else:
        raise ConditionUnreadable("Write “under 18”, “18 to 64” or “65 and over”.")
    if (span.start or 0) >= min(span.below or _BELOW[fact], _BELOW[fact]):
        raise ConditionUnreadable("Nothing lies in that range. Write the lower number first.")
    return span


def _read_list(fact: Fact | None, said: str) -> OneOf:
    is_not = said.startswith("not ")
    parts = said.removeprefix("not ").split(",")
    values = tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
    if not values:
        raise ConditionUnreadable("Write what must be so, with commas between several.")
    known = CLOSED_LISTS.get(fact) if fact else None
    strange = [value for value in values if known and value not in known]
    if strange and known:
        raise ConditionUnreadable(f"“{strange[0]}” is not one of: {', '.join(known)}.")
    return OneOf(values, is_not)
