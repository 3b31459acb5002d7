"""What is done in the panels of appointments, and the agent's own state."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseLocation

from crm import clock
from crm.actions.agents import set_agent_state
from crm.actions.contacts import note_step
from crm.actions.queues import LacksSkills, NoLongerWaits, TakenAlready, claim_entry
from crm.engine import Actor
from crm.models import QueueEntry
from crm.permissions import can_take_calls
from crm.saying import translated
from crm.states import AgentState, StepKind, WaitsFor
from crm.web import actor, allowed_to, htmx_of
from desk.actions.declining import NEXT
from desk.screen import page
from desk.screen.acting import by_their_agent
from desk.screen.booking_views import TRAINING, why_no_visits
from desk.screen.contact import DeskContact
from desk.screen.handoff_views import dialog, in_place
from desk.visit_forms import CancelForm
from scheduling.actions import BookingRefused, NotNow
from scheduling.models import Appointment
from scheduling.states import CancelReason
from waitlist.actions import OfferClosed, accept_offer, decline_offer
from waitlist.models import Offer
from waitlist.states import OfferStatus

#: Why a visit is given up, by the answers of the script that is shipped for it.
WHY: Final = {
    "cannot": CancelReason.CANNOT_COME,
    "better": CancelReason.FEELS_BETTER,
    "cost": CancelReason.COST,
    "ride": CancelReason.NO_RIDE,
    "elsewhere": CancelReason.WENT_ELSEWHERE,
    "none": CancelReason.PATIENT_UNSAID,
}
#: What an agent may set by a press; the rest follows from what they do.
_BY_HAND = frozenset({AgentState.AVAILABLE, AgentState.BREAK, AgentState.OFFLINE})


@never_cache
@require_POST
@allowed_to(can_take_calls)
def state(request: HttpRequest) -> HttpResponse:
    """Free for a call, on a break, or off."""
    said = request.POST.get("state", "")
    if said not in _BY_HAND:
        raise Http404
    user, at = page.user_of(request), clock.now()
    set_agent_state(user=user, to=AgentState(said), by=actor(request), at=at)
    if not htmx_of(request):
        return redirect("desk:screen")
    context = page.left_context(request, page.shown_in(request.POST), at=at)
    return render(request, "screen/left.html", context)


@never_cache
@require_POST
@allowed_to(can_take_calls)
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one who waits; somebody else may have been faster."""
    entry = get_object_or_404(QueueEntry, pk=pk)
    where = reverse("desk:screen-contact", args=[entry.interaction_id])
    try:
        claim_entry(entry_id=pk, agent=page.user_of(request), by=actor(request), at=clock.now())
    except (LacksSkills, NoLongerWaits, TakenAlready) as taken:
        return _too_late(request, translated(str(taken)), at=clock.now())
    if htmx_of(request):
        return HttpResponseLocation(where, target="#desk-work", swap="innerHTML")
    return redirect(where)


def _too_late(request: HttpRequest, said: str, *, at: dt.datetime) -> HttpResponse:
    """Who waits now, and why nothing was done; without script on the whole screen."""
    if htmx_of(request):
        context = page.left_context(request, page.shown_in(request.POST), at=at)
        context |= {"refused": said}
        return render(request, "screen/left.html", context, status=409)
    context = page.screen_context(request, None, at=at) | {"notice": said}
    return render(request, "screen/screen.html", context, status=409)


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_take_calls)
@by_their_agent
def cancel(request: HttpRequest, contact: DeskContact, visit_pk: int) -> HttpResponse:
    """Give a visit up, with why: figures and fills depend on it."""
    visit = _theirs(contact, visit_pk)
    if contact.heard_patient is None:
        return in_place(request, page.conflict(request, contact, why_no_visits(contact)))
    said = {"code": _said_why(contact)}
    form = CancelForm(request.POST if request.method == "POST" else None, initial=said)
    if not form.is_valid():
        context: dict[str, Any] = {"contact": contact, "visit": visit, "form": form}
        status = 422 if form.is_bound else 200
        return dialog(request, "screen/cancel.html", context, status=status)
    if contact.interaction.is_training:
        return in_place(request, page.conflict(request, contact, TRAINING))
    by, at = actor(request), clock.now()
    try:
        with transaction.atomic():  # a visit that is given up and its step: both, or neither
            form.carry_out(visit.pk, by=by, at=at)
            note_step(
                contact=contact.interaction,
                kind=StepKind.CANCEL,
                subject=visit,
                waits_for=WaitsFor.EHR,
                by=by,
                at=at,
            )
    except (BookingRefused, NotNow) as refused:
        return in_place(request, page.conflict(request, contact, str(refused)))
    return in_place(request, page.answer(request, contact))


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def offer(request: HttpRequest, contact: DeskContact, offer_pk: int) -> HttpResponse:
    """The offer that they were texted, answered on the telephone."""
    patient = contact.heard_patient
    if patient is None:
        return page.conflict(request, contact, why_no_visits(contact))
    if contact.interaction.is_training:
        return page.conflict(request, contact, TRAINING)
    rows = Offer.objects.all()
    if not contact.names_all:
        rows = rows.exclude(opening__slot__visit_type__is_sensitive=True)
    found = get_object_or_404(rows, pk=offer_pk, patient=patient)
    takes = request.POST.get("answer") == "yes"
    by, at = actor(request), clock.now()
    answered, refused = _answer_offer(contact, found, takes=takes, by=by, at=at)
    if refused:
        return page.conflict(request, contact, refused)
    notice = ""
    if takes and answered.status == OfferStatus.NEXT_IN_LINE:
        said = _("%(name)s is next in line, and is told so: it is not free at this moment.")
        notice = said % {"name": patient}
    return page.answer(request, contact, notice=notice)


@transaction.atomic
def _answer_offer(
    contact: DeskContact, found: Offer, *, takes: bool, by: Actor, at: dt.datetime
) -> tuple[Offer, str]:
    """The answer and its step; why not, where it was refused. A yes that is next in line has no
    visit yet: they are told so.

    That is caught here, within the transaction: what a late yes has closed must stand.
    """
    try:
        answer = accept_offer if takes else decline_offer
        found = answer(offer_id=found.pk, channel="voice", by=by, at=at)
    except (OfferClosed, BookingRefused) as over:
        return found, str(over)
    waits = takes and found.status == OfferStatus.NEXT_IN_LINE
    kind = StepKind.BOOK if takes and not waits else StepKind.TELL
    code = NEXT if waits else "offer"
    about = (found.appointment if takes else None) or found  # a visit may be given up again
    note_step(contact=contact.interaction, kind=kind, code=code, subject=about, by=by, at=at)
    return found, ""


def _theirs(contact: DeskContact, visit_pk: int) -> Appointment:
    if contact.patient is None or not contact.is_verified:
        raise Http404
    rows = Appointment.objects.select_related("location", "provider", "visit_type")
    if not contact.names_all:
        rows = rows.exclude(visit_type__is_sensitive=True)
    return get_object_or_404(rows, pk=visit_pk, patient=contact.patient)


def _said_why(contact: DeskContact) -> str:
    """The reason that the script has asked for already; empty while it has not."""
    said = contact.interaction.answers.filter(key="cancel-reason").values_list("value", flat=True)
    return WHY.get(said.first() or "", "")
