"""What a page of the staff speaks: the language that whoever is signed in has chosen.

Patients' pages have a language of their own, and what machines read (the API, webhooks) and the
admin stay English, as does everything that is made outside a request. A cookie keeps the last
choice, so that the sign-in page and the page after a session that ended speak it, too.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import translation

from crm.states import StaffLanguage

COOKIE = "staff-language"
#: How long a browser remembers it (seconds): a year.
REMEMBERED_FOR = 365 * 24 * 3600


class StaffLanguageMiddleware:
    """Has the language of the staff's pages active while they are made.

    Stands behind what knows the user; reads no row that the request would not read without it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _is_for_staff(request):
            return self.get_response(request)
        language = _chosen(request) or remembered(request)
        if language in {None, StaffLanguage.ENGLISH}:
            response = self.get_response(request)
        else:
            with translation.override(language):
                response = self.get_response(request)
        _remember(request, response)
        return response


def remembered(request: HttpRequest) -> StaffLanguage | None:
    """What the browser last spoke to staff. Needs no database."""
    return _known(request.COOKIES.get(COOKIE, ""))


def _is_for_staff(request: HttpRequest) -> bool:
    """By the part of the site that answers. What is nowhere says so in the language remembered."""
    try:
        found = resolve(request.path_info)
    except Resolver404:
        return COOKIE in request.COOKIES
    return bool(found.app_names) and found.app_names[0] in settings.STAFF_PAGES


def _known(code: str) -> StaffLanguage | None:
    return StaffLanguage(code) if code in set(StaffLanguage) else None


def _chosen(request: HttpRequest) -> StaffLanguage | None:
    """Of whoever is signed in; visitors have chosen none."""
    return _known(getattr(request.user, "language", ""))


def _remember(request: HttpRequest, response: HttpResponse) -> None:
    """Whoever signed in or chose during this request counts; English needs no cookie."""
    chosen = _chosen(request)
    if chosen is None or chosen == (remembered(request) or StaffLanguage.ENGLISH):
        return
    response.set_cookie(
        COOKIE,
        chosen,
        max_age=REMEMBERED_FOR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
