"""Keeping the catalog: one form for what a visit type is, one for each line of its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from crm import clock
from crm.permissions import can_edit_catalog
from crm.web import actor, allowed_to
from desk.catalog_forms import PARTS, AnswerQuestionForm, EntryForm
from desk.catalog_views import catalog_page
from scheduling.actions.catalog import (
    AlreadyThere,
    CodeMalformed,
    QuestionAnswered,
    add_billing_code,
    add_look_alike,
    add_source_code,
    answer_question,
    ask_about,
    describe_visit_type,
    remove_line,
)
from scheduling.models import BillingCode, CatalogQuestion, LookAlike, SourceCode, VisitType
from scheduling.queries.catalog import entry_of

#: What writes each kind of line.
ACTIONS: Final[dict[str, Callable[..., Any]]] = {
    "billing": add_billing_code,
    "source": add_source_code,
    "look-alike": add_look_alike,
    "question": ask_about,
}
REMOVABLE: Final[dict[str, type[BillingCode | SourceCode | LookAlike]]] = {
    "billing": BillingCode,
    "source": SourceCode,
    "look-alike": LookAlike,
}


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_edit_catalog)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """What it is for, its owner, and whether it is still booked."""
    visit_type = _find(pk)
    entry = entry_of(visit_type)
    names = ("purpose", "owner", "owner_name", "owner_contact", "is_retired")
    initial = {name: getattr(entry, name) for name in names} if entry else {}
    form = EntryForm(request.POST or None, initial=initial)
    if not form.is_valid():
        context = {"form": form, "visit_type": visit_type}
        return render(request, "catalog/edit.html", context, status=422 if form.is_bound else 200)
    said = dict(form.cleaned_data)
    owner = said.pop("owner")
    describe_visit_type(
        visit_type_id=pk,
        owner_id=owner.pk if owner else None,
        **said,
        by=actor(request),
        at=clock.now(),
    )
    messages.success(request, "Saved.")
    return redirect("desk:visit-type", pk)


@never_cache
@require_POST
@allowed_to(can_edit_catalog)
def add(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """One more line."""
    visit_type = _find(pk)
    if part not in PARTS:
        raise Http404
    form = PARTS[part](request.POST, visit_type=visit_type, prefix=part)
    adding = {part.replace("-", "_"): form}
    if not form.is_valid():
        return catalog_page(request, pk, adding=adding, status=422)
    said = dict(form.cleaned_data)
    if "other" in said:
        said["other_id"] = said.pop("other").pk
    try:
        ACTIONS[part](visit_type_id=pk, **said, by=actor(request), at=clock.now())
    except (AlreadyThere, CodeMalformed) as refused:
        form.add_error("code" if "code" in form.fields else None, str(refused))
        return catalog_page(request, pk, adding=adding, status=422)
    messages.success(request, "Added.")
    return redirect("desk:visit-type", pk)


@never_cache
@require_POST
@allowed_to(can_edit_catalog)
def remove(request: HttpRequest, pk: int, part: str, line: int) -> HttpResponse:
    """Take a line out."""
    _find(pk)
    model = REMOVABLE.get(part)
    if model is None:
        raise Http404
    row = model.objects.filter(pk=line, visit_type=pk).first()
    if row is not None:
        remove_line(line=row, visit_type_id=pk, by=actor(request), at=clock.now())
        messages.success(request, "Taken out.")
    return redirect("desk:visit-type", pk)


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_edit_catalog)
def answer(request: HttpRequest, pk: int, question: int) -> HttpResponse:
    """What the clinic said to an open question."""
    visit_type = _find(pk)
    found = CatalogQuestion.objects.filter(pk=question, visit_type=pk).first()
    if found is None:
        raise Http404
    form = AnswerQuestionForm(request.POST or None, visit_type=visit_type)
    context = {"form": form, "question": found, "visit_type": visit_type}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "catalog/answer.html", context, status=status)
    said = form.cleaned_data
    try:
        answer_question(
            question_id=question,
            answer=said["answer"],
            answered_by=said["answered_by"],
            clinic_id=said["clinic"].pk if said["clinic"] else None,
            visited_on=said["visited_on"],
            by=actor(request),
            at=clock.now(),
        )
    except QuestionAnswered as meanwhile:
        return catalog_page(request, pk, notice=str(meanwhile), status=409)
    messages.success(request, "Answered.")
    return redirect("desk:visit-type", pk)


def _find(pk: int) -> VisitType:
    """:raises Http404:"""
    found = VisitType.objects.select_related("catalog_entry").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
