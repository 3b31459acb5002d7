"""The texts of a contact by SMS, as far as they may show."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest

from crm.states import Channel
from crm.web import note_views
from desk.queries.task_thread import read_thread
from desk.screen.contact import DeskContact
from outreach.actions import find_asked
from triage.permissions import can_work_alerts


def texts_context(request: HttpRequest, contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """Its thread; nothing for a contact on another channel. One statement, two with texts.

    Until the patient is made sure of, a phone names nobody: then only what came and went in this
    very contact. Whoever else is on the phone is audited as well.
    """
    if contact.interaction.channel != Channel.SMS:
        return {"thread": None}
    asked = find_asked(contact.interaction)
    thread = read_thread(
        patient=contact.patient,
        asked=asked,
        for_nurse=can_work_alerts(request.user),
        within=None if contact.names_all else contact.interaction,
    )
    others = thread.people - {contact.interaction.patient_id}
    seen = note_views(request, what="contact texts", patient_ids=others, at=at)
    return {"thread": thread, "asked": asked, "seen_texts": seen}
