"""What of a contact goes on after its end: an ending that resolves nothing needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from crm.models import Task
from crm.rules.wrapping import Disposition
from crm.states import StepKind, TaskStatus
from desk.screen.contact import DeskContact
from desk.screen.wrap_reading import Ending
from waitlist.states import EntryStatus

#: Endings by which we promise to call, whatever else goes on.
CALLS_BACK: Final = frozenset({"call-back", "left-message"})
#: Endings that an offer or the EHR goes on with by itself.
_WAITLISTED: Final = frozenset({"waitlisted", "no-time"})
_ASKED_EHR: Final = frozenset({str(Disposition.REQUESTED)})
_OPEN: Final = (TaskStatus.OPEN, TaskStatus.CLAIMED)


@dataclass(frozen=True, slots=True)
class Following:
    """`has_task`: somebody has it as a task that is open. The others go on by themselves."""

    has_task: bool
    is_waitlisted: bool = False
    asked_ehr: bool = False

    def is_missing(self, ending: Ending) -> bool:
        """Whether the ending leaves something to do that nobody has."""
        if ending.resolves or self.has_task:
            return False
        if ending.code in _WAITLISTED and self.is_waitlisted:
            return False
        return not (ending.code in _ASKED_EHR and self.asked_ehr)


def read_following(contact: DeskContact) -> Following:
    """Two statements; training leaves no tasks, and needs none."""
    if contact.interaction.is_training:
        return Following(has_task=True)
    patient = contact.patient
    waits = patient.waitlist_entries.filter(status=EntryStatus.WAITING) if patient else None
    return Following(
        has_task=Task.objects.filter(_of(contact), status__in=_OPEN).exists(),
        is_waitlisted=waits is not None and waits.exists(),
        asked_ehr=any(step.kind in {StepKind.BOOK, StepKind.MOVE} for step in contact.steps),
    )


def _of(contact: DeskContact) -> Q:
    """The tasks that the contact left: by its steps, as a callback, for a hand-off nobody took."""
    steps = contact.steps
    left = [step.subject_id for step in steps if step.subject_type == "crm.task"]
    lapsed = [
        f"crm.handoff:{step.subject_id}:lapsed" for step in steps if step.kind == StepKind.HAND_OFF
    ]
    return Q(pk__in=left) | Q(callback__interaction=contact.pk) | Q(cause_key__in=lapsed)
