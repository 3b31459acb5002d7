"""The patient's page about a visit ahead, what to do before it and where it is: nothing before the
date of birth.

As with an offer's page, links that do not exist take as many tries and look the same. Where the
visit or the patient is labelled, a phone and a date of birth are no proof against the rest of a
family: then it asks them to call.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from crm import clock
from crm.engine import Actor
from crm.queries import may_act_for
from desk.preparation_words import PreparationWords
from desk.self_service.pages import phone_link
from outreach.rules.render import choose_language
from outreach.rules.times import say_time
from scheduling.actions.preparing import PageLocked, WrongDate, check_reader
from scheduling.models import Appointment, PreparationLink
from scheduling.states import LIVE
from waitlist.actions.identity import TRIES
from waitlist.offer_forms import BirthDateForm
from waitlist.offer_identity import tries_left_unknown
from waitlist.offer_page import language_of
from waitlist.offer_views import private

COOKIE: Final = "preparation"
#: Finds an address; it learns nothing but the address of a clinic.
MAP: Final = "https://www.openstreetmap.org/search"
#: How long a date of birth holds (seconds).
LASTS: Final = 30 * 60
VISITOR: Final = Actor.system("patient by link")


@private
@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the date of birth; after that, what to do before the visit, and where it is."""
    at = clock.now()
    if request.method == "POST":
        return _check(request, token, at=at)
    proof = request.get_signed_cookie(COOKIE, default="", salt=_salt(token), max_age=LASTS)
    link = _find(token, at=at) if proof == "ok" else None
    return _ask(request, token, at=at) if link is None else _page(request, link, at=at)


def may_read(visit: Appointment) -> bool:
    """Whether the page may tell what to do; else it asks them to call."""
    kind = visit.visit_type
    return kind is not None and not kind.is_sensitive and not visit.patient.sensitivity


def _find(token: str, *, at: dt.datetime) -> PreparationLink | None:
    """The link, while its phone may still act for the patient."""
    rows = PreparationLink.objects.select_related(
        "phone", "appointment__patient", "appointment__location", "appointment__visit_type"
    )
    link = rows.filter(token=token).first()
    if link is None:
        return None
    visit = link.appointment
    sensitive = visit.visit_type is not None and visit.visit_type.is_sensitive
    may = may_act_for(visit.patient, link.phone, at=at, is_sensitive=sensitive)
    return link if may else None


def _page(request: HttpRequest, link: PreparationLink, *, at: dt.datetime) -> HttpResponse:
    about = link.appointment
    known = choose_language(about.patient.language)
    language = language_of(request, None) if "lang" in request.GET else known
    site = about.location
    phone = (site.phone if site else "") or settings.FIRSTCALL.organization_phone
    context: dict[str, Any] = {
        "lang": language,
        "words": PreparationWords(language, phone=phone),
        "time": say_time(about.starts_at, site.zone if site else "UTC", language),
        "is_on": about.status in LIVE,
        "is_past": about.ends_at <= at,
        "must_call": not may_read(about),
        "preparation": about.visit_type.preparation if about.visit_type else "",
        "place": _place(about, at=at),
        "phone_link": phone_link(phone),
    }
    return render(request, "preparation/visit.html", context)


def _place(visit: Appointment, *, at: dt.datetime) -> dict[str, str] | None:
    """Name, address and map of the site, of a visit that is still to come and may be told of."""
    site = visit.location
    is_ahead = visit.status in LIVE and visit.ends_at > at
    if site is None or not site.address_line or not is_ahead or not may_read(visit):
        return None
    map_url = f"{MAP}?{urlencode({'query': site.address})}"
    return {"name": site.name, "address": site.address, "map_url": map_url}


# --- who it is -------------------------------------------------------------------------


def _check(request: HttpRequest, token: str, *, at: dt.datetime) -> HttpResponse:
    form = BirthDateForm(request.POST, words=_words(request), today=timezone.localdate(at))
    if not form.is_valid():
        return _ask(request, token, at=at, form=form)
    link = _find(token, at=at)
    try:
        if link is None:
            raise WrongDate(tries_left_unknown(token, count=True))
        born = form.cleaned_data["birth_on"]
        check_reader(link=link, birth_on=born, most=TRIES, by=VISITOR, at=at)
    except PageLocked:
        return _locked(request)
    except WrongDate as wrong:
        if wrong.left <= 0:
            return _locked(request)
        form.say_wrong(_words(request).fill("wrong_date", left=str(wrong.left)))
        return _ask(request, token, at=at, form=form)
    return _remember(redirect("preparation:visit", token), token)


def _ask(
    request: HttpRequest, token: str, *, at: dt.datetime, form: BirthDateForm | None = None
) -> HttpResponse:
    link = _find(token, at=at)
    left = TRIES - link.failed_checks if link else tries_left_unknown(token, count=False)
    if left <= 0:
        return _locked(request)
    words = _words(request)
    if form is None:
        form = BirthDateForm(words=words, today=timezone.localdate(at))
    else:
        form.mark_errors()
    context = {"lang": language_of(request, None), "words": words, "form": form}
    status = 422 if form.errors else 200
    return render(request, "waitlist/offer_identity.html", context, status=status)


def _locked(request: HttpRequest) -> HttpResponse:
    context = {"lang": language_of(request, None), "words": _words(request)}
    return render(request, "waitlist/offer_locked.html", context, status=403)


def _remember(response: HttpResponse, token: str) -> HttpResponse:
    response.set_signed_cookie(
        COOKIE,
        "ok",
        salt=_salt(token),
        max_age=LASTS,
        path=reverse("preparation:visit", args=[token]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _words(request: HttpRequest) -> PreparationWords:
    """For somebody we do not know: the organization's telephone is all they may learn."""
    phone = settings.FIRSTCALL.organization_phone
    return PreparationWords(language_of(request, None), phone=phone)


def _salt(token: str) -> str:
    return f"firstcall.preparation.{token}"
