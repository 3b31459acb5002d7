"""What staff send from the opening page."""

from __future__ import annotations

from typing import Any

from django import forms

from waitlist.queries import Shown


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

    OTHER = "Another reason"
    REASONS = (
        "The clinic needs the time",
        "The clinician is out",
        "It was freed by mistake",
        "Given to somebody outside Firstcall",
        OTHER,
    )

    reason = forms.ChoiceField(
        choices=[(r, r) for r in REASONS],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a reason."},
    )
    note = forms.CharField(
        max_length=120,
        required=False,
        label="Note",
        help_text="Without names. Needed for another reason.",
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("reason") == self.OTHER and not cleaned.get("note"):
            self.add_error("note", "Say which reason.")
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
        label="Why it can be booked all the same",
        help_text="Without names. It is kept with who booked it.",
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )


class WhyNotForm(forms.Form):
    """Whom to explain."""

    q = forms.CharField(max_length=80, required=False, strip=True)
