"""The patient's own page for an offer: no login, and nothing before the date of birth."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from crm import clock
from crm.actions import record_view
from crm.engine import Actor
from scheduling.actions import BookingRefused, PatientBusy
from waitlist import actions, offer_identity
from waitlist.actions.identity import TRIES, LinkLocked, WrongBirthDate, check_birth_date
from waitlist.models import Offer
from waitlist.offer_forms import BirthDateForm
from waitlist.offer_page import Page, language_of, visitors_words
from waitlist.queries.offers import (
    find_offer,
    find_other_offer,
    get_offer_page,
    showing_of,
)
from waitlist.queries.standing import Standing, standing_on
from waitlist.rules.ics import to_ics
from waitlist.rules.showing import OVER, Showing

CHANNEL = "web"
VISITOR = Actor.system("unknown visitor")
View = Callable[..., HttpResponse]


def private(view: View) -> View:
    """For pages behind a secret address: kept, indexed and passed on by nobody."""

    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        # The address without its path, so that no log of referrers holds the token. Not
        # "no-referrer": browsers then send "Origin: null", which the CSRF check refuses.
        response["Referrer-Policy"] = "strict-origin"
        return response

    return wrapped


@private
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the date of birth; after that, show how the offer stands."""
    if request.method == "POST":
        return _check(request, token)
    found = _verified(request, token)
    if request.htmx:  # type: ignore[attr-defined]  # django-htmx's middleware
        return _poll(request, found)
    return _page(request, found) if found else _ask(request, token)


@private
@require_POST
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Say yes. Doing it again changes nothing."""
    found = _verified(request, token)
    if found is None:
        return _to_page(request, token)
    by, at = _actor(found), clock.now()
    try:
        actions.accept_offer(offer_id=found.pk, channel=CHANNEL, by=by, at=at)
    except actions.OfferClosed as closed:
        actions.offer_another(missed=closed.offer, by=by, at=at)
    except BookingRefused as refused:
        problem = "refused_busy" if isinstance(refused, PatientBusy) else "refused_rule"
        return _page(request, found, problem=problem, status=409)
    return _to_page(request, token)


@private
@require_POST
def decline(request: HttpRequest, token: str) -> HttpResponse:
    """Say no, or leave the line. Doing it again changes nothing."""
    found = _verified(request, token)
    if found is not None:
        actions.decline_offer(offer_id=found.pk, channel=CHANNEL, by=_actor(found), at=clock.now())
    return _to_page(request, token)


@private
@require_POST
def give_back(request: HttpRequest, token: str) -> HttpResponse:
    """They cannot come after all: a person will call. Nothing changes before that."""
    found = _verified(request, token)
    if found is not None:
        # Not theirs any more: the page itself says what is true now.
        with suppress(actions.OfferClosed):
            actions.ask_to_give_back(offer_id=found.pk, by=_actor(found), at=clock.now())
    return _to_page(request, token)


@private
@require_POST
def another(request: HttpRequest, token: str) -> HttpResponse:
    """Whose time is gone: to the best other opening, without asking who they are again."""
    found, at = _verified(request, token), clock.now()
    if found is None or showing_of(found, at=at) not in OVER:
        return _to_page(request, token)
    other = find_other_offer(found, at=at) or actions.offer_another(
        missed=found, by=_actor(found), at=at
    )
    if other is None:
        return _to_page(request, token, looked="1")
    response = _to_page(request, other.token)
    offer_identity.remember(response, other.token)
    return response


@private
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The booked visit as a file for the phone's calendar."""
    found, at = _verified(request, token), clock.now()
    booked = found.appointment if found else None
    if found is None or booked is None or showing_of(found, at=at) is not Showing.BOOKED:
        return _to_page(request, token)
    page = Page(get_offer_page(found, at=at), language_of(request, found))
    record_view(found.patient, by=_actor(found), at=at, what=f"calendar file of offer {found.pk}")
    return HttpResponse(
        to_ics(page.calendar_visit(booked), at=at),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="visit.ics"'},
    )


