"""What the webhooks share: who may call, how much is read, and how it is answered."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar

from django.conf import settings
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crm import clock
from integrations.inbox.door import note_turned_away
from integrations.models import InboxMessage
from integrations.problems import Problem, as_problem
from integrations.states import Door

#: Answers after which nothing of the message is with us. A 400 or 422 may have kept it, and one
#: that broke off never ends in anything else than being sent again.
NOTHING_KEPT = frozenset({401, 413, 415})


class OurAnswer(BaseContentNegotiation):
    """JSON, whatever Accept says: a sender that asks for FHIR still wants its message taken."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return JSONRenderer(), JSONRenderer.media_type


class WebhookView(APIView):
    """Base of the webhooks. They have no user and no session: each message proves itself."""

    authentication_classes = ()
    permission_classes = ()
    content_negotiation_class = OurAnswer
    door: ClassVar[Door]

    def handle_exception(self, exc: Exception) -> Response:
        """Whoever is turned away with nothing kept is counted, for the operator to see."""
        problem = as_problem(exc)
        if problem is not None and problem.http_status in NOTHING_KEPT:
            note_turned_away(
                door=self.door,
                peer=peer_of(self.request),
                reason=problem.kind,
                sentence=problem.detail,
                at=clock.now(),
            )
        return super().handle_exception(exc)


class AcceptedSerializer(serializers.Serializer[Any]):
    """What a sender hears when its message is ours; the same for every repeat of it."""

    id = serializers.IntegerField(help_text="Of the message in the inbox.")
    status = serializers.ChoiceField(choices=["accepted"])


def accepted(message: InboxMessage) -> Response:
    """202: it is stored, and will be applied in a moment."""
    return Response({"id": message.pk, "status": "accepted"}, status=202)


def check_content_type(request: Request, *allowed: str) -> None:
    """:raises Problem: 415 for another kind of body."""
    kind = request.META.get("CONTENT_TYPE", "").split(";")[0].strip().lower()
    if kind not in allowed:
        said = " or ".join(allowed)
        raise Problem(415, "unsupported-type", f"The body must be {said}.")


def read_body(request: Request) -> bytes:
    """The body as it came, up to the cap, chunked or not.

    Django reads nothing of a body without a length, and everything of one with: hence by hand.

    :raises Problem: 413 when it is longer, 415 when it is compressed (a small body could then
        be a large one), 400 when its length makes no sense or it breaks off.
    """
    limit = settings.FIRSTCALL.webhook_max_bytes
    if request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower() not in {"", "identity"}:
        raise Problem(415, "unsupported-encoding", "The body must not be compressed.")
    body = _read(request, limit)
    if len(body) > limit:
        raise Problem(413, "too-large", f"The body is longer than {limit} bytes.")
    return body


def _read(request: Request, limit: int) -> bytes:
    length = request.META.get("CONTENT_LENGTH", "")
    try:
        if length:
            if not length.isdigit():
                raise Problem(400, "bad-length", "Content-Length is no number.")
            if int(length) > limit:
                raise Problem(413, "too-large", f"The body is longer than {limit} bytes.")
            body: bytes = request.read(int(length))
            if len(body) < int(length):
                raise Problem(400, "incomplete", "The body broke off.")
            return body
        if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
            return _read_chunked(request, limit)
    except OSError as error:
        raise Problem(400, "incomplete", "The body broke off.") from error
    return b""


def _read_chunked(request: Request, limit: int) -> bytes:
    """The server has undone the chunks; what it hands over ends where the body does."""
    stream = request.META["wsgi.input"]
    parts: list[bytes] = []
    size = 0
    while size <= limit and (part := stream.read(limit + 1 - size)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def digest_key(body: bytes) -> str:
    """A key for a message that names itself nowhere: the same body is the same message."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def peer_of(request: Request) -> str:
    """Whose connection it was, for the inbox page."""
    return str(request.META.get("REMOTE_ADDR", ""))
