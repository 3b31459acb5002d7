"""Whom a contact can be handed to just now, and the form that asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.models import Queue, User
from crm.queries.handoffs import Colleague, on_call_now, open_queues, who_can_take
from crm.states import HandoffTo
from desk.screen import page
from desk.screen.contact import DeskContact


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the dialog; `value` names whom: "nurse", "queue:3", "person:12"."""

    value: str
    label: str
    detail: str
    icon: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom the agent chose."""

    to: HandoffTo
    user: User | None = None
    queue: Queue | None = None


def choices_of(contact: DeskContact, *, but_not: User, at: dt.datetime) -> list[Choice]:
    """A nurse, who is on call, the queues, a supervisor, and everybody who is free."""
    free = who_can_take(but_not=[but_not.pk])
    return [
        _nurse(free),
        *_on_call(contact, at=at),
        *(
            Choice(
                f"queue:{queue.pk}",
                _("%(queue)s queue") % {"queue": queue.name},
                _("%(free)s free, %(waiting)s waiting")
                % {"free": queue.free, "waiting": queue.waiting},
                "users",
            )
            for queue in open_queues()
        ),
        Choice("manager", _("A supervisor"), _("on the screen of every manager"), "shield-check"),
        *(Choice(f"person:{one.user_id}", one.name, _skills(one), "user") for one in free),
    ]


def _nurse(free: Sequence[Colleague]) -> Choice:
    nurses = sum(one.is_nurse for one in free)
    free_now = ngettext("%(n)s free", "%(n)s free", nurses) % {"n": nurses}
    detail = free_now if nurses else _("nobody is free; it goes to a manager if none answers")
    return Choice("nurse", _("A nurse"), detail, "stethoscope")


def _on_call(contact: DeskContact, *, at: dt.datetime) -> list[Choice]:
    turns = on_call_now(specialty=contact.interaction.specialty, at=at)
    if not turns or contact.interaction.is_training:
        return []
    first = turns[0]
    who = first.user.get_full_name() or first.user.get_username()
    how = _("by text") if first.phone else _("on their screen")
    detail = _("pages %(who)s %(how)s") % {"who": who, "how": how}
    return [Choice("provider", _("Provider on call"), detail, "phone-call")]


def _skills(one: Colleague) -> str:
    said = [*([_("nurse")] if one.is_nurse else []), *one.skills]
    return ", ".join(dict.fromkeys(said)) or one.team


class HandoffForm(forms.Form):
    """Whom, and what is asked of them."""

    to = forms.ChoiceField(
        label=gettext_lazy("To whom"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose whom."),
            "invalid_choice": gettext_lazy("They are not free any more. Choose somebody else."),
        },
    )
    question = forms.CharField(
        label=gettext_lazy("What do you ask of them?"),
        max_length=500,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2, "data-first": True}),
        error_messages={"required": gettext_lazy("Say in a sentence what you ask of them.")},
    )

    def __init__(self, *args: Any, choices: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = choices
        self.fields["to"].choices = [(one.value, one.label) for one in choices]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> str:
        """What is marked, for the page."""
        return str(self["to"].value() or "")

    @property
    def asked(self) -> Asked:
        """Whom the valid form names."""
        kind, _, key = self.cleaned_data["to"].partition(":")
        return Asked(
            HandoffTo(kind),
            user=User.objects.get(pk=key) if kind == HandoffTo.PERSON else None,
            queue=Queue.objects.get(pk=key) if kind == HandoffTo.QUEUE else None,
        )


def first_words(contact: DeskContact) -> str:
    """What the question starts with for a red flag: what the caller said, so that a press is
    enough."""
    said = contact.interaction.reason
    return f"They say: “{said}”" if said and page.is_urgent(contact) else ""


class DeclineForm(forms.Form):
    """Why somebody says no."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Say why, in a few words.")},
    )
