"""One event of a telephone system, from the inbox to the desk."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import transaction

from crm.actions.calls import find_call, hear_call
from crm.engine import Actor
from crm.models import Agent, Call
from crm.rules.calls import CallTold
from integrations.inbox.outcomes import Settled
from integrations.models import InboxMessage
from integrations.rest.receive import RestUnreadable, read_event
from integrations.states import InboxStatus
from integrations.telephony.mapping import call_told
from integrations.telephony.serializers import CallEventInput

#: How far the clock of a telephone system may be ahead of ours.
AHEAD: Final = dt.timedelta(minutes=5)


def apply_call(message: InboxMessage, at: dt.datetime) -> Settled:
    """Apply one stored event in the caller's transaction; a refusal leaves nothing behind."""
    try:
        told = call_told(read_event(bytes(message.body), CallEventInput))
    except RestUnreadable as unreadable:
        fault = unreadable.summary()
        return Settled.refused(fault.field, fault.detail)
    if told.at > at + AHEAD:
        return Settled.refused("at", "This lies ahead. Set the clock of the telephone system.")
    known = find_call(told.source, told.source_id)
    if known is not None and told.heard.as_json() in known.heard:
        return Settled(InboxStatus.IGNORED, "We have heard this already.")
    with transaction.atomic():
        call = hear_call(told=told, at=at, by=Actor.system(told.source))
    return Settled(InboxStatus.APPLIED, _sentence(call, told))


def _sentence(call: Call, told: CallTold) -> str:
    """What was done, and what an operator should set up. It names no caller."""
    said = [f"Call {call.pk}: {told.news}."]
    if told.heard.names_line and call.line is None:
        said.append("No line has the number of ours: add the line.")
    if told.extension and not Agent.objects.filter(extension=told.extension).exists():
        said.append(f"No agent has the extension {told.extension}.")
    return " ".join(said)
