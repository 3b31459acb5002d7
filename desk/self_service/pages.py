"""What every page of a session needs: its language, its words, how far it is, who may see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from crm import clock
from desk.self_service.browser import find_session
from desk.self_service.words import BookWords
from scheduling.actions.self_service import SessionOver, TooMany
from scheduling.models import SelfServiceSession
from scheduling.states import HoldStatus, SelfServiceStatus, Wish
from waitlist.offer_page import language_of
from waitlist.offer_views import private

View = Callable[..., HttpResponse]
#: Of four, as patients see it.
STEPS = ("safety", "what", "who", "when")


def for_session(view: View) -> View:
    """Give the view this browser's open session and the time; without one, say that it is over."""

    @private
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        at = clock.now()
        session = find_session(request, at=at)
        if session is None:
            return redirect("book:over")
        if session.status == SelfServiceStatus.STOPPED:
            return redirect("book:stop")
        if session.status != SelfServiceStatus.OPEN:
            return redirect("book:done")
        try:
            return view(request, session, at, *args, **kwargs)
        except TooMany:
            return too_many(request, session)
        except SessionOver:
            return redirect("book:done")

    return guarded


def language_for(request: HttpRequest, session: SelfServiceSession | None) -> str:
    """What was chosen here; else the session's, else the browser's."""
    if session is not None and "lang" not in request.GET:
        return session.language
    return language_of(request, None)


def words_in(language: str, **facts: str) -> BookWords:
    """The words, with the organization's telephone unless a site's is given."""
    return BookWords(language, **{"phone": settings.FIRSTCALL.organization_phone, **facts})


def page(
    request: HttpRequest,
    template: str,
    *,
    session: SelfServiceSession | None,
    step: str = "",
    back: str = "",
    status: int = 200,
    words: BookWords | None = None,
    **context: Any,
) -> HttpResponse:
    """Render one page of the flow.

    :param step: one of `STEPS`, for "Step 2 of 4"; none on the last page.
    :param back: name of the address of the step before.
    """
    language = language_for(request, session)
    said = words or words_in(language)
    number = STEPS.index(step) + 1 if step else 0
    shown = {
        "lang": language,
        "words": said,
        "session": session,
        "step": number,
        "steps": [(name, index < number) for index, name in enumerate(STEPS)] if step else [],
        "progress": said.fill("progress", step=str(number)) if step else "",
        "step_name": said[f"step_{step}"] if step else "",
        "back": back,
        "back_url": reverse(f"book:{back}") if back else "",
        "phone_link": phone_link(settings.FIRSTCALL.organization_phone),
    }
    answer = render(request, f"self_service/{template}.html", shown | context, status=status)
    patch_vary_headers(answer, ["Cookie", "Accept-Language"])
    return answer


def too_many(request: HttpRequest, session: SelfServiceSession | None) -> HttpResponse:
    """The same for everybody: who asks, and whose number it is, makes no difference."""
    return page(request, "too_many", session=session, status=429)


def phone_link(number: str) -> str:
    """For `href`: digits alone."""
    return "tel:" + "".join(char for char in number if char.isdigit() or char == "+")


def next_step(session: SelfServiceSession, *, at: dt.datetime) -> str:
    """The name of the address where this session goes on: back button, second tap or resumed."""
    if not session.wish:
        return "book:wish"
    if session.verified_at is None:
        return "book:code" if session.phone_id else "book:phone"
    if session.identified_at is None:
        return "book:person"
    if session.wish == Wish.WAIT:
        return "book:list"
    needs_visit = session.wish in {Wish.MOVE, Wish.GIVE_UP} and session.gives_up_id is None
    if needs_visit:
        return "book:visits"
    hold = session.hold
    is_kept = hold is not None and hold.status == HoldStatus.HELD and hold.expires_at > at
    return "book:check" if is_kept else "book:times"


def start_of(session: SelfServiceSession | None) -> str:
    """The address where it began: its link's, or the page without one."""
    link = session.link if session else None
    return reverse("book:link", args=[link.token]) if link else reverse("book:start")


def go(session: SelfServiceSession, *, at: dt.datetime) -> HttpResponse:
    """To the next step, by GET, so that going back or loading again does nothing twice."""
    return redirect(next_step(session, at=at))
