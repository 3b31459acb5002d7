"""Staff say whether two records are one person: who came online, and whom the EHR told of."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from crm import clock
from crm.actions import TaskClosed
from crm.engine import MovedMeanwhile
from crm.models import Patient, Task
from crm.states import TaskKind
from crm.web import actor, note_views
from scheduling.actions.joining import CannotJoin, not_the_same, same_person
from scheduling.linking import find_pair

SAME, APART = "same", "apart"
_SAID = {SAME: "Joined: it is one record now.", APART: "Noted: they are two people."}


def pair_to_compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Both side by side; one press says which. The caller has asked who may.

    :param pk: of the task.
    """
    task = Task.objects.filter(pk=pk, kind=TaskKind.MATCH_PERSON).first()
    if task is None:
        raise Http404
    if request.method == "POST":
        return _settle(request, task)
    return _page(request, task)


def _settle(request: HttpRequest, task: Task) -> HttpResponse:
    said, at = request.POST.get("they", ""), clock.now()
    settle = {SAME: same_person, APART: not_the_same}.get(said)
    if settle is None:
        return _page(request, task, problem="Say whether it is one person.", status=422)
    try:
        settle(task=task, by=actor(request), at=at)
    except CannotJoin as why:
        return _page(request, task, problem=str(why), status=409)
    except (TaskClosed, MovedMeanwhile):
        messages.warning(request, "Somebody has settled it just now.")
    else:
        messages.success(request, _SAID[said])
    return redirect("desk:task", task.pk)


def _page(
    request: HttpRequest, task: Task, *, problem: str = "", status: int = 200
) -> HttpResponse:
    pair = find_pair(task)
    pks = [patient.pk for patient in pair or ()]
    note_views(request, what=f"comparison for task {task.pk}", patient_ids=pks, at=clock.now())
    context = {
        "task": task,
        "sides": list(zip(("Came online", "Told by the EHR"), _shown(pks), strict=False)),
        "problem": problem,
        "is_settled": pair is None or task.closed_at is not None,
    }
    return render(request, "self_service/pair_to_compare.html", context, status=status)


def _shown(pks: list[int]) -> list[Patient]:
    """Both as they stand, in their order, with how many visits hang on each."""
    rows = Patient.objects.annotate(visits=Count("appointments", distinct=True))
    found = rows.prefetch_related("identifiers", "patient_phones__phone").in_bulk(pks)
    return [found[pk] for pk in pks]
