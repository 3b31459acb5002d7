"""What somebody said to an agent, and the safety check with it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.actions import open_task
from crm.engine import Actor
from crm.models import Journey, Patient, Phone
from crm.states import TaskKind
from triage import locks
from triage.actions.alerts import TITLES, WHY, raise_alert
from triage.models import Alert
from triage.ports import Finding
from triage.states import Heard

_NO_NUMBER = "We know no number of theirs: whoever has the contact knows where they are."


@transaction.atomic
def alert_about_call(
    *,
    finding: Finding,
    phone: Phone | None,
    patient: Patient | None,
    contact_id: int,
    by: Actor,
    at: dt.datetime,
    journey: Journey | None = None,
    said: int = 0,
) -> Alert | None:
    """Alert the nurses to what somebody says, while the agent still talks.

    Joins the alert about that phone that is still open, as texts do; locks the phone. Publishes
    `triage.alert-raised`. Without a number it is a task for nurses, due now: None then.

    :param said: names what was said within the contact; the same words alert once.
    """
    cause = f"crm.interaction:{contact_id}:safety:{said}"
    if phone is None:
        _ask_nurses(finding, patient, journey, cause, by=by, at=at)
        return None
    locks.lock_phone(phone.pk)
    return raise_alert(
        finding=finding,
        phone=phone,
        patient=patient,
        cause_key=cause,
        journey=journey,
        heard=Heard.TALK,
        by=by,
        at=at,
    )


def _ask_nurses(
    finding: Finding,
    patient: Patient | None,
    journey: Journey | None,
    cause: str,
    *,
    by: Actor,
    at: dt.datetime,
) -> None:
    open_task(
        kind=TaskKind.ASK_NURSE,
        title=TITLES[Heard.TALK][finding.level],
        why=f"{WHY[Heard.TALK][finding.level]} {_NO_NUMBER}",
        patient=patient,
        journey=journey,
        due_at=at,
        cause_key=cause,
        by=by,
        at=at,
    )
