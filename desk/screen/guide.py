"""The guided part of the conversation: what kind of call it is, and what its script asks now."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import pgettext, pgettext_lazy

from crm.states import StepKind
from desk.models import CallType
from desk.queries.call_types import call_types_for, match_call_type
from desk.queries.scripts import Flow, find_flow
from desk.screen.contact import DeskContact
from desk.screen.schedule import meant_in
from desk.states import Proof
from scheduling.queries.trees import find_trees
from triage.permissions import can_work_alerts

#: Kinds of call that are about a time.
_BOOKS: Final = frozenset({"book", "move", "plan", "late"})
#: Steps after which the time is found; another one is looked for by a press.
_MADE: Final = (StepKind.BOOK, StepKind.MOVE)
_DOES: Final = {
    "book": pgettext_lazy("stage", "Schedule"),
    "move": pgettext_lazy("stage", "Move"),
    "late": pgettext_lazy("stage", "Move"),
    "plan": pgettext_lazy("stage", "Plan"),
    "cancel": pgettext_lazy("stage", "Cancel"),
    "results": pgettext_lazy("stage", "Results"),
    "refill": pgettext_lazy("stage", "Refill"),
}


def books(code: str) -> bool:
    """Whether such a call ends in a time, so that times are looked for."""
    return code in _BOOKS


def guide_context(request: HttpRequest, contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """What the guided part shows; constant in statements."""
    one = contact.interaction
    line = contact.call.line if contact.call else None
    pressed = contact.call.pressed if contact.call else []
    offered = call_types_for(line, pressed) if not contact.is_over else ()
    kind = next((each for each in offered if each.code == one.call_type), None)
    context: dict[str, Any] = {
        "does": str(_DOES.get(one.call_type) or pgettext("stage", "Help")),
        "kinds": _kinds(contact),
        "is_about_a_time": books(one.call_type),
        "call_types": offered,
        "call_kind": kind,
        "asks_who": kind is None or kind.proof == Proof.TWO_IDENTIFIERS,
        "safety": contact.danger,
        "may_rule_out": contact.danger.stands and can_work_alerts(request.user),
        "has_a_time": any(step.kind in _MADE for step in contact.steps),
        **_script(contact, at=at),
    }
    if books(one.call_type) and "visit_type" not in request.GET:
        context["meant"] = meant_in(contact, at=at)
        context["trees"] = () if context["meant"] else find_trees(one.reason)
    return context


def _kinds(contact: DeskContact) -> tuple[CallType, ...]:
    """What the reason may mean, while nobody has said which."""
    one = contact.interaction
    if contact.is_over or one.call_type or not one.reason:
        return ()
    return match_call_type(one.reason)


def _script(contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """The script as it stands, and how much of it is done; before there is a kind of call, the
    first words of the line."""
    flow: Flow | None = None
    if not contact.is_over:
        flow = find_flow(
            contact.interaction, is_verified=contact.is_verified, steps=contact.steps, at=at
        )
    if flow is None:
        return {"flow": None}
    doing = [each for each in flow.steps if not each.step.is_passive]
    done = sum(not each.is_open for each in doing)
    return {"flow": flow, "steps_done": done, "steps_all": len(doing)}
