"""How a contact is handed over, wrapped up, and what was texted in it, for whoever looks."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from crm.models import Handoff, Patient, Task, User
from crm.models.people import LANGUAGES
from crm.queries.handoffs import may_answer, who_is_asked
from crm.saying import translated
from crm.states import Channel, HandoffStatus, Role
from desk.screen.contact import DeskContact
from outreach.states import MessageStatus
from triage.permissions import can_work_alerts

register = template.Library()

#: Of a text of ours, of which more will be heard.
_ON_ITS_WAY = frozenset(
    {MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.UNKNOWN, MessageStatus.SENT}
)
#: So many of the tasks of a contact are shown in it.
MOST_TASKS = 5


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
    return (user.get_full_name() or user.get_username()) if user else _("Somebody")


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
    """The texts of a contact by SMS, with the agent's reply, and what a person is asked to do in a
    contact that waited by itself; nothing for any other. One statement; the texts are read
    by `desk.screen.texts`."""
    one = contact.interaction
    if one.channel not in {Channel.SMS, Channel.WEB}:
        return {"thread": None}
    tasks = Task.objects.filter(contact=one, closed_at=None).order_by("due_at", "pk")
    shown = {"contact": contact, "tasks": list(tasks[:MOST_TASKS])}
    if one.channel != Channel.SMS:
        return shown
    thread, newest = context.get("thread"), context.get("asked")
    if thread is None:
        return shown
    user = context["request"].user
    is_nurse = can_work_alerts(user)
    ours = [text for text in thread.texts if text.is_ours]
    return shown | {
        "thread": thread,
        "shown": {"thread": thread, "zone": thread.zone or contact.zone.key},
        "may_reply": contact.mine(user) and newest is not None,
        "is_for_nurses": newest is not None and newest.is_for_nurses and not is_nurse,
        "reads": translated(dict(LANGUAGES).get(newest.language[:2], "")) if newest else "",
        "after": max((text.pk for text in thread.texts), default=0),
        "going": max((one.pk for one in ours if one.status in _ON_ITS_WAY), default=0),
        "query": context.get("query", ""),
        "seen_by": context.get("seen_by", ""),
        "error": context.get("reply_error", ""),
        "words": context.get("reply_words", ""),
        "csrf_token": context.get("csrf_token"),
    }
