"""What the screen shows: put together once, for the whole page and for each of its columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import push_url, reswap, retarget, trigger_client_event

from crm import clock
from crm.actions import looks_written_together
from crm.models import Patient, User
from crm.rules import age_on
from crm.saying import translated
from crm.states import Acuity
from crm.web import htmx_of, note_first_views, note_views, view_token, was_seen
from desk.queries.waiting import waiting_for
from desk.screen import words
from desk.screen.contact import DeskContact, read_contact
from desk.screen.guide import books, guide_context
from desk.screen.panels import ECHO, PANELS, Panel
from desk.screen.people import who_context
from desk.screen.ringing import rings_for
from desk.screen.schedule import (
    go_on_looking,
    keep_looking,
    keep_this_search,
    kept,
    schedule_context,
    wished_query,
)
from desk.screen.speaking import say_proof, says_nothing
from desk.screen.stages import stages
from desk.screen.texts import texts_context
from waitlist.queries.candidates import Person, name_people

#: Says to the rest of the screen that something of the contact is different.
CHANGED = "contact:changed"
#: And that it is about somebody else now, that more of them may show, or that others may act.
WHO = "contact:who"
#: Of the audit: somebody looked at a contact on the desk, whole or in part.
LOOK = "desk contact"
#: So many panels come with the page: the visits, plan, results and past visits that most calls
#: are about. The others stand below them.
AT_ONCE = 4


def user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 for the type checker
    return request.user


def shown_in(said: QueryDict) -> int | None:
    """Which contact the page shows, as it says with what it asks for."""
    number = said.get("shown", "")
    return int(number) if number.isdecimal() else None


def left_context(request: HttpRequest, shown: int | None, *, at: dt.datetime) -> dict[str, Any]:
    """The left column: who waits for whoever looks."""
    waiting = waiting_for(user_of(request), at=at)
    rings = rings_for(waiting.agent, at=at)
    waiting = waiting.without({ring.contact.pk for ring in rings})
    named = {one.patient.pk for ring in rings for one in ring.callers}
    return {
        "waiting": waiting,
        "rings": rings,
        "state_words": words.say_state(waiting.state),
        "acuities": words.ACUITY_LOOK,
        "shown": shown,
        "listed": note_first_views(
            request, what="desk waiting", patient_ids=waiting.patient_ids | named, at=at
        ),
        "now": at,
    }


def talk_context(request: HttpRequest, contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """The conversation: who it is, why they call, what is next."""
    if "seen_by" not in request.GET:  # no mere refresh
        keep_looking(request, contact)  # first: the script names the visit that is to move
    guide = guide_context(request, contact, at=at)
    context = {
        "contact": contact,
        "person": person_of(contact.patient),
        "age": age_of(contact, at=at),
        "mine": contact.mine(request.user) and not contact.is_over,
        "query": kept(request.GET),
        "acuity": words.ACUITY_LOOK.get(contact.interaction.acuity, ""),
        "channel": words.say_channel(contact.interaction.channel),
        "verified_by": say_proof(contact),
        "seen_by": note_look(request, contact, at=at),
        **who_context(request, contact, guide["call_kind"], at=at),
        **texts_context(request, contact, at=at),
        "now": at,
        **guide,
    }
    looks = "visit_type" in request.GET or "again" in request.GET
    context["shows_times"] = not contact.is_over and (
        looks or (guide["is_about_a_time"] and not guide["has_a_time"])
    )
    if context["shows_times"]:
        context |= schedule_context(request, contact, at=at)
        if contact.mine(request.user) and not has_looked(request, contact):  # no mere refresh
            keep_this_search(request, contact, context, at=at)
    return context | {"stages": stages(contact, does=guide["does"], is_done=guide["has_a_time"])}


def note_look(request: HttpRequest, contact: DeskContact, *, at: dt.datetime) -> str:
    """That the contact's patient was looked at: one row of the audit for each look at the page,
    whichever of its parts asks. Returns what those parts bring back."""
    seen = [contact.patient.pk] if contact.patient else []
    return note_views(request, what=LOOK, patient_ids=seen, at=at)


def has_looked(request: HttpRequest, contact: DeskContact) -> bool:
    """Whether it is a refresh of a page that was looked at."""
    seen = [contact.patient.pk] if contact.patient else []
    return was_seen(request, what=LOOK, patient_ids=seen)


def side_context(request: HttpRequest, contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """The patient's column: the panels that most calls are about, drawn; the page asks for the
    others as soon as it shows. Before two identifiers those that hold nothing of a patient."""
    shown = panels_for(contact)
    changes = ("identified", "verified", "taken", "wrapped")
    heard = (f"live:crm.contact-{what}:contact:{contact.pk}" for what in changes)
    return {
        "contact": contact,
        "side_triggers": ", ".join(
            [f"{WHO} from:body", *(f"{event} from:body {ECHO}" for event in heard)]
        ),
        "panels": drawn(request, contact, shown[:AT_ONCE], at=at),
        "has_more_panels": len(shown) > AT_ONCE,
        "seen_by": look_token(request, contact),
        "says_nothing": not contact.is_verified and says_nothing(contact.kind),
    }


def rest_context(request: HttpRequest, contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """The other panels of the patient's column."""
    panels = drawn(request, contact, panels_for(contact)[AT_ONCE:], at=at)
    return {"contact": contact, "panels": panels, "seen_by": look_token(request, contact)}


