"""One slot: blocked, opened, restricted; a proposal where its EHR owns it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crm import clock
from crm.engine import MovedMeanwhile
from crm.permissions import can_run_openings
from crm.web import actor, allowed_to
from desk.inventory_act_forms import BlockForm, ReasonForm, RestrictForm
from scheduling.actions.blocking import CannotBlock, block_slot, restrict_slot, unblock_slot
from scheduling.actions.proposals import AlreadyProposed
from scheduling.models import Slot, TemplateProposal
from scheduling.queries import get_slot, judge_slots
from scheduling.states import SlotStatus

Act = Callable[[], Slot | TemplateProposal]


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_run_openings)
def slot(request: HttpRequest, pk: int) -> HttpResponse:
    """The slot with its forms; `act` in what is sent says which of them."""
    found = _find(pk)
    posted = request.POST if request.method == "POST" else None
    act = posted.get("act", "") if posted else ""
    form = _form(act, posted, found)
    if form is not None and form.is_valid():
        return _do(request, found, _act(act, form, found, request))
    status = 422 if form is not None else 200
    return _page(request, found, act=act, sent=form, status=status)


def _form(act: str, posted: Any, found: Slot) -> ReasonForm | None:
    if act == "block":
        return BlockForm(posted, slot=found, prefix="block")
    if act == "restrict":
        return RestrictForm(posted, slot=found, prefix="restrict")
    return ReasonForm(posted, prefix="unblock") if act == "unblock" else None


def _act(act: str, form: ReasonForm, found: Slot, request: HttpRequest) -> Act:
    by, at, said = actor(request), clock.now(), form.cleaned_data
    if isinstance(form, RestrictForm):
        to = form.restricting
        return lambda: restrict_slot(slot_id=found.pk, to=to, by=by, at=at)
    if act == "block":
        return lambda: block_slot(
            slot_id=found.pk,
            reason=said["reason"],
            owner=said["owner"],
            release_rule=said["release_rule"],
            by=by,
            at=at,
        )
    return lambda: unblock_slot(slot_id=found.pk, reason=said["reason"], by=by, at=at)


def _do(request: HttpRequest, found: Slot, act: Act) -> HttpResponse:
    try:
        done = act()
    except (CannotBlock, AlreadyProposed) as refused:
        return _page(request, _find(found.pk), problem=str(refused), status=409)
    except MovedMeanwhile:
        problem = "Somebody has changed it meanwhile. This is how it stands now."
        return _page(request, _find(found.pk), problem=problem, status=409)
    if isinstance(done, TemplateProposal):
        notes.info(request, "Its EHR owns this slot, so the clinic has it as a proposal.")
        return redirect("desk:proposals")
    notes.success(request, "Done.")
    return redirect("desk:inventory-slot", found.pk)


def _page(
    request: HttpRequest,
    found: Slot,
    *,
    act: str = "",
    sent: ReasonForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    at = clock.now()
    initial = {"restriction": found.restriction, "days": found.restriction_days}
    context = {
        "slot": found,
        "hides": judge_slots([found], at=at)[found.pk],
        "is_past": found.starts_at <= at,
        "is_blocked": found.status == SlotStatus.BLOCKED,
        "can_block": found.status == SlotStatus.FREE and not found.taken,
        "block_form": sent if act == "block" else BlockForm(slot=found, prefix="block"),
        "unblock_form": sent if act == "unblock" else ReasonForm(prefix="unblock"),
        "restrict_form": sent
        if act == "restrict"
        else RestrictForm(slot=found, prefix="restrict", initial=initial),
        "proposals": found.proposals.order_by("-pk")[:10],
        "problem": problem,
    }
    return render(request, "inventory/slot_page.html", context, status=status)


def _find(pk: int) -> Slot:
    try:
        return get_slot(pk)
    except Slot.DoesNotExist as missing:
        raise Http404 from missing
