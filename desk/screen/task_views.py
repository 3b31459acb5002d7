"""A step of the script that asks for a task: its form, and the task."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crm import clock
from crm.actions.contacts import ContactOver
from crm.permissions import can_take_calls
from crm.states import StepKind, TaskKind
from crm.web import actor, allowed_to
from desk.actions.flow import StepGone, leave_task
from desk.queries.scripts import Flow, find_flow
from desk.rules.scripts import StepNow
from desk.screen import page
from desk.screen.acting import by_their_agent
from desk.screen.contact import DeskContact
from desk.screen.handoff_views import dialog, in_place
from desk.screen.wrap_forms import SOON, due_by

TRAINING: Final = gettext_noop(
    "This is training: no task is left. Say what you would do, and tick it."
)
GONE: Final = gettext_noop("The script has changed meanwhile. Go on with what it shows now.")
#: Kinds of task that an agent leaves, by who does them.
WHO: Final = {
    TaskKind.FOLLOW_UP: gettext_lazy("The clinic"),
    TaskKind.REFILL: gettext_lazy("The prescriber’s team"),  # noqa: RUF001
    TaskKind.ASK_NURSE: gettext_lazy("A nurse"),
}
NOW, HOUR, TODAY, TOMORROW = "now", "hour", "today", "tomorrow"
DUE: Final = {
    NOW: gettext_lazy("Now"),
    HOUR: gettext_lazy("In an hour"),
    TODAY: gettext_lazy("Today"),
    TOMORROW: gettext_lazy("Tomorrow"),
}
#: Where somebody is on the way meanwhile; and whose tasks go to prescribers.
_AT_ONCE: Final = frozenset({"late", "transport"})
_PRESCRIBED: Final = frozenset({"refill", "pharmacy"})


class StepTaskForm(forms.Form):
    """What is to be done, by whom, and by when."""

    title = forms.CharField(
        label=gettext_lazy("What is to be done"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Say what is to be done.")},
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Who does it"),
        choices=[(kind.value, words) for kind, words in WHO.items()],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    due = forms.ChoiceField(
        label=gettext_lazy("By when"),
        choices=list(DUE.items()),
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def due_at(self, contact: DeskContact, *, at: dt.datetime) -> dt.datetime:
        due = self.cleaned_data["due"]
        if due in {NOW, HOUR}:
            return at if due == NOW else at + SOON
        return due_by(contact, at=at, days=int(due == TOMORROW))


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_take_calls)
@by_their_agent
def task(request: HttpRequest, contact: DeskContact, key: str) -> HttpResponse:
    """Leave the task that the step asks for; that ticks it."""
    at = clock.now()
    flow = find_flow(
        contact.interaction, is_verified=contact.is_verified, steps=contact.steps, at=at
    )
    step = flow.find(key) if flow else None
    if flow is None or step is None or step.step.act != StepKind.TASK:
        return in_place(request, page.conflict(request, contact, GONE))
    if contact.interaction.is_training:
        return in_place(request, page.conflict(request, contact, TRAINING))
    form = StepTaskForm(request.POST or None, initial=_first(contact, step))
    if request.method != "POST" or not form.is_valid():
        context = {"contact": contact, "form": form, "key": key}
        status = 422 if form.is_bound else 200
        return dialog(request, "screen/step_task.html", context, status=status)
    try:
        leave_task(
            contact=contact.interaction,
            key=key,
            title=form.cleaned_data["title"],
            why=_why(contact, flow),
            kind=TaskKind(form.cleaned_data["kind"]),
            due_at=form.due_at(contact, at=at),
            is_verified=contact.is_verified,
            by=actor(request),
            at=at,
        )
    except (ContactOver, StepGone) as refused:
        return in_place(request, page.conflict(request, contact, str(refused)))
    return in_place(request, page.answer(request, contact))


def _first(contact: DeskContact, step: StepNow) -> dict[str, Any]:
    """The form as the step's words have it, so that a press is enough."""
    code = contact.interaction.call_type
    return {
        "title": step.words.rstrip(".")[:200],
        "kind": TaskKind.REFILL if code in _PRESCRIBED else TaskKind.FOLLOW_UP,
        "due": NOW if code in _AT_ONCE else TODAY,
    }


def _why(contact: DeskContact, flow: Flow) -> str:
    """Why they call, and what they answered: whoever has the task need not ask it again."""
    said = [
        f"{each.words.rstrip(':?')}: {each.value}."
        for each in flow.steps
        if each.step.kind.is_answered and each.value and not each.is_open and not each.was_known
    ]
    reason = contact.interaction.reason
    return " ".join([f"“{reason}”." if reason else "", *said]).strip()[:500]
