"""A danger in a contact: whether it stands, whom it waits for, and what lets the call end. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from crm.states import Acuity, HandoffStatus, StepKind
from triage.states import Doubt, Level

#: Keys of answers, and codes of the steps that keep them: the agent asked, and it is not so now; a
#: nurse says that there is none, and why.
NOT_NOW: Final = "safety.not-now"
RULED_OUT: Final = "safety.ruled-out"
#: What an agent did for somebody in an emergency, by the code of its step (`StepKind.TELL`).
TOLD_911: Final = "911:told"
STAYED: Final = "911:stayed"
HELPED: Final[Mapping[str, str]] = {
    TOLD_911: "to call 911 at once",
    STAYED: "to call 911; stayed on the line until help was there",
}
_DANGEROUS: Final = frozenset({Acuity.EMERGENCY, Acuity.NURSE_NOW})
_MILD: Final = frozenset({Level.NONE, Level.UNSURE})
#: A red flag that is one of these may be no danger now: asking tells.
_ASKABLE: Final = frozenset({Doubt.DENIED, Doubt.PAST})


class Did(Protocol):
    """A step of the contact, as far as a danger hangs on it."""

    @property
    def kind(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def at(self) -> dt.datetime: ...
    @property
    def ended_at(self) -> dt.datetime | None: ...
    @property
    def detail(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Danger:
    """How a danger stands.

    :ivar stands: it was found, and neither asked away nor ruled out.
    :ivar stops: nothing else goes on until a nurse has them, or 911.
    :ivar may_ask: it was denied or past, so that the agent may ask whether it is so now.
    :ivar with_clinician: a nurse or a provider has the contact, or had it since.
    :ivar is_left: nobody took it, and the nurses have it as a task.
    """

    stands: bool = False
    is_emergency: bool = False
    may_ask: bool = False
    with_clinician: bool = False
    was_helped: bool = False
    is_left: bool = False

    @property
    def stops(self) -> bool:
        return self.stands and not (self.with_clinician or self.was_helped)

    @property
    def why_not_leave(self) -> str:
        """What is still to be done before the contact may end; empty where nothing is."""
        if not self.stops or self.is_left:
            return ""
        if self.is_emergency:
            return (
                "This may be an emergency. Hand them to a nurse, or say that you sent them to 911."
            )
        if self.may_ask:
            return "They named a danger. Ask whether they have it now, or hand them to a nurse."
        return "A nurse must hear this first. Hand them over, and stay until a nurse has them."


def read_danger(
    steps: Sequence[Did], *, acuity: str, agent: int | None, is_nurse: bool = False
) -> Danger:
    """How it stands by what was done since the danger was last named.

    Whatever names one is a step `StepKind.SAFETY`; what came before the newest of them counts no
    longer. A danger that was sure once is not asked away in other words.

    :param steps: of the contact, the oldest first.
    :param agent: key of who has the contact; `is_nurse`: they are one.
    """
    if acuity not in _DANGEROUS:
        return Danger()
    named = [n for n, step in enumerate(steps) if _names_danger(step)]
    since = steps[named[-1] + 1 :] if named else steps
    codes = {step.code for step in since}
    if codes & {NOT_NOW, RULED_OUT}:
        return Danger()
    first = steps[named[-1]].at if named else None
    is_emergency = acuity == Acuity.EMERGENCY
    return Danger(
        stands=True,
        is_emergency=is_emergency,
        may_ask=_may_ask([steps[n] for n in named]),
        with_clinician=is_nurse or any(_took(step, agent, first) for step in steps),
        was_helped=is_emergency and bool(codes & HELPED.keys()),
        is_left=any(_ended(step, HandoffStatus.LAPSED, first) for step in steps),
    )


def _names_danger(step: Did) -> bool:
    return step.kind == StepKind.SAFETY and step.code != Level.NONE


def _may_ask(named: Sequence[Did]) -> bool:
    doubts = [set(filter(None, str(step.detail.get("doubt", "")).split(","))) for step in named]
    mild = all(step.code in _MILD for step in named)
    return bool(named) and mild and all(each and each <= _ASKABLE for each in doubts)


def _took(step: Did, agent: int | None, first: dt.datetime | None) -> bool:
    """Whether a clinician accepted it since then, or accepted it at all and has it still."""
    if not step.detail.get("clinical"):
        return False
    has_it = agent is not None and step.detail.get("by") == agent
    return _ended(step, HandoffStatus.ACCEPTED, None if has_it else first)


def _ended(step: Did, how: HandoffStatus, first: dt.datetime | None) -> bool:
    if step.kind != StepKind.HAND_OFF or step.detail.get("ended") != how:
        return False
    return first is None or (step.ended_at is not None and step.ended_at >= first)
