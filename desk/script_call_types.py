"""Kinds of call: the list, and the form of one."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from crm import clock
from crm.permissions import can_edit_knowledge, can_view_knowledge
from crm.web import actor, allowed_to
from desk.actions.call_types import CodeTaken, add_call_type, keep_call_type
from desk.models import CallType
from desk.script_call_type_forms import CallTypeForm, ExitForms, exit_initial, initial_of, terms_of
from desk.script_words import PROOFS
from desk.states import Proof


@never_cache
@require_safe
@allowed_to(can_view_knowledge)
def call_types(request: HttpRequest) -> HttpResponse:
    """All kinds of call, in the order of the desk."""
    rows = CallType.objects.prefetch_related("exits", "scripts")
    context = {
        "rows": [(row, PROOFS[Proof(row.proof)]) for row in rows],
        "may_edit": can_edit_knowledge(request.user),
    }
    return render(request, "scripts/call_types.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_to(can_edit_knowledge)
def edit(request: HttpRequest, code: str | None = None) -> HttpResponse:
    """One kind of call, new or changed, with the ways in which it ends."""
    found = CallType.objects.prefetch_related("exits").filter(code=code).first() if code else None
    if code and found is None:
        raise Http404
    data = request.POST if request.method == "POST" else None
    form = CallTypeForm(data, initial=initial_of(found) if found else None, is_new=found is None)
    exits = ExitForms(data, initial=exit_initial(found), prefix="exits")
    if (
        data is not None
        and form.is_valid()
        and exits.is_valid()
        and _keep(request, found, form, exits)
    ):
        messages.success(request, "Kept. The desk goes by it from now on.")
        return redirect("desk:call-types")
    context = {"form": form, "exits": exits, "call_type": found}
    return render(request, "scripts/call_type.html", context, status=422 if data else 200)


def _keep(
    request: HttpRequest, found: CallType | None, form: CallTypeForm, exits: ExitForms
) -> bool:
    terms, by, at = terms_of(form, exits), actor(request), clock.now()
    if not terms.exits:
        form.add_error(None, "Name at least one way for such a call to end.")
        return False
    try:
        if found is None:
            add_call_type(code=form.cleaned_data["code"], terms=terms, by=by, at=at)
        else:
            keep_call_type(pk=found.pk, terms=terms, by=by, at=at)
    except CodeTaken as taken:
        form.add_error(None, str(taken))
        return False
    return True
