"""The page of tasks and its parts, as they are read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm import clock
from crm.engine import record
from crm.models import Patient, Task
from crm.permissions import can_work_tasks
from crm.web import actor, allowed_to, csv_answer, htmx_of, note_views
from desk import queries
from desk import task_words as words
from desk.queries import Shown
from desk.queries.task_detail import TaskDetail
from desk.queries.task_list import TaskLine
from desk.task_forms import FilterForm
from outreach.rules.times import say_time
from triage.permissions import can_work_alerts
from waitlist.opening_words import say_zone
from waitlist.queries.candidates import Person, name_people

#: Ids of what htmx puts an answer into.
LIST, DETAIL = "work-list", "work"
COLUMNS = (
    "task",
    "kind",
    "what",
    "why",
    "patient",
    "record number",
    "due",
    "late",
    "state",
    "who has it",
    "opened",
    "closed",
)


@never_cache
@require_safe
@allowed_to(can_work_tasks)
def tasks(request: HttpRequest) -> HttpResponse:
    """All tasks, none chosen. Names nobody in full."""
    context = list_context(request, at=clock.now())
    if htmx_of(request).target == LIST:
        return _refreshed(request, "desk/tasks_list.html", context)
    return render(request, "desk/tasks.html", context)


@never_cache
@require_safe
@allowed_to(can_work_tasks)
def task(request: HttpRequest, pk: int) -> HttpResponse:
    """One task beside the list. Names patients: each look is written down."""
    at = clock.now()
    if htmx_of(request).target == LIST:
        context = list_context(request, at=at, selected=pk)
        return _refreshed(request, "desk/tasks_list.html", context)
    if htmx_of(request).target == DETAIL:
        context = list_context(request, at=at, selected=pk) | detail_context(request, pk, at=at)
        return render(request, "desk/tasks_chosen.html", context)
    return task_page(request, pk, at=at)


def task_page(
    request: HttpRequest, pk: int, *, at: dt.datetime, notice: str = "", status: int = 200
) -> HttpResponse:
    """The whole page; `notice` says what went wrong before it."""
    context = list_context(request, at=at, selected=pk) | detail_context(request, pk, at=at)
    return render(request, "desk/tasks.html", context | {"notice": notice}, status=status)


@never_cache
@require_safe
@allowed_to(can_work_tasks)
def task_live(request: HttpRequest, pk: int) -> HttpResponse:
    """What of one task changes by itself; 204 while nothing has."""
    context = detail_context(request, pk, at=clock.now())
    return _refreshed(request, "desk/tasks_live.html", context | {"mark": context["task_mark"]})


@never_cache
@require_safe
@allowed_to(can_work_tasks)
def export_tasks(request: HttpRequest) -> HttpResponse:
    """The list as it is filtered, all of it; patients with a label by initials."""
    form, at, by = FilterForm(request.GET), clock.now(), actor(request)
    lines = queries.all_lines(shown=form.shown, kind=form.of_kind, user_id=by.id or 0, at=at)
    people = name_people(row.patient for _, row in lines if row.patient)
    record("crm.tasks.exported", request.user, by=by, at=at, rows=len(lines))  # type: ignore[arg-type]
    note_views(request, what="export of tasks", patient_ids=people, at=at)
    rows = [_row(line, row.patient, people) for line, row in lines]
    return csv_answer(f"tasks-{form.shown}.csv", COLUMNS, rows)


def _row(
    line: TaskLine, patient: Patient | None, people: Mapping[int, Person]
) -> tuple[object, ...]:
    person = people[patient.pk] if patient else None
    zone = (patient.zone if patient else "") or "UTC"
    return (
        line.pk,
        words.KINDS[line.kind].word,
        line.title,
        line.why,
        person.name if person else "",
        person.mrn if person else "",
        _said(line.due_at, zone),
        "late" if line.is_late else "",
        words.STATES[line.status].word,
        line.owner,
        _said(line.created_at, zone),
        _said(line.closed_at, zone),
    )


def _said(at: dt.datetime | None, zone: str) -> str:
    return f"{say_time(at, zone, 'en')} {say_zone(at, zone)}" if at else ""


def list_context(
    request: HttpRequest, *, at: dt.datetime, selected: int | None = None
) -> dict[str, Any]:
    """What the list and the page around it need."""
    form = FilterForm(request.GET)
    listed = queries.list_tasks(
        shown=form.shown, kind=form.of_kind, user_id=request.user.pk or 0, at=at
    )
    return {
        "listed": listed,
        "selected": selected,
        "here": reverse("desk:task", args=[selected]) if selected else reverse("desk:tasks"),
        "filters": _filters(form),
        "lists": [
            (
                each,
                words.LISTS[each],
                _(words.LISTS_LONG[each]),
                listed.counts[each],
            )
            for each in Shown
        ],
        "kinds": [(kind, _(said.word)) for kind, said in words.KINDS.items()],
        "mark": digest(listed, selected),
        "now": at,
    }


def detail_context(request: HttpRequest, pk: int, *, at: dt.datetime) -> dict[str, Any]:
    """What one task's side of the page needs; the look at it is written down."""
    is_nurse = can_work_alerts(request.user)
    detail, form = find_detail(pk, at=at, for_nurse=is_nurse), FilterForm(request.GET)
    me = request.user.pk or 0
    following = (
        None
        if detail.is_open
        else queries.find_next_task(after=pk, kind=form.of_kind, user_id=me, for_nurse=is_nurse)
    )
    return {
        "task": detail,
        "is_mine": detail.owner_id == me,
        "may_act": is_nurse or detail.alert is None,
        "next_task": following,
        "task_mark": digest(detail, following),
        "seen_by": note_views(request, what=f"task {pk}", patient_ids=detail.people_shown, at=at),
        "filters": _filters(form),
        "now": at,
    }


def find_detail(pk: int, *, at: dt.datetime, for_nurse: bool) -> TaskDetail:
    """:raises Http404: when there is no such task."""
    try:
        return queries.get_task_detail(pk, at=at, for_nurse=for_nurse)
    except Task.DoesNotExist as missing:
        raise Http404 from missing


def digest(*values: object) -> str:
    """A short name for what frozen values say: another one means that they say otherwise."""
    return blake2b(repr(values).encode(), digest_size=9).hexdigest()


def _filters(form: FilterForm) -> str:
    """The list's filters as links carry them on."""
    kept = {"show": form.shown.value}
    return urlencode(kept | ({"kind": form.of_kind.value} if form.of_kind else {}))


def _refreshed(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The part, or nothing where the page has it already."""
    if request.GET.get("seen") == context["mark"]:
        return HttpResponse(status=204)
    return render(request, template, context)
