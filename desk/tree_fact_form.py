"""What is known of a caller before anything is asked."""

from __future__ import annotations

from typing import Any

from django import forms

from desk.tree_forms import control
from desk.tree_words import PATIENTS, SEXES, SPOKEN
from scheduling.models import Location
from scheduling.rules.trees import Facts

_SELECT = {"class": "form-select"}


class FactsForm(forms.Form):
    """Every part may be left open; then it is asked where a tree wants it."""

    age = forms.IntegerField(
        min_value=0, max_value=130, required=False, label="Age", widget=forms.NumberInput(control())
    )
    sex = forms.ChoiceField(
        choices=[("", "–"), *SEXES],  # noqa: RUF001 a dash
        required=False,
        label="Sex",
        widget=forms.Select(_SELECT),
    )
    patient = forms.ChoiceField(
        choices=[("", "–"), *PATIENTS],  # noqa: RUF001 a dash
        required=False,
        label="Patient",
        widget=forms.Select(_SELECT),
    )
    coverage = forms.CharField(
        max_length=80, required=False, label="Coverage", widget=forms.TextInput(control())
    )
    location = forms.ChoiceField(required=False, label="Site", widget=forms.Select(_SELECT))
    hour = forms.IntegerField(
        min_value=0,
        max_value=23,
        required=False,
        label="Hour",
        widget=forms.NumberInput(control()),
    )
    language = forms.ChoiceField(
        choices=[("", "–"), *SPOKEN],  # noqa: RUF001 a dash
        required=False,
        label="Language",
        widget=forms.Select(_SELECT),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites: Any = self.fields["location"]
        names = Location.objects.filter(is_active=True).order_by("short_name")
        listed = dict.fromkeys(names.values_list("short_name", flat=True))
        sites.choices = [("", "–"), *((name, name) for name in listed)]  # noqa: RUF001 a dash

    @property
    def fact_values(self) -> dict[str, Any]:
        """Those that were filled in, by name; none before the form was sent."""
        said = self.cleaned_data if self.is_bound and self.is_valid() else {}
        named = ((name, said.get(name)) for name in Facts.__slots__)
        return {name: value for name, value in named if value not in (None, "")}

    @property
    def facts(self) -> Facts:
        return Facts.read(self.fact_values)

    @property
    def fact_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in Facts.__slots__]