def look_token(request: HttpRequest, contact: DeskContact) -> str:
    """What the parts of a page bring back, so that one look is written down once."""
    seen = [contact.patient.pk] if contact.patient else []
    return view_token(request, what=LOOK, patient_ids=seen)


def panels_for(contact: DeskContact) -> list[Panel]:
    """Those that show now, in their order."""
    return [panel for panel in PANELS if contact.is_verified or panel.before_proof]


def drawn(
    request: HttpRequest, contact: DeskContact, panels: Iterable[Panel], *, at: dt.datetime
) -> list[tuple[Panel, str, str]]:
    """Each with when it looks again, and its HTML."""
    return [
        (panel, panel.triggers(contact), draw(request, panel, contact, at=at)) for panel in panels
    ]


def draw(request: HttpRequest, panel: Panel, contact: DeskContact, *, at: dt.datetime) -> str:
    """One panel as it stands now."""
    mine = contact.mine(request.user) and not contact.is_over
    context = {"contact": contact, "panel": panel, "mine": mine, "now": at}
    context["seen_by"] = look_token(request, contact)
    return render_to_string(panel.template, context | panel.read(contact, at=at), request)


def screen_context(
    request: HttpRequest, contact: DeskContact | None, *, at: dt.datetime
) -> dict[str, Any]:
    """The whole screen."""
    if contact is None:
        return left_context(request, None, at=at)
    with looks_written_together():
        return (
            left_context(request, contact.pk, at=at)
            | talk_context(request, contact, at=at)
            | side_context(request, contact, at=at)
        )


def person_of(patient: Patient | None) -> Person | None:
    return name_people([patient])[patient.pk] if patient else None


def age_of(contact: DeskContact, *, at: dt.datetime) -> int | None:
    """The patient's age by the day where they are."""
    if contact.patient is None or contact.patient.birth_on is None:
        return None
    return age_on(contact.day_of(at), birth_on=contact.patient.birth_on)


def address(contact: DeskContact, query: str = "") -> str:
    """The page of a contact, with its filters."""
    base = reverse("desk:screen-contact", args=[contact.pk])
    return f"{base}?{query}" if query else base


def answer(
    request: HttpRequest,
    contact: DeskContact,
    *,
    query: str | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """What an act of the conversation answers: the conversation as it stands now.

    htmx gets it with `contact:changed` for the other columns; without script the page is loaded
    again, or shown with its notice.

    :param query: the filters from now on; None keeps those of the address.
    :param more: `notice`, forms with their errors, what was found.
    """
    fresh = read_contact(contact.pk)
    if query is not None:
        request.GET = type(request.GET)(query)
        keep_looking(request, fresh)
    else:
        go_on_looking(request, fresh)
    if not htmx_of(request):
        if status == 200 and not any(more.values()):
            return redirect(address(fresh, kept(request.GET)))
        context = screen_context(request, fresh, at=clock.now()) | more
        return render(request, "screen/screen.html", context, status=status)
    context = talk_context(request, fresh, at=clock.now()) | more
    made = render(request, "screen/talk.html", context, status=status)
    if _side_of(contact) != _side_of(fresh):  # first: the whole column saves its panels a look
        made = trigger_client_event(made, WHO)
    made = trigger_client_event(made, CHANGED)
    # Wherever the press came from: a dialog, a panel, the conversation itself.
    made = reswap(retarget(made, "#talk"), "outerHTML")
    return push_url(made, address(fresh, kept(request.GET)))


def _side_of(contact: DeskContact) -> tuple[object, ...]:
    """What the patient's column as a whole hangs on."""
    one = contact.interaction
    return one.patient_id, contact.is_verified, one.agent_id, contact.is_over


def go_on(request: HttpRequest, contact: DeskContact, *, at: dt.datetime) -> HttpResponse:
    """The conversation, with the times that the caller's words ask for where none are looked at."""
    fresh = read_contact(contact.pk)
    go_on_looking(request, fresh)
    if "visit_type" in request.GET or not books(fresh.interaction.call_type):
        return answer(request, contact)
    return answer(request, contact, query=wished_query(fresh, at=at))


def conflict(request: HttpRequest, contact: DeskContact, said: str) -> HttpResponse:
    """409 with how it stands and why nothing was done."""
    return answer(request, contact, status=409, notice=translated(said))


def not_theirs(contact: DeskContact) -> str:
    """Why somebody else may not act in it."""
    agent = contact.interaction.agent
    if contact.is_over:
        return _("This contact has been wrapped up. Open a new one to go on.")
    if agent is None:
        return _("Nobody has taken this contact yet. Take it first.")
    name = agent.get_full_name() or agent.get_username()
    return _("%(name)s has this contact. Ask for a hand-off.") % {"name": name}


def is_urgent(contact: DeskContact) -> bool:
    """Whether a nurse or 911 comes before anything else."""
    return contact.interaction.acuity in {Acuity.EMERGENCY, Acuity.NURSE_NOW}
