"""Every write of this app, and the exceptions that writes raise."""

from crm.actions.access import looks_written_together, record_view, record_views
from crm.actions.consent import grant_consent, mark_cannot_text, revoke_consent
from crm.actions.journeys import (
    find_or_open_journey,
    find_or_open_journeys,
    open_interaction,
    open_interactions,
    resolve_journey,
)
from crm.actions.people import register_person
from crm.actions.staff import choose_language
from crm.actions.tasks import (
    TaskClosed,
    claim_task,
    close_task,
    hasten_task,
    open_task,
    put_back_task,
    settle_task,
)

__all__ = [
    "TaskClosed",
    "choose_language",
    "claim_task",
    "close_task",
    "find_or_open_journey",
    "find_or_open_journeys",
    "grant_consent",
    "hasten_task",
    "looks_written_together",
    "mark_cannot_text",
    "open_interaction",
    "open_interactions",
    "open_task",
    "put_back_task",
    "record_view",
    "record_views",
    "register_person",
    "resolve_journey",
    "revoke_consent",
    "settle_task",
]
