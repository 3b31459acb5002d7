"""What the base templates need on every page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from crm.live.origins import live_url

if TYPE_CHECKING:
    from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `organization`, `demo`, and `live_url` for whoever is signed in."""
    env = settings.FIRSTCALL
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    url = live_url(request) if signed_in else ""
    request.live_url = url  # type: ignore[attr-defined]  # read by LiveCSPMiddleware
    return {
        "organization": {"name": env.organization_name, "phone": env.organization_phone},
        "demo": env.firstcall_demo,
        "live_url": url,
    }
