"""Taking back what waits to go: an offer's text must not leave after its opening has closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import models, transaction
from django.db.models import Q, Value
from django.db.models.functions import Least

from crm.engine import Actor
from crm.engine.audit import subject_type
from crm.states import Purpose
from outreach import locks
from outreach.actions import outcomes
from outreach.models import Message
from outreach.states import Direction, MessageStatus

#: The rule in `outreach.message-not-sent` for what was taken back.
WITHDRAWN = "withdrawn"


@transaction.atomic
def withdraw(
    *, subjects: Sequence[models.Model], purpose: Purpose, why: str, by: Actor, at: dt.datetime
) -> int:
    """End the queued texts of `purpose` about any of `subjects`; returns how many.

    Each becomes `TOO_LATE` and publishes `outreach.message-not-sent` with the rule
    "withdrawn". What the carrier has been asked to take may have left; but should it turn out
    that it has not, it never will: its validity ends now. Locks the phones, then the messages,
    both in key order: call it once for all subjects of one transaction.

    :param subjects: rows that were given to `send` as its `subject`; of several kinds if need be.
    :param why: for staff, in the audit trail.
    """
    about = Q(pk__in=[])
    for subject in subjects:
        about |= Q(subject_type=subject_type(subject), subject_id=subject.pk)
    not_gone = Message.objects.filter(
        about,
        direction=Direction.OUT,
        purpose=purpose,
        status__in=[MessageStatus.QUEUED, *outcomes.ASKED],
    )
    found = dict(not_gone.values_list("pk", "phone_id"))
    locks.lock_phones(set(found.values()))
    held = list(locks.lock_messages(found))
    waiting = [m for m in held if m.status == MessageStatus.QUEUED]
    asked = [m.pk for m in held if m.status in outcomes.ASKED]
    Message.objects.filter(pk__in=asked).update(valid_until=Least("valid_until", Value(at)))
    for message in waiting:
        outcomes.set_not_sent(
            message,
            to=MessageStatus.TOO_LATE,
            rule=WITHDRAWN,
            reason=why,
            by=by,
            at=at,
            due_at=None,
        )
    return len(waiting)
