"""Who may come in, and what is written down about what they saw."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from functools import wraps
from hashlib import blake2b
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from crm.actions import record_views
from crm.engine import Actor
from crm.models import User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

_SALT = "firstcall.seen"
#: A page left open for longer counts as a new look (seconds): one working day.
SEEN_FOR = 12 * 3600
#: So many people of a list are remembered: an address has an end.
_MOST_LISTED = 100


def allowed_to(can: Callable[[object], bool]) -> Callable[[View[P]], View[P]]:
    """Let in whom `can` lets in; send visitors to sign in, also from within a page."""

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if not can(request.user):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Whoever is sent there from within a page was signed in when it was loaded: they are told."""
    htmx = htmx_of(request)
    here = request.get_full_path() if request.method == "GET" else "/"
    going = (htmx.current_url_abs_path or here) if htmx else here
    if not htmx:
        return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': going})}")
    return HttpResponseClientRedirect(
        f"{settings.LOGIN_URL}?{urlencode({'ended': 'yes', 'next': going})}"
    )


def htmx_of(request: HttpRequest) -> HtmxDetails:
    """What htmx says of a request; false where it did not make it."""
    details: HtmxDetails = request.htmx  # type: ignore[attr-defined]  # HtmxMiddleware
    return details


def actor(request: HttpRequest) -> Actor:
    """Who acts: the member of staff behind a request that `allowed_to` let in."""
    assert isinstance(request.user, User)  # noqa: S101 for the type checker
    return Actor.user(request.user)


def note_views(
    request: HttpRequest, *, what: str, patient_ids: Collection[int], at: dt.datetime
) -> str:
    """Write an audit row for each patient whom the page names, once for each look at it.

    Refreshes of the same page bring back what this returned, as `seen_by`, and write nothing
    while they name the same people: a token of who looks at what, signed, so that a refresh
    cannot be asked for without the look before it.
    """
    if patient_ids and not was_seen(request, what=what, patient_ids=patient_ids):
        record_views(patient_ids, by=actor(request), at=at, what=what)
    return view_token(request, what=what, patient_ids=patient_ids)


def view_token(request: HttpRequest, *, what: str, patient_ids: Collection[int]) -> str:
    """What `note_views` returns, for the parts of a page whose view is written down already."""
    token = _what_is_seen(actor(request), what, patient_ids)
    return signing.dumps(token, salt=_SALT)


def was_seen(request: HttpRequest, *, what: str, patient_ids: Collection[int]) -> bool:
    """Whether the request brings back that the same people were looked at; it may bring several."""
    token = _what_is_seen(actor(request), what, patient_ids)
    return any(_is_signed(signed, token) for signed in request.GET.getlist("seen_by"))


def note_first_views(
    request: HttpRequest, *, what: str, patient_ids: Collection[int], at: dt.datetime
) -> str:
    """Like `note_views` for a list that changes all the time: whoever stood in it already is not
    written down again. Its refreshes bring back what this returned, as `listed`."""
    who = actor(request)
    mine, now = f"{who.id}:{what}", set(patient_ids)
    before = _listed(request.GET.get("listed", ""), mine)
    if now - before:
        record_views(now - before, by=who, at=at, what=what)
    known = [*sorted(now), *sorted(before - now)][:_MOST_LISTED]
    return signing.dumps([mine, known], salt=_SALT, compress=True)


def _listed(signed: str, mine: str) -> set[int]:
    try:
        whose, known = signing.loads(signed, salt=_SALT, max_age=SEEN_FOR)
    except (signing.BadSignature, ValueError):
        return set()
    return set(known) if whose == mine else set()


def _what_is_seen(who: Actor, what: str, patient_ids: Collection[int]) -> str:
    people = blake2b(repr(sorted(patient_ids)).encode(), digest_size=9).hexdigest()
    return f"{who.id}:{what}:{people}"


def _is_signed(signed: str, token: str) -> bool:
    try:
        seen: str = signing.loads(signed, salt=_SALT, max_age=SEEN_FOR)
    except signing.BadSignature:
        return False
    return seen == token
