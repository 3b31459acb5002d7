"""What stands against publishing a script, in sentences for whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from crm.states import StepKind
from desk.rules.scripts.conditions import CLOSED_LISTS
from desk.rules.scripts.shape import SOURCES, Fact, OneOf, ScriptDoc, ScriptStep, Span, When
from desk.rules.scripts.walking import places_of
from desk.states import StepDo


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: at which step, and a sentence that says what to do."""

    step: str
    sentence: str


def find_problems(script: ScriptDoc) -> tuple[Problem, ...]:
    """Every reason why the script cannot be published, in the order of its steps."""
    if not script.steps:
        return (Problem("", "The script has no steps yet. Add the first one."),)
    found: list[Problem] = []
    earlier: dict[str, list[ScriptStep]] = {}
    for step in script.steps:
        told = (*_of_words(step), *_of_kind(step), *_of_places(step, earlier))
        told += tuple(_of_conditions(step, earlier))
        found.extend(Problem(step.key, sentence) for sentence in told)
        earlier.setdefault(step.answer_key, []).append(step)
    return tuple(found)


def _of_words(step: ScriptStep) -> Iterator[str]:
    if not step.words.strip():
        yield "Write what is said or done here."
    elif step.kind.is_spoken and not step.words_es.strip():
        yield "Write it in Spanish, too: it is said to the caller."
    for option in step.options:
        if not option.words.strip():
            yield "Write each answer out, or take the empty one away."
        elif step.kind.is_spoken and not option.words_es.strip():
            yield f"Write the answer “{option.words}” in Spanish, too."


def _of_kind(step: ScriptStep) -> Iterator[str]:
    if step.options and not step.kind.is_answered:
        yield "Only a question has answers. Make it a question, or take the answers away."
    if len(step.options) == 1:
        yield "A question with answers to choose from needs at least two of them."
    if len({option.key for option in step.options}) < len(step.options):
        yield "Two answers are the same. Take one away."
    if step.kind is StepDo.ACT and not step.act:
        yield "Choose what is done here, so that the step is ticked when it happens."
    if step.act and step.act.partition(":")[0] not in set(StepKind):
        yield "Choose what is done here from the list."
    if step.kind is StepDo.WARN and step.required:
        yield "A warning asks for nothing. Make it a check if it must be ticked."
    if step.source and step.source not in SOURCES:
        yield f"“{step.source}” is nothing that the desk knows. Choose from the list."
    if step.source and step.kind not in {StepDo.ASK, StepDo.NOTE, StepDo.CHECK}:
        yield "Only a question or a check can be filled from the record."


def _of_places(step: ScriptStep, earlier: Mapping[str, Sequence[ScriptStep]]) -> Iterator[str]:
    for place in dict.fromkeys((*places_of(step.words), *places_of(step.words_es))):
        answer = place.removeprefix("answer:")
        known = answer in earlier if place.startswith("answer:") else place in SOURCES
        if not known:
            yield f"Nobody knows what stands for “{{{place}}}”. Choose a name from the list."


def _of_conditions(step: ScriptStep, earlier: Mapping[str, Sequence[ScriptStep]]) -> Iterator[str]:
    for when in step.when:
        if when.answer and when.answer not in earlier:
            yield f"No step before this one asks for “{when.answer}”. Move it down, or change it."
        elif when.answer:
            yield from _of_answers(when, earlier[when.answer])
        elif sentence := _of_fact(when):
            yield sentence
    if len({when.about for when in step.when}) < len(step.when):
        yield "Two conditions are about the same thing. Put them together in one."


def _of_answers(when: When, asked: Sequence[ScriptStep]) -> Iterator[str]:
    """Every value must be an answer that can be given; of a free answer nothing can be said."""
    if not isinstance(when.holds, OneOf) or any(
        step.kind.is_answered and not step.options for step in asked
    ):
        return
    given = {option.key for step in asked for option in step.options} | {"done"}
    for value in when.holds.values:
        if value not in given:
            yield f"“{value}” is no answer to “{asked[-1].words}”. Choose one that can be given."


def _of_fact(when: When) -> str:
    fact, known = Fact(when.about), CLOSED_LISTS.get(Fact(when.about))
    match when.holds:
        case Span(start, below) if below is not None and (start or 0) >= below:
            return f"Nothing lies in the range of the {fact}. Write the lower number first."
        case OneOf(values) if known and (strange := [v for v in values if v not in known]):
            return f"“{strange[0]}” is not one of: {', '.join(known)}."
    return ""
