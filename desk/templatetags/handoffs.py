"""How a contact is handed over, wrapped up, and what was texted in it, for whoever looks."""

from __future__ import annotations

from typing import Any

from django import template

from crm.models import Handoff, Patient, User
from crm.queries.handoffs import may_answer, who_is_asked
from crm.states import Channel, HandoffStatus, Role
from desk.queries.task_thread import read_thread
from desk.queries.zone import house_zone
from desk.screen.contact import DeskContact
from outreach.models import Message
from outreach.states import Direction
from triage.permissions import can_work_alerts

register = template.Library()


@register.inclusion_tag("screen/handoff_state.html", takes_context=True)
def handoff_state(context: dict[str, Any], contact: DeskContact) -> dict[str, Any]:
    """The newest hand-off of the contact: one statement, two where somebody is still asked."""
    user: User = context["request"].user
    handoff = contact.handoff
    asked = handoff is not None and handoff.status == HandoffStatus.OFFERED
    return {
        "contact": contact,
        "handoff": handoff,
        "mine": contact.mine(user),
        "is_asked": asked and handoff is not None and _asks(handoff, user),
        "now": context.get("now"),
        "csrf_token": context.get("csrf_token"),
    }


def _asks(handoff: Handoff, user: User) -> bool:
    return Handoff.objects.filter(may_answer(user), pk=handoff.pk).exists()


@register.filter
def whom(handoff: Handoff) -> str:
    """Who is asked just now: "Kim Lee", "the Spanish queue", "a nurse"."""
    return who_is_asked(handoff)


@register.filter
def staff(user: User | None) -> str:
    """The name of a member of staff."""
    return (user.get_full_name() or user.get_username()) if user else "Somebody"


@register.inclusion_tag("screen/wrap_over.html", takes_context=True)
def wrapped_up(context: dict[str, Any], contact: DeskContact) -> dict[str, Any]:
    """What stands of a contact that is over; its agent and managers may change the note."""
    user: User = context["request"].user
    return {
        "contact": contact,
        "may_change": contact.mine(user) or user.has_role(Role.MANAGER),
        "csrf_token": context.get("csrf_token"),
    }


@register.filter
def named(patient: Patient) -> str:
    """The name, by initials where it is private."""
    return patient.initials if patient.sensitivity else str(patient)


@register.inclusion_tag("screen/handoff_thread.html", takes_context=True)
def contact_thread(context: dict[str, Any], contact: DeskContact) -> dict[str, Any]:
    """The texts of a contact by SMS; nothing for any other. One statement, two with texts."""
    if contact.interaction.channel != Channel.SMS:
        return {"thread": None}
    asked = Message.objects.filter(interaction=contact.interaction, direction=Direction.IN)
    newest = asked.select_related("phone").order_by("-created_at", "-pk").first()
    is_nurse = can_work_alerts(context["request"].user)
    thread = read_thread(patient=contact.patient, asked=newest, for_nurse=is_nurse)
    return {"thread": thread, "shown": {"thread": thread, "zone": thread.zone or house_zone().key}}
