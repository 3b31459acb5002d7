"""The definitions of plans, and the form of one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from crm import clock
from crm.permissions import can_edit_catalog, can_view_catalog
from crm.web import actor, allowed_to
from desk import plan_words as words
from desk.plan_forms import DefinitionForm, StepFormSet, step_initial
from scheduling.actions.plan_definitions import NameTaken, keep_definition
from scheduling.models import PlanDefinition
from scheduling.queries.plans import asked_of, definitions


@never_cache
@require_safe
@allowed_to(can_view_catalog)
def definitions_page(request: HttpRequest) -> HttpResponse:
    """What plans there are, with their steps."""
    rows = [
        (
            one,
            [
                (
                    asked,
                    words.say_gap(asked.rule) if asked.position > 1 else "",
                    words.say_needs(asked),
                )
                for asked in asked_of(one)
            ],
        )
        for one in definitions()
    ]
    context = {"rows": rows, "may_edit": can_edit_catalog(request.user)}
    return render(request, "plans/definitions.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_to(can_edit_catalog)
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A definition, new or changed, with up to six steps."""
    found: PlanDefinition | None = None
    if pk is not None:
        found = definitions().filter(pk=pk).first()
        if found is None:
            raise Http404
    initial: dict[str, Any] = (
        {name: getattr(found, name) for name in ("name", "note", "is_active")} if found else {}
    )
    posted = request.POST if request.method == "POST" else None
    form = DefinitionForm(posted, initial=initial or {"is_active": True})
    steps = StepFormSet(posted, initial=step_initial(found), prefix="steps")
    context = {"form": form, "steps": steps, "definition": found}
    if posted is None:
        return render(request, "plans/definition.html", context)
    if form.is_valid() and steps.is_valid():
        terms = [one.terms for one in steps if one.terms is not None]
        if not terms:
            form.add_error(None, "A plan needs a visit.")
        else:
            try:
                keep_definition(
                    definition_id=pk,
                    **form.cleaned_data,
                    steps=terms,
                    by=actor(request),
                    at=clock.now(),
                )
            except NameTaken as taken:
                form.add_error("name", str(taken))
            else:
                messages.success(request, "Kept.")
                return redirect("desk:plan-definitions")
    return render(request, "plans/definition.html", context, status=422)
