"""What managers type into rules."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError

from crm.states import Role
from desk.rule_words import KINDS, ROLES
from scheduling.models import (
    Clinic,
    Provider,
    ProviderRole,
    ProviderRule,
    ReleaseRule,
    SlotAudience,
    VisitType,
)
from scheduling.rules import ReleaseTerms
from scheduling.states import RuleEffect, RuleKind

_SELECT: Final = {"class": "form-select"}
_INPUT: Final = {"class": "form-control", "autocomplete": "off"}
#: What each kind of rule asks for, besides whom and which visits it is for.
FIELDS: Final[dict[RuleKind, tuple[str, ...]]] = {
    RuleKind.WHOM: ("min_age", "max_age", "accepts_new"),
    RuleKind.NOT_DONE: (),
    RuleKind.ONLY: (),
    RuleKind.FIRST: ("needs_referral", "needs_records", "test", "test_within_days"),
    RuleKind.NEW_LIMIT: ("number", "per"),
    RuleKind.DAILY_CAP: ("number", "per"),
    RuleKind.GAP: ("number",),
    RuleKind.PAIRING: (),
}
_NUMBERS: Final = {
    RuleKind.NEW_LIMIT: "New patients, at most",
    RuleKind.DAILY_CAP: "Such visits, at most",
    RuleKind.GAP: "Minutes between two such visits",
}
_ALWAYS: Final = ("who", "types", "reason")


class RuleFilter(forms.Form):
    """What to list. What is not understood is left out."""

    q = forms.CharField(max_length=80, required=False)
    clinic = forms.ModelChoiceField(queryset=Clinic.objects.order_by("name"), required=False)
    kind = forms.ChoiceField(choices=[("", ""), *KINDS.items()], required=False)

    @property
    def said(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data

    @property
    def text(self) -> str:
        return str(self.said.get("q") or "")

    @property
    def of(self) -> Clinic | None:
        return self.said.get("clinic")


def who_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Clinics, clinicians in one clinic, and those with several everywhere."""
    clinics = Clinic.objects.order_by("name")
    roles = ProviderRole.objects.filter(is_active=True).select_related("provider", "clinic")
    people = Provider.objects.filter(is_active=True).order_by("family_name", "given_name")
    in_order = roles.order_by("provider__family_name", "clinic__name")
    return [
        ("Each clinician of a clinic", [(f"clinic:{one.pk}", one.name) for one in clinics]),
        (
            "One clinician in one clinic",
            [(f"role:{one.pk}", f"{one.provider}, {one.clinic.name}") for one in in_order],
        ),
        ("One clinician everywhere", [(f"provider:{one.pk}", str(one)) for one in people]),
    ]


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A provider rule of one kind, with the fields of that kind."""

    who = forms.ChoiceField(label="For whom", widget=forms.Select(_SELECT))
    types = forms.ModelMultipleChoiceField(
        queryset=VisitType.objects.order_by("name"),
        required=False,
        label="Visits",
        help_text="Choose none for every kind of visit.",
        widget=forms.SelectMultiple({**_SELECT, "size": "6"}),
    )

    class Meta:
        model = ProviderRule
        fields = (
            "min_age",
            "max_age",
            "accepts_new",
            "needs_referral",
            "needs_records",
            "test",
            "test_within_days",
            "number",
            "per",
            "reason",
        )
        labels = {
            "min_age": "Youngest age",
            "max_age": "Oldest age",
            "accepts_new": "Takes new patients",
            "needs_referral": "A referral that covers the day",
            "needs_records": "Outside records have come",
            "test": "A test: a visit of this kind",
            "test_within_days": "Not older than (days)",
            "reason": "Why, for staff",
        }
        help_texts = {
            "number": "",
            "reason": "",
            "accepts_new": "",
            "needs_records": "",
            "test": "",
        }
        widgets = {
            **{
                name: forms.NumberInput({**_INPUT, "min": 0})
                for name in ("min_age", "max_age", "test_within_days", "number")
            },
            "test": forms.Select(_SELECT),
            "per": forms.Select(_SELECT),
            "reason": forms.TextInput(_INPUT),
        }

    def __init__(self, *args: Any, kind: RuleKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        wanted = {*_ALWAYS, *FIELDS[kind]}
        for name in [name for name in self.fields if name not in wanted]:
            del self.fields[name]
        who: Any = self.fields["who"]
        who.choices = [("", "Choose"), *who_choices()]
        if "number" in self.fields:
            self.fields["number"].label = _NUMBERS[kind]
            self.fields["number"].required = True
        if "per" in self.fields:
            self.fields["per"].label = "In a"
        if kind in {RuleKind.ONLY, RuleKind.NOT_DONE}:
            self.fields["types"].required = True
            self.fields["types"].help_text = ""
        self.order_fields(["who", "types", *FIELDS[kind], "reason"])
        if self.instance.pk:
            self.initial["who"] = _who_of(self.instance)
            self.initial["types"] = self.instance.type_ids

    def clean(self) -> dict[str, Any]:
        """The constraints of the model look at the rule as it will be."""
        said = super().clean() or self.cleaned_data
        rule = self.instance
        rule.kind = self.kind
        rule.provider = rule.role = rule.clinic = None
        scope, _, pk = said.get("who", "").partition(":")
        if pk:
            setattr(rule, f"{scope}_id", int(pk))
        first, *rest = [*said.get("types", ())] or [None]
        rule.visit_type, rule.also_types = first, [kind.pk for kind in rest]
        return said

    def validate_unique(self) -> None:
        """The constraints, too, that look at the kind: Django passes over those of fields that
        the form does not show."""
        super().validate_unique()
        try:
            self.instance.validate_constraints()
        except ValidationError as errors:
            for said in errors.messages:
                if said not in self.non_field_errors():
                    self.add_error(None, said)


def _who_of(rule: ProviderRule) -> str:
    if rule.role_id:
        return f"role:{rule.role_id}"
    return f"clinic:{rule.clinic_id}" if rule.clinic_id else f"provider:{rule.provider_id}"


class AudienceForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whom a clinic keeps slots for."""

    class Meta:
        model = SlotAudience
        fields = (
            "clinic",
            "name",
            "audience",
            "min_age",
            "max_age",
            "sex",
            "payers",
            "needs_referral",
        )
        labels = {
            "audience": "New or established",
            "min_age": "Youngest age",
            "max_age": "Oldest age",
            "needs_referral": "Only with a referral that covers the day",
        }
        widgets = {
            **{name: forms.Select(_SELECT) for name in ("clinic", "audience", "sex")},
            **{name: forms.NumberInput({**_INPUT, "min": 0}) for name in ("min_age", "max_age")},
            **{name: forms.TextInput(_INPUT) for name in ("name", "payers")},
        }


