"""Words of where time went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from crm.states import StepKind
from desk.live_words import say_code
from desk.queries.contact_waits import OUR_TEXT, THEIR_TEXT
from desk.queries.handle_time import Verdict
from desk.rules.anatomy import TALK, Piece, Spent
from desk.screen.words import STEPS

#: For each: its word, and what it means. The class of its color is `t-` and its value.
SPENT: Final[dict[Spent, tuple[str, str]]] = {
    Spent.TALKING: ("Talking", "agent and caller with each other"),
    Spent.AGENT: ("Agent", "the caller waits for the agent; or the agent alone, wrapping up"),
    Spent.CALLER: ("Caller", "the agent waits for the caller: looks for a card, asks at home"),
    Spent.SYSTEM: ("Firstcall", "our own pages and searches"),
    Spent.EHR: ("EHR", "the EHR answers"),
    Spent.COLLEAGUE: ("Colleague", "somebody else is asked, or takes over"),
    Spent.QUEUE: ("Queue", "nobody has answered yet"),
}
#: Pieces that no step tells of.
_PIECES: Final[dict[str, str]] = {
    TALK: "Talking",
    "queue": "Waited in the queue",
    "ringing": "Rang",
    "menu": "Listened to the menu",
    "wrap": "Wrapping up",
    OUR_TEXT: "They waited for our text",
    THEIR_TEXT: "We waited for their text",
}
#: What a stretch of talk led to, said after it.
_LED_TO: Final[dict[str, str]] = {
    StepKind.IDENTIFY: "until it was clear who it is about",
    StepKind.VERIFY: "until identifiers were asked for",
    StepKind.REASON: "until the reason was clear",
    StepKind.SAFETY: "until the safety check",
    StepKind.QUESTION: "until a question was answered",
    StepKind.SEARCH: "until times were looked for",
    StepKind.HOLD_SLOT: "until a time was held",
    StepKind.BOOK: "until a visit was booked",
    StepKind.MOVE: "until a visit was moved",
    StepKind.CANCEL: "until a visit was cancelled",
    StepKind.LOOK: "until something was looked up",
    StepKind.TELL: "until they were told",
    StepKind.UPDATE: "until details were changed",
    StepKind.CALL_HOLD: "until they were put on hold",
    StepKind.INTERPRETER: "until there was an interpreter",
    "queue": "until it went to a queue",
    "wrap": "to the end of the call",
    StepKind.HAND_OFF: "until it was handed over",
    StepKind.TASK: "until a task was left",
    StepKind.WRAP_UP: "until it was wrapped up",
}
#: What a line of the sums is, as a pill says it.
BYS: Final[dict[str, str]] = {
    "reason": "Reason",
    "agent": "Agent",
    "team": "Team",
    "shift": "Shift",
}
SHIFTS: Final[dict[str, str]] = {
    "night": "Night, 12 to 6",
    "morning": "Morning, 6 to noon",
    "afternoon": "Afternoon, noon to 6",
    "evening": "Evening, 6 to midnight",
}
#: What may be said of a change of handle time.
VERDICTS: Final[dict[str, str]] = {
    Verdict.NO_BASELINE: "No baseline yet: too few in the first weeks",
    Verdict.MEASURING: "No baseline yet: still measuring",
    Verdict.TOO_FEW: "Too few now to tell",
    Verdict.SAME: "No change that chance could not make",
    Verdict.SHORTER: "shorter",
    Verdict.LONGER: "longer",
}
#: Moments that tell more than the talk that led to them.
TELLING: Final = frozenset({StepKind.VERIFY, StepKind.LOOK})
NO_CALL_TYPE: Final = "No reason given"


def say_seconds(seconds: float) -> str:
    """ "3:41", "1:02:10"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def say_call_type(code: str, names: Mapping[str, str]) -> str:
    """ "Move a visit"."""
    return names.get(code) or (say_code(code) if code else NO_CALL_TYPE)


def say_step(kind: StepKind, code: str) -> str:
    """ "Looked at labs"; a code that is for the machine alone is not said."""
    said = STEPS[kind]
    if kind is StepKind.VERIFY:
        return f"{said}: {'they fit' if code == 'passed' else 'they did not fit'}"
    return f"{said} {say_code(code).lower()}" if kind is StepKind.LOOK and code else said


def say_piece(piece: Piece, *, is_voice: bool = True) -> str:
    """ "Talking until a visit was booked", "Looked for times"."""
    if piece.kind == TALK and not is_voice:
        return "Between two steps"  # of a text thread: nobody talks, and nobody may have been there
    if piece.kind in _PIECES:
        led_to = _LED_TO.get(piece.leads_to, "")
        return f"{_PIECES[piece.kind]} {led_to}".strip()
    return say_step(StepKind(piece.kind), piece.code)
