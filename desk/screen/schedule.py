"""Times for this contact: the search of the slot page, in the conversation."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, QueryDict

from crm.actions.contacts import keep_looked_for, note_step
from crm.models import User
from crm.states import StepKind
from crm.web import actor
from desk import slot_page as pages
from desk.queries.meant_visits import MeantVisit, visits_meant, visits_to_move
from desk.rules.wishes import Wish, read_wish
from desk.screen.contact import DeskContact
from desk.slot_forms import FilterForm, kept_query
from desk.slot_panel import Panel, panel_of
from scheduling.actions import keep_search
from scheduling.models import Appointment
from scheduling.queries import find_hold
from scheduling.states import Modality

#: Kinds of call about a visit that they have.
MOVES = frozenset({"move", "late"})
#: What of the address belongs to the search.
_KEPT = frozenset(FilterForm.base_fields) | {"hold", "after", "why", "again"}


def filter_form(request: HttpRequest, contact: DeskContact) -> FilterForm:
    """The filters as the address has them, for this contact's patient and nobody else, and to move
    no visit of which whoever speaks may not hear: the patient may have named it before."""
    query = request.GET.copy()
    query.pop("patient", None)
    if not contact.names_all and _is_quiet(query.get("moves", "")):
        query.pop("moves")
    if contact.heard_patient is not None:
        query["patient"] = str(contact.heard_patient.pk)
    return FilterForm(query, kinds=lambda: contact.visit_types)


def _is_quiet(visit: str) -> bool:
    """Whether the visit of this key, as an address has it, is of a sensitive kind."""
    if not visit.isdecimal() or len(visit) > len(str(2**63)):
        return False
    return Appointment.objects.filter(pk=int(visit), visit_type__is_sensitive=True).exists()


def kept(query: QueryDict) -> str:
    """What of an address goes on to the next one."""
    chosen = query.copy()
    for name in set(chosen) - _KEPT | {"patient"}:
        chosen.pop(name, None)
    return chosen.urlencode()


def go_on_looking(request: HttpRequest, contact: DeskContact) -> None:
    """Where the address says nothing, what was looked for in the contact stands: it was taken
    over, or its agent was at another one meanwhile."""
    if contact.mine(request.user) and not contact.is_over and not kept(request.GET):
        request.GET = type(request.GET)(contact.interaction.looked_for)


def keep_looking(request: HttpRequest, contact: DeskContact) -> None:
    """The filters and the held time of the address, with the contact."""
    if contact.mine(request.user) and not contact.is_over:
        keep_looked_for(contact=contact.interaction, query=kept(request.GET))


def schedule_context(
    request: HttpRequest, contact: DeskContact, *, at: dt.datetime
) -> dict[str, Any]:
    """What the times need; nothing while no visit is chosen."""
    form = filter_form(request, contact)
    patient = contact.heard_patient
    if form.said("visit_type") is None:
        return {"form": form, "look": None, "held": None}
    look = pages.look(request, form, patient, at=at, contact_id=contact.pk)
    query = kept_query(request.GET, without=["hold"])
    return {
        "form": form,
        "look": look,
        "first_free": _first_free(look),
        "held": _held(request, contact, form, at=at),
        "kind": form.said("visit_type"),
        "moves": pages.visit_to_move(form, patient),
        "pills": pages.pills(request.GET, form, patient),
        "why_query": kept_query(request.GET, without=["hold"], why="on"),
        "no_why_query": kept_query(request.GET, without=["hold", "why"]),
        "anybody_query": kept_query(request.GET, without=["hold", "provider", "own"]),
        "slot_query": query,
        "next_query": f"{query}&after={look.page.after}" if look and look.page.after else "",
    }


def _first_free(look: pages.Look | None) -> int | None:
    """The slot that a key holds: the first that nobody has."""
    if look is None:
        return None
    lines = (line for part in (look.own, *(day.lines for day in look.days)) for line in part)
    return next((line.pk for line in lines if not line.held_by and not line.mine), None)


def _held(
    request: HttpRequest, contact: DeskContact, form: FilterForm, *, at: dt.datetime
) -> Panel | None:
    number = request.GET.get("hold", "")
    hold = find_hold(int(number)) if number.isdecimal() else None
    if hold is None or (hold.user_id, hold.contact_id) != (request.user.pk, contact.pk):
        return None
    panel = panel_of(request, form, hold, contact.heard_patient, at=at)
    # They are of the kind that is looked for: where it is sensitive, not for a third person.
    is_theirs = contact.names_all or not panel.visit_type.is_sensitive
    return panel if is_theirs else replace(panel, later=[])


def keep_this_search(
    request: HttpRequest, contact: DeskContact, context: dict[str, Any], *, at: dt.datetime
) -> None:
    """Into the lost-demand ledger, one record for each contact and visit that is looked for; and,
    the first time, into the contact's steps."""
    look = context.get("look")
    if look is None or "after" in request.GET or contact.interaction.is_training:
        return
    user, by, code = request.user, actor(request), context["kind"].code
    assert isinstance(user, User)  # noqa: S101 for the type checker
    known = search_of(contact, code)
    search = keep_search(
        criteria=look.criteria,
        shown=look.shown,
        hidden=pages.counted(look),
        lack=look.shortage.lack if look.shortage else None,
        search_id=known,
        user=user,
        patient=contact.heard_patient,
        by=by,
        at=at,
    )
    if search.pk != known:
        note_step(
            contact=contact.interaction,
            kind=StepKind.SEARCH,
            code=code,
            subject=search,
            by=by,
            at=at,
            shown=look.shown,
        )


def search_of(contact: DeskContact, visit_type_code: str) -> int | None:
    """The record in the ledger that a look for such a visit goes on with, by the contact's
    steps."""
    searches = (step for step in reversed(contact.steps) if step.kind == StepKind.SEARCH)
    return next((step.subject_id for step in searches if step.code == visit_type_code), None)


def wished_query(contact: DeskContact, *, at: dt.datetime) -> str:
    """The filters that a caller's words set, where one visit is plainly meant; else none."""
    wish, meant = read_wish(contact.interaction.reason), meant_in(contact, at=at)
    sure = [each for each in meant if each.is_sure] or (list(meant) if len(meant) == 1 else [])
    return _first_query(sure[0], wish) if sure else ""


def meant_in(contact: DeskContact, *, at: dt.datetime) -> tuple[MeantVisit, ...]:
    """Which visit they may mean: to move, one that they have; else by words and by what was."""
    one = contact.interaction
    patient = contact.heard_patient
    if one.call_type in MOVES:
        return visits_to_move(contact.visits_ahead, contact.zone) if patient else ()
    wish = read_wish(one.reason)
    kinds, names_all = contact.visit_types, contact.names_all
    return visits_meant(patient, one.reason, wish, kinds=kinds, names_all=names_all, at=at)


def _first_query(meant: MeantVisit, wish: Wish) -> str:
    """The filters that a caller's words set: the visit, and the clinician whom they mean."""
    query = QueryDict(meant.query, mutable=True)
    if wish.same_clinician and not meant.provider_id:
        query["own"] = "on"
    for part in wish.parts_of_day:
        query.appendlist("parts", part)
    if wish.by_video:
        query["modality"] = str(Modality.VIDEO)
    return query.urlencode()
