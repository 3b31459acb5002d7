"""Once somebody says whom a contact is about, their chart is on its way to the screen."""

from __future__ import annotations

import datetime as dt

from crm.actions.chart import ask_for_chart
from crm.engine import Actor
from crm.models import Event, Interaction

BY = Actor.system("chart")


def on_contact_known(event: Event, at: dt.datetime) -> None:
    """Identified or verified: the EHR is asked while the agent still greets the caller."""
    contact = Interaction.objects.filter(pk=event.subject_id).only("patient_id").first()
    if contact is not None and contact.patient_id is not None:
        ask_for_chart(patient_id=contact.patient_id, by=BY, at=at)
