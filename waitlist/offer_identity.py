"""Between two requests to an offer's page: who has shown the date of birth, and who guesses.

Proof is a signed cookie that is sent to that one link's path only, for half an hour: no session,
no login, nothing to share with a staff member's own session in the same browser.
"""

from __future__ import annotations

import hashlib

import redis
import structlog
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from waitlist.actions.identity import TRIES

log = structlog.get_logger(__name__)

COOKIE = "offer"
#: How long a date of birth holds (seconds).
LASTS = 30 * 60
#: How long tries at a link that does not exist are remembered (seconds): longer than offers live.
UNKNOWN_LASTS = 14 * 24 * 3600


def _salt(token: str) -> str:
    return f"firstcall.offer.{token}"


def is_verified(request: HttpRequest, token: str) -> bool:
    """Whether this browser has shown the right date of birth for this link lately."""
    proof = request.get_signed_cookie(COOKIE, default="", salt=_salt(token), max_age=LASTS)
    return proof == "ok"


def remember(response: HttpResponseBase, token: str) -> None:
    """Let this browser see this link's page for half an hour."""
    response.set_signed_cookie(
        COOKIE,
        "ok",
        salt=_salt(token),
        max_age=LASTS,
        path=reverse("offers:offer", args=[token]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def tries_left_unknown(token: str, *, count: bool) -> int:
    """Tries left at a link that does not exist; with `count`, one more is used up.

    A link that never locks would tell that it is none. The count lives in the cache: nobody is
    harmed when it is lost, so a cache that is down is logged and forgiven.
    """
    key = f"offer.unknown.{hashlib.sha256(token.encode()).hexdigest()[:32]}"
    try:
        if count:
            cache.add(key, 0, timeout=UNKNOWN_LASTS)
        tries = cache.incr(key) if count else cache.get(key, 0)
    except (redis.RedisError, OSError, ValueError) as error:
        log.warning("offer.unknown_not_counted", error=type(error).__name__)
        return TRIES - 1
    return TRIES - int(tries)
