"""Plain JSON webhooks, signed, for systems that speak neither HL7 nor FHIR."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from config.env import split
from crm import clock
from crm.engine import Actor
from integrations.inbox.actions import receive_unreadable, store
from integrations.inbox.http import (
    AcceptedSerializer,
    WebhookView,
    accepted,
    check_content_type,
    peer_of,
    read_body,
)
from integrations.models import InboxMessage
from integrations.problems import Problem, ProblemSerializer
from integrations.rest.receive import Input, RestUnreadable, read_event
from integrations.rest.serializers import AppointmentEventInput, SlotEventInput
from integrations.rest.signatures import check_signature
from integrations.states import Door, InboxKind

ANSWERS: dict[Any, Any] = {
    202: OpenApiResponse(AcceptedSerializer, description="Stored; applied in a moment."),
    **{
        (code, "application/problem+json"): OpenApiResponse(ProblemSerializer, description=said)
        for code, said in {
            400: "No JSON object. It was kept.",
            401: "The signature is missing, wrong or old. Nothing was kept.",
            413: "Longer than `WEBHOOK_MAX_BYTES`. Nothing was kept.",
            415: "Not application/json, or compressed. Nothing was kept.",
            422: "Some fields cannot be taken. It was kept.",
            503: "The database does not answer. Nothing was kept; send it again.",
        }.items()
    },
}
HEADERS = [
    OpenApiParameter(
        "webhook-id",
        str,
        OpenApiParameter.HEADER,
        required=True,
        description="Unique for each event, the same for its repeats.",
    ),
    OpenApiParameter(
        "webhook-timestamp",
        int,
        OpenApiParameter.HEADER,
        required=True,
        description="Seconds since 1970 of this attempt; at most 5 minutes off.",
    ),
    OpenApiParameter(
        "webhook-signature",
        str,
        OpenApiParameter.HEADER,
        required=True,
        description="v1, and the base64 of the HMAC-SHA256 of id.timestamp.body.",
    ),
]


class SignedWebhook(WebhookView):
    """Base of those that are signed: keeps what comes, and answers at once."""

    parser_classes = (JSONParser,)
    door = Door.REST
    kind: ClassVar[InboxKind] = InboxKind.REST
    #: The source under which bodies are kept that do not say theirs.
    no_source: ClassVar[str] = "rest"
    #: After this long the inbox's step takes it.
    lease: ClassVar[dt.timedelta] = dt.timedelta()
    input: ClassVar[type[Input]]

    def secrets(self) -> list[str]:
        """Any of them proves the sender: several while one is changed."""
        return split(settings.FIRSTCALL.webhook_secret.get_secret_value())

    def kept(self, message: InboxMessage, *, at: dt.datetime) -> None:
        """What else to do with a new message before the answer goes out: nothing."""

    def receive(self, request: Request) -> Response:
        """:raises Problem: when it cannot be taken. A signed body is kept all the same."""
        at = clock.now()
        body = read_body(request)
        key = check_signature(body, request.headers, secrets=self.secrets())
        if body:  # an empty one has no type
            check_content_type(request, "application/json")
        try:
            event = read_event(body, self.input)
        except RestUnreadable as unreadable:
            raise self._refuse(request, key, body, unreadable, at) from unreadable
        message, is_new = store(
            kind=self.kind,
            source=event["source"],
            key=key,
            body=body,
            peer=peer_of(request),
            at=at,
            due_at=at + self.lease,
        )
        if is_new:
            self.kept(message, at=at)
        return accepted(message)

    def _refuse(
        self, request: Request, key: str, body: bytes, fault: RestUnreadable, at: dt.datetime
    ) -> Problem:
        receive_unreadable(
            kind=self.kind,
            source=self.no_source,
            key=key,
            body=body,
            peer=peer_of(request),
            fault=fault.summary(),
            by=Actor.ehr(self.no_source),
            at=at,
        )
        status, kind = (422, "invalid") if fault.is_json else (400, "unreadable")
        return Problem(status, kind, "The body cannot be taken. It was kept.", errors=fault.errors)


class AppointmentWebhook(SignedWebhook):
    """What became of a visit."""

    input = AppointmentEventInput

    @extend_schema(
        operation_id="appointment_event",
        tags=["webhooks"],
        auth=[],
        summary="Tell of a visit",
        description=(
            "Signed by [Standard Webhooks](https://www.standardwebhooks.com). The same event sent "
            "again is answered as the first time."
        ),
        parameters=HEADERS,
        request=AppointmentEventInput,
        responses=ANSWERS,
    )
    def post(self, request: Request) -> Response:
        return self.receive(request)


class SlotWebhook(SignedWebhook):
    """What became of a slot."""

    input = SlotEventInput

    @extend_schema(
        operation_id="slot_event",
        tags=["webhooks"],
        auth=[],
        summary="Tell of a slot",
        description="Signed and answered as events of visits are.",
        parameters=HEADERS,
        request=SlotEventInput,
        responses=ANSWERS,
    )
    def post(self, request: Request) -> Response:
        return self.receive(request)
