"""What whoever oversees the desk does there: give a contact to somebody else, set a state."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from crm import clock
from crm.actions.agents import set_agent_state
from crm.actions.contacts import ContactOver
from crm.actions.queues import LacksSkills, NoLongerWaits, TakenAlready, reassign_contact
from crm.permissions import can_oversee_desk
from crm.saying import translated
from crm.states import AgentState
from crm.web import actor, allowed_to, htmx_of
from desk.live_forms import ReassignForm, StateForm
from desk.live_views import (
    agent_side,
    contact_side,
    find_agent,
    find_contact,
    note_watching,
    side,
)
from desk.screen.words import say_state


@never_cache
@require_POST
@allowed_to(can_oversee_desk)
def reassign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a contact, waiting or in hand, to somebody else."""
    found = find_contact(pk)
    context = contact_side(found, data=request.POST)
    form: ReassignForm = context["form"]
    if not form.is_valid():
        return _contact(request, pk, problem=_("Choose who takes it."), status=422)
    to = form.chosen.user
    try:
        reassign_contact(contact_id=pk, to=to, by=actor(request), at=clock.now())
    except (ContactOver, LacksSkills, NoLongerWaits, TakenAlready) as refused:
        return _contact(request, pk, problem=translated(str(refused)), status=409)
    name = to.get_full_name() or to.get_username()
    messages.success(request, _("%(name)s has it now.") % {"name": name})
    return _contact(request, pk)


@never_cache
@require_POST
@allowed_to(can_oversee_desk)
def set_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what somebody is doing: off, where they left without signing out."""
    found, form = find_agent(pk), StateForm(request.POST)
    if not form.is_valid():
        context = agent_side(found, at=clock.now(), problem=_("There is no such state."))
        return side(request, "live/agent.html", context, status=422)
    state = AgentState(form.cleaned_data["state"])
    set_agent_state(user=found.user, to=state, by=actor(request), at=clock.now())
    messages.success(request, f"{found.user.get_full_name()}: {say_state(state)[0].lower()}.")
    if not htmx_of(request):
        return redirect("desk:live-agent", pk)
    return _told(side(request, "live/agent.html", agent_side(find_agent(pk), at=clock.now())))


def _contact(
    request: HttpRequest, pk: int, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """The contact as it is now; when all went well and without htmx, by a redirect."""
    if not problem and not htmx_of(request):
        return redirect("desk:live-contact", pk)
    found = find_contact(pk)
    context = contact_side(found) | {
        "seen_by": note_watching(request, found, at=clock.now()),
        "problem": problem,
    }
    return _told(side(request, "live/contact.html", context, status=status))


def _told(response: HttpResponse) -> HttpResponse:
    """Let the board beside it look again."""
    return trigger_client_event(response, "oversight:changed")
