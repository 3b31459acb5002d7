"""Texts to clinicians on call. What they are asked about stands on the page behind the sign-in."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from crm.engine import Actor
from crm.models import Handoff, OnCall
from crm.states import HandoffStatus, Purpose
from outreach.actions.sending import send
from outreach.models import Message

BY = Actor.system("paging")
#: A page that comes later than this brings somebody to a call that is over.
VALID_FOR = dt.timedelta(minutes=15)


def page_on_call(
    *, handoff_id: int, on_call_id: int, level: int, at: dt.datetime
) -> Message | None:
    """Text whoever has that turn, once for each time that the hand-off went further.

    None where they gave no number, or where the hand-off was answered meanwhile: nobody is
    called to what is settled.
    """
    handoff = Handoff.objects.filter(pk=handoff_id, status=HandoffStatus.OFFERED).first()
    turn = OnCall.objects.select_related("phone").filter(pk=on_call_id).first()
    if handoff is None or turn is None or turn.phone is None:
        return None
    return send(
        key=f"crm.handoff:{handoff_id}:page:{level}",
        patient=None,
        phone=turn.phone,
        template="page_on_call",
        fields={"organization": settings.FIRSTCALL.organization_name},
        purpose=Purpose.PAGE,
        subject=handoff,
        valid_until=at + VALID_FOR,
        by=BY,
        at=at,
    )
