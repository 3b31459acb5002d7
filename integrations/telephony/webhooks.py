"""Where a telephone system tells of calls: signed, kept, and acted on before the answer goes out.

A patient is on the line, so the news does not wait for a worker. Where it cannot be applied just
now, it is kept all the same, and the inbox's step tries again in a moment.
"""

from __future__ import annotations

import datetime as dt

import structlog
from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.env import split
from crm.engine.retrying import retry_lost_races
from integrations.inbox.tasks import apply_message
from integrations.models import InboxMessage
from integrations.rest.webhooks import ANSWERS, HEADERS, SignedWebhook
from integrations.states import Door, InboxKind
from integrations.telephony.serializers import CallEventInput

log = structlog.get_logger(__name__)


class CallWebhook(SignedWebhook):
    """What happens to a call."""

    door, kind, no_source = Door.CALLS, InboxKind.CALLS, "telephony"
    input = CallEventInput
    #: The step leaves the news to us for so long.
    lease = dt.timedelta(seconds=2)

    @extend_schema(
        operation_id="call_event",
        tags=["webhooks"],
        auth=[],
        summary="Tell of a call",
        description=(
            "Signed by [Standard Webhooks](https://www.standardwebhooks.com). It may come late, "
            "twice and in any order. Acted on at once; the same event sent again is answered as "
            "the first time."
        ),
        parameters=HEADERS,
        request=CallEventInput,
        responses=ANSWERS,
    )
    def post(self, request: Request) -> Response:
        return self.receive(request)

    def secrets(self) -> list[str]:
        """Its own, where one is set: a telephone system need not know the EHR's."""
        own = split(settings.FIRSTCALL.telephony_secret.get_secret_value())
        return own or super().secrets()

    def kept(self, message: InboxMessage, *, at: dt.datetime) -> None:
        """Act on it here and now; what fails is tried again by its step."""
        try:
            retry_lost_races(lambda: apply_message(message.pk, at))
        except Exception as error:  # noqa: BLE001 it is kept: any failure is for the step
            log.error("telephony.apply-failed", message=message.pk, error=type(error).__name__)
