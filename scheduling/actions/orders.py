"""Orders go along with the visits that they were made for."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from crm.engine import Actor, record
from scheduling.models import Appointment, ServiceRequest


def carry_orders(*, old: Appointment, new: Appointment, by: Actor, at: dt.datetime) -> None:
    """What was ordered for the visit given up holds for the one that took its place.

    Its authorization, the preparation that was sent, and what must come before or after it.
    The caller's transaction holds both visits.
    """
    for order in ServiceRequest.objects.filter(Q(appointment=old) | Q(follows=old)):
        if order.appointment_id == old.pk:
            order.appointment = new
        if order.follows_id == old.pk:
            order.follows = new
        order.save(update_fields=["appointment", "follows"])
        record("scheduling.servicerequest.carried", order, by=by, at=at, old=old.pk, new=new.pk)
