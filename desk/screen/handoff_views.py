"""Handing a contact over: the dialog, the receiver's answer, and how it stands."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseLocation, reswap, retarget, trigger_client_event

from crm import clock
from crm.actions.contacts import ContactOver
from crm.actions.handoffs import (
    CannotHandOff,
    HandoffOver,
    NotAsked,
    ReasonMissing,
    accept_handoff,
    decline_handoff,
    offer_handoff,
    withdraw_handoff,
)
from crm.models import Handoff
from crm.permissions import can_take_calls
from crm.saying import translated
from crm.states import HandoffStatus
from crm.web import actor, allowed_to, htmx_of
from desk.screen import page
from desk.screen.acting import by_their_agent
from desk.screen.contact import DeskContact, with_contact
from desk.screen.handoff_asking import DeclineForm, HandoffForm, choices_of, first_words
from scheduling.actions.following import follow_contact


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_take_calls)
@by_their_agent
def handoff(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """To whom, and what is asked of them."""
    at, user = clock.now(), page.user_of(request)
    choices = choices_of(contact, but_not=user, at=at)
    to = request.GET.get("to") or ("nurse" if page.is_urgent(contact) else "")
    initial = {"to": to, "question": first_words(contact)}
    form = HandoffForm(request.POST or None, choices=choices, initial=initial)
    if request.method != "POST" or not form.is_valid():
        return _dialog(request, contact, form, status=422 if form.is_bound else 200)
    asked = form.asked
    try:
        offer_handoff(
            contact_id=contact.pk,
            to=asked.to,
            user=asked.user,
            queue=asked.queue,
            question=form.cleaned_data["question"],
            by=actor(request),
            at=at,
        )
    except CannotHandOff as refused:
        form.add_error(None, translated(str(refused)))
        return _dialog(request, contact, form, status=409)
    except ContactOver as over:
        return in_place(request, page.conflict(request, contact, str(over)))
    return in_place(request, page.answer(request, contact))


def _dialog(
    request: HttpRequest, contact: DeskContact, form: HandoffForm, *, status: int
) -> HttpResponse:
    return dialog(request, "screen/handoff.html", {"contact": contact, "form": form}, status=status)


def dialog(
    request: HttpRequest, part: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A form in the screen's dialog; on a page of its own without script."""
    template = part if htmx_of(request) else "screen/part_page.html"
    return render(request, template, context | {"part": part}, status=status)


def in_place(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """The conversation as it stands now, put into its place and not into the dialog."""
    return reswap(retarget(answer, "#talk"), "outerHTML") if htmx_of(request) else answer


@never_cache
@require_POST
@allowed_to(can_take_calls)
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """The receiver takes it: their screen opens with the contact and the question."""
    handoff, user = _find(pk), page.user_of(request)
    try:
        accept_handoff(handoff_id=pk, user=user, by=actor(request), at=clock.now())
    except (HandoffOver, NotAsked, ContactOver) as refused:
        return _too_late(request, refused)
    # Also done once the news of it is heard; here it is there when the screen opens.
    contact_id, by, at = handoff.interaction_id, actor(request), clock.now()
    follow_contact(contact_id=contact_id, to=user, by=by, at=at)
    where = reverse("desk:screen-contact", args=[handoff.interaction_id])
    if htmx_of(request):
        opens = HttpResponseLocation(where, target="#desk-work", swap="innerHTML")
        return trigger_client_event(opens, "screen:left")
    return redirect(where)


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_take_calls)
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """The receiver says no, and why."""
    handoff = _find(pk)
    form = DeclineForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        context = {"handoff": handoff, "form": form}
        status = 422 if form.is_bound else 200
        return dialog(request, "screen/handoff_decline.html", context, status=status)
    said, user = form.cleaned_data["reason"], page.user_of(request)
    try:
        decline_handoff(handoff_id=pk, user=user, reason=said, by=actor(request), at=clock.now())
    except (HandoffOver, NotAsked, ReasonMissing) as refused:
        return _too_late(request, refused)
    return _look_again(request, status=200)


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def take_back(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """Whoever offered it goes on with it themselves."""
    offered = contact.handoff
    if offered is None or offered.status != HandoffStatus.OFFERED:
        return page.conflict(request, contact, gettext_noop("It is offered to nobody any more."))
    try:
        withdraw_handoff(handoff_id=offered.pk, by=actor(request), at=clock.now())
    except HandoffOver as over:
        return page.conflict(request, contact, str(over))
    return page.answer(request, contact)


@never_cache
@require_safe
@allowed_to(can_take_calls)
@with_contact
def state(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """How the newest hand-off stands, for the conversation."""
    context = {"contact": contact, "mine": contact.mine(request.user), "now": clock.now()}
    return render(request, "screen/handoff_part.html", context)


def _find(pk: int) -> Handoff:
    found = Handoff.objects.filter(pk=pk).select_related("offered_by", "interaction").first()
    if found is None:
        raise Http404
    return found


def _too_late(request: HttpRequest, refused: Exception) -> HttpResponse:
    """409, and why nothing was done."""
    if not htmx_of(request):
        context = {"part": "screen/handoff_over.html", "said": translated(str(refused))}
        return render(request, "screen/part_page.html", context, status=409)
    messages.warning(request, translated(str(refused)))
    return _look_again(request, status=409)


def _look_again(request: HttpRequest, *, status: int) -> HttpResponse:
    """The dialog closes, and every column looks again."""
    if not htmx_of(request):
        return redirect("desk:screen")
    answer = render(request, "components/messages.html", {"oob": True}, status=status)
    return reswap(trigger_client_event(answer, page.CHANGED), "none")
