"""Words of where time went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crm.saying import translated
from crm.states import StepKind
from desk.live_words import say_code
from desk.queries.contact_waits import OUR_TEXT, THEIR_TEXT
from desk.queries.handle_time import Verdict
from desk.rules.anatomy import TALK, Piece, Spent
from desk.screen.words import STEPS

#: For each: its word, and what it means. The class of its color is `t-` and its value.
SPENT: Final[dict[Spent, tuple[str, str]]] = {
    Spent.TALKING: (gettext_noop("Talking"), gettext_noop("agent and caller with each other")),
    Spent.AGENT: (
        gettext_noop("Agent"),
        gettext_noop("the caller waits for the agent; or the agent alone, wrapping up"),
    ),
    Spent.CALLER: (
        gettext_noop("Caller"),
        gettext_noop("the agent waits for the caller: looks for a card, asks at home"),
    ),
    Spent.SYSTEM: (gettext_noop("Firstcall"), gettext_noop("our own pages and searches")),
    Spent.EHR: (gettext_noop("EHR"), gettext_noop("the EHR answers")),
    Spent.COLLEAGUE: (
        gettext_noop("Colleague"),
        gettext_noop("somebody else is asked, or takes over"),
    ),
    Spent.QUEUE: (gettext_noop("Queue"), gettext_noop("nobody has answered yet")),
}
#: Pieces that no step tells of.
_PIECES: Final[dict[str, str]] = {
    TALK: gettext_noop("Talking"),
    "queue": gettext_noop("Waited in the queue"),
    "ringing": gettext_noop("Rang"),
    "menu": gettext_noop("Listened to the menu"),
    "wrap": gettext_noop("Wrapping up"),
    OUR_TEXT: gettext_noop("They waited for our text"),
    THEIR_TEXT: gettext_noop("We waited for their text"),
}
#: What a stretch of talk led to, said after it.
_LED_TO: Final[dict[str, str]] = {
    StepKind.IDENTIFY: gettext_noop("until it was clear who it is about"),
    StepKind.VERIFY: gettext_noop("until identifiers were asked for"),
    StepKind.REASON: gettext_noop("until the reason was clear"),
    StepKind.SAFETY: gettext_noop("until the safety check"),
    StepKind.QUESTION: gettext_noop("until a question was answered"),
    StepKind.SEARCH: gettext_noop("until times were looked for"),
    StepKind.HOLD_SLOT: gettext_noop("until a time was held"),
    StepKind.BOOK: gettext_noop("until a visit was booked"),
    StepKind.MOVE: gettext_noop("until a visit was moved"),
    StepKind.CANCEL: gettext_noop("until a visit was cancelled"),
    StepKind.LOOK: gettext_noop("until something was looked up"),
    StepKind.TELL: gettext_noop("until they were told"),
    StepKind.UPDATE: gettext_noop("until details were changed"),
    StepKind.CALL_HOLD: gettext_noop("until they were put on hold"),
    StepKind.INTERPRETER: gettext_noop("until there was an interpreter"),
    "queue": gettext_noop("until it went to a queue"),
    "wrap": gettext_noop("to the end of the call"),
    StepKind.HAND_OFF: gettext_noop("until it was handed over"),
    StepKind.TASK: gettext_noop("until a task was left"),
    StepKind.WRAP_UP: gettext_noop("until it was wrapped up"),
}
#: What a line of the sums is, as a pill says it.
BYS: Final[dict[str, str]] = {
    "reason": gettext_noop("Reason"),
    "agent": gettext_noop("Agent"),
    "team": gettext_noop("Team"),
    "shift": gettext_noop("Shift"),
}
SHIFTS: Final[dict[str, str]] = {
    "night": gettext_noop("Night, 12 to 6"),
    "morning": gettext_noop("Morning, 6 to noon"),
    "afternoon": gettext_noop("Afternoon, noon to 6"),
    "evening": gettext_noop("Evening, 6 to midnight"),
}
#: What may be said of a change of handle time.
VERDICTS: Final[dict[str, str]] = {
    Verdict.NO_BASELINE: gettext_noop("No baseline yet: too few in the first weeks"),
    Verdict.MEASURING: gettext_noop("No baseline yet: still measuring"),
    Verdict.TOO_FEW: gettext_noop("Too few now to tell"),
    Verdict.SAME: gettext_noop("No change that chance could not make"),
    Verdict.SHORTER: gettext_noop("shorter"),
    Verdict.LONGER: gettext_noop("longer"),
}
#: Moments that tell more than the talk that led to them.
TELLING: Final = frozenset({StepKind.VERIFY, StepKind.LOOK})
NO_CALL_TYPE: Final = gettext_noop("No reason given")


def say_seconds(seconds: float) -> str:
    """ "3:41", "1:02:10"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def say_call_type(code: str, names: Mapping[str, str]) -> str:
    """ "Move a visit"."""
    return translated(names.get(code) or (say_code(code) if code else NO_CALL_TYPE))


def say_step(kind: StepKind, code: str) -> str:
    """ "Looked at labs"; a code that is for the machine alone is not said."""
    said = _(STEPS[kind])
    if kind is StepKind.VERIFY:
        return f"{said}: {_('they fit') if code == 'passed' else _('they did not fit')}"
    return f"{said} {_(say_code(code)).lower()}" if kind is StepKind.LOOK and code else said


def say_piece(piece: Piece, *, is_voice: bool = True) -> str:
    """ "Talking until a visit was booked", "Looked for times"."""
    if piece.kind == TALK and not is_voice:
        return _(
            "Between two steps"
        )  # of a text thread: nobody talks, and nobody may have been there
    if piece.kind in _PIECES:
        led_to = _LED_TO.get(piece.leads_to, "")
        return f"{_(_PIECES[piece.kind])} {translated(led_to)}".strip()
    return say_step(StepKind(piece.kind), piece.code)


def spent_words() -> dict[Spent, tuple[str, str]]:
    """`SPENT` in the language of the page."""
    return {one: (_(word), _(meaning)) for one, (word, meaning) in SPENT.items()}
