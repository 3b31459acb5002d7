"""Where a contact stands in its script: the one thing to do next, and what may not be left out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from crm.rules.said import say
from desk.rules.scripts.conditions import applies
from desk.rules.scripts.shape import Option, ScriptDoc, ScriptFacts, ScriptStep
from desk.states import StepState

#: Before the key of an answer: the reason why its step was skipped.
SKIP = "skip:"
#: The answer to a step that is ticked or said.
DID = "done"
_PLACE = re.compile(r"\{([a-z0-9_.:-]+)\}")
_AHEAD = frozenset({StepState.NOW, StepState.LATER})
#: Where a known value is missing from a sentence.
BLANK = "…"


class UnknownAnswer(ValueError):
    """The step has no such answer; the script may have changed. Ask again."""


class RequiredStepsMissing(Exception):
    """The contact cannot be left yet. `steps` are those that must be done, or skipped by reason."""

    def __init__(self, steps: tuple[StepNow, ...]) -> None:
        named = "; ".join(f"“{each.words}”" for each in steps[:3])
        if len(steps) > 3:
            named = say("%(named)s, and %(more)s more", named=named, more=len(steps) - 3)
        said = say("Still to do: %(named)s. Do it, or say why it is left out.", named=named)
        super().__init__(said)
        self.steps = steps


@dataclass(frozen=True, slots=True)
class StepNow:
    """A step as it stands in one contact.

    :ivar words: in the language of the contact where it is said to the caller and written in
        Spanish, with what is known put in; `step.words` stays English.
    :ivar value: the answer, as words where it is one of several; "" while there is none. Of a
        step that is to do, what is on record and only to be confirmed.
    :ivar was_known: nobody had to be asked.
    :ivar reason: why it was skipped.
    :ivar is_sure: False where a condition may still turn out otherwise.
    """

    step: ScriptStep
    state: StepState
    words: str
    options: tuple[Option, ...] = ()
    value: str = ""
    was_known: bool = False
    reason: str = ""
    is_sure: bool = True

    @property
    def is_open(self) -> bool:
        return self.state in {StepState.NOW, StepState.LATER, StepState.PASSED}


def steps_now(
    script: ScriptDoc, facts: ScriptFacts, answers: Mapping[str, str]
) -> tuple[StepNow, ...]:
    """Every step that belongs to this contact, in order, with where it stands.

    One open step is NOW, with what is said or heeded just before it; where nothing is left to do,
    what is said at the end is NOW. A step that may be left out is PASSED once a later one is done.
    Steps whose condition is not met are left out; those whose condition cannot be decided yet are
    LATER and not sure.

    :param answers: by `Answer.key`; reasons for skipping under `SKIP` and that key.
    """
    given = {**_known(script, facts), **answers}
    belonging = [
        (step, is_sure)
        for step in script.steps
        if (is_sure := applies(step, facts, given)) is not False
    ]
    found = [_stand(step, facts, answers, is_sure=is_sure is True) for step, is_sure in belonging]
    return tuple(_with_passive(_with_one_now(found)))


def check_may_leave(script: ScriptDoc, facts: ScriptFacts, answers: Mapping[str, str]) -> None:
    """Required steps that apply are done, or were skipped with a reason.

    :raises RequiredStepsMissing:
    """
    missing = tuple(
        each
        for each in steps_now(script, facts, answers)
        if each.step.required and each.is_open and each.is_sure
    )
    if missing:
        raise RequiredStepsMissing(missing)


def find_now(steps: Sequence[StepNow]) -> StepNow | None:
    """The one thing to do next; None when all is done."""
    return next(
        (each for each in steps if each.state is StepState.NOW and not each.step.is_passive), None
    )


def read_answer(step: ScriptStep, said: str) -> str:
    """What is kept: the key of an option, or the words; `DID` for a step that is ticked.

    :raises UnknownAnswer: for nothing, or for what is not among its options.
    """
    value = " ".join(said.split())
    if not step.kind.is_answered:
        return value or DID
    if not value:
        raise UnknownAnswer("Write the answer down, or say why the question is left out.")
    if step.options and step.find_option(value) is None:
        said = say("“%(step)s” has no such answer. Choose one that is shown.", step=step.words)
        raise UnknownAnswer(said)
    return value


def put_in(words: str, known: Mapping[str, str]) -> str:
    """The sentence with what is known: "{patient.given_name}" becomes "Rosa"."""
    return _PLACE.sub(lambda place: known.get(place[1]) or BLANK, words)


def places_of(words: str) -> tuple[str, ...]:
    """The names that stand in braces."""
    return tuple(_PLACE.findall(words))


def _known(script: ScriptDoc, facts: ScriptFacts) -> dict[str, str]:
    """Answers that need no asking: of questions alone, since a check is there to be made."""
    found = {step.answer_key: _on_record(step, facts) for step in script.steps}
    asked = {step.answer_key for step in script.steps if step.kind.is_answered}
    return {key: value for key, value in found.items() if value and key in asked}


def _on_record(step: ScriptStep, facts: ScriptFacts) -> str:
    """What is known for the step; nothing where it is none of the answers that it takes."""
    value = facts.known.get(step.source, "")
    return "" if step.options and step.find_option(value) is None else value


def _stand(
    step: ScriptStep, facts: ScriptFacts, answers: Mapping[str, str], *, is_sure: bool
) -> StepNow:
    known = {**facts.known, **{f"answer:{key}": value for key, value in answers.items()}}
    is_spanish = facts.language == "es" and step.kind.is_spoken and bool(step.words_es)
    words = put_in(step.words_es if is_spanish else step.words, known)
    here = StepNow(step, StepState.LATER, words, step.options, is_sure=is_sure)
    on_record = _on_record(step, facts)
    if step.answer_key in answers:
        return replace(here, state=StepState.DONE, value=_said(step, answers[step.answer_key]))
    if reason := answers.get(SKIP + step.answer_key, ""):
        return replace(here, state=StepState.SKIPPED, reason=reason)
    if step.act and step.act in facts.done:
        return replace(here, state=StepState.DONE)
    if on_record and step.kind.is_answered:
        return replace(here, state=StepState.DONE, value=_said(step, on_record), was_known=True)
    return replace(here, value=on_record)


def _said(step: ScriptStep, value: str) -> str:
    option = step.find_option(value)
    return option.words if option else "" if value == DID else value


def _with_one_now(steps: list[StepNow]) -> list[StepNow]:
    """The first step to do that is certain; what may be left out is passed over once a later
    step is done."""
    last = max((n for n, each in enumerate(steps) if _was_done(each)), default=-1)
    found = [
        replace(each, state=StepState.PASSED) if n < last and _may_be_passed(each) else each
        for n, each in enumerate(steps)
    ]
    for n, each in enumerate(found):
        if each.state is StepState.LATER and each.is_sure and not each.step.is_passive:
            return [*found[:n], replace(each, state=StepState.NOW), *found[n + 1 :]]
    return found


def _was_done(each: StepNow) -> bool:
    """In this contact: what was known before it began does not count."""
    return each.state is StepState.DONE and not each.was_known


def _may_be_passed(each: StepNow) -> bool:
    is_open = each.state is StepState.LATER and not each.step.is_passive
    return is_open and not each.step.required


def _with_passive(steps: list[StepNow]) -> list[StepNow]:
    """What is said or heeded goes with the next step that is done; at the end with all done."""
    is_over = not any(each.state is StepState.NOW for each in steps)
    following = StepState.NOW if is_over else StepState.LATER
    found: list[StepNow] = []
    for each in reversed(steps):
        if each.step.is_passive:
            goes_with = each.state is StepState.LATER and each.is_sure
            found.append(replace(each, state=following) if goes_with else each)
            continue
        following = each.state if each.state in _AHEAD else StepState.DONE
        found.append(each)
    return found[::-1]
