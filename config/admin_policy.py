"""The admin's own content security policy.

django-unfold's pages hold inline scripts and styles, and its Alpine evaluates expressions. They
are for staff who sign in; every other page keeps the strict policy of the settings.
"""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponse

#: Added to the settings' policy; still nothing from another host.
LOOSENED = {"script-src": [UNSAFE_INLINE, UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}


class AdminPolicyMiddleware:
    """Loosens the policy of the admin's pages. Stands inside the middleware that writes it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.resolver_match is not None and "admin" in request.resolver_match.app_names:
            # What django-csp's own decorator `csp_update` sets.
            response._csp_update = LOOSENED  # type: ignore[attr-defined]  # noqa: SLF001
        return response
