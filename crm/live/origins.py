"""Which addresses the stream and the pages have: they may be on two ports of one host.

The session cookie belongs to a host name, whatever the port, and `localhost` and `127.0.0.1` do not
share it. So both ends take the host from the request and only the port from the settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

if TYPE_CHECKING:
    from django.http import HttpRequest


def is_own_host(host: str) -> bool:
    """Whether a Host header names us (ALLOWED_HOSTS)."""
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def may_read_across(origin: str, *, host: str) -> bool:
    """Whether pages of `origin` may read a stream that was asked for at `host`.

    That is the public address, or the web port on the very host name that the stream was asked at.
    """
    public = urlsplit(settings.FIRSTCALL.public_url)
    if origin == f"{public.scheme}://{public.netloc}":
        return True
    domain, _ = split_domain_port(host)
    port = settings.FIRSTCALL.firstcall_web_port
    return is_own_host(host) and origin == f"{public.scheme}://{domain}:{port}"


def live_url(request: HttpRequest) -> str:
    """Where this request's page finds the stream: as set, else the live port of its own host."""
    if settings.FIRSTCALL.live_url:
        return str(settings.FIRSTCALL.live_url)
    domain, _ = split_domain_port(request.get_host())
    return f"{request.scheme}://{domain}:{settings.FIRSTCALL.firstcall_live_port}/live"
