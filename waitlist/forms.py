"""What staff send from the opening page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from crm.states import choices
from scheduling.states import FillMode
from waitlist.queries import Shown
from waitlist.queries.shadow import Figure, Period


class FilterForm(forms.Form):
    """Which openings to list. What is not understood is left at its default."""

    state = forms.ChoiceField(choices=[(s.value, s.value) for s in Shown], required=False)
    site = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False)

    @property
    def shown(self) -> Shown:
        return Shown(self._chosen("state") or Shown.LIVE)

    @property
    def site_id(self) -> int | None:
        site: int | None = self._chosen("site")
        return site

    def _chosen(self, name: str) -> Any:
        self.is_valid()
        return self.cleaned_data.get(name)


class WithdrawForm(forms.Form):
    """Why an opening is withdrawn: a classified reason, and a note where it says little."""

    #: Kept in English, with the opening.
    OTHER = gettext_noop("Another reason")
    REASONS = (
        gettext_noop("The clinic needs the time"),
        gettext_noop("The clinician is out"),
        gettext_noop("It was freed by mistake"),
        gettext_noop("Given to somebody outside Firstcall"),
        OTHER,
    )

    reason = forms.ChoiceField(
        choices=[(r, _(r)) for r in REASONS],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason.")},
    )
    note = forms.CharField(
        max_length=120,
        required=False,
        label=_("Note"),
        help_text=_("Without names. Needed for another reason."),
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("reason") == self.OTHER and not cleaned.get("note"):
            self.add_error("note", _("Say which reason."))
        return cleaned

    @property
    def sentence(self) -> str:
        """ "The clinician is out: jury duty"."""
        reason, note = self.cleaned_data["reason"], self.cleaned_data["note"]
        if reason == self.OTHER:
            return str(note)
        return f"{reason}: {note}" if note else str(reason)


class BookForm(forms.Form):
    """What somebody at the desk agreed to: `shown` is the plan they saw."""

    shown = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)
    gives_up = forms.BooleanField(required=False)
    set_aside = forms.CharField(
        max_length=160,
        required=False,
        label=_("Why it can be booked all the same"),
        help_text=_("Without names. It is kept with who booked it."),
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )


class SendForm(forms.Form):
    """Whom somebody saw in a planned wave before they pressed Send."""

    shown = forms.CharField(max_length=4000, required=False, widget=forms.HiddenInput)

    @property
    def shown_people(self) -> str:
        return str(self.cleaned_data["shown"]) if self.is_valid() else ""


class ReportForm(forms.Form):
    """The period of the shadow report, and what of it to open. Without any, the last 14 days."""

    DAYS = 14

    since = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date", "class": "form-control"})
    )
    until = forms.DateField(
        label=_("Until"), widget=forms.DateInput(attrs={"type": "date", "class": "form-control"})
    )
    clinic = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    figure = forms.ChoiceField(choices=[(f.value, f.value) for f in Figure], required=False)

    today: dt.date

    @classmethod
    def of(cls, asked: QueryDict, *, today: dt.date) -> ReportForm:
        """The form as it was asked for; bound only where a period was."""
        first = today - dt.timedelta(days=cls.DAYS - 1)
        form = cls(asked or None, initial={"since": first, "until": today})
        form.today = today
        return form

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", _("It ends before it begins."))
        return cleaned

    @property
    def period(self) -> Period:
        """What was asked for, else the last days."""
        if self.is_bound and self.is_valid():
            return Period(self.cleaned_data["since"], self.cleaned_data["until"])
        return Period(self.initial["since"], self.initial["until"])

    @property
    def clinic_id(self) -> int | None:
        self.is_valid()
        return getattr(self, "cleaned_data", {}).get("clinic")

    @property
    def chosen_figure(self) -> Figure:
        self.is_valid()
        return Figure(getattr(self, "cleaned_data", {}).get("figure") or Figure.OPENINGS)


class ModeForm(forms.Form):
    """How far a clinic lets Firstcall go, and why it changes that."""

    mode = forms.ChoiceField(
        choices=choices(FillMode),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a mode.")},
    )
    reason = forms.CharField(
        max_length=200,
        required=False,
        label=_("Why"),
        help_text=_("Kept with the change, for whoever asks later."),
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )


class WhyNotForm(forms.Form):
    """Whom to explain."""

    q = forms.CharField(max_length=80, required=False, strip=True)
