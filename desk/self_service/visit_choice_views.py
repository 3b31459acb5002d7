"""Which of their visits to move or call off."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from crm.actions import record_view
from desk.self_service import actions
from desk.self_service.actions.actors import actor_of
from desk.self_service.actions.booking import find_visit
from desk.self_service.forms import WHY_ASKED, read_why
from desk.self_service.pages import for_session, go, page
from desk.self_service.showing import card_of_visit
from scheduling.actions.self_service import go_on
from scheduling.models import Appointment, OnlineVisit, SelfServiceSession
from scheduling.queries.self_service import changeable_visits, is_sensitive
from scheduling.states import SelfServiceStep, Wish


@for_session
@require_safe
def visits(request: HttpRequest, session: SelfServiceSession, at: dt.datetime) -> HttpResponse:
    """Their visits to come, as far as this phone may see them. None looks the same for all."""
    if session.identified_at is None or session.wish not in {Wish.MOVE, Wish.GIVE_UP}:
        return go(session, at=at)
    found = changeable_visits(session, at=at)
    if session.patient is not None and found:
        record_view(session.patient, by=actor_of(session), at=at, what="visits, online")
    cards = [(visit, card_of_visit(session, visit), is_online(visit)) for visit in found]
    is_move = session.wish == Wish.MOVE
    return page(
        request,
        "visits",
        session=session,
        step="when",
        back="wish",
        cards=cards,
        is_move=is_move,
    )


@for_session
@require_http_methods(["GET", "HEAD", "POST"])
def visit(
    request: HttpRequest, session: SelfServiceSession, at: dt.datetime, pk: int
) -> HttpResponse:
    """One of them: on to another time, or, asked once more, called off."""
    if session.identified_at is None:
        return go(session, at=at)
    try:
        chosen = find_visit(session, visit_id=pk, at=at)
    except actions.NotOffered:
        return redirect("book:visits")
    if request.method == "POST" and "off" in request.POST:
        why = read_why(request.POST.get("why", ""))
        actions.call_off(session, visit_id=pk, code=why, at=at)
        return redirect("book:done")
    if request.method == "POST" and is_online(chosen):
        _move(session, chosen, at=at)
        return redirect("book:times")
    card = card_of_visit(session, chosen)
    return page(
        request,
        "call_off",
        session=session,
        step="when",
        back="visits",
        card=card,
        words=card.words,
        visit=chosen,
        can_move=is_online(chosen),
        reasons=[(code, card.words[f"why_{code}"]) for code in WHY_ASKED],
    )


def _move(session: SelfServiceSession, chosen: Appointment, *, at: dt.datetime) -> None:
    """Look for another time for the same kind of visit there."""
    actions.let_time_go(session, at=at)
    go_on(
        session,
        at=at,
        step=SelfServiceStep.VISIT,
        wish=Wish.MOVE,
        gives_up=chosen,
        hold=None,
        visit_type=chosen.visit_type,
        location=chosen.location,
        role=None,
    )


def is_online(visit: Appointment) -> bool:
    """Whether another time for it may be booked online.

    Not where the visit or the patient is labelled: the times would tell what kind it is.
    """
    labelled = is_sensitive(visit) or bool(visit.patient.sensitivity)
    return (
        visit.role is not None
        and not labelled
        and OnlineVisit.objects.filter(clinic=visit.role.clinic_id, visit_type=visit.visit_type_id)
        .exclude(visit_type__catalog_entry__is_retired=True)
        .exists()
    )
