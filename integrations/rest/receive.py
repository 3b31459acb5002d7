"""One plain JSON event from the inbox to our schedule."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.db import transaction
from rest_framework import serializers

from crm.engine import Actor
from integrations.inbox.outcomes import Settled
from integrations.models import InboxMessage
from integrations.problems import FieldError, field_errors
from integrations.rest.mapping import appointment_report, slot_report
from integrations.rest.serializers import SLOT_EVENT, AppointmentEventInput, SlotEventInput
from scheduling.actions import (
    ReportOutcome,
    ReportRefused,
    apply_appointment_report,
    apply_slot_report,
)

Input = serializers.Serializer[Any]

_APPOINTMENT = {
    "appointment_id": "appointment.id",
    "patient": "patient.identifiers",
    "starts_at": "appointment.starts_at",
    "providers": "appointment.provider_id",
    "slot_id": "appointment.slot_id",
}
_SLOT = {
    "slot_id": "slot.id",
    "starts_at": "slot.starts_at",
    "provider": "slot.provider_id",
    "providers": "slot.provider_id",
    "visit_type": "slot.visit_type",
}


class RestUnreadable(Exception):
    """The body is no event that we take; `errors` names each fault. At least one."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__(errors[0].field)
        self.errors = errors

    @property
    def is_json(self) -> bool:
        return self.errors[0].field != "body"

    def summary(self) -> FieldError:
        """The first fault, and how many more there are, for one line of the inbox."""
        more = f" (and {len(self.errors) - 1} more)" if len(self.errors) > 1 else ""
        return FieldError(self.errors[0].field, self.errors[0].detail + more)


def read_event(body: bytes, kind: type[Input]) -> dict[str, Any]:
    """The event in a body, validated. :raises RestUnreadable:"""
    event = kind(data=parse(body))
    if not event.is_valid():
        raise RestUnreadable(list(field_errors(event.errors)))
    data: dict[str, Any] = event.validated_data
    return data


def parse(body: bytes) -> dict[str, Any]:
    """The JSON object in a body. :raises RestUnreadable: for anything else, NaN included"""
    try:
        found = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise RestUnreadable([FieldError("body", "This is no JSON object in UTF-8.")])
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def apply_rest(message: InboxMessage, at: dt.datetime) -> Settled:
    """Apply one stored event in the caller's transaction; a refusal leaves nothing behind."""
    body = bytes(message.body)
    places = _APPOINTMENT
    try:
        is_slot = parse(body).get("event") == SLOT_EVENT
        places = _SLOT if is_slot else _APPOINTMENT
        event = read_event(body, SlotEventInput if is_slot else AppointmentEventInput)
        with transaction.atomic():  # a savepoint: a refusal undoes what was begun
            return Settled.by([_apply(event, is_slot=is_slot, at=at)])
    except RestUnreadable as unreadable:
        fault = unreadable.summary()
        return Settled.refused(fault.field, fault.detail)
    except ReportRefused as refused:
        return Settled.refused_report(refused, places)


def _apply(event: dict[str, Any], *, is_slot: bool, at: dt.datetime) -> ReportOutcome:
    by = Actor.ehr(event["source"])
    if is_slot:
        return apply_slot_report(slot_report(event), by=by, at=at)
    return apply_appointment_report(appointment_report(event), by=by, at=at)
