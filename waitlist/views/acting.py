"""What staff do with an opening. Each is one action; without script it ends on the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import reswap, trigger_client_event

from crm import clock
from crm.engine import Actor, IllegalMove, MovedMeanwhile
from crm.models import Patient
from crm.permissions import can_run_openings, can_set_rules_aside
from crm.saying import translated
from crm.web import actor, allowed_to, htmx_of, note_views
from scheduling.actions import BookingRefused, SlotTaken
from waitlist import actions, queries
from waitlist.actions.proposing import SentPlan
from waitlist.forms import BookForm, SendForm, WithdrawForm
from waitlist.models import Offer, Opening, PlannedOffer, PlannedWave
from waitlist.queries.hand_booking import HandBooking
from waitlist.queries.openings import related_of_slot, slot_line
from waitlist.states import LIVE_OFFER, OfferStatus
from waitlist.views.pages import in_place, opening_page

#: Something else is true by now: 409, and the page shows it.
CONFLICTS = (
    actions.OpeningClosed,
    actions.OfferClosed,
    actions.PlanClosed,
    SlotTaken,
    MovedMeanwhile,
    IllegalMove,
)
MEANWHILE = gettext_noop("It has just changed. This is what is true now.")


@never_cache
@require_POST
@allowed_to(can_run_openings)
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Send no further waves."""
    done = _("Paused. A yes to a text that is out counts.")
    return _steer(request, pk, actions.pause_opening, done)


@never_cache
@require_POST
@allowed_to(can_run_openings)
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on where the pause began."""
    return _steer(request, pk, actions.resume_opening, _("Going on with the next in the ranking."))


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_run_openings)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop filling, with a reason."""
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _ask_why(request, pk, form, status=422 if form.is_bound else 200)
    try:
        actions.withdraw_opening(
            opening_id=pk, reason=form.sentence, by=actor(request), at=clock.now()
        )
    except Opening.DoesNotExist as missing:
        raise Http404 from missing
    except CONFLICTS as conflict:
        return _ask_why(request, pk, form, notice=_sentence(conflict), status=409)
    return _done(request, pk, _("Withdrawn. The slot is free; whoever was asked is told."))


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_run_openings)
def book(request: HttpRequest, pk: int, patient_id: int) -> HttpResponse:
    """Give the opening to one patient; says first what that does."""
    at = clock.now()
    plan = _plan(request, pk, patient_id, at)
    if request.method != "POST":
        return _ask_to_book(request, plan, gives_up=True)
    form = BookForm(request.POST)
    agreed = form.cleaned_data if form.is_valid() else {}
    gives_up = agreed.get("gives_up", False)
    why = agreed.get("set_aside", "") if can_set_rules_aside(request.user) else ""
    if agreed.get("shown") != plan.shown:
        return _ask_to_book(request, plan, gives_up=gives_up, notice=_(MEANWHILE), status=409)
    try:
        said = _book(plan, gives_up=gives_up, set_aside=why, by=actor(request), at=at)
    except CONFLICTS as conflict:
        notice = _sentence(conflict)
        return _ask_to_book(request, plan, gives_up=gives_up, notice=notice, status=409)
    except BookingRefused as refused:
        return _ask_to_book(
            request, plan, gives_up=gives_up, notice=translated(str(refused)), status=422
        )
    return _done(request, pk, said)


@never_cache
@require_POST
@allowed_to(can_run_openings)
def send(request: HttpRequest, pk: int, plan_id: int) -> HttpResponse:
    """Send the planned wave as it was shown; every rule is asked again."""
    shown = SendForm(request.POST).shown_people

    def act(**by_at: Any) -> SentPlan:
        return actions.send_plan(plan_id=plan_id, shown=shown, **by_at)

    return _plan_action(request, pk, plan_id, act, say=_say_sent)


@never_cache
@require_POST
@allowed_to(can_run_openings)
def not_now(request: HttpRequest, pk: int, plan_id: int) -> HttpResponse:
    """Ask nobody until the next plan."""

    def act(**by_at: Any) -> None:
        actions.put_plan_off(plan_id=plan_id, **by_at)

    said = _("Not now. Nobody is asked; the next plan comes when this one would have lapsed.")
    return _plan_action(request, pk, plan_id, act, say=lambda _done: said)


@never_cache
@require_POST
@allowed_to(can_run_openings)
def skip(request: HttpRequest, pk: int, plan_id: int, planned_id: int) -> HttpResponse:
    """Pass one person over for this opening."""

    def act(**by_at: Any) -> None:
        actions.skip_person(planned_id=planned_id, **by_at)

    if not PlannedOffer.objects.filter(pk=planned_id, plan=plan_id).exists():
        raise Http404
    said = _("Skipped for this opening. They keep their place for others.")
    return _plan_action(request, pk, plan_id, act, say=lambda _done: said)


