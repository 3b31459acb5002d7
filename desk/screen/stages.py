"""The bar over the conversation: how far the contact is."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import pgettext

from desk.screen.contact import DeskContact


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the bar over the conversation."""

    word: str
    icon: str
    state: str  # done, now, or nothing


def stages(contact: DeskContact, *, does: str, is_done: bool) -> tuple[Stage, ...]:
    """Reason, safety, what is done about it, and the end."""
    one = contact.interaction
    said = bool(one.reason or one.call_type)
    safe = bool(one.acuity)
    ends = contact.is_over
    marks = (
        (pgettext("stage", "Reason"), "message-2", said),
        (pgettext("stage", "Safety"), "shield-check", safe),
        (does, "calendar-time", ends or is_done),
        (pgettext("stage", "Wrap up"), "writing", ends),
    )
    first_open = next((i for i, (_, _, done) in enumerate(marks) if not done), None)
    return tuple(
        Stage(word, "check" if done else icon, "done" if done else "now" if i == first_open else "")
        for i, (word, icon, done) in enumerate(marks)
    )
