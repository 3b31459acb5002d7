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
    """It cannot be applied. `field` is the field of the report, as in `scheduling.ports`
    ("appointment_id"); the sentence holds no patient data."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


class UnknownVisit(ReportRefused):
    """It speaks of a visit that we have not heard of. Once we have, it may be tried again."""

    def __init__(self, *, source: str, appointment_id: str) -> None:
        super().__init__("appointment_id", "We know no such visit of this sender.")
        self.source = source
        self.appointment_id = appointment_id
