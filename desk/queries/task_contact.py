"""From a task to the contact that it belongs to."""

from __future__ import annotations

from crm.models import Callback, Handoff, Interaction, Task, WrapUp
from outreach.models import Message

_FROM_CONTACTS = frozenset({"crm.interaction", "crm.handoff", "crm.note", "outreach.message"})


def find_contact_of(task: Task) -> Interaction | None:
    """The contact in which the task is done, else the one that left it behind: a promise, a
    question, a note. At most two queries."""
    if task.contact_id is not None:
        return task.contact
    match task.cause_key.split(":"):
        case ["crm.interaction", key, *_] if key.isdigit():
            return Interaction.objects.filter(pk=int(key)).first()
        case ["crm.handoff", key, *_] if key.isdigit():
            return _of(Handoff.objects.filter(pk=int(key)).first())
        case ["crm.note", key] if key.isdigit():
            return _of(WrapUp.objects.filter(pk=int(key)).first())
    callback = Callback.objects.filter(task=task).select_related("interaction").first()
    return callback.interaction if callback else None


def is_of_contact(task: Task) -> bool:
    """Whether the task can be opened at the desk: it is done in a contact, or its cause was one."""
    return task.contact_id is not None or task.cause_key.split(":")[0] in _FROM_CONTACTS


def find_text_of(task: Task) -> Message | None:
    """The patient's text that the task asks to answer."""
    match task.cause_key.split(":"):
        case ["outreach.message", key, *_] if key.isdigit():
            return Message.objects.filter(pk=int(key)).first()
    return None


def _of(row: Handoff | WrapUp | None) -> Interaction | None:
    return row.interaction if row else None
