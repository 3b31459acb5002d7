"""What differs between two versions of a script, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from desk.rules.scripts.conditions import say_holds
from desk.rules.scripts.shape import OneOf, ScriptDoc, ScriptStep, When
from desk.states import StepDo

_KINDS = {
    StepDo.SAY: "something to say",
    StepDo.ASK: "a question",
    StepDo.NOTE: "something to write down",
    StepDo.CHECK: "a check",
    StepDo.ACT: "something to do",
    StepDo.WARN: "a warning",
}


@dataclass(frozen=True, slots=True)
class Change:
    """`kind` is added, removed, changed or moved; `step` its key in the version that has it."""

    kind: str
    step: str
    sentence: str


def compare(old: ScriptDoc, new: ScriptDoc) -> tuple[Change, ...]:
    """From `old` to `new`, in the order of the newer one; what went comes last."""
    found: list[Change] = []
    for step in new.steps:
        was = old.find(step.key)
        if was is None:
            found.append(Change("added", step.key, title(step)))
        else:
            found.extend(Change("changed", step.key, told) for told in _of_step(was, step, new))
    found.extend(
        Change("removed", step.key, title(step)) for step in old.steps if new.find(step.key) is None
    )
    order = [step.key for step in new.steps if old.find(step.key)]
    if order != [step.key for step in old.steps if new.find(step.key)]:
        found.append(Change("moved", "", "The steps stand in another order."))
    return tuple(found)


def title(step: ScriptStep) -> str:
    """A step in a few words."""
    return f"“{step.words}”" if step.words else "a step without words"


def say_when(step: ScriptStep, script: ScriptDoc | None = None) -> str:
    """Its conditions in a line: "age under 18; late-minutes: Up to 15"; empty where it is for all.

    :param script: whose answers are said in their words.
    """
    return "; ".join(_say(when, script) for when in step.when)


def _say(when: When, script: ScriptDoc | None) -> str:
    if not when.answer or not isinstance(when.holds, OneOf):
        return f"{when.about} {say_holds(when.fact, when.holds)}"
    asked = [step for step in (script.steps if script else ()) if step.answer_key == when.answer]
    options = {option.key: option.words for step in asked for option in step.options}
    values = ", ".join(options.get(value, value) for value in when.holds.values)
    return f"{when.answer}: {'not ' if when.holds.is_not else ''}{values}"


def _of_step(was: ScriptStep, step: ScriptStep, new: ScriptDoc) -> Iterator[str]:
    name = title(step)
    if was.words != step.words:
        yield f"{title(was)} now reads {name}."
    if was.words_es != step.words_es:
        yield f"{name}: in Spanish now “{step.words_es}”."
    if was.kind is not step.kind:
        yield f"{name} is now {_KINDS[step.kind]}, no longer {_KINDS[was.kind]}."
    if was.note != step.note:
        yield f"{name}: the hint is now “{step.note}”."
    if was.required != step.required:
        yield f"{name} {'must be done now' if step.required else 'may be left out now'}."
    if was.when != step.when:
        yield f"{name} comes up for {say_when(step, new) or 'everybody'}."
    if was.source != step.source:
        yield f"{name} is filled from {step.source or 'nothing'}."
    if (was.fills, was.act) != (step.fills, step.act):
        yield f"{name} is kept or done in another way."
    yield from _of_options(was, step)


def _of_options(was: ScriptStep, step: ScriptStep) -> Iterator[str]:
    name = title(step)
    for option in step.options:
        before = was.find_option(option.key)
        if before is None:
            yield f"{name}: new answer “{option.words}”."
        elif before != option:
            yield f"{name}: “{before.words}” now reads “{option.words}”, “{option.words_es}”."
    for option in was.options:
        if step.find_option(option.key) is None:
            yield f"{name}: “{option.words}” is no longer an answer."
