"""What a caller said, and the safety check with it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor
from crm.models import Journey, Patient, Phone
from triage import locks
from triage.actions.alerts import raise_alert
from triage.models import Alert
from triage.ports import Finding


@transaction.atomic
def alert_about_call(
    *,
    finding: Finding,
    phone: Phone,
    patient: Patient | None,
    contact_id: int,
    by: Actor,
    at: dt.datetime,
    journey: Journey | None = None,
) -> Alert | None:
    """Alert the nurses to what somebody said on the telephone, while the agent still talks.

    Once for each contact; locks the phone, as texts do. Publishes `triage.alert-raised`.
    """
    locks.lock_phone(phone.pk)
    return raise_alert(
        finding=finding,
        phone=phone,
        patient=patient,
        cause_key=f"call:{contact_id}",
        journey=journey,
        by=by,
        at=at,
    )
