"""Which visit? A few questions of a clinic's decision tree, for whoever does not know.

In English alone: that is the language in which clinics write their questions.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from crm.states import Channel
from desk.self_service.pages import for_session, page
from scheduling.actions.self_service import VISITOR, end_session, go_on
from scheduling.actions.tree_runs import answer_run, start_run
from scheduling.models import SelfServiceSession, TreeVersion
from scheduling.queries.self_service import online_visits
from scheduling.queries.tree_runs import get_run
from scheduling.queries.trees import tree_of
from scheduling.rules.trees import Ask, Facts, HandOver, UnknownAnswer, Visit
from scheduling.states import (
    HandOverTo,
    SelfServiceStatus,
    SelfServiceStep,
    TreeStatus,
)
from triage.states import Level

_STOPS = {HandOverTo.CALL_911: Level.EMERGENCY, HandOverTo.NURSE: Level.URGENT}


@for_session
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest, session: SelfServiceSession, at: dt.datetime) -> HttpResponse:
    """Choose what it is about, then answer one question a page."""
    if session.language != "en":
        return redirect("book:wish")
    if request.method == "POST":
        _take(request, session, at=at)
        return _follow(session, at=at)
    view = get_run(session.tree_run_id) if session.tree_run_id else None
    return page(
        request,
        "questions",
        session=session,
        step="what",
        back="wish",
        question=view.now.question if view and isinstance(view.now, Ask) else None,
        is_call=view is not None and not isinstance(view.now, Ask),
        reasons=[] if view else reasons_of(session),
    )


def _take(request: HttpRequest, session: SelfServiceSession, *, at: dt.datetime) -> None:
    """One choice; what is not on the page changes nothing, and the page is shown again."""
    if "again" in request.POST:
        go_on(session, at=at, step=SelfServiceStep.WISH, tree_run=None)
    elif session.tree_run_id is None:
        said = request.POST.get("tree", "")
        for row in reasons_of(session):
            if str(row.tree_id) == said:
                run = start_run(
                    tree_id=row.tree_id, facts=Facts(), channel=Channel.WEB, by=VISITOR, at=at
                )
                go_on(session, at=at, step=SelfServiceStep.WISH, tree_run=run)
    else:
        question, answer = request.POST.get("question", ""), request.POST.get("answer", "")
        with suppress(UnknownAnswer):
            answer_run(
                run_id=session.tree_run_id, question=question, answer=answer, by=VISITOR, at=at
            )


def _follow(session: SelfServiceSession, *, at: dt.datetime) -> HttpResponse:
    """On to the next question, to a visit that is open online, or to help that cannot wait.

    A visit that must be soon, or that is not online, ends at a call: a person finds the time.
    """
    view = get_run(session.tree_run_id) if session.tree_run_id else None
    if view is None or isinstance(view.now, Ask):
        return redirect("book:questions")
    leaf = view.now.leaf
    if isinstance(leaf, HandOver) and leaf.to in _STOPS:
        go_on(session, at=at, step=SelfServiceStep.WISH, danger=_STOPS[leaf.to])
        end_session(session=session, to=SelfServiceStatus.STOPPED, by=VISITOR, at=at)
        return redirect("book:stop")
    is_routine = isinstance(leaf, Visit) and leaf.urgency.within_days is None
    row = online_visits(session).filter(visit_type=view.visit_type).first() if is_routine else None
    if row is None:
        return redirect("book:questions")
    go_on(
        session,
        at=at,
        step=SelfServiceStep.WISH,
        visit_type=row.visit_type,
        location=row.clinic.location,
        tree_run=None,
    )
    return redirect("book:wish")


def reasons_of(session: SelfServiceSession) -> list[TreeVersion]:
    """Published trees that can end at a visit which is open online here, by name."""
    codes = set(online_visits(session).values_list("visit_type__code", flat=True))
    rows = TreeVersion.objects.filter(status=TreeStatus.PUBLISHED).select_related("tree")
    return [
        row
        for row in rows.order_by("tree__name")
        if any(
            isinstance(node, Visit) and node.visit_type in codes
            for node in tree_of(row).nodes.values()
        )
    ]
