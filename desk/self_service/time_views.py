"""Choosing a time, looking at it once more, and asking for it; or getting on the list."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods

from desk.self_service import actions
from desk.self_service.pages import for_session, go, page, words_in
from desk.self_service.searching import Asked, find_times
from desk.self_service.showing import (
    Said,
    card_of_slot,
    days_of,
    said_name,
    say_old,
    until_clock,
)
from scheduling.actions import BookingRefused, PatientBusy, SlotTaken
from scheduling.models import OnlineVisit, SelfServiceSession
from scheduling.states import HoldStatus, Wish
from waitlist.queries.places import places_of

_METHODS = ["GET", "HEAD", "POST"]


@for_session
@require_http_methods(_METHODS)
def times(request: HttpRequest, session: SelfServiceSession, at: dt.datetime) -> HttpResponse:
    """Open times; pressing one keeps it."""
    if session.identified_at is None or session.visit_type is None:
        return go(session, at=at)
    problem, status = "", 200
    if request.method == "POST":
        problem = _choose(session, request.POST.get("slot", ""), at=at)
        if not problem:
            return redirect("book:check")
        status = 409
    return _times_page(request, session, at, problem=problem, status=status)


def _choose(session: SelfServiceSession, slot: str, *, at: dt.datetime) -> str:
    """Keep it; or the key of what to say instead."""
    try:
        actions.choose_time(session, slot_id=int(slot) if slot.isdecimal() else 0, at=at)
    except BookingRefused as refused:
        return problem_of(refused)
    except actions.NotOffered:
        return "not_for_you"
    return ""


def problem_of(refused: BookingRefused) -> str:
    """The key of what to say when a time cannot be theirs."""
    if isinstance(refused, SlotTaken):
        return "gone"
    return "busy_then" if isinstance(refused, PatientBusy) else "not_for_you"


def _times_page(
    request: HttpRequest,
    session: SelfServiceSession,
    at: dt.datetime,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    asked = Asked.of(request.GET)
    found = find_times(session, asked, at=at)
    if request.method != "HEAD" and asked.after is None:
        actions.keep_look(session, found, at=at)
    words = words_in(session.language)
    return page(
        request,
        "times",
        session=session,
        step="when",
        back="visits" if session.gives_up_id else "wish",
        status=status,
        problem=words[problem] if problem else "",
        days=days_of(session, found.slots),
        later=asked.after_this(found.after) if found.after else "",
        asked=asked,
        filters=asked.choices(words),
        kind=_kind(session),
        clinician=str(session.role.provider) if session.role else "",
        can_wait=session.gives_up_id is None and session.location_id is not None,
    )


def _kind(session: SelfServiceSession) -> Said:
    rows = OnlineVisit.objects.filter(
        visit_type=session.visit_type_id, clinic__location=session.location_id
    )
    found = rows.select_related("visit_type").first()
    if found is not None:
        return said_name(found, session.language)
    return Said(session.visit_type.name if session.visit_type else "", "en")


@for_session
@require_http_methods(_METHODS)
def check(request: HttpRequest, session: SelfServiceSession, at: dt.datetime) -> HttpResponse:
    """The time once more; a press asks the clinic for it, a second one does nothing."""
    hold = session.hold
    if hold is None or session.identified_at is None:
        return go(session, at=at)
    if request.method == "POST":
        starts_at = parse_datetime(request.POST.get("starts_at", ""))
        try:
            actions.book(
                session,
                starts_at=starts_at or hold.slot.starts_at,
                keeps_place="keep" in request.POST,
                at=at,
            )
        except BookingRefused as refused:
            return _times_page(request, session, at, problem=problem_of(refused), status=409)
        return redirect("book:done")
    is_kept = hold.status == HoldStatus.HELD and hold.expires_at > at
    old = say_old(session.gives_up, session.language) if session.gives_up else ""
    card = card_of_slot(session, hold.slot)
    theirs = session.patient.zone if session.patient else ""
    zone = theirs or hold.slot.role.clinic.location.zone  # a clock to wait by is one's own
    return page(
        request,
        "check",
        session=session,
        step="when",
        card=card,
        words=card.words,
        starts_at=hold.slot.starts_at.isoformat(),
        kept=card.words.fill("kept_until", until=until_clock(hold.expires_at, zone))
        if is_kept
        else card.words["kept_over"],
        is_kept=is_kept,
        moving=card.words.fill("moves_from", old_time=old) if old else "",
        is_waiting=_is_waiting(session),
    )


def _is_waiting(session: SelfServiceSession) -> bool:
    """Whether they hold a place on the list that this visit may end."""
    if session.patient is None or session.visit_type is None:
        return False
    return places_of(session.patient, session.visit_type).exists()


@for_session
@require_http_methods(_METHODS)
def waitlist(request: HttpRequest, session: SelfServiceSession, at: dt.datetime) -> HttpResponse:
    """A place on the list for such a visit there."""
    if session.identified_at is None or session.visit_type is None or session.location is None:
        return go(session, at=at)
    if request.method == "POST":
        actions.let_time_go(session, at=at)
        try:
            actions.join_list(session, at=at)
        except actions.NotOffered:
            return redirect("book:wish")
        return redirect("book:done")
    return page(
        request,
        "list",
        session=session,
        step="when",
        back="wish" if session.wish == Wish.WAIT else "times",
        kind=_kind(session),
        site=session.location,
        action=reverse("book:list"),
    )
