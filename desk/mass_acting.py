"""What staff do with a mass rescheduling: change its plan, start, pause, go on, stop, undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm import clock
from crm.models import User
from crm.permissions import can_run_openings
from crm.web import actor, allowed_to, htmx_of
from desk import mass_page as page
from desk.mass_forms import ChooseForm, StartForm
from desk.mass_views import PANEL, find_job, panel, show_job
from scheduling.actions import BookingRefused
from scheduling.actions.mass import (
    NothingToMove,
    NotNow,
    pause_job,
    plan_again,
    resume_job,
    start_job,
    stop_job,
)
from scheduling.actions.mass_items import choose_slot, exclude_item, hand_to_agent, include_item
from scheduling.actions.mass_running import undo_job
from scheduling.models import Slot
from scheduling.states import MassMoveHow

_ITEM_ACTS: Final[dict[str, Callable[..., Any]]] = {
    "exclude": exclude_item,
    "include": include_item,
    "agent": hand_to_agent,
}
_JOB_ACTS: Final[dict[str, Callable[..., Any]]] = {
    "again": plan_again,
    "pause": pause_job,
    "resume": resume_job,
    "stop": stop_job,
}


@never_cache
@require_POST
@allowed_to(can_run_openings)
def change(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Leave a visit out, take it in again, hand it to an agent, or give it another place."""
    found, by, at = find_job(pk), actor(request), clock.now()
    if page.find_item(found, item) is None:
        raise Http404
    act = request.POST.get("act", "")
    form = ChooseForm(request.POST)
    if act != "choose" and act not in _ITEM_ACTS:
        return HttpResponseBadRequest("No such act.", content_type="text/plain")
    if act == "choose" and not form.is_valid():
        return _panel(request, pk, item, problem="Choose one of the times.", status=422)
    try:
        if act == "choose":
            choose_slot(item_id=item, slot_id=form.cleaned_data["slot"], by=by, at=at)
        else:
            _ITEM_ACTS[act](item_id=item, by=by, at=at)
    except Slot.DoesNotExist:
        return _panel(request, pk, item, problem="That time is gone.", status=409)
    except (NotNow, BookingRefused) as refused:
        return _panel(request, pk, item, problem=str(refused), status=409)
    return _panel(request, pk, item)


def _panel(
    request: HttpRequest, pk: int, item: int, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """The visit as it is now; without htmx the whole page, with what went wrong."""
    found = find_job(pk)
    row = page.find_item(found, item)
    context = panel(found, row) | {"problem": problem, "changed": not problem}
    if htmx_of(request).target == PANEL:
        return render(request, "mass/item.html", context, status=status)
    if problem:
        return show_job(request, found, at=clock.now(), problem=problem, status=status)
    return redirect(f"{reverse('desk:mass-job', args=[pk])}?item={item}#{PANEL}")


@never_cache
@require_POST
@allowed_to(can_run_openings)
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin, moving or offering."""
    found, by, at = find_job(pk), actor(request), clock.now()
    form = StartForm(request.POST)
    if not form.is_valid():
        said = "Choose how: move and tell them, or let them choose."
        return show_job(request, found, at=at, problem=said, status=422)
    assert isinstance(request.user, User)  # noqa: S101 for the type checker
    how = MassMoveHow(form.cleaned_data["how"])
    try:
        start_job(job_id=pk, how=how, user=request.user, by=by, at=at)
    except (NotNow, NothingToMove) as refused:
        return show_job(request, find_job(pk), at=at, problem=str(refused), status=409)
    return redirect("desk:mass-job", pk)


@never_cache
@require_POST
@allowed_to(can_run_openings)
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan again, pause, go on, stop, or undo what nobody has confirmed."""
    find_job(pk)
    by, at, which = actor(request), clock.now(), request.POST.get("act", "")
    if which == "undo":
        undone = undo_job(job_id=pk, by=by, at=at)
        notes.success(
            request,
            f"{undone.taken_back} taken back. {undone.stands} are confirmed and stand: move those "
            "one by one.",
        )
        return redirect("desk:mass-job", pk)
    if which not in _JOB_ACTS:
        return HttpResponseBadRequest("No such act.", content_type="text/plain")
    try:
        _JOB_ACTS[which](job_id=pk, by=by, at=at)
    except NotNow as refused:
        return show_job(request, find_job(pk), at=at, problem=str(refused), status=409)
    return redirect("desk:mass-job", pk)
