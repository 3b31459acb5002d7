"""Whose turn it is, asked; and how a panel is to grow, set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django import forms

from scheduling.models import Clinic, ProviderRamp, ProviderRole, VisitType

_SELECT = {"class": "form-select"}
LONGEST_WINDOW = 92  # days


def _number(**limits: int) -> forms.NumberInput:
    return forms.NumberInput({"class": "form-control", **limits})


def _day() -> forms.DateInput:
    return forms.DateInput({"class": "form-control", "type": "date"}, format="%Y-%m-%d")


class TurnForm(forms.Form):
    """For which visit, where and when somebody new is to be seen."""

    visit_type = forms.ModelChoiceField(
        queryset=VisitType.objects.order_by("specialty", "name"),
        label="Visit type",
        empty_label=None,
        widget=forms.Select(_SELECT),
    )
    clinic = forms.ModelChoiceField(
        queryset=Clinic.objects.order_by("name"),
        required=False,
        label="Clinic",
        empty_label="Any of the specialty",
        widget=forms.Select(_SELECT),
    )
    since = forms.DateField(label="From", widget=_day())
    until = forms.DateField(label="until", widget=_day())

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        since, until = said.get("since"), said.get("until")
        if since and until and until < since:
            self.add_error("until", "The last day must not come before the first.")
        elif since and until and (until - since).days > LONGEST_WINDOW:
            self.add_error("until", f"Look at most {LONGEST_WINDOW} days ahead.")
        return said

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """Half-open; call it on a valid form."""
        said = self.cleaned_data
        return said["since"], said["until"] + dt.timedelta(days=1)


class RampForm(forms.Form):
    """Toward which panel, how fast, and with which mix of visits."""

    started_on = forms.DateField(label="Starts on", widget=_day())
    target_panel = forms.IntegerField(
        min_value=1,
        max_value=20_000,
        label="Panel when it is full",
        help_text="People.",
        widget=_number(min=1),
    )
    weekly_start = forms.IntegerField(
        min_value=0, max_value=500, label="New patients in the first week", widget=_number(min=0)
    )
    weekly_growth = forms.IntegerField(
        min_value=0, max_value=500, label="More with each week", widget=_number(min=0)
    )
    weekly_most = forms.IntegerField(
        min_value=0, max_value=500, label="Never more a week than", widget=_number(min=0)
    )
    is_active = forms.BooleanField(required=False, initial=True, label="Takes turns")

    def __init__(self, *args: Any, kinds: Collection[VisitType], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in kinds:
            self.fields[f"mix_{kind.pk}"] = forms.IntegerField(
                min_value=0, max_value=100, required=False, label=kind.name, widget=_number(min=0)
            )

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        first, most = said.get("weekly_start"), said.get("weekly_most")
        if first is not None and most is not None and most < first:
            self.add_error("weekly_most", "The most a week cannot be fewer than the first week’s.")  # noqa: RUF001
        return said

    @property
    def mix(self) -> dict[int, int]:
        """Visit type id to weight, where one was given."""
        said = self.cleaned_data
        mixed = {name: said[name] for name in said if name.startswith("mix_") and said[name]}
        return {int(name.removeprefix("mix_")): weight for name, weight in mixed.items()}

    @property
    def mix_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("mix_")]


def kinds_for(role: ProviderRole) -> list[VisitType]:
    """Visit types of the clinician's specialty."""
    return list(VisitType.objects.filter(specialty=role.clinic.specialty).order_by("name"))


def ramp_initial(ramp: ProviderRamp | None, *, today: dt.date) -> dict[str, Any]:
    """What the form begins with; a new one with figures to start from."""
    if ramp is None:
        return {
            "started_on": today,
            "target_panel": 1200,
            "weekly_start": 4,
            "weekly_growth": 2,
            "weekly_most": 16,
            "is_active": True,
        }
    names = ("started_on", "target_panel", "weekly_start", "weekly_growth", "weekly_most")
    shares = {f"mix_{share.visit_type_id}": share.weight for share in ramp.shares.all()}
    return {name: getattr(ramp, name) for name in (*names, "is_active")} | shares
