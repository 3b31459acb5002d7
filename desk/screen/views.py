"""The screen as it is read: the whole of it, and each column alone."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseLocation, trigger_client_event

from crm import clock
from crm.actions.contact_tasks import find_worker
from crm.actions.contacts import ContactOver, open_contact, take_free_contact
from crm.engine import MovedMeanwhile
from crm.permissions import can_take_calls
from crm.queries.queues import my_contacts, ringing_for
from crm.states import Channel
from crm.web import actor, allowed_to, htmx_of
from desk.screen import page
from desk.screen.contact import DeskContact, find_contact, with_contact
from desk.screen.panels import BY_NAME
from desk.screen.schedule import go_on_looking

#: What htmx puts an answer into.
WORK = "desk-work"


@never_cache
@require_safe
@allowed_to(can_take_calls)
def screen(request: HttpRequest) -> HttpResponse:
    """The desk: the contact in hand, or nothing yet."""
    at, user = clock.now(), page.user_of(request)
    theirs = my_contacts(user) or ringing_for(user, at=at)
    if len(theirs) == 1 and not htmx_of(request):
        return redirect("desk:screen-contact", theirs[0].pk)
    return render(request, "screen/screen.html", page.screen_context(request, None, at=at))


@never_cache
@require_safe
@allowed_to(can_take_calls)
@with_contact
def contact(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """One contact: whole, or its two columns where the screen stands already."""
    at = clock.now()
    go_on_looking(request, contact)
    if htmx_of(request).target == WORK:
        context = page.talk_context(request, contact, at=at) | page.side_context(
            request, contact, at=at
        )
        return render(request, "screen/work.html", context)
    return render(request, "screen/screen.html", page.screen_context(request, contact, at=at))


@never_cache
@require_safe
@allowed_to(can_take_calls)
def left(request: HttpRequest) -> HttpResponse:
    """Who is waiting."""
    context = page.left_context(request, page.shown_in(request.GET), at=clock.now())
    return render(request, "screen/left.html", context)


@never_cache
@require_safe
@allowed_to(can_take_calls)
def pop(request: HttpRequest) -> HttpResponse:
    """The contact that has just become theirs, or rings for them, where another one is shown: it
    pops by itself.

    Not over one that is still open, or rings: then it waits in the left column. `known` are those
    that the page knew; one of them is opened by a press, and never by itself.
    """
    number = page.shown_in(request.GET)
    shown = find_contact(number) if number else None
    known = {int(pk) for pk in request.GET.get("known", "").split() if pk.isdecimal()} | {number}
    user = page.user_of(request)
    mine, rings = my_contacts(user), ringing_for(user, at=clock.now())
    busy = shown is not None and shown.mine(user) and not shown.is_over
    busy = busy or number in {one.pk for one in rings}
    theirs = [*mine, *rings]
    new = [one for one in theirs if one.pk not in known]
    if busy or not new:
        return HttpResponse(status=204)
    where = reverse("desk:screen-contact", args=[new[0].pk])
    opens = HttpResponseLocation(where, target=f"#{WORK}", swap="innerHTML")
    knows = {"value": " ".join(str(one.pk) for one in theirs)}
    return trigger_client_event(opens, "screen:known", knows)


@never_cache
@require_safe
@allowed_to(can_take_calls)
@with_contact
def talk(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """The conversation alone."""
    context = page.talk_context(request, contact, at=clock.now())
    return render(request, "screen/talk.html", context)


@never_cache
@require_safe
@allowed_to(can_take_calls)
@with_contact
def side(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """The patient's column alone."""
    at = clock.now()
    page.note_look(request, contact, at=at)
    return render(request, "screen/side.html", page.side_context(request, contact, at=at))


@never_cache
@require_safe
@allowed_to(can_take_calls)
@with_contact
def rest(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """The panels of the patient's column that come after the page; a page of its own without
    script."""
    at = clock.now()
    page.note_look(request, contact, at=at)
    context = page.rest_context(request, contact, at=at)
    if htmx_of(request):
        return render(request, "screen/rest.html", context)
    return render(request, "screen/part_page.html", context | {"part": "screen/rest.html"})


@never_cache
@require_safe
@allowed_to(can_take_calls)
@with_contact
def panel(request: HttpRequest, contact: DeskContact, name: str) -> HttpResponse:
    """One panel alone; nothing of it before two identifiers."""
    if name not in BY_NAME:
        raise Http404
    if not contact.is_verified and not BY_NAME[name].before_proof:
        return HttpResponse(status=204)
    at = clock.now()
    page.note_look(request, contact, at=at)
    return HttpResponse(page.draw(request, BY_NAME[name], contact, at=at))


@never_cache
@require_POST
@allowed_to(can_take_calls)
def new(request: HttpRequest) -> HttpResponse:
    """A contact that no telephone told of: somebody at the desk, or a call to somebody."""
    user = page.user_of(request)
    made = open_contact(channel=Channel.DESK, agent=user, by=actor(request), at=clock.now())
    where = reverse("desk:screen-contact", args=[made.pk])
    if htmx_of(request):
        return HttpResponseLocation(where, target=f"#{WORK}", swap="innerHTML")
    return redirect(where)


@never_cache
@require_POST
@allowed_to(can_take_calls)
@with_contact
def take(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """Take a contact that nobody has; one of somebody else is handed over, not taken."""
    if contact.interaction.agent_id not in {None, request.user.pk}:
        return page.conflict(request, contact, page.not_theirs(contact))
    worker = find_worker(contact.interaction)
    if worker is not None and worker != request.user:
        name = worker.get_full_name() or worker.get_username()
        said = _("%(name)s has taken it from the list of tasks.") % {"name": name}
        return page.conflict(request, contact, said)
    try:
        take_free_contact(
            contact_id=contact.pk, agent=page.user_of(request), by=actor(request), at=clock.now()
        )
    except ContactOver as over:
        return page.conflict(request, contact, str(over))
    except MovedMeanwhile:
        return page.conflict(request, contact, gettext_noop("Somebody took this a moment ago."))
    return page.answer(request, contact)
