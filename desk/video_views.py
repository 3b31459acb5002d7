"""The patient's page of a visit by video: nothing of the visit before the date of birth.

As with an offer's page, links that do not exist take as many tries and look the same. It works
without script; the device check alone needs it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from crm import clock
from crm.engine import Actor, record
from desk.self_service.pages import phone_link
from desk.video_words import VideoWords
from outreach.rules.times import say_time
from scheduling.actions.telemedicine import TROUBLES, may_treat, say_trouble, say_where
from scheduling.models import VideoVisit
from scheduling.rules.states import STATES, state_code
from scheduling.states import LIVE, VideoStatus
from waitlist.actions.identity import TRIES
from waitlist.offer_forms import BirthDateForm
from waitlist.offer_identity import tries_left_unknown
from waitlist.offer_page import language_of
from waitlist.offer_views import private

COOKIE = "video"
#: How long a date of birth holds (seconds): a visit and the wait before it.
LASTS = 2 * 60 * 60
VISITOR = Actor.system("patient by link")


@private
@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the date of birth; after that the way in, the device check, and help."""
    if request.method == "POST":
        return _check(request, token)
    video = _verified(request, token)
    return _ask(request, token) if video is None else _page(request, video)


@private
@require_POST
def state(request: HttpRequest, token: str) -> HttpResponse:
    """Where they will be. Doing it again changes it."""
    video = _verified(request, token)
    if video is None:
        return redirect("video:visit", token)
    try:
        said = request.POST.get("state", "")
        say_where(appointment_id=video.appointment_id, state=said, by=VISITOR, at=clock.now())
    except ValueError:
        return _page(request, video, state_error=True, status=422)
    return _back(request, token)


@private
@require_POST
def trouble(request: HttpRequest, token: str) -> HttpResponse:
    """Something does not work: a person calls, and it is no missed visit."""
    video = _verified(request, token)
    if video is None:
        return redirect("video:visit", token)
    what = request.POST.get("what", "other")
    say_trouble(appointment_id=video.appointment_id, what=what, by=VISITOR, at=clock.now())
    return _back(request, token)


def _back(request: HttpRequest, token: str) -> HttpResponse:
    language = "es" if request.GET.get("lang") == "es" else ""
    query = "?lang=es" if language else ""
    return redirect(f"{reverse('video:visit', args=[token])}{query}")


def _find(token: str) -> VideoVisit | None:
    rows = VideoVisit.objects.select_related(
        "appointment__patient", "appointment__location", "appointment__provider"
    )
    return rows.filter(token=token).first()


def _page(
    request: HttpRequest, video: VideoVisit, *, state_error: bool = False, status: int = 200
) -> HttpResponse:
    about = video.appointment
    language = _language(request, video)
    site = about.location
    phone = (site.phone if site else "") or settings.FIRSTCALL.organization_phone
    words = VideoWords(language, phone=phone)
    where = video.state or state_code(about.patient.state)
    context: dict[str, Any] = {
        "lang": language,
        "words": words,
        "query": "?lang=es" if request.GET.get("lang") == "es" else "",
        "token": video.token,
        "time": say_time(about.starts_at, site.zone if site else "UTC", language),
        "is_on": about.status in LIVE,
        "url": video.patient_url if video.status == VideoStatus.READY else "",
        "phone_link": phone_link(phone),
        "states": sorted(STATES.items(), key=lambda one: one[1]),
        "where": where,
        "said_where": bool(video.state),
        "may_treat": may_treat(about, where) if where else True,
        "state_error": state_error,
        "troubles": [(name, words.fill(f"trouble_{name}")) for name in TROUBLES],
        "trouble": video.trouble,
    }
    return render(request, "video/visit.html", context, status=status)


def _language(request: HttpRequest, video: VideoVisit) -> str:
    if "lang" in request.GET or not video.appointment.patient.language:
        return language_of(request, None)
    return "es" if video.appointment.patient.language.startswith("es") else "en"


# --- who it is -------------------------------------------------------------------------


def _salt(token: str) -> str:
    return f"firstcall.video.{token}"


def _verified(request: HttpRequest, token: str) -> VideoVisit | None:
    proof = request.get_signed_cookie(COOKIE, default="", salt=_salt(token), max_age=LASTS)
    return _find(token) if proof == "ok" else None


def _check(request: HttpRequest, token: str) -> HttpResponse:
    """Compare the date typed in; the try is counted first, so that many at once are counted."""
    words = VideoWords(language_of(request, None), phone=settings.FIRSTCALL.organization_phone)
    at = clock.now()
    form = BirthDateForm(request.POST, words=words, today=timezone.localdate(at))
    if not form.is_valid():
        return _ask(request, token, form=form)
    video = _find(token)
    left: int | None
    if video is None:
        left = tries_left_unknown(token, count=True)
    else:
        left = _try(video, form.cleaned_data["birth_on"], at=at)
    if left is None:
        response = redirect("video:visit", token)
        response.set_signed_cookie(
            COOKIE,
            "ok",
            salt=_salt(token),
            max_age=LASTS,
            path=reverse("video:visit", args=[token]),
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response
    if left <= 0:
        return _locked(request)
    form.say_wrong(words.fill("wrong_date", left=str(left)))
    return _ask(request, token, form=form)


@transaction.atomic
def _try(video: VideoVisit, birth_on: dt.date, *, at: dt.datetime) -> int | None:
    """None where it is right; else how many tries are left, below zero once it is locked."""
    row = VideoVisit.objects.filter(pk=video.pk)
    if not row.filter(failed_checks__lt=TRIES).update(failed_checks=F("failed_checks") + 1):
        return -1
    if video.appointment.patient.birth_on == birth_on:
        row.update(failed_checks=F("failed_checks") - 1)
        return None
    tries = row.values_list("failed_checks", flat=True).get()
    record("scheduling.video.identity-failed", video, by=VISITOR, at=at, tries=tries)
    return TRIES - tries


def _ask(request: HttpRequest, token: str, *, form: BirthDateForm | None = None) -> HttpResponse:
    video = _find(token)
    left = TRIES - video.failed_checks if video else tries_left_unknown(token, count=False)
    if left <= 0:
        return _locked(request)
    language = language_of(request, None)
    words = VideoWords(language, phone=settings.FIRSTCALL.organization_phone)
    if form is None:
        form = BirthDateForm(words=words, today=timezone.localdate(clock.now()))
    else:
        form.mark_errors()
    context = {"lang": language, "words": words, "form": form}
    status = 422 if form.errors else 200
    return render(request, "waitlist/offer_identity.html", context, status=status)


def _locked(request: HttpRequest) -> HttpResponse:
    phone = settings.FIRSTCALL.organization_phone
    language = language_of(request, None)
    words = VideoWords(language, phone=phone)
    context = {"lang": language, "words": words, "phone_link": phone_link(phone)}
    return render(request, "waitlist/offer_locked.html", context, status=403)
