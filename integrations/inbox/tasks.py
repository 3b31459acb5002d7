"""The step that applies what was received."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import OperationalError, transaction

from crm.engine import Actor, step
from crm.engine.retrying import took_too_long
from integrations.fhir.receive import apply_fhir
from integrations.hl7v2.receive import apply_hl7
from integrations.inbox import locks
from integrations.inbox.actions import STEP, settle
from integrations.inbox.outcomes import Settled
from integrations.inbox.replays import REPLAY_STEP, replay_some
from integrations.models import InboxMessage, Replay
from integrations.rest.receive import apply_rest
from integrations.states import InboxKind, InboxStatus
from integrations.telephony.receive import apply_call

#: Applies one stored message inside the caller's transaction. What cannot be applied comes back
#: as refused, with whatever it had begun undone; an exception means "try again later".
Applier = Callable[[InboxMessage, dt.datetime], Settled]

APPLIERS: dict[InboxKind, Applier] = {
    InboxKind.HL7: apply_hl7,
    InboxKind.FHIR: apply_fhir,
    InboxKind.REST: apply_rest,
    InboxKind.CALLS: apply_call,
}


#: A message that we have stumbled over so often is put in quarantine: refused, for a person.
#: It takes a minute or so (2, 4, 8, 16 seconds between the tries).
STUMBLES = 5
#: The database was away, or two of us stood in each other's way: not the message's fault.
_PASSING = ("OperationalError", "InterfaceError")


class TooSlow(Exception):
    """A statement about the message ran into its time-out: what always does is stumbled over."""


def apply_message(pk: int, at: dt.datetime) -> dt.datetime | None:
    """Apply one stored message, or keep it with the reason why not.

    Messages are put in order by when they were sent, not by when they came, so one that nobody
    can apply holds up no other, not even of its own visit.

    The answer that went out before, if any, is dropped: whoever sends the message again should
    hear what became of it since.

    :raises TooSlow: this counts toward quarantine; a database that is away does not.
    """
    try:
        _apply_received(pk, at)
    except OperationalError as error:
        if took_too_long(error):
            raise TooSlow("A statement ran into its time-out.") from error
        raise
    return None


def _apply_received(pk: int, at: dt.datetime) -> None:
    with transaction.atomic():
        message = locks.lock_message(pk)
        if message.status != InboxStatus.RECEIVED:
            return
        if message.attempts > STUMBLES and not message.last_error.startswith(_PASSING):
            settle(message, _quarantined(message), by=Actor.system("inbox"), at=at)
            return
        settled = APPLIERS[InboxKind(message.kind)](message, at)
        settle(message, settled, by=Actor.ehr(message.source), at=at)


def _quarantined(message: InboxMessage) -> Settled:
    kind = message.last_error.partition(":")[0]  # the rest may quote the message
    return Settled.refused(
        "", f"In quarantine: we stumbled over it {STUMBLES} times ({kind}). Report it, then replay."
    )


step(name=STEP, model=InboxMessage, queue="fill")(apply_message)
step(name=REPLAY_STEP, model=Replay, queue="bulk", lease_seconds=60)(replay_some)
