"""What the contact center does when something happens to a contact. One action call each."""

from __future__ import annotations

import datetime as dt

from crm.actions.agents import follow_contacts
from crm.actions.queues import end_wait
from crm.engine import Actor
from crm.models import Event, Handoff, Interaction

BY = Actor.system("desk")


def follow_agent(event: Event, at: dt.datetime) -> None:
    """`crm.contact-taken` and `-opened`: whoever has it is on a contact."""
    agents = Interaction.objects.filter(pk=event.subject_id).values_list("agent_id", flat=True)
    follow_contacts(user_ids=list(agents), by=BY, at=at)


def follow_both(event: Event, at: dt.datetime) -> None:
    """`crm.handoff-accepted`: one has a contact more, the other one less."""
    rows = Handoff.objects.filter(pk=event.subject_id).values_list("offered_by", "answered_by")
    follow_contacts(user_ids=[pk for pair in rows for pk in pair], by=BY, at=at)


def end_contact(event: Event, at: dt.datetime) -> None:
    """`crm.contact-wrapped`: its wait is over, too, and its agent is free."""
    end_wait(contact_id=event.subject_id, by=BY, at=at)
    follow_agent(event, at)
