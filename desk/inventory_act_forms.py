"""What staff send about slots: flags, answers, blocks and restrictions."""

from __future__ import annotations

from typing import Any

from django import forms

from crm.states import choices
from desk.inventory_words import RESTRICTIONS
from scheduling.actions.blocking import Restricting
from scheduling.models import Clinic, ReleaseRule, Slot
from scheduling.states import ProposalKind, Restriction

_TEXT = {"class": "form-control", "autocomplete": "off"}


class FlagForm(forms.Form):
    """What it should be, in words; may be empty."""

    should_be = forms.CharField(max_length=200, required=False)

    @property
    def words(self) -> str:
        """Too long a text is no reason to lose the flag."""
        return str(self.data.get("should_be", "")).strip().replace("\x00", "")[:200]


class AnswerForm(forms.Form):
    """The clinic's answer."""

    answer = forms.CharField(
        max_length=300, label="Answer", widget=forms.TextInput(attrs=_TEXT), strip=True
    )


class ReasonForm(forms.Form):
    """Why; kept in the trail. Names no patient."""

    reason = forms.CharField(
        max_length=160,
        label="Why",
        help_text="Kept with the slot. No patient’s name.",  # noqa: RUF001
        widget=forms.TextInput(attrs=_TEXT),
        error_messages={"required": "Say why, in a few words."},
    )


class BlockForm(ReasonForm):
    """Close a slot, for good or until a rule opens it."""

    owner = forms.CharField(
        max_length=120,
        required=False,
        label="Who can say more",
        widget=forms.TextInput(attrs=_TEXT),
    )
    release_rule = forms.ModelChoiceField(
        ReleaseRule.objects.none(),
        required=False,
        label="Opens by itself",
        empty_label="Not by itself",
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, *args: Any, slot: Slot, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = self.fields["release_rule"]
        assert isinstance(rules, forms.ModelChoiceField)  # noqa: S101 for the type checker
        rules.queryset = ReleaseRule.objects.filter(
            clinic=slot.role.clinic_id, is_active=True
        ).order_by("name")


class RestrictForm(BlockForm):
    """For whom, or from when, a slot is."""

    restriction = forms.ChoiceField(
        choices=[(r.value, RESTRICTIONS[r]) for r in Restriction],
        label="Restriction",
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    days = forms.IntegerField(
        min_value=0,
        max_value=365,
        required=False,
        label="Days before",
        help_text="For “some days before” only.",
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )
    field_order = ("restriction", "days", "reason", "owner", "release_rule")

    @property
    def restricting(self) -> Restricting:
        said = self.cleaned_data
        return Restricting(
            restriction=Restriction(said["restriction"]),
            days=said["days"] or 0,
            reason=said["reason"],
            owner=said["owner"],
            release_rule=said["release_rule"],
        )


class ProposeForm(forms.Form):
    """A change of a schedule that the clinic's EHR owns."""

    clinic = forms.ModelChoiceField(
        Clinic.objects.none(),
        label="Clinic",
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    kind = forms.ChoiceField(
        choices=choices(ProposalKind),
        label="What kind of change",
        initial=ProposalKind.SCHEDULE,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    what = forms.CharField(
        max_length=300,
        label="What to change",
        help_text="So that the clinic can do it: who, which day, from when to when.",
        widget=forms.Textarea(attrs={**_TEXT, "rows": 2}),
    )
    why = forms.CharField(
        max_length=300, label="Why", widget=forms.Textarea(attrs={**_TEXT, "rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clinics = self.fields["clinic"]
        assert isinstance(clinics, forms.ModelChoiceField)  # noqa: S101 for the type checker
        clinics.queryset = Clinic.objects.filter(owns_schedule=False).order_by("name")
