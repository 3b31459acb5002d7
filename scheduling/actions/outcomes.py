"""What became of a statement by an EHR."""

from __future__ import annotations

from dataclasses import dataclass

from scheduling.models import Appointment, Slot


@dataclass(frozen=True, slots=True)
class ReportOutcome:
    """`was_applied` is False when it told nothing new; `sentence` is for the operator."""

    was_applied: bool
    sentence: str
    appointment: Appointment | None = None
    slot: Slot | None = None

    @classmethod
    def applied(
        cls, sentence: str, *, appointment: Appointment | None = None, slot: Slot | None = None
    ) -> ReportOutcome:
        return cls(True, sentence, appointment, slot)

    @classmethod
    def ignored(
        cls, sentence: str, *, appointment: Appointment | None = None, slot: Slot | None = None
    ) -> ReportOutcome:
        return cls(False, sentence, appointment, slot)


class ReportRefused(Exception):
    """It cannot be applied: `field` in the sender's terms, and a sentence without patient data."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence
