"""What a safety check can find, whom the answer names, and how an alert ends."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """How a text looks to the safety check. All but `NONE` go to a nurse."""

    NONE = "none"  # no red flag
    UNSURE = "unsure"  # a red flag that is denied or past, or a check that failed
    URGENT = "urgent"  # a nurse now
    EMERGENCY = "emergency"  # 911, 988 or Poison Help now

    @property
    def rank(self) -> int:
        """Higher is worse."""
        return list(Level).index(self)


class Heard(StrEnum):
    """Where somebody said what was checked: it decides what they were told already."""

    TEXT = "text"
    TALK = "talk"  # an agent has them: on the telephone, or at a front desk


class HelpLine(StrEnum):
    """Who can help at once, at any hour, from anywhere in the United States."""

    CALL_911 = "911"
    CRISIS_988 = "988"  # 988 Suicide & Crisis Lifeline, call or text
    POISON = "poison"  # Poison Help, 1-800-222-1222


class Doubt(StrEnum):
    """Why a red flag may not be one: somebody has to ask."""

    NONE = ""
    DENIED = "denied"  # "no chest pain", "not suicidal", "the pain is gone"
    PAST = "past"  # "had a heart attack last year"


class Outcome(StrEnum):
    """How a nurse left it."""

    EMERGENCY_SERVICES = "emergency-services"  # with 911, 988 or Poison Help, or on the way
    SEEN_SOON = "seen-soon"  # advice given, care arranged
    NO_DANGER = "no-danger"  # talked to: nothing urgent
    WELFARE_CHECK = "welfare-check"  # nobody answered; the emergency center was asked to look
    NOT_REACHED = "not-reached"  # nobody answered, and nothing more could be done
    NOT_A_PATIENT = "not-a-patient"  # a wrong number, a machine, a test
