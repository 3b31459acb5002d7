"""The step that applies what was received."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import transaction

from crm.engine import Actor, step
from integrations.fhir.receive import apply_fhir
from integrations.hl7v2.receive import apply_hl7
from integrations.inbox import locks
from integrations.inbox.actions import STEP, settle
from integrations.inbox.outcomes import Settled
from integrations.models import InboxMessage
from integrations.rest.receive import apply_rest
from integrations.states import InboxKind, InboxStatus

#: Applies one stored message inside the caller's transaction. What cannot be applied comes back
#: as refused, with whatever it had begun undone; an exception means "try again later".
Applier = Callable[[InboxMessage, dt.datetime], Settled]

APPLIERS: dict[InboxKind, Applier] = {
    InboxKind.HL7: apply_hl7,
    InboxKind.FHIR: apply_fhir,
    InboxKind.REST: apply_rest,
}


def apply_message(pk: int, at: dt.datetime) -> dt.datetime | None:
    """Apply one stored message, or keep it with the reason why not.

    The answer that went out before, if any, is dropped: whoever sends the message again should
    hear what became of it since.
    """
    with transaction.atomic():
        message = locks.lock_message(pk)
        if message.status != InboxStatus.RECEIVED:
            return None
        settled = APPLIERS[InboxKind(message.kind)](message, at)
        settle(message, settled, by=Actor.ehr(message.source), at=at)
    return None


step(name=STEP, model=InboxMessage, queue="fill")(apply_message)
