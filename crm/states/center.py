"""The contact center: calls, queues, who is free, what was asked and done, and hand-offs."""

from __future__ import annotations

from enum import StrEnum


class Acuity(StrEnum):
    """How soon somebody must see to it, from the most urgent; the five colors of the desk."""

    EMERGENCY = "911"
    NURSE_NOW = "nurse-now"
    HOURS_2 = "2h"
    HOURS_6 = "6h"
    ROUTINE = "routine"

    @property
    def rank(self) -> int:
        """0 is the most urgent."""
        return list(Acuity).index(self)


class CallStatus(StrEnum):
    """A telephone call as the telephone system tells of it."""

    RINGING = "ringing"
    TALKING = "talking"
    ON_HOLD = "on-hold"
    ENDED = "ended"
    ABANDONED = "abandoned"  # hung up before anybody answered


CALL_MOVES: dict[CallStatus, frozenset[CallStatus]] = {
    CallStatus.RINGING: frozenset({CallStatus.TALKING, CallStatus.ENDED, CallStatus.ABANDONED}),
    CallStatus.TALKING: frozenset({CallStatus.ON_HOLD, CallStatus.ENDED}),
    CallStatus.ON_HOLD: frozenset({CallStatus.TALKING, CallStatus.ENDED}),
    CallStatus.ENDED: frozenset(),
    # News of an answer may come after that of the end.
    CallStatus.ABANDONED: frozenset({CallStatus.ENDED}),
}


class Aid(StrEnum):
    """How a caller speaks to us, where it takes longer: left out of handle-time targets."""

    NONE = "none"
    RELAY = "relay"  # an operator relays (711, video relay)
    TTY = "tty"


class EntryStatus(StrEnum):
    """One wait in one queue."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    LEFT = "left"  # hung up, or was taken out
    DONE = "done"


ENTRY_MOVES: dict[EntryStatus, frozenset[EntryStatus]] = {
    EntryStatus.WAITING: frozenset({EntryStatus.CLAIMED, EntryStatus.LEFT, EntryStatus.DONE}),
    EntryStatus.CLAIMED: frozenset({EntryStatus.WAITING, EntryStatus.DONE, EntryStatus.LEFT}),
    EntryStatus.LEFT: frozenset({EntryStatus.DONE}),  # an answer that we heard of too late
    EntryStatus.DONE: frozenset(),
}


class AgentState(StrEnum):
    """What a member of staff is doing just now."""

    OFFLINE = "offline"
    AVAILABLE = "available"
    ON_CONTACT = "on-contact"
    WRAP_UP = "wrap-up"
    BREAK = "break"
    TRAINING = "training"


_WORKING = frozenset(AgentState)
AGENT_MOVES: dict[AgentState, frozenset[AgentState]] = {
    state: _WORKING - {state} for state in AgentState
}


class IdentifierKind(StrEnum):
    """What somebody may be known by. Two that fit are asked for before health information."""

    FULL_NAME = "full-name"
    BIRTH_DATE = "birth-date"
    ADDRESS = "address"
    POSTAL_CODE = "postal-code"
    PHONE = "phone"  # one on record, said by the caller; the caller's number alone is none
    RECORD_NUMBER = "record-number"
    MEMBER_ID = "member-id"


class Speaker(StrEnum):
    """Who speaks."""

    PATIENT = "patient"
    PROXY = "proxy"
    PHARMACY = "pharmacy"
    CLINICIAN = "clinician"
    FACILITY = "facility"
    TRANSPORT = "transport"
    OFFICIAL = "official"
    OTHER = "other"


class StepKind(StrEnum):
    """One piece of a contact, for its timeline and its time ribbon."""

    RING = "ring"
    ANSWER = "answer"
    IDENTIFY = "identify"
    VERIFY = "verify"
    REASON = "reason"
    SAFETY = "safety"
    QUESTION = "question"
    SEARCH = "search"
    HOLD_SLOT = "hold-slot"
    BOOK = "book"
    MOVE = "move"
    CANCEL = "cancel"
    LOOK = "look"  # a panel was opened: labs, plan, visits
    TELL = "tell"  # something was said or sent to the patient
    UPDATE = "update"  # address, phone, coverage
    CALL_HOLD = "call-hold"  # the caller was put on hold
    INTERPRETER = "interpreter"
    HAND_OFF = "hand-off"
    TASK = "task"
    WRAP_UP = "wrap-up"


class WaitsFor(StrEnum):
    """Where the time of a step went."""

    AGENT = "agent"
    CALLER = "caller"
    SYSTEM = "system"
    EHR = "ehr"
    COLLEAGUE = "colleague"
    QUEUE = "queue"


class HandoffTo(StrEnum):
    PERSON = "person"
    QUEUE = "queue"
    NURSE = "nurse"
    PROVIDER = "provider"  # a page to whoever is on call
    MANAGER = "manager"  # whom it goes to where nobody else answered


class HandoffStatus(StrEnum):
    """A warm transfer, from the question to whoever takes it."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"  # nobody answered, and there was nobody further to ask


HANDOFF_MOVES: dict[HandoffStatus, frozenset[HandoffStatus]] = {
    HandoffStatus.OFFERED: frozenset(
        {
            HandoffStatus.ACCEPTED,
            HandoffStatus.DECLINED,
            HandoffStatus.WITHDRAWN,
            HandoffStatus.LAPSED,
        }
    ),
    HandoffStatus.ACCEPTED: frozenset(),
    HandoffStatus.DECLINED: frozenset(),
    HandoffStatus.WITHDRAWN: frozenset(),
    HandoffStatus.LAPSED: frozenset(),
}


class NoteStatus(StrEnum):
    """The way of a contact's note into the EHR."""

    KEPT = "kept"  # nobody's chart: the caller is no patient, or it was training
    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"  # a person has to see to it


NOTE_MOVES: dict[NoteStatus, frozenset[NoteStatus]] = {
    NoteStatus.KEPT: frozenset({NoteStatus.WAITING}),
    NoteStatus.WAITING: frozenset({NoteStatus.SENT, NoteStatus.REFUSED}),
    NoteStatus.SENT: frozenset({NoteStatus.WAITING}),  # edited afterwards
    NoteStatus.REFUSED: frozenset({NoteStatus.WAITING}),
}


class AttemptOutcome(StrEnum):
    """How one try to call somebody back ended."""

    REACHED = "reached"
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    VOICEMAIL = "voicemail"  # a message was left
    WRONG_NUMBER = "wrong-number"
