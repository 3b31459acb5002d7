"""Who interprets: a service, one of ours, or whom the patient insists on."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy

from crm.actions.interpreting import Companion
from crm.states.social import InterpreterKind

KINDS: Final = (
    (InterpreterKind.SERVICE.value, gettext_lazy("An interpreter service")),
    (InterpreterKind.STAFF.value, gettext_lazy("A qualified interpreter of ours")),
    (InterpreterKind.COMPANION.value, gettext_lazy("Somebody with the patient")),
)
ADULT, CHILD = "adult", "child"
_TEXT: Final = {"class": "form-control", "autocomplete": "off"}


class InterpreterForm(forms.Form):
    """Required fields hang on the kind; the action says what is missing."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Who interprets"),
        choices=KINDS,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say who interprets.")},
    )
    language = forms.CharField(
        label=gettext_lazy("Language"),
        max_length=40,
        widget=forms.TextInput(attrs=_TEXT | {"list": "interpreter-languages"}),
        error_messages={"required": gettext_lazy("Say which language.")},
    )
    service = forms.CharField(
        label=gettext_lazy("Service"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs=_TEXT | {"list": "interpreter-services"}),
    )
    interpreter_id = forms.CharField(
        label=gettext_lazy("ID of the interpreter"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs=_TEXT | {"spellcheck": "false"}),
        help_text=gettext_lazy("They give it when they join; one of ours by their badge."),
    )
    who = forms.ChoiceField(
        label=gettext_lazy("This person is"),
        choices=[(ADULT, gettext_lazy("an adult")), (CHILD, gettext_lazy("a child, under 18"))],
        widget=forms.RadioSelect,
        required=False,
    )
    asked_in_private = forms.BooleanField(
        label=gettext_lazy("The patient asked for it alone, through an interpreter"), required=False
    )
    agrees = forms.BooleanField(label=gettext_lazy("This person agrees"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Why the patient wants it"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs=_TEXT),
    )

    @property
    def told(self) -> dict[str, Any]:
        """As `start_interpreter` takes it."""
        said = self.cleaned_data
        kind = InterpreterKind(said["kind"])
        return {
            "kind": kind,
            "language": said["language"],
            "service": said["service"] if kind is InterpreterKind.SERVICE else "",
            "interpreter_id": "" if kind is InterpreterKind.COMPANION else said["interpreter_id"],
            "companion": self._companion() if kind is InterpreterKind.COMPANION else None,
        }

    def _companion(self) -> Companion:
        said = self.cleaned_data
        return Companion(
            is_adult=said["who"] == ADULT,
            asked_in_private=said["asked_in_private"],
            agrees=said["agrees"],
            reason=said["reason"],
        )
