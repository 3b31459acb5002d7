"""Between two requests: the cookie that holds a session's secret, and whose network it is.

No login and no Django session: the cookie goes to `/book/` only, and the row holds its digest,
so that neither an address nor a database dump lets anybody in.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from typing import Final

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

from scheduling.actions.self_service import key_digest
from scheduling.models import SelfServiceSession
from scheduling.rules import limits
from scheduling.states import SelfServiceStatus

COOKIE: Final = "book"
PATH: Final = "/book/"

_BESIDE: Final = (
    "link",
    "patient",
    "phone",
    "visit_type",
    "location",
    "role__provider",
    "role__clinic",
    "hold__slot__role__provider",
    "hold__slot__role__clinic__location",
    "gives_up__location",
    "gives_up__provider",
    "gives_up__visit_type",
    "gives_up__role__clinic__location",
    "appointment__location",
    "appointment__provider",
    "appointment__visit_type",
    "appointment__slot",
    "appointment__gives_up__location",
    "task",
)


def find_session(request: HttpRequest, *, at: dt.datetime) -> SelfServiceSession | None:
    """The session of this browser, while somebody goes on with it."""
    key = request.COOKIES.get(COOKIE, "")
    if not key:
        return None
    rows = sessions().filter(key_digest=key_digest(key), seen_at__gt=at - limits.QUIET)
    return rows.exclude(status=SelfServiceStatus.LEFT).first()


def sessions() -> QuerySet[SelfServiceSession]:
    """Sessions with all that a page tells of them."""
    return SelfServiceSession.objects.select_related(*_BESIDE)


def remember(response: HttpResponseBase, key: str) -> None:
    """Let this browser go on with the session."""
    response.set_cookie(
        COOKIE,
        key,
        max_age=int(2 * limits.QUIET.total_seconds()),
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponseBase) -> None:
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")


def address_digest(request: HttpRequest) -> str:
    """Whose network it is, for limits, as a keyed digest: addresses are not kept.

    Behind our own proxy the last address that it has added is the visitor's; one that a visitor
    sends along stands before it. A network of IPv6 is one household.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.FIRSTCALL.behind_tls_proxy:
        told = str(request.headers.get("X-Forwarded-For", "")).rsplit(",", 1)[-1].strip()
        address = told or address
    return salted_hmac("firstcall.book.from", _network(address), algorithm="sha256").hexdigest()


def _network(address: str) -> str:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(known, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((known, 64), strict=False))
    return str(known)
