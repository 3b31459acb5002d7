"""The guided part of the conversation: what kind of call it is, and what its script asks now."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.http import HttpRequest

from crm.states import Acuity, StepKind
from desk.models import CallType
from desk.queries.call_types import call_types_for, match_call_type
from desk.queries.scripts import Flow, find_flow
from desk.screen.contact import DeskContact
from desk.screen.schedule import meant_in
from desk.states import Proof
from scheduling.queries.trees import find_trees
from triage.states import Doubt, Level

#: Under which an agent's own question about a danger that was denied is kept.
SAFETY_KEY: Final = "safety.not-now"
#: Kinds of call that are about a time.
_BOOKS: Final = frozenset({"book", "move", "plan", "late"})
#: Steps after which the time is found; another one is looked for by a press.
_MADE: Final = (StepKind.BOOK, StepKind.MOVE)
_DOES: Final = {
    "book": "Schedule",
    "move": "Move",
    "late": "Move",
    "plan": "Plan",
    "cancel": "Cancel",
    "results": "Results",
    "refill": "Refill",
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
        "does": _DOES.get(one.call_type, "Help"),
        "kinds": _kinds(contact),
        "is_about_a_time": books(one.call_type),
        "call_types": offered,
        "asks_who": kind is None or kind.proof == Proof.TWO_IDENTIFIERS,
        "safety": _safety(contact),
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


def _safety(contact: DeskContact) -> dict[str, Any]:
    """Whether the flow stands still for a danger, and who may say that there is none."""
    one = contact.interaction
    if one.acuity not in {Acuity.EMERGENCY, Acuity.NURSE_NOW}:
        return {"stops": False}
    step = next((each for each in reversed(contact.steps) if each.kind == StepKind.SAFETY), None)
    asked = one.answers.filter(key=SAFETY_KEY, value="not-now").exists()
    doubt = set(filter(None, str(step.detail.get("doubt", "")).split(","))) if step else set()
    may_ask = bool(step and step.code == Level.UNSURE) and bool(doubt)
    may_ask = may_ask and doubt <= {str(Doubt.DENIED), str(Doubt.PAST)}
    return {
        "stops": not asked,
        "is_emergency": one.acuity == Acuity.EMERGENCY,
        "may_ask": may_ask and not asked,
        "was_asked": asked,
    }
