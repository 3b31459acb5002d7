"""Only Twilio may call these addresses: every request carries a signature over our URL."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from twilio.request_validator import RequestValidator

from crm import clock
from integrations.inbox.door import note_turned_away
from integrations.states import Door

log = structlog.get_logger(__name__)
WRONG = "The signature does not fit."
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def is_signed(request: HttpRequest) -> bool:
    """Whether one of our tokens signed this request; several are valid while rotating.

    The signature covers the public address, which behind a proxy is not the one we see, and all
    parameters, but no time: a replay is stopped by the unique MessageSid instead.
    """
    url = settings.FIRSTCALL.public_url.rstrip("/") + request.get_full_path()
    signature = request.headers.get("X-Twilio-Signature", "")
    return any(
        RequestValidator(token).validate(url, request.POST, signature)
        for token in settings.FIRSTCALL.twilio_auth_tokens
    )


def twilio_only(view: View[P]) -> View[P]:
    """A POST that Twilio signed, or 403; it carries no CSRF token."""

    @csrf_exempt
    @require_POST
    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not is_signed(request):
            log.warning("twilio.bad_signature", path=request.path)
            note_turned_away(
                door=Door.TWILIO,
                peer=str(request.META.get("REMOTE_ADDR", "")),
                reason="bad-signature",
                sentence=WRONG,
                at=clock.now(),
            )
            return HttpResponseForbidden(WRONG, content_type="text/plain")
        return view(request, *args, **kwargs)

    return checked
