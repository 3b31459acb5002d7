"""What staff send to end a contact, or to change its note afterwards."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.actions.callbacks import USUAL_LIMIT
from crm.actions.wrapping import FollowUp
from crm.models import Phone, User
from crm.saying import translated
from desk.queries.call_types import find_call_type
from desk.queries.zone import house_zone
from desk.screen.callback_reading import phone_to_call
from desk.screen.contact import DeskContact
from desk.screen.wrap_next import CALLS_BACK, Following
from desk.screen.wrap_reading import Ending

#: "By when" in days from today, in words.
DAYS: Final = {
    0: gettext_lazy("Today"),
    1: gettext_lazy("Tomorrow"),
    2: gettext_lazy("In 2 days"),
    7: gettext_lazy("In a week"),
}
#: The end of a working day, for what was promised for no hour.
END_OF_DAY: Final = dt.time(17)
SOON: Final = dt.timedelta(hours=1)
NOTHING, CALL_BACK, TASK = "", "call-back", "task"
_TEXT: Final = {"class": "form-control", "autocomplete": "off"}


class NoteForm(forms.Form):
    """How it ended, and the note."""

    disposition = forms.ChoiceField(
        label=gettext_lazy("How it ended"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how it ended.")},
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=4000,
        required=False,
        help_text=gettext_lazy(
            "Written from what was done; change what is not so. It goes into the EHR."
        ),
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 6}),
    )

    def __init__(self, *args: Any, endings: tuple[Ending, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.endings = tuple(replace(one, words=translated(one.words)) for one in endings)
        self.fields["disposition"].choices = [(one.code, one.words) for one in self.endings]  # type: ignore[attr-defined]

    def clean_note(self) -> str:
        """As a text area sends it: lines end in one way."""
        note: str = self.cleaned_data["note"]
        return note.replace("\r\n", "\n").strip()

    @property
    def chosen(self) -> str:
        return str(self["disposition"].value() or "")

    @property
    def ending(self) -> Ending:
        """The one that the valid form names."""
        code = self.cleaned_data["disposition"]
        return next(one for one in self.endings if one.code == code)


class WrapForm(NoteForm):
    """With what comes next, where something does. `written` is a digest of the proposed note.

    `goes_on`: what goes on already; an ending that leaves something to do needs that, or a promise.
    """

    written = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    following = forms.ChoiceField(
        label=gettext_lazy("What comes next"),
        required=False,
        choices=[
            (NOTHING, gettext_lazy("Nothing")),
            (CALL_BACK, gettext_lazy("Call them back")),
            (TASK, gettext_lazy("A task")),
        ],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    title = forms.CharField(
        label=gettext_lazy("What is to be done"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs=_TEXT),
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("By when"),
        required=False,
        coerce=int,
        choices=list(DAYS.items()),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    clock = forms.TimeField(
        label=gettext_lazy("At, if an hour was promised"),
        required=False,
        widget=forms.TimeInput(attrs={"class": "form-control", "type": "time"}, format="%H:%M"),
    )
    mine = forms.BooleanField(label=gettext_lazy("I do it myself"), required=False)

    def __init__(self, *args: Any, goes_on: Following, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.goes_on = goes_on

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if found.get("disposition") and not found.get("following"):
            self._check_it_goes_on(self.ending)
        if found.get("following") == TASK and not (found.get("title") or "").strip():
            self.add_error("title", _("Say what is to be done."))
        return found

    def _check_it_goes_on(self, ending: Ending) -> None:
        """What is to be said is set already where the ending says it: then Enter is enough."""
        if not self.goes_on.is_missing(ending):
            return
        if ending.code in CALLS_BACK:
            self.data = {**self.data, "following": CALL_BACK}
        said = _("“%(ending)s” leaves something to do. Say what comes next.")
        self.add_error("following", said % {"ending": ending.words})

    def follow_up(self, contact: DeskContact, user: User, *, at: dt.datetime) -> FollowUp | None:
        """What was promised; None where nothing was."""
        said = self.cleaned_data
        if not said["following"]:
            return None
        calls = said["following"] == CALL_BACK
        return FollowUp(
            title=said["title"].strip() or "Call back, as promised",
            why=contact.interaction.reason,
            due_at=due_by(contact, at=at, days=said["days"] or 0, clock=said["clock"]),
            owner=user if said["mine"] else None,
            call=_number(contact, at=at) if calls else None,
            is_promised=said["clock"] is not None,
            attempt_limit=_limit(contact),
        )

    def clean_following(self) -> str:
        return str(self.cleaned_data["following"])


def due_by(
    contact: DeskContact, *, at: dt.datetime, days: int, clock: dt.time | None = None
) -> dt.datetime:
    """By the patient's clock, else the house's; what is past by then is due in an hour."""
    zone = ZoneInfo(contact.patient.zone) if contact.patient and contact.patient.zone else None
    there = at.astimezone(zone or house_zone())
    day = there.date() + dt.timedelta(days=days)
    due = dt.datetime.combine(day, clock or END_OF_DAY, tzinfo=there.tzinfo).astimezone(dt.UTC)
    return due if due > at else at + SOON


def _number(contact: DeskContact, *, at: dt.datetime) -> Phone | None:
    """Where they called from, unless they may be called at another number alone; else that."""
    called_from = contact.call.phone if contact.call else None
    return phone_to_call(contact.patient, called_from, speaker=contact.speaker, at=at)


def _limit(contact: DeskContact) -> int:
    """How often somebody is called back, by the kind of call."""
    kind = find_call_type(contact.interaction.call_type) if contact.interaction.call_type else None
    return (kind.callback_attempts if kind else 0) or USUAL_LIMIT
