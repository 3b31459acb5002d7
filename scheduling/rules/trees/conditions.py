"""When a fact answers a question by itself: "18 to 64", "female, other", or anything else."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scheduling.rules.trees.shape import Answer, Condition, Fact, OneOf, Question, Span

#: One past the highest value of a number.
_BELOW = {Fact.AGE: 131, Fact.HOUR: 24}
#: Every value, where there is an end of them.
CLOSED_LISTS: dict[Fact, tuple[str, ...]] = {
    Fact.SEX: ("female", "male", "other", "unknown"),
    Fact.PATIENT: ("new", "established"),
}
_LONGEST_VALUE = 40
_SPAN = re.compile(r"^(\d{1,3})\s*(?:-|–|to)\s*(\d{1,3})$")  # noqa: RUF001 an en dash is typed, too
_FROM = re.compile(r"^(?:from\s+(\d{1,3})|(\d{1,3})\s*(?:\+|and (?:over|up|older|later)))$")
_BELOW_WORDS = re.compile(r"^(?:under|below|before)\s+(\d{1,3})$")


class ConditionUnreadable(ValueError):
    """The sentence says how to write it."""


def read_condition(fact: Fact, text: str) -> Condition | None:
    """What an editor typed; None, "anything else", where it is empty.

    :raises ConditionUnreadable:
    """
    said = " ".join(text.split()).lower()
    if not said or said == "anything else":
        return None
    return _read_span(fact, said) if fact.is_number else _read_list(fact, said)


def _read_span(fact: Fact, said: str) -> Span:
    if match := _SPAN.match(said):
        span = Span(int(match[1]), int(match[2]) + 1)
    elif match := _FROM.match(said):
        span = Span(int(match[1] or match[2]), None)
    elif match := _BELOW_WORDS.match(said):
        span = Span(None, int(match[1]))
    else:
        raise ConditionUnreadable("Write “under 18”, “18 to 64” or “65 and over”.")
    if _low(span) >= _high(span, fact):
        raise ConditionUnreadable("The second number must not be below the first.")
    return span


def _read_list(fact: Fact, said: str) -> OneOf:
    values = tuple(dict.fromkeys(part.strip() for part in said.split(",") if part.strip()))
    if any(len(value) > _LONGEST_VALUE for value in values):
        raise ConditionUnreadable(f"Each may have at most {_LONGEST_VALUE} letters.")
    known = CLOSED_LISTS.get(fact)
    strange = [value for value in values if known and value not in known]
    if strange and known:
        raise ConditionUnreadable(f"“{strange[0]}” is not one of: {', '.join(known)}.")
    return OneOf(values)


def say_condition(fact: Fact, when: Condition | None) -> str:
    """As an editor would type it."""
    if when is None:
        return "anything else"
    if isinstance(when, OneOf):
        return ", ".join(when.values)
    if when.start is None:
        return f"under {when.below}" if fact is Fact.AGE else f"before {when.below}"
    if when.below is None:
        return f"{when.start} and over" if fact is Fact.AGE else f"{when.start} and later"
    return f"{when.start} to {when.below - 1}"


def holds(when: Condition | None, value: int | str) -> bool:
    """Whether a known value gives this answer; anything else always does, so it comes last."""
    if when is None:
        return True
    if isinstance(when, OneOf):
        return str(value).casefold() in {each.casefold() for each in when.values}
    return isinstance(value, int) and _low(when) <= value < (
        when.below if when.below is not None else value + 1
    )


def answer_by_fact(question: Question, value: int | str) -> Answer | None:
    """The first answer that the value gives."""
    return next((answer for answer in question.answers if holds(answer.when, value)), None)


def what_is_wrong(fact: Fact, answers: Sequence[Answer]) -> str:
    """Why these answers do not part every value of `fact`; empty when they do."""
    rest = [n for n, answer in enumerate(answers) if answer.when is None]
    if len(rest) > 1:
        return "Only one answer can be for anything else. Say of the others when they hold."
    if rest and rest[0] != len(answers) - 1:
        return "The answer for anything else must come last."
    if fact.is_number:
        return _wrong_numbers(fact, answers, has_rest=bool(rest))
    return _wrong_lists(fact, answers, has_rest=bool(rest))


def _wrong_numbers(fact: Fact, answers: Sequence[Answer], *, has_rest: bool) -> str:
    free = set(range(_BELOW[fact]))
    for answer in answers:
        if isinstance(answer.when, Span):
            mine = set(range(_low(answer.when), _high(answer.when, fact)))
            if not mine & free:
                return f"“{answer.text}” can never be: the answers above it take all of its range."
            free -= mine
    if free and not has_rest:
        return f"Nothing answers {min(free)}. Widen an answer, or add one for anything else."
    if has_rest and not free:
        return "Nothing is left for the last answer. Take it out."
    return ""


def _wrong_lists(fact: Fact, answers: Sequence[Answer], *, has_rest: bool) -> str:
    taken: set[str] = set()
    for answer in answers:
        if isinstance(answer.when, OneOf):
            mine = {value.casefold() for value in answer.when.values}
            if twice := mine & taken:
                return f"“{min(twice)}” stands in two answers. Keep it in one."
            taken |= mine
    known = CLOSED_LISTS.get(fact)
    missing = [value for value in known or () if value not in taken]
    if known is not None and has_rest and not missing:
        return "Nothing is left for the last answer. Take it out."
    if not has_rest and (known is None or missing):
        unanswered = f"“{missing[0]}”" if missing else "what is not named"
        return f"Nothing answers {unanswered}. Add an answer for anything else, as the last."
    return ""


def _low(span: Span) -> int:
    return span.start if span.start is not None else 0


def _high(span: Span, fact: Fact) -> int:
    return span.below if span.below is not None else _BELOW[fact]
