"""A requested visit: booked in the EHR by a person, or not possible."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crm import clock
from crm.models import Task
from crm.permissions import can_work_tasks
from crm.saying import translated
from crm.states import TaskKind
from crm.web import actor, allowed_to, htmx_of
from desk.queries.task_request import RequestLine, find_request
from desk.request_forms import BookedForm, NotPossibleForm
from desk.task_acting import answer_conflict, answer_done
from desk.task_forms import ActForm
from scheduling.actions import NumberTaken, RequestSettled, confirm_by_hand, refuse_by_hand


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_work_tasks)
def booked(request: HttpRequest, pk: int) -> HttpResponse:
    """It is booked in the EHR: the patient hears so at once."""
    asked = _find(pk)
    form = BookedForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _ask(request, pk, asked, form, status=422 if form.is_bound else 200)
    number, by, at = form.cleaned_data["number"], actor(request), clock.now()
    try:
        confirm_by_hand(appointment_id=asked.appointment_id, number=number, by=by, at=at)
    except NumberTaken as taken:
        form.add_error("number", translated(str(taken)))
        return _ask(request, pk, asked, form, status=422)
    except RequestSettled as settled:
        return answer_conflict(request, pk, settled)
    return answer_done(request, pk, _("Booked. The patient is told so."))


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_work_tasks)
def not_possible(request: HttpRequest, pk: int) -> HttpResponse:
    """It will not be booked: the patient is told, and the next is asked where it is free."""
    asked = _find(pk)
    form = NotPossibleForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _ask(request, pk, asked, form, status=422 if form.is_bound else 200)
    try:
        refuse_by_hand(
            appointment_id=asked.appointment_id,
            why=form.reason,
            sentence=form.sentence,
            by=actor(request),
            at=clock.now(),
        )
    except RequestSettled as settled:
        return answer_conflict(request, pk, settled)
    return answer_done(request, pk, _("Not booked. The patient is told, and keeps their place."))


def _find(pk: int) -> RequestLine:
    """:raises Http404: when there is no such task, or it is none about a request."""
    keys = Task.objects.filter(pk=pk, kind=TaskKind.CONFIRM_REQUEST)
    key = keys.values_list("cause_key", flat=True).first() or ""
    number = key.removeprefix("confirm-request:")
    found = find_request(int(number)) if number.isdecimal() else None
    if found is None:
        raise Http404
    return found


def _ask(
    request: HttpRequest, pk: int, asked: RequestLine, form: ActForm, *, status: int
) -> HttpResponse:
    """In the dialog for htmx, else on a page of its own."""
    is_yes = isinstance(form, BookedForm)
    context = {
        "task_id": pk,
        "asked": asked,
        "form": form,
        "part": "desk/tasks_booked.html" if is_yes else "desk/tasks_not_possible.html",
    }
    template = str(context["part"]) if htmx_of(request) else "desk/tasks_part_page.html"
    return render(request, template, context, status=status)
