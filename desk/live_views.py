"""The live board: who waits, who answers, and a contact's timeline as it comes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm import clock
from crm.engine import record
from crm.models import Agent, Interaction
from crm.permissions import can_oversee_desk
from crm.web import actor, allowed_to, htmx_of
from crm.web.guards import SEEN_FOR
from desk.live_forms import ReassignForm, StateForm
from desk.queries.live import (
    call_type_names,
    free_for,
    in_hand,
    read_board,
    states_today,
    steps_of,
)
from desk.queries.zone import house_zone

#: Ids of what htmx puts an answer into.
BOARD, SIDE, STEPS = "live-board", "live-side", "live-steps"
_SALT = "firstcall.watching"


@never_cache
@require_safe
@allowed_to(can_oversee_desk)
def board(request: HttpRequest) -> HttpResponse:
    """Queues, who waits in them, and everybody at work. No patient is named here."""
    context = _board(at=clock.now())
    whole = htmx_of(request).target != BOARD
    return render(request, "live/page.html" if whole else "live/board.html", context)


@never_cache
@require_safe
@allowed_to(can_oversee_desk)
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Listen: a contact's timeline, live. Each look is written down."""
    at, found = clock.now(), find_contact(pk)
    seen_by = note_watching(request, found, at=at)
    if htmx_of(request).target == STEPS:
        context = {"contact": found, "steps": steps_of(found), "zone": house_zone()}
        return render(request, "live/steps.html", context)
    return side(request, "live/contact.html", contact_side(found) | {"seen_by": seen_by})


@never_cache
@require_safe
@allowed_to(can_oversee_desk)
def agent(request: HttpRequest, pk: int) -> HttpResponse:
    """One member of staff: state, what they have, and their day."""
    return side(request, "live/agent.html", agent_side(find_agent(pk), at=clock.now()))


def side(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """What opens beside the board; without htmx, with the board."""
    if htmx_of(request).target == SIDE:
        return render(request, template, context, status=status)
    whole = _board(at=clock.now()) | {"side": template}
    return render(request, "live/page.html", whole | context, status=status)


def _board(*, at: dt.datetime) -> dict[str, Any]:
    return {"board": read_board(at=at), "names": call_type_names(), "at": at}


def find_contact(pk: int) -> Interaction:
    """:raises Http404: where there is none at the desk."""
    rows = Interaction.objects.select_related("patient", "agent", "call__line__queue", "wrap_up")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def find_agent(pk: int) -> Agent:
    """:raises Http404:"""
    found = Agent.objects.select_related("user").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def contact_side(contact: Interaction, *, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What `live/contact.html` takes."""
    entry = contact.queue_entries.select_related("queue").order_by("-entered_at", "-pk").first()
    needs = entry.queue.skills if entry else []
    return {
        "names": call_type_names(),
        "zone": house_zone(),
        "contact": contact,
        "entry": entry,
        "hand": in_hand(contact),
        "steps": steps_of(contact),
        "form": ReassignForm(data, agents=free_for(contact, needs=needs), needs=needs),
    }


def agent_side(agent: Agent, *, at: dt.datetime, problem: str = "") -> dict[str, Any]:
    """What `live/agent.html` takes."""
    contacts = Interaction.objects.filter(agent=agent.user_id, ended_at=None, wrap_up=None)
    return {
        "names": call_type_names(),
        "zone": house_zone(),
        "agent": agent,
        "hands": [in_hand(one) for one in contacts.select_related("call__line")],
        "moves": states_today(agent, at=at),
        "form": StateForm(initial={"state": agent.status}),
        "problem": problem,
    }


def note_watching(request: HttpRequest, contact: Interaction, *, at: dt.datetime) -> str:
    """Write down who listens to what, once for each look and each patient that it turns to.

    Refreshes bring back what this returned, as `seen_by`, and write nothing.
    """
    who = actor(request)
    token = f"{who.id}:{contact.pk}:{contact.patient_id or ''}"
    if not _is_signed(request.GET.get("seen_by", ""), token):
        record("crm.interaction.watched", contact, by=who, at=at)
    return signing.dumps(token, salt=_SALT)


def _is_signed(signed: str, token: str) -> bool:
    try:
        seen: str = signing.loads(signed, salt=_SALT, max_age=SEEN_FOR)
    except signing.BadSignature:
        return False
    return seen == token