def _plan_action(
    request: HttpRequest,
    pk: int,
    plan_id: int,
    act: Callable[..., Any],
    *,
    say: Callable[[Any], str],
) -> HttpResponse:
    """One action on a wave that waits, of this very opening."""
    if not PlannedWave.objects.filter(pk=plan_id, opening=pk).exists():
        raise Http404
    at = clock.now()
    try:
        done = act(by=actor(request), at=at)
    except CONFLICTS as conflict:
        return _conflict(request, pk, _sentence(conflict), at=at)
    if isinstance(done, SentPlan) and done.wave is None:
        why = "; ".join(sorted(set(done.left_out)))
        said = _("Nobody of them may be asked now: %(why)s The next plan is being made.")
        return _conflict(request, pk, said % {"why": why}, at=at)
    return _done(request, pk, say(done))


def _say_sent(done: SentPlan) -> str:
    size = done.wave.size if done.wave else 0
    said = ngettext("Sent to %(n)s person.", "Sent to %(n)s people.", size) % {"n": size}
    if not done.left_out:
        return said
    number, why = len(done.left_out), "; ".join(sorted(set(done.left_out)))
    left_out = ngettext("%(n)s left out: %(why)s", "%(n)s left out: %(why)s", number)
    return f"{said} {left_out % {'n': number, 'why': why}}"


def _book(plan: HandBooking, *, gives_up: bool, set_aside: str, by: Actor, at: dt.datetime) -> str:
    """By their own offer where they have one: then it is their yes, said to the desk."""
    if plan.offer_id is None:
        actions.book_by_hand(
            opening_id=plan.opening_id,
            patient=plan.patient,
            gives_up=plan.later_visit if gives_up else None,
            set_aside=set_aside,
            by=by,
            at=at,
        )
        said = _("Requested for %(name)s. It is booked once the EHR says so.")
        return said % {"name": plan.person.name}
    offer = actions.accept_offer(
        offer_id=plan.offer_id, channel="desk", set_aside=set_aside, by=by, at=at
    )
    said = _("Requested for %(name)s, who is told when the EHR has booked it.")
    if offer.status == OfferStatus.NEXT_IN_LINE:
        said = _("%(name)s is next in line, and is told so: it is not free at this moment.")
    return said % {"name": plan.person.name}


def _plan(request: HttpRequest, pk: int, patient_id: int, at: dt.datetime) -> HandBooking:
    try:
        plan = queries.plan_hand_booking(pk, patient_id, at=at)
    except (Opening.DoesNotExist, Patient.DoesNotExist) as missing:
        raise Http404 from missing
    if request.method == "GET":
        note_views(request, what=f"booking into opening {pk}", patient_ids=[patient_id], at=at)
    return plan


def _ask_to_book(
    request: HttpRequest,
    plan: HandBooking,
    *,
    gives_up: bool,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "plan": plan,
        "opening_id": plan.opening_id,
        "gives_up": gives_up,
        "form": BookForm(request.POST or None),
        "may_set_aside": can_set_rules_aside(request.user),
        "notice": notice,
    }
    return in_place(request, "waitlist/opening_book.html", context, status=status)


def _ask_why(
    request: HttpRequest, pk: int, form: WithdrawForm, *, notice: str = "", status: int = 200
) -> HttpResponse:
    found = Opening.objects.select_related(*related_of_slot("slot")).filter(pk=pk).first()
    if found is None:
        raise Http404
    context = {
        "form": form,
        "opening_id": pk,
        "slot": slot_line(found),
        "told": Offer.objects.filter(opening=pk, status__in=LIVE_OFFER).count(),
        "notice": notice,
    }
    return in_place(request, "waitlist/opening_withdraw.html", context, status=status)


def _steer(request: HttpRequest, pk: int, action: Callable[..., Model], done: str) -> HttpResponse:
    """One action that needs nothing but the opening."""
    at = clock.now()
    try:
        action(opening_id=pk, by=actor(request), at=at)
    except Opening.DoesNotExist as missing:
        raise Http404 from missing
    except CONFLICTS as conflict:
        return _conflict(request, pk, _sentence(conflict), at=at)
    return _done(request, pk, done)


def _done(request: HttpRequest, pk: int, sentence: str) -> HttpResponse:
    """Say so; a page with script stays, closes its dialog, and looks again."""
    messages.success(request, sentence)
    if not htmx_of(request):
        return redirect("waitlist:opening", pk)
    response = render(request, "components/messages.html", {"oob": True})
    trigger_client_event(response, "worklist:done", after="swap")
    return reswap(response, "none")


def _conflict(request: HttpRequest, pk: int, sentence: str, *, at: dt.datetime) -> HttpResponse:
    if not htmx_of(request):
        return opening_page(request, pk, at=at, notice=sentence, status=409)
    messages.warning(request, sentence)
    response = render(request, "components/messages.html", {"oob": True}, status=409)
    trigger_client_event(response, "worklist:done", after="swap")
    return reswap(response, "none")


def _sentence(conflict: Exception) -> str:
    """For staff: the engine's own words are for its logs."""
    is_engines = isinstance(conflict, (MovedMeanwhile, IllegalMove))
    return _(MEANWHILE) if is_engines else translated(str(conflict))
