"""What staff send from the page of tasks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from crm.saying import choices_translated
from crm.states import TaskKind
from desk.alert_words import OUTCOMES
from desk.queries import Shown
from triage.states import Outcome


class FilterForm(forms.Form):
    """Which tasks to list. What is not understood is left at its default."""

    show = forms.ChoiceField(choices=[(s.value, s.value) for s in Shown], required=False)
    kind = forms.ChoiceField(choices=[(k.value, k.value) for k in TaskKind], required=False)

    @property
    def shown(self) -> Shown:
        return Shown(self._chosen("show") or Shown.OPEN)

    @property
    def of_kind(self) -> TaskKind | None:
        kind = self._chosen("kind")
        return TaskKind(kind) if kind else None

    def _chosen(self, name: str) -> Any:
        self.is_valid()
        return self.cleaned_data.get(name)


class ActForm(forms.Form):
    """`was` is the task's state as the page showed it."""

    was = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)


class CloseForm(ActForm):
    """What was done, for whoever asks later. Needed where nothing was: then it says why."""

    note = forms.CharField(
        max_length=300,
        required=False,
        label=gettext_lazy("What was done"),
        help_text=gettext_lazy("Kept with the task. No diagnoses."),
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3, "autofocus": True}),
    )

    def __init__(self, *args: Any, done: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not done:
            note = self.fields["note"]
            note.label, note.required = gettext_lazy("Why there is nothing to do"), True
            note.error_messages["required"] = gettext_lazy("Say why, in a few words.")


class SettleForm(CloseForm):
    """How a nurse leaves a safety alert; `was` and the note as for any task."""

    outcome = forms.ChoiceField(
        choices=choices_translated((o.value, OUTCOMES[o]) for o in Outcome),
        label=gettext_lazy("How it ended"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how it ended.")},
    )
    field_order = ("was", "outcome", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, done=True)
        note = self.fields["note"]
        note.label, note.help_text = (
            gettext_lazy("What you did"),
            gettext_lazy("Kept with the task. No diagnoses."),
        )
        note.widget.attrs.pop("autofocus")
