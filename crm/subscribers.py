"""What the contact center does when something happens to a contact. One action call each."""

from __future__ import annotations

import datetime as dt

from crm.actions.agents import follow_contacts
from crm.actions.calling_back import hang_up
from crm.actions.contact_tasks import close_its_tasks
from crm.actions.queues import claim_taken, end_wait, follow_its_tasks
from crm.engine import Actor
from crm.models import Event, Handoff, Interaction

BY = Actor.system("desk")


def claim_contact(event: Event, at: dt.datetime) -> None:
    """`crm.contact-taken`: it waits in no queue any more, and whoever has it is on it."""
    claim_taken(contact_id=event.subject_id, taken_at=event.created_at, by=BY, at=at)
    follow_agent(event, at)


def follow_agent(event: Event, at: dt.datetime) -> None:
    """`crm.contact-opened`: whoever opened one is on it."""
    agents = Interaction.objects.filter(pk=event.subject_id).values_list("agent_id", flat=True)
    follow_contacts(user_ids=list(agents), by=BY, at=at)


def follow_both(event: Event, at: dt.datetime) -> None:
    """`crm.handoff-accepted`: one has a contact more, the other one less."""
    rows = Handoff.objects.filter(pk=event.subject_id).values_list("offered_by", "answered_by")
    follow_contacts(user_ids=[pk for pair in rows for pk in pair], by=BY, at=at)


def end_contact(event: Event, at: dt.datetime) -> None:
    """`crm.contact-wrapped`: so are its wait and the call that we made, and its agent is free."""
    hang_up(contact_id=event.subject_id, by=BY, at=at)
    end_wait(contact_id=event.subject_id, by=BY, at=at)
    follow_agent(event, at)


def close_tasks(event: Event, at: dt.datetime) -> None:
    """`crm.contact-wrapped`: what was to be done in it is done."""
    close_its_tasks(contact_id=event.subject_id, by=BY, at=at)


def follow_task(event: Event, at: dt.datetime) -> None:
    """`crm.task-of-contact`: the contact in which it is done waits for somebody, or does not."""
    follow_its_tasks(contact_id=int(event.payload["contact"]), by=BY, at=at)