class ReleaseForm(forms.ModelForm):  # type: ignore[type-arg]
    """When what a clinic keeps back lifts by itself."""

    class Meta:
        model = ReleaseRule
        fields = ("clinic", "name", "days_before", "at_time", "hours_before")
        labels = {
            "days_before": "Days before the slot's day",
            "at_time": "At (the site's clock)",
            "hours_before": "or hours before it starts",
        }
        help_texts = {"days_before": "0: on the day itself."}
        widgets = {
            "clinic": forms.Select(_SELECT),
            "name": forms.TextInput(_INPUT),
            "days_before": forms.NumberInput({**_INPUT, "min": 0}),
            "at_time": forms.TimeInput({**_INPUT, "type": "time"}, format="%H:%M"),
            "hours_before": forms.NumberInput({**_INPUT, "min": 0}),
        }

    @property
    def terms(self) -> ReleaseTerms:
        """:raises ValueError: for a form that did not pass."""
        said: dict[str, int | dt.time | None] = {
            name: self.cleaned_data[name] for name in ("days_before", "at_time", "hours_before")
        }
        return ReleaseTerms(**said)  # type: ignore[arg-type]


class EffectForm(forms.Form):
    """What a kind of rule does at a clinic."""

    effect = forms.ChoiceField(
        label="What it does",
        choices=[
            ("", "What it does by default"),
            (RuleEffect.BLOCK, "Stops everybody"),
            (RuleEffect.OVERRIDE, "Some may go past it, with a reason"),
            (RuleEffect.WARN, "Warns only"),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    roles = forms.MultipleChoiceField(
        label="Who may go past it",
        choices=[(role.value, word.capitalize()) for role, word in ROLES.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("effect") == RuleEffect.OVERRIDE and not said.get("roles"):
            self.add_error("roles", "Say who may go past it.")
        return said

    @property
    def chosen(self) -> RuleEffect | None:
        said = self.cleaned_data["effect"]
        return RuleEffect(said) if said else None

    @property
    def chosen_roles(self) -> list[Role]:
        return [Role(role) for role in self.cleaned_data["roles"]]
