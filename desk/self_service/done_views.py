"""What became of it. The page looks again by itself until the clinic's own system has answered."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from crm import clock
from crm.actions import record_view
from crm.web import htmx_of
from desk.self_service.actions.actors import actor_of
from desk.self_service.browser import find_session
from desk.self_service.outcome import Outcome, outcome_of
from desk.self_service.pages import language_for, page, start_of, words_in
from desk.self_service.showing import calendar_visit, card_of_visit, say_old
from scheduling.models import SelfServiceSession
from scheduling.states import SelfServiceStatus
from waitlist.offer_views import private
from waitlist.rules.ics import to_ics

_SAID = {
    Outcome.ASKING: ("asking_heading", "asking_text"),
    Outcome.BY_HAND: ("by_hand_heading", "by_hand_text"),
    Outcome.BOOKED: ("booked_done_heading", ""),
    Outcome.MOVED: ("moved_heading", ""),
    Outcome.NOT_POSSIBLE: ("not_possible_heading", "not_possible_text"),
    Outcome.CHANGED: ("changed_heading", "changed_text"),
    Outcome.OFF: ("off_done_heading", "off_done_text"),
    Outcome.LISTED: ("list_done_heading", "list_done_text"),
}
BOOKED = frozenset({Outcome.BOOKED, Outcome.MOVED})
#: The page looks again by itself until these are settled.
_UNSETTLED = frozenset({Outcome.ASKING, Outcome.BY_HAND})


@private
@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """How it stands now."""
    session = find_session(request, at=clock.now())
    if session is None or session.status != SelfServiceStatus.DONE:
        return redirect("book:over")
    if htmx_of(request):
        return poll(request, session)
    return result_page(request, session)


def poll(request: HttpRequest, session: SelfServiceSession) -> HttpResponse:
    """An open page asks whether it is still true; if not, it loads itself anew."""
    if outcome_of(session) == request.GET.get("seen"):
        return HttpResponse(status=204)
    return HttpResponseClientRefresh()


def result_page(
    request: HttpRequest, session: SelfServiceSession, *, token: str = ""
) -> HttpResponse:
    """The outcome, on the pages of the session or, with `token`, behind the link of a text."""
    session.language = language_for(request, session)
    outcome = outcome_of(session)
    shown = session.appointment or (session.gives_up if outcome is Outcome.OFF else None)
    old = session.gives_up if session.appointment_id else None
    said_old = say_old(old, session.language) if old else ""
    card = card_of_visit(session, shown, old=said_old) if shown else None
    if session.patient is not None:
        what = f"self-service session {session.pk}"
        record_view(session.patient, by=actor_of(session), at=clock.now(), what=what)
    words = card.words if card else words_in(session.language)
    heading, text = _SAID[outcome]
    return page(
        request,
        "done",
        session=session,
        words=words,
        heading=words[heading],
        text=words[text] if text else "",
        card=card,
        outcome=outcome,
        is_booked=outcome in BOOKED,
        is_unsettled=outcome in _UNSETTLED,
        old=old,
        token=token,
        here=reverse("visit:visit", args=[token]) if token else reverse("book:done"),
        calendar_url=_calendar_url(token),
        start_over=start_of(session),
    )


def _calendar_url(token: str) -> str:
    return reverse("visit:calendar", args=[token]) if token else reverse("book:calendar")


@private
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The booked visit as a file for the phone's calendar."""
    session = find_session(request, at=clock.now())
    if session is None or outcome_of(session) not in BOOKED:
        return redirect("book:done")
    return calendar_file(session)


def calendar_file(session: SelfServiceSession) -> HttpResponse:
    """The caller knows that the visit is booked, and who asks."""
    at, visit = clock.now(), session.appointment
    assert visit is not None  # noqa: S101 for the type checker
    if session.patient is not None:
        what = f"calendar file of self-service session {session.pk}"
        record_view(session.patient, by=actor_of(session), at=at, what=what)
    return HttpResponse(
        to_ics(calendar_visit(card_of_visit(session, visit), visit), at=at),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="visit.ics"'},
    )
