"""How a requested visit ends, as staff say it."""

from __future__ import annotations

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy, gettext_noop

from crm.saying import choices_translated
from desk.task_forms import ActForm
from scheduling.actions import NotPossible

REASONS: Final[dict[str, str]] = {
    NotPossible.TAKEN: gettext_noop("The time is taken"),
    NotPossible.CLOSED: gettext_noop("The clinic needs the time for something else"),
    NotPossible.NOT_THIS_PATIENT: gettext_noop("Not for this patient"),
    NotPossible.PATIENT_NOT_REACHED: gettext_noop(
        "The patient must be spoken to first, and was not reached"
    ),
}


class BookedForm(ActForm):
    """It is booked in the EHR; its number there, where somebody has it at hand."""

    number = forms.CharField(
        max_length=120,
        required=False,
        strip=True,
        label=gettext_lazy("Number of the visit in the EHR"),
        help_text=gettext_lazy(
            "May be left empty. With it, the EHR’s own news of the visit are known for it."  # noqa: RUF001
        ),
        widget=forms.TextInput(
            attrs={"class": "form-control", "autocomplete": "off", "autofocus": True}
        ),
    )


class NotPossibleForm(ActForm):
    """Why it will not be booked. Whether the next is asked depends on it."""

    why = forms.ChoiceField(
        choices=choices_translated((why.value, REASONS[why]) for why in NotPossible),
        label=gettext_lazy("Why"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose why.")},
    )
    note = forms.CharField(
        max_length=200,
        required=False,
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("Kept with the visit. No diagnoses."),
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )

    @property
    def reason(self) -> NotPossible:
        return NotPossible(self.cleaned_data["why"])

    @property
    def sentence(self) -> str:
        """ "The time is taken: by a walk-in"."""
        note = self.cleaned_data["note"]
        return f"{REASONS[self.reason]}: {note}" if note else REASONS[self.reason]
