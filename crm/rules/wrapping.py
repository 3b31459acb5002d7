"""The note of a contact, written from what was done, and what became of it. Pure.

Each line states one thing that stands in the contact's rows; nothing is concluded and no word is
put into anybody's mouth. What this floor has no words for (a visit, a question of a script) comes
from above by `Words`; without words the bare fact stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from crm.states import Acuity, Channel, IdentifierKind, Speaker, StepKind


class Disposition(StrEnum):
    """What became of a contact. Call types may have codes of their own beside these."""

    EMERGENCY = "emergency"
    HANDED_OVER = "handed-over"
    BOOKED = "booked"
    REQUESTED = "requested"
    MOVED = "moved"
    CANCELLED = "cancelled"
    PASSED_ON = "passed-on"  # a task for somebody else
    WAITLISTED = "waitlisted"  # no time suited; they are offered the next one
    UPDATED = "updated"
    TOLD = "told"
    NOT_VERIFIED = "not-verified"
    OTHER = "other"


DISPOSITIONS: Final[Mapping[Disposition, str]] = {
    Disposition.EMERGENCY: "Sent to 911, 988 or Poison Help",
    Disposition.HANDED_OVER: "Handed to a nurse or clinician",
    Disposition.BOOKED: "Visit booked",
    Disposition.REQUESTED: "Visit requested, not confirmed yet",
    Disposition.MOVED: "Visit moved",
    Disposition.CANCELLED: "Visit cancelled",
    Disposition.PASSED_ON: "Passed on as a task",
    Disposition.WAITLISTED: "On the waitlist",
    Disposition.UPDATED: "Record updated",
    Disposition.TOLD: "Question answered",
    Disposition.NOT_VERIFIED: "Could not be verified: nothing was told",
    Disposition.OTHER: "Something else",
}
"""As the wrap-up offers them."""


@dataclass(frozen=True, slots=True)
class Done:
    """One step of the contact (`crm.models.InteractionStep`), as far as a note needs it.

    `detail` of a move may name the visit whose place it took: `gives_up`.
    """

    kind: StepKind
    code: str = ""
    subject_type: str = ""
    subject_id: int | None = None
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """One answer, by the code of its question."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the contact itself.

    `verified_by` is empty while nobody is verified; `proxy` says who speaks for the patient
    ("Luis, parent"). `reason` is in the caller's words. `handed_to` names who took the contact
    over, with the question that they were asked; `to_clinician`: a nurse or clinician was among
    them.
    """

    channel: Channel = Channel.VOICE
    speaker: Speaker = Speaker.PATIENT
    proxy: str = ""
    verified_by: Sequence[IdentifierKind] = ()
    reason: str = ""
    acuity: Acuity | None = None
    handed_to: Sequence[tuple[str, str]] = ()
    to_clinician: bool = False


@dataclass(frozen=True, slots=True)
class NoteDraft:
    """What the wrap-up proposes; the agent edits both."""

    disposition: Disposition
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class Words:
    """A step in words: "Tue Dec 1, 9:40 AM, Dr. Lena Park, Northgate"; empty where there are none.

    `is_confirmed` is False for a visit that the EHR has not confirmed yet (principle 7).
    """

    text: str = ""
    is_confirmed: bool = True


#: Words for a step, from the floor that knows its subject.
Describe = Callable[[Done], Words]
#: The question behind an answer's code in words; empty: it does not belong into the note.
Ask = Callable[[str], str]

_CHANNELS: Final = {
    Channel.VOICE: "Call",
    Channel.SMS: "Text messages",
    Channel.EMAIL: "E-mail",
    Channel.WEB: "Contact online",
    Channel.DESK: "Contact at the desk",
}
_SPEAKERS: Final = {
    Speaker.PATIENT: "the patient",
    Speaker.PROXY: "somebody who speaks for the patient",
    Speaker.PHARMACY: "a pharmacy",
    Speaker.CLINICIAN: "a clinician's office",
    Speaker.FACILITY: "a facility",
    Speaker.TRANSPORT: "a transport service",
    Speaker.OFFICIAL: "an official",
    Speaker.OTHER: "another caller",
}
_IDENTIFIERS: Final = {
    IdentifierKind.FULL_NAME: "full name",
    IdentifierKind.BIRTH_DATE: "birth date",
    IdentifierKind.ADDRESS: "address",
    IdentifierKind.POSTAL_CODE: "ZIP code",
    IdentifierKind.PHONE: "phone on record",
    IdentifierKind.RECORD_NUMBER: "record number",
    IdentifierKind.MEMBER_ID: "member ID",
}
_ACUITIES: Final = {
    Acuity.EMERGENCY: "911",
    Acuity.NURSE_NOW: "nurse now",
    Acuity.HOURS_2: "within 2 hours",
    Acuity.HOURS_6: "within 6 hours",
    Acuity.ROUTINE: "routine",
}
#: What a step says, with its words and without. Steps that are not here changed nothing.
_DONE: Final[Mapping[StepKind, tuple[str, str]]] = {
    StepKind.BOOK: ("Booked: {}.", "Booked a visit."),
    StepKind.MOVE: ("Moved: {}.", "Moved a visit."),
    StepKind.CANCEL: ("Cancelled: {}.", "Cancelled a visit."),
    StepKind.UPDATE: ("Updated: {}.", "Updated the record."),
    StepKind.TELL: ("Told: {}.", ""),
    StepKind.INTERPRETER: ("Interpreter: {}.", "With an interpreter."),
    StepKind.TASK: ("Task made: {}.", "Task made."),
}
_UNCONFIRMED: Final = {
    StepKind.BOOK: "Requested, not confirmed yet: {}.",
    StepKind.MOVE: "Move requested, not confirmed yet: {}.",
}
#: The weightiest that was done names the contact; a hand-off weighs less than a visit.
_VISITS: Final = (
    (StepKind.BOOK, Disposition.BOOKED),
    (StepKind.MOVE, Disposition.MOVED),
    (StepKind.CANCEL, Disposition.CANCELLED),
)
_OTHERS: Final = (
    (StepKind.TASK, Disposition.PASSED_ON),
    (StepKind.UPDATE, Disposition.UPDATED),
    (StepKind.TELL, Disposition.TOLD),
)


def write_note(
    steps: Sequence[Done],
    answers: Iterable[Said] = (),
    facts: Facts | None = None,
    *,
    describe: Describe = lambda _: Words(),
    ask: Ask = lambda _: "",
) -> NoteDraft:
    """Propose disposition and note from what was done.

    :param steps: in the order in which they happened.
    :param describe: words for a step from the floor that knows its subject.
    :param ask: words for the question behind an answer; those without stay out of the note.
    """
    known = facts or Facts()
    said = [(step, describe(step)) for step in steps if step.kind in _DONE]
    lines = [
        _who(known),
        f"Reason: “{known.reason}”" if known.reason else "",
        _safety(steps, known),
        *_answers(answers, ask),
        *_done(said),
        *(f"Handed to {who}: “{question}”" for who, question in known.handed_to),
    ]
    stands = _standing(steps)
    unsure = any(
        step.kind in _UNCONFIRMED and not words.is_confirmed and step in stands
        for step, words in said
    )
    found = Disposition.REQUESTED if unsure else _disposition(stands, known)
    return NoteDraft(found, tuple(line for line in lines if line))


def _who(facts: Facts) -> str:
    speaker = facts.proxy if facts.speaker is Speaker.PROXY and facts.proxy else ""
    speaker = speaker or _SPEAKERS[facts.speaker]
    verified = _listed([_IDENTIFIERS[kind] for kind in facts.verified_by])
    how = f"Verified by {verified}." if verified else "Not verified."
    return f"{_CHANNELS[facts.channel]} with {speaker}. {how}"


def _safety(steps: Sequence[Done], facts: Facts) -> str:
    checked = any(step.kind is StepKind.SAFETY for step in steps)
    if facts.acuity is None or not (checked or facts.acuity is not Acuity.ROUTINE):
        return ""
    return f"Safety check: {_ACUITIES[facts.acuity]}."


def _answers(answers: Iterable[Said], ask: Ask) -> list[str]:
    asked = [(ask(each.key), each.value.strip()) for each in answers]
    return [f"{question.rstrip(':?')}: {value}" for question, value in asked if question and value]


def _done(said: Iterable[tuple[Done, Words]]) -> list[str]:
    """Each thing once, in its order; a repeat in the same words is the same thing."""
    lines: dict[str, None] = {}
    for step, words in said:
        with_words, without = _DONE[step.kind]
        if not words.is_confirmed:
            with_words = _UNCONFIRMED.get(step.kind, with_words)
        text = words.text.strip().rstrip(".")
        line = with_words.format(text) if text else without
        if line:
            lines.setdefault(line)
    return list(lines)


def _disposition(steps: Sequence[Done], facts: Facts) -> Disposition:
    kinds = {step.kind for step in steps}
    if facts.acuity is Acuity.EMERGENCY:
        return Disposition.EMERGENCY
    for kind, found in _VISITS:
        if kind in kinds:
            return found
    if facts.to_clinician:
        return Disposition.HANDED_OVER
    for kind, found in _OTHERS:
        if kind in kinds:
            return found
    failed = any(step.kind is StepKind.VERIFY and step.code == "failed" for step in steps)
    if failed and not facts.verified_by:
        return Disposition.NOT_VERIFIED
    return Disposition.TOLD if StepKind.LOOK in kinds and facts.verified_by else Disposition.OTHER


def _standing(steps: Sequence[Done]) -> list[Done]:
    """Without what was booked or moved in the contact and given up in it again; what was booked and
    moved in it, by the visit that took its place."""
    became: dict[tuple[str, object], Done | None] = {}
    stands: list[Done] = []
    for one in reversed(steps):
        about = (one.subject_type, one.subject_id)
        if one.kind is StepKind.CANCEL and one.subject_id is not None:
            became[about] = None
        now = became.get(about, one) if one.kind in _UNCONFIRMED else one
        if one.kind is StepKind.MOVE and "gives_up" in one.detail:
            became[one.subject_type, one.detail["gives_up"]] = now
        if now is not None:
            stands.append(replace(one, subject_id=now.subject_id))
    return stands[::-1]


def _listed(words: Sequence[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
