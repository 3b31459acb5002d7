"""When the database cannot serve a request now: 503, and when to ask again.

Out of connections, restarting, out of room, or somebody holds a lock too long: nothing was
stored, and the same request may work in a moment. A 500 would tell machines to give up and
people that something is broken.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils import translation
from django.views import defaults

from crm.web.language import remembered

log = structlog.get_logger(__name__)

#: When to ask again (seconds).
RETRY_AFTER = 5


class TroubleMiddleware:
    """Answers a request whose view could not reach the database, or was sent away by it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django's hook for what a view raised; None leaves it to others."""
        return _answer(error)


def failed(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`: for what no view raised, which `process_exception` never sees.

    Whoever is signed in is read before any view, by the request's log and for their language.
    """
    with translation.override(remembered(request) or translation.get_language()):
        answer = _answer(sys.exc_info()[1])
    return answer or defaults.server_error(request)


def _answer(error: BaseException | None) -> HttpResponse | None:
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    code = getattr(error.__cause__, "pgcode", None) or "none"
    log.error("database.trouble", error=type(error).__name__, code=code)
    return unavailable()


def unavailable() -> HttpResponse:
    """A page that needs no database, not even to know who asks."""
    page = loader.get_template("503.html").render()
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER)})