# --- who is there --------------------------------------------------------------------


def _verified(request: HttpRequest, token: str) -> Offer | None:
    """The offer, for a browser that has shown the date of birth, while its phone is theirs.

    A court order or a number passed on ends what was shown before, at once.
    """
    found = find_offer(token) if offer_identity.is_verified(request, token) else None
    if found is None:
        return None
    standing, _ = standing_on(found.phone, found, at=clock.now())
    return None if standing is Standing.NOT_THEIRS else found


def _actor(found: Offer) -> Actor:
    return Actor.patient(found.patient, channel=CHANNEL)


def _check(request: HttpRequest, token: str) -> HttpResponse:
    """Compare the date typed in. A link that does not exist takes as many tries as any."""
    words = visitors_words(language_of(request, None))
    at = clock.now()
    form = BirthDateForm(request.POST, words=words, today=timezone.localdate(at))
    if not form.is_valid():
        return _ask(request, token, form=form)
    found = find_offer(token)
    try:
        if found is None:
            left = offer_identity.tries_left_unknown(token, count=True)
            raise WrongBirthDate(left) if left >= 0 else LinkLocked
        check_birth_date(offer=found, birth_on=form.cleaned_data["birth_on"], by=VISITOR, at=at)
    except LinkLocked:
        return _locked(request)
    except WrongBirthDate as wrong:
        if wrong.left <= 0:
            return _locked(request)
        form.say_wrong(words.fill("wrong_date", left=str(wrong.left)))
        return _ask(request, token, form=form)
    response = _to_page(request, token)
    offer_identity.remember(response, token)
    return response


def _ask(request: HttpRequest, token: str, *, form: BirthDateForm | None = None) -> HttpResponse:
    if _tries_left(token) <= 0:
        return _locked(request)
    language = language_of(request, None)
    words = visitors_words(language)
    if form is None:
        form = BirthDateForm(words=words, today=timezone.localdate(clock.now()))
    else:
        form.mark_errors()
    context = {"lang": language, "words": words, "form": form}
    status = 422 if form.errors else 200
    return render(request, "waitlist/offer_identity.html", context, status=status)


def _tries_left(token: str) -> int:
    failed = Offer.objects.filter(token=token).values_list("failed_checks", flat=True).first()
    if failed is None:
        return offer_identity.tries_left_unknown(token, count=False)
    return TRIES - failed


def _locked(request: HttpRequest) -> HttpResponse:
    language = language_of(request, None)
    context = {"lang": language, "words": visitors_words(language)}
    return render(request, "waitlist/offer_locked.html", context, status=403)


# --- what they see -------------------------------------------------------------------


def _page(
    request: HttpRequest, found: Offer, *, problem: str = "", status: int = 200
) -> HttpResponse:
    at = clock.now()
    page = Page(get_offer_page(found, at=at), language_of(request, found))
    record_view(found.patient, by=_actor(found), at=at, what=f"offer {found.pk}")
    context = {
        "page": page,
        "lang": page.language,
        "words": page.words,
        "problem": page.words[problem] if problem else "",
        "token": found.token,
        "query": f"?lang={page.language}" if "lang" in request.GET else "",
        "looked": "looked" in request.GET,
    }
    return render(request, "waitlist/offer.html", context, status=status)


def _poll(request: HttpRequest, found: Offer | None) -> HttpResponse:
    """An open page asks whether it is still true; if not, it loads itself anew."""
    if found and showing_of(found, at=clock.now()) == request.GET.get("seen"):
        return HttpResponse(status=204)
    return HttpResponseClientRefresh()


def _to_page(request: HttpRequest, token: str, **query: str) -> HttpResponse:
    if "lang" in request.GET:
        query["lang"] = language_of(request, None)
    return redirect(reverse("offers:offer", args=[token], query=query or None))
