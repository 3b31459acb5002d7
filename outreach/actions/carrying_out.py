"""What a held text also asked for, carried out by a person once a nurse is at it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor, record
from crm.queries import newest_stop_or_start
from crm.states import TaskStatus
from outreach import locks
from outreach.actions.heard import Heard, act_on
from outreach.models import Message
from outreach.rules.also_said import CARRIED_OUT, read_also
from outreach.states import MessageStatus
from triage.models import Alert


class NotHeld(Exception):
    """Nothing is left to carry out: somebody was faster, or the text asks for nothing."""


class NurseFirst(Exception):
    """Nobody has taken the alert yet."""


@transaction.atomic
def carry_out(*, message_id: int, by: Actor, at: dt.datetime) -> Message:
    """Act on a held text as if it had arrived now; publishes `outreach.reply-received`.

    Locks the phone, then the message. The audit trail names who carried it out.

    :raises NotHeld: when it is not held any more, or asks for nothing that can be carried out.
    :raises NurseFirst: while nobody has taken the alert that holds it.
    """
    locks.lock_phone(Message.objects.values_list("phone_id", flat=True).get(pk=message_id))
    message = locks.lock_message(message_id)
    reading = read_also(message.body, language=message.language)
    if message.status != MessageStatus.HELD or reading.kind not in CARRIED_OUT:
        raise NotHeld("Nothing of this text waits to be carried out.")
    # A held text always names its alert.
    task = Alert.objects.select_related("task").get(pk=message.subject_id or 0).task
    if task.status == TaskStatus.OPEN:
        raise NurseFirst("A nurse takes the alert first, and speaks with them.")
    record("outreach.message.carried-out", message, by=by, at=at, reading=str(reading.kind))
    act_on(Heard(message, reading, newest_stop_or_start(message.phone)), by=by, at=at)
    return message
