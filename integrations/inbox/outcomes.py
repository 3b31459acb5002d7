"""How the handling of one message ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from integrations.states import InboxStatus
from scheduling.actions import ReportOutcome, ReportRefused, UnknownVisit


@dataclass(frozen=True, slots=True)
class Settled:
    """`field` names the place of the fault, in the sender's terms; empty when there is none.

    `waits_for` is the visit (`visit_key`) whose registration would let it be applied.
    """

    status: InboxStatus
    sentence: str
    field: str = ""
    waits_for: str = ""

    @classmethod
    def by(cls, outcomes: list[ReportOutcome]) -> Settled:
        """What a message with these statements came to: applied when any of them told something."""
        applied = any(outcome.was_applied for outcome in outcomes)
        sentences = dict.fromkeys(outcome.sentence for outcome in outcomes)
        return cls(
            InboxStatus.APPLIED if applied else InboxStatus.IGNORED, " ".join(sentences)[:300]
        )

    @classmethod
    def refused(cls, field: str, sentence: str) -> Settled:
        return cls(InboxStatus.REFUSED, sentence, field)

    @classmethod
    def refused_report(cls, refused: ReportRefused, places: Mapping[str, str]) -> Settled:
        """A refusal by scheduling; `places` says where the sender writes each field of a report."""
        waits_for = ""
        if isinstance(refused, UnknownVisit):
            waits_for = visit_key(refused.source, refused.appointment_id)
        field = places.get(refused.field, refused.field)
        return cls(InboxStatus.REFUSED, refused.sentence, field, waits_for)


def visit_key(source: str, appointment_id: str) -> str:
    """One visit of one EHR, as messages wait for it."""
    return f"{source} {appointment_id}"
