"""The content security policy with this page's live stream in it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from csp.middleware import CSPMiddleware, PolicyParts

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase


class LiveCSPMiddleware(CSPMiddleware):
    """Lets a page that names a live stream connect to it, and no page to anything else.

    The address depends on the host of the request, so it cannot stand in the settings.
    `crm.live.context.page` leaves it on the request when such a page is rendered.
    """

    def get_policy_parts(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        report_only: bool = False,  # noqa: FBT001 - its signature is django-csp's
    ) -> PolicyParts:
        """The settings' policy, and the address of the stream where the page has one."""
        parts = super().get_policy_parts(request, response, report_only)
        url = getattr(request, "live_url", "")
        if url:
            address = urlsplit(url)
            update = dict(parts.update or {})
            update["connect-src"] = [
                *update.get("connect-src", []),
                f"{address.scheme}://{address.netloc}",
            ]
            parts.update = update
        return parts
