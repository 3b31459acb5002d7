"""What staff do with a task. Each is one action; without script it ends on the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import reswap, trigger_client_event

from crm import clock
from crm.actions import TaskClosed, close_task, put_back_task
from crm.actions.contact_tasks import ThreadHeld, take_from_list
from crm.engine import IllegalMove, MovedMeanwhile
from crm.models import Task, User
from crm.permissions import can_work_tasks
from crm.saying import translated
from crm.states import TaskKind
from crm.web import actor, allowed_to, htmx_of
from desk.queries.task_detail import state_of
from desk.queries.task_request import why_not_close
from desk.task_forms import ActForm, CloseForm, SettleForm
from desk.task_views import task_page
from outreach.actions import NotHeld, NurseFirst
from scheduling.actions import RequestSettled
from triage.actions import settle_alert
from triage.permissions import can_work_alerts
from triage.states import Outcome

#: Something else is true by now: 409, and the page shows it.
CONFLICTS = (TaskClosed, MovedMeanwhile, IllegalMove, ThreadHeld)
#: These say in words for staff what is true now.
SAY_WHY = (TaskClosed, NotHeld, NurseFirst, RequestSettled, ThreadHeld)
MEANWHILE = gettext_noop("Somebody was faster. This is what is true now.")


@never_cache
@require_POST
@allowed_to(can_work_tasks)
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it on."""

    def act(task: Task, at: dt.datetime) -> None:
        assert isinstance(request.user, User)  # noqa: S101 for the type checker
        take_from_list(task=task, owner=request.user, by=actor(request), at=at)

    return _act(request, pk, act, done=_("It is yours."))


@never_cache
@require_POST
@allowed_to(can_work_tasks)
def put_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave it to somebody else, or open it again."""

    def act(task: Task, at: dt.datetime) -> None:
        put_back_task(task=task, by=actor(request), at=at)

    return _act(request, pk, act, done=_("It is on the list again."))


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_work_tasks)
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """It is done, with a note of what was done."""
    return _close(request, pk, done=True)


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_work_tasks)
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """There is nothing to do, and why."""
    return _close(request, pk, done=False)


def _close(request: HttpRequest, pk: int, *, done: bool) -> HttpResponse:
    task = _find(request, pk)
    form = _close_form(request, task, done=done)
    if request.method != "POST":
        return _ask(request, task, form, done=done)
    if not form.is_valid():
        return _ask(request, task, form, done=done, status=422)
    try:
        _check_same(task, form)
        _write_close(request, task, form, done=done)
    except CONFLICTS as conflict:
        return answer_conflict(request, pk, conflict)
    return answer_done(request, pk, _("Done.") if done else _("Closed: nothing to do."))


def _close_form(request: HttpRequest, task: Task, *, done: bool) -> CloseForm:
    """A safety alert ends with how it ended; any other task with a note."""
    data = request.POST if request.method == "POST" else None
    initial = {"was": state_of(task.status, task.owner_id)}
    if task.kind == TaskKind.SAFETY_ALERT:
        return SettleForm(data, initial=initial)
    return CloseForm(data, initial=initial, done=done)


def _write_close(request: HttpRequest, task: Task, form: CloseForm, *, done: bool) -> None:
    by, at, note = actor(request), clock.now(), form.cleaned_data["note"].strip()
    if isinstance(form, SettleForm):
        outcome = Outcome(form.cleaned_data["outcome"])
        settle_alert(task=task, outcome=outcome, note=note, by=by, at=at)
    else:
        instead = why_not_close(task)
        if instead:
            raise TaskClosed(instead)
        close_task(task=task, by=by, at=at, reason=note, done=done)


def _act(
    request: HttpRequest, pk: int, act: Callable[[Task, dt.datetime], None], *, done: str
) -> HttpResponse:
    """One action that needs nothing but the task as the page showed it."""
    task, form = _find(request, pk), ActForm(request.POST)
    try:
        _check_same(task, form)
        act(task, clock.now())
    except CONFLICTS as conflict:
        return answer_conflict(request, pk, conflict)
    return answer_done(request, pk, done)


def _find(request: HttpRequest, pk: int) -> Task:
    """:raises PermissionDenied: for a safety alert and somebody who is no nurse."""
    task = Task.objects.select_related("owner").filter(pk=pk).first()
    if task is None:
        raise Http404
    if task.kind == TaskKind.SAFETY_ALERT and not can_work_alerts(request.user):
        raise PermissionDenied
    return task


def _check_same(task: Task, form: ActForm) -> None:
    """:raises MovedMeanwhile: when it is no longer as the page showed it."""
    was = form.cleaned_data.get("was") if form.is_valid() else ""
    if was != state_of(task.status, task.owner_id):
        raise MovedMeanwhile(MEANWHILE)


def _ask(
    request: HttpRequest, task: Task, form: CloseForm, *, done: bool, status: int = 200
) -> HttpResponse:
    """The note: in the dialog for htmx, else on a page of its own."""
    context = {
        "task": task,
        "form": form,
        "done": done,
        "action": reverse("desk:task-done" if done else "desk:task-nothing", args=[task.pk]),
    }
    part = "tasks_close" if htmx_of(request) else "tasks_close_page"
    return render(request, f"desk/{part}.html", context, status=status)


def answer_done(request: HttpRequest, pk: int, sentence: str) -> HttpResponse:
    """Say so; a page with script stays, closes its dialog, and looks again."""
    messages.success(request, sentence)
    if not htmx_of(request):
        return redirect("desk:task", pk)
    return _look_again(request, status=200)


def answer_conflict(request: HttpRequest, pk: int, conflict: Exception) -> HttpResponse:
    """409 with what is true now, on the page or beside it."""
    sentence = translated(str(conflict) if isinstance(conflict, SAY_WHY) else MEANWHILE)
    if not htmx_of(request):
        return task_page(request, pk, at=clock.now(), notice=sentence, status=409)
    messages.warning(request, sentence)
    return _look_again(request, status=409)


def _look_again(request: HttpRequest, *, status: int) -> HttpResponse:
    response = render(request, "components/messages.html", {"oob": True}, status=status)
    trigger_client_event(response, "worklist:done", after="swap")
    return reswap(response, "none")
