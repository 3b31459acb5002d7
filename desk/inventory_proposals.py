"""Proposals to clinics whose EHR owns the schedule, and their answers."""

from __future__ import annotations

from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import clock
from crm.engine import IllegalMove, MovedMeanwhile
from crm.permissions import can_run_openings, can_view_openings
from crm.web import actor, allowed_to, csv_answer
from desk.inventory_act_forms import AnswerForm, ProposeForm
from outreach.rules.times import say_time
from scheduling.actions.proposals import answer_proposal, propose_change, withdraw_proposal
from scheduling.models import TemplateProposal
from scheduling.states import ProposalKind, ProposalStatus

MOST_LISTED = 300
LISTS = {
    "open": "Waiting for an answer",
    "answered": "Answered",
}


@never_cache
@require_safe
@allowed_to(can_view_openings)
def proposals(request: HttpRequest) -> HttpResponse:
    """Those that wait, or those that were answered; the latest first."""
    return _page(request)


def _page(
    request: HttpRequest, *, form: ProposeForm | None = None, status: int = 200
) -> HttpResponse:
    shown = _shown(request)
    context = {
        "shown": shown,
        "lists": LISTS.items(),
        "proposals": _rows(shown),
        "form": form or ProposeForm(),
        "answer": AnswerForm(),
        "can_run": can_run_openings(request.user),
        "now": clock.now(),
    }
    return render(request, "inventory/proposals.html", context, status=status)


def _shown(request: HttpRequest) -> str:
    said = request.GET.get("show", "open")
    return said if said in LISTS else "open"


def _rows(shown: str) -> list[TemplateProposal]:
    rows = TemplateProposal.objects.select_related("clinic__location", "role__provider")
    waiting = {"status": ProposalStatus.PROPOSED}
    rows = rows.filter(**waiting) if shown == "open" else rows.exclude(**waiting)
    return list(rows.order_by("-proposed_at", "-pk")[:MOST_LISTED])


@never_cache
@require_POST
@allowed_to(can_run_openings)
def propose(request: HttpRequest) -> HttpResponse:
    """Put a change before a clinic."""
    form = ProposeForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    said = form.cleaned_data
    propose_change(
        clinic=said["clinic"],
        kind=ProposalKind(said["kind"]),
        what=said["what"],
        why=said["why"],
        by=actor(request),
        at=clock.now(),
    )
    notes.success(request, "Proposed. The clinic’s answer will stand here.")  # noqa: RUF001
    return redirect("desk:proposals")


@never_cache
@require_http_methods(["POST"])
@allowed_to(can_run_openings)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Accepted, declined or withdrawn."""
    proposal = TemplateProposal.objects.filter(pk=pk).first()
    if proposal is None:
        raise Http404
    how, by, at = request.POST.get("how", ""), actor(request), clock.now()
    form = AnswerForm(request.POST)
    try:
        if how == "withdraw":
            withdraw_proposal(proposal=proposal, by=by, at=at)
        elif not form.is_valid():
            notes.error(request, "Write down what the clinic answered, in a few words.")
        elif how in {"accept", "decline"}:
            said = form.cleaned_data["answer"]
            answer_proposal(proposal=proposal, accept=how == "accept", answer=said, by=by, at=at)
    except (MovedMeanwhile, IllegalMove):
        notes.warning(request, "Somebody has dealt with it meanwhile.")
    return redirect("desk:proposals")


@never_cache
@require_safe
@allowed_to(can_view_openings)
def export_proposals(request: HttpRequest) -> HttpResponse:
    """The list as it is shown."""
    columns = ("Proposed", "By", "Clinic", "What", "Why", "State", "Answer", "Answered by")
    rows = [
        (
            say_time(row.proposed_at, row.clinic.location.zone, "en"),
            row.proposed_by,
            row.clinic.name,
            row.what,
            row.why,
            row.get_status_display(),
            row.answer,
            row.answered_by,
        )
        for row in _rows(_shown(request))
    ]
    return csv_answer("proposals.csv", columns, rows)
