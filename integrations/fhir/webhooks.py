"""Where an EHR's Subscription tells us that a visit or a slot has changed.

R4 (http://hl7.org/fhir/R4/subscription.html): a rest-hook with a payload is an update of the
resource under our address, which servers send as PUT to …/Appointment/123 or as POST; one
without a payload is an empty POST.
"""

from __future__ import annotations

import datetime as dt
import hmac
from typing import Any

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.env import split
from crm import clock
from crm.engine import Actor
from integrations.fhir.notifications import parse, read_notification
from integrations.fhir.reading import FhirUnreadable
from integrations.fhir.receive import (
    NotificationKey,
    check_payload,
    is_greeting,
    notification_key,
)
from integrations.inbox.actions import receive_unreadable, store, store_unversioned
from integrations.inbox.http import (
    AcceptedSerializer,
    WebhookView,
    accepted,
    check_content_type,
    digest_key,
    peer_of,
    read_body,
)
from integrations.models import InboxMessage
from integrations.problems import FieldError, Problem, ProblemSerializer
from integrations.states import Door, InboxKind

TYPES = ("application/fhir+json", "application/json")
_ANSWERS: dict[Any, Any] = {
    202: OpenApiResponse(AcceptedSerializer, description="Stored; applied in a moment."),
    **{
        (code, "application/problem+json"): OpenApiResponse(ProblemSerializer, description=said)
        for code, said in {
            400: "No JSON. It was kept.",
            401: "The token is missing or wrong. Nothing was kept.",
            413: "Longer than `WEBHOOK_MAX_BYTES`. Nothing was kept.",
            415: "Another type, or compressed. Nothing was kept.",
            422: "No Appointment or Slot that can be read, or nothing in it. It was kept.",
            503: "The database does not answer. Nothing was kept; send it again.",
        }.items()
    },
}
_EXAMPLE = OpenApiExample(
    "A cancelled visit",
    media_type=TYPES[0],
    request_only=True,
    value={
        "resourceType": "Appointment",
        "id": "123",
        "meta": {"versionId": "4", "lastUpdated": "2026-11-18T17:00:00Z"},
        "status": "cancelled",
        "cancelationReason": {
            "coding": [
                {
                    "system": (
                        "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"
                    ),
                    "code": "pat",
                }
            ]
        },
        "slot": [{"reference": "Slot/77"}],
        "participant": [{"actor": {"reference": "Patient/9"}, "status": "accepted"}],
    },
)
_schema = extend_schema(
    tags=["webhooks"],
    auth=[{"fhirToken": []}],  # type: ignore[list-item]
    request=dict.fromkeys(TYPES, OpenApiTypes.OBJECT),
    responses=_ANSWERS,
    examples=[_EXAMPLE],
)


class FhirWebhook(WebhookView):
    """Notifications of R4 Subscriptions: an Appointment, a Slot, or a Bundle of them."""

    door = Door.FHIR

    @_schema
    @extend_schema(
        operation_id="fhir_notify",
        summary="Tell of a changed Appointment or Slot",
        description=(
            "A FHIR R4 Appointment, a Slot, or a Bundle of them, as a rest-hook Subscription posts "
            "it. The same notification sent again is answered as the first time. One without a "
            "payload is refused (422), since it does not say what changed: set "
            "`Subscription.channel.payload` to `application/fhir+json`."
        ),
    )
    def post(self, request: Request) -> Response:
        return receive(request, expected="")


class FhirResourceWebhook(WebhookView):
    """The same as an update of one resource, as R4 servers send it."""

    door = Door.FHIR

    @_schema
    @extend_schema(
        operation_id="fhir_update",
        summary="Tell of a changed Appointment or Slot by its address",
        description="As a rest-hook Subscription with a payload may send it.",
    )
    def put(self, request: Request, kind: str, name: str) -> Response:
        return receive(request, expected=f"{kind}/{name}")


def receive(request: Request, *, expected: str) -> Response:
    """Keep a notification and answer at once; its step does the work.

    `expected` is "type/id" of an update's address, else empty.

    :raises Problem: when it cannot be taken. A body that cannot be read is kept all the same.
    """
    at = clock.now()
    check_token(request)
    body = read_body(request)
    if body:  # an empty notification has no type
        check_content_type(request, *TYPES)
    source, peer = settings.FIRSTCALL.ehr_source, peer_of(request)
    try:
        key = check_readable(body, source=source, expected=expected, at=at)
    except FhirUnreadable as unreadable:
        receive_unreadable(
            kind=InboxKind.FHIR,
            source=source,
            key=digest_key(body),
            body=body,
            peer=peer,
            fault=FieldError(unreadable.field, unreadable.sentence),
            by=Actor.ehr(source),
            at=at,
        )
        raise as_problem(unreadable) from unreadable
    return accepted(_keep(body, key, source=source, peer=peer, at=at))


def _keep(
    body: bytes, key: NotificationKey, *, source: str, peer: str, at: dt.datetime
) -> InboxMessage:
    kind = InboxKind.FHIR
    if key.has_version:
        message, _ = store(
            kind=kind, source=source, key=key.text, body=body, peer=peer, at=at, due_at=at
        )
    else:
        message, _ = store_unversioned(
            kind=kind, source=source, name=key.text, body=body, peer=peer, at=at
        )
    return message


def check_token(request: Request) -> None:
    """:raises Problem: 401 unless the request bears one of our tokens."""
    kind, _, given = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    tokens = split(settings.FIRSTCALL.fhir_webhook_token.get_secret_value())
    # Every token is compared, so that the time taken says nothing.
    matches = [hmac.compare_digest(given.strip().encode(), token.encode()) for token in tokens]
    if kind.lower() != "bearer" or not any(matches):
        raise Problem(
            401,
            "unauthorized",
            "Send the token of our Subscription: Authorization: Bearer …",
            headers={"WWW-Authenticate": "Bearer"},
        )


def check_readable(body: bytes, *, source: str, expected: str, at: dt.datetime) -> NotificationKey:
    """The key of a notification that can be read. :raises FhirUnreadable:"""
    check_payload(body)
    if not is_greeting(body):
        read_notification(body, source=source, received_at=at)
    if expected:
        resource = parse(body)
        if f"{resource.get('resourceType')}/{resource.get('id')}" != expected:
            raise FhirUnreadable("id", "The address names another resource than the body.")
    return notification_key(body)


def as_problem(unreadable: FhirUnreadable) -> Problem:
    """400 for what is no JSON, 422 for what is no FHIR that we take."""
    errors = [FieldError(unreadable.field, unreadable.sentence)]
    if unreadable.field == "body":
        return Problem(400, "unreadable", "The body cannot be read. It was kept.", errors=errors)
    return Problem(422, "invalid", "The body cannot be taken. It was kept.", errors=errors)
