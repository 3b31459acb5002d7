"""The phone wall: what patients would see on their phones, in a demo."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from crm import clock
from crm.engine import Actor, record
from crm.models import Phone, User
from integrations.phone_wall import actions, calling
from integrations.phone_wall.queries import (
    WallPhone,
    find_changes,
    get_phones,
    recent_phones,
)
from outreach.actions import UnreadableNumber

#: The longest text that phones send: ten segments of 153 characters.
LONGEST = 1530
PHONE_WALL = "integrations.phone_wall.gateway.PhoneWallGateway"
View = Callable[..., HttpResponse]


def demo_only(view: View) -> View:
    """Any member of staff, and only while the patients are made up."""

    @never_cache
    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.FIRSTCALL.firstcall_demo:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


@demo_only
@require_safe
def phones(request: HttpRequest) -> HttpResponse:
    """The wall; while somebody types a search, only its phones."""
    search, at = request.GET.get("q", "").strip(), clock.now()
    shown = get_phones(recent_phones(search), at=at)
    _note_view(request, shown)
    context = {
        "phones": shown,
        "search": search,
        "carrier": "" if settings.SMS_GATEWAY == PHONE_WALL else _carrier(),
    }
    part = "#wall" if _is_htmx(request) else ""
    return render(request, f"phones/phones.html{part}", context)


@demo_only
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """What is new for a wall that is open, as pieces to swap; nothing when nothing is."""
    try:
        found = find_changes(
            request.GET.getlist("seen"),
            search=request.GET.get("q", "").strip(),
            at=clock.now(),
        )
    except ValueError:
        return HttpResponse(status=400)
    if found.are_none:
        return HttpResponse(status=204)
    _note_view(request, found.added)
    return render(request, "phones/changes.html", {"changes": found})


@demo_only
@require_POST
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Text us from that phone, the way in of a real carrier's texts."""
    phone, at = get_object_or_404(Phone, pk=pk), clock.now()
    body = request.POST.get("body", "").strip()
    error = _what_is_wrong(body)
    if not error:
        try:
            actions.reply(number=str(phone.number), body=body, at=at)
        except UnreadableNumber as unreadable:
            error = str(unreadable)
    if not _is_htmx(request) and not error:
        return redirect(f"{reverse('phones:phones')}#phone-{pk}")
    [shown] = get_phones([pk], at=at)
    context = {"phone": shown, "error": error, "typed": body if error else ""}
    part = "phones/reply.html" if _is_htmx(request) else "phones/phone_alone.html"
    return render(request, part, context, status=422 if error else 200)


@demo_only
@require_POST
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """Call the desk from that phone, or hang up."""
    phone, at = get_object_or_404(Phone, pk=pk), clock.now()
    if request.POST.get("act") == "hang-up":
        calling.hang_up(phone=phone, at=at)
    else:
        [before] = get_phones([pk], at=at)
        calling.place_call(phone=phone, language=before.language, at=at)
    if not _is_htmx(request):
        return redirect(f"{reverse('phones:phones')}#phone-{pk}")
    [shown] = get_phones([pk], at=at)
    return render(request, "phones/call.html", {"phone": shown})


def _note_view(request: HttpRequest, shown: list[WallPhone]) -> None:
    """Texts are health information, made up or not: who looked at which phones is kept."""
    user, keys = cast("User", request.user), [phone.pk for phone in shown]
    if keys:
        record("phones.viewed", user, by=Actor.user(user), at=clock.now(), phones=keys)


def _what_is_wrong(body: str) -> str:
    if not body:
        return "Type a text first."
    return f"A text has at most {LONGEST} characters." if len(body) > LONGEST else ""


def _carrier() -> str:
    return "Twilio" if "twilio" in settings.SMS_GATEWAY.lower() else settings.SMS_GATEWAY


def _is_htmx(request: HttpRequest) -> bool:
    return bool(request.htmx)  # type: ignore[attr-defined]  # django-htmx's middleware
