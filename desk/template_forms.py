"""What staff send about schedules that are made here."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms

from crm.states import choices
from desk.inventory_words import HOLIDAYS, RESTRICTIONS
from scheduling.models import (
    Absence,
    Clinic,
    Location,
    PatternException,
    Provider,
    ProviderRole,
    VisitType,
    WeeklyPattern,
)
from scheduling.rules.releasing import first_moment
from scheduling.states import ExceptionKind, Holiday, OrphanChoice, Restriction

_TEXT = {"class": "form-control", "autocomplete": "off"}
_SELECT = {"class": "form-select"}
DATE = forms.DateInput(attrs={"class": "form-control", "type": "date"}, format="%Y-%m-%d")
TIME = forms.TimeInput(attrs={"class": "form-control", "type": "time"}, format="%H:%M")


class PatternForm(forms.ModelForm):  # type: ignore[type-arg]
    """One session of a clinician's week. `clinic` owns its schedule."""

    also_serves = forms.ModelMultipleChoiceField(
        VisitType.objects.none(),
        required=False,
        label="May also serve",
        widget=forms.SelectMultiple(attrs={**_SELECT, "size": 4}),
    )

    class Meta:
        model = WeeklyPattern
        fields = (
            "role",
            "weekday",
            "starts_time",
            "ends_time",
            "slot_minutes",
            "every_weeks",
            "valid_from_on",
            "valid_until_on",
            "visit_type",
            "also_serves",
            "modality",
            "room",
            "capacity",
            "audience",
            "restriction",
            "restriction_days",
            "release_rule",
        )
        labels: ClassVar = {
            "role": "Clinician",
            "starts_time": "From",
            "ends_time": "Until",
            "slot_minutes": "Minutes of a slot",
            "every_weeks": "Every … weeks",
            "valid_from_on": "First date",
            "valid_until_on": "Last date",
            "modality": "How",
            "capacity": "Seats of a slot",
            "audience": "For whom",
            "restriction_days": "Days before",
            "release_rule": "Opens by itself",
        }
        help_texts: ClassVar = {
            "every_weeks": "1: each week. 2: every other, from the week of the first date.",
            "valid_until_on": "Included. Empty: until further notice.",
            "restriction_days": "For “some days before” only.",
        }
        widgets: ClassVar = {
            "role": forms.Select(attrs=_SELECT),
            "weekday": forms.Select(attrs=_SELECT),
            "starts_time": TIME,
            "ends_time": TIME,
            "slot_minutes": forms.NumberInput(attrs={"class": "form-control", "min": 5, "step": 5}),
            "every_weeks": forms.NumberInput(attrs={"class": "form-control", "min": 1}),
            "valid_from_on": DATE,
            "valid_until_on": DATE,
            "visit_type": forms.Select(attrs=_SELECT),
            "modality": forms.Select(attrs=_SELECT),
            "room": forms.Select(attrs=_SELECT),
            "capacity": forms.NumberInput(attrs={"class": "form-control", "min": 1}),
            "audience": forms.Select(attrs=_SELECT),
            "restriction": forms.Select(
                attrs=_SELECT, choices=[(r.value, RESTRICTIONS[r]) for r in Restriction]
            ),
            "restriction_days": forms.NumberInput(attrs={"class": "form-control", "min": 0}),
            "release_rule": forms.Select(attrs=_SELECT),
        }

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = VisitType.objects.filter(specialty=clinic.specialty).order_by("name")
        roles = ProviderRole.objects.filter(clinic=clinic, is_active=True)
        roles = roles.select_related("provider", "clinic").order_by("provider__family_name")
        self._offer("role", roles)
        self._offer("visit_type", kinds)
        self._offer("also_serves", kinds)
        self._offer("room", clinic.location.rooms.order_by("name"))
        self._offer("audience", clinic.slot_audiences.filter(is_active=True).order_by("name"))
        self._offer("release_rule", clinic.release_rules.filter(is_active=True).order_by("name"))
        self.fields["role"].label_from_instance = lambda role: str(role.provider)  # type: ignore[attr-defined]

    def _offer(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 for the type checker
        field.queryset = rows

    def clean_also_serves(self) -> list[int]:
        """Ids, as they are stored; what it is made for is not said twice."""
        made_for = self.data.get("visit_type")
        return [kind.pk for kind in self.cleaned_data["also_serves"] if str(kind.pk) != made_for]


class ExceptionForm(forms.ModelForm):  # type: ignore[type-arg]
    """One date on which a pattern differs."""

    class Meta:
        model = PatternException
        fields = ("on", "kind", "starts_time", "ends_time", "reason")
        labels: ClassVar = {
            "on": "Date",
            "kind": "What",
            "starts_time": "From",
            "ends_time": "Until",
        }
        widgets: ClassVar = {
            "on": DATE,
            "kind": forms.Select(attrs=_SELECT),
            "starts_time": TIME,
            "ends_time": TIME,
            "reason": forms.TextInput(attrs=_TEXT),
        }

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("kind") == ExceptionKind.CANCELLED:
            said["starts_time"] = said["ends_time"] = None
        elif not said.get("starts_time") or not said.get("ends_time"):
            self.add_error("starts_time", "Give the hours of that day.")
        return said


class AbsenceForm(forms.Form):
    """Leave of a clinician or the closing of a site, in days; hours within one day if given."""

    who = forms.ChoiceField(label="Who or where", widget=forms.Select(attrs=_SELECT))
    first_on = forms.DateField(label="First day", widget=DATE)
    last_on = forms.DateField(label="Last day", widget=DATE)
    starts_time = forms.TimeField(
        label="From", required=False, widget=TIME, help_text="Empty: whole days."
    )
    ends_time = forms.TimeField(label="Until", required=False, widget=TIME)
    reason = forms.CharField(label="Why", max_length=160, widget=forms.TextInput(attrs=_TEXT))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = ProviderRole.objects.filter(clinic__owns_schedule=True).select_related(
            "provider", "clinic__location"
        )
        self._providers = {f"provider-{r.provider_id}": r for r in roles}
        self._sites = {
            f"site-{site.pk}": site
            for site in Location.objects.filter(clinics__owns_schedule=True).distinct()
        }
        who = self.fields["who"]
        assert isinstance(who, forms.ChoiceField)  # noqa: S101 for the type checker
        people = sorted((key, str(r.provider)) for key, r in self._providers.items())
        who.choices = [
            ("Clinicians", people),
            ("Whole sites", sorted((key, site.name) for key, site in self._sites.items())),
        ]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if self.errors:
            return said
        starts, ends = said["starts_time"], said["ends_time"]
        if said["last_on"] < said["first_on"]:
            self.add_error("last_on", "It cannot be before the first day.")
        elif bool(starts) is not bool(ends):
            self.add_error("ends_time", "Give both hours, or none.")
        elif starts and said["first_on"] == said["last_on"] and ends <= starts:
            self.add_error("ends_time", "It must be after the first hour.")
        return said

    @property
    def absence(self) -> Absence:
        """By the clock of the site, or of the clinician's first site."""
        said, provider, site = self.cleaned_data, None, None
        if said["who"] in self._providers:
            role = self._providers[said["who"]]
            provider, zone = role.provider, role.clinic.location.tz
        else:
            site = self._sites[said["who"]]
            zone = site.tz
        starts = said["starts_time"] or dt.time.min
        last = said["last_on"]
        if said["ends_time"]:
            ends_at = first_moment(last, said["ends_time"], zone)
        else:
            ends_at = first_moment(last + dt.timedelta(days=1), dt.time.min, zone)
        return Absence(
            provider=provider if isinstance(provider, Provider) else None,
            location=site,
            starts_at=first_moment(said["first_on"], starts, zone),
            ends_at=ends_at,
            reason=said["reason"],
        )


class HolidaysForm(forms.Form):
    """On which federal holidays a site is closed."""

    holidays = forms.MultipleChoiceField(
        choices=[(day.value, word) for day, word in HOLIDAYS.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    @property
    def kept(self) -> list[Holiday]:
        return [Holiday(value) for value in self.cleaned_data["holidays"]]


class PlanForm(forms.Form):
    """Which days of which clinic's schedule to make; what becomes of orphans, where it is said."""

    clinic = forms.ModelChoiceField(Clinic.objects.filter(owns_schedule=True))
    first_on = forms.DateField()
    last_on = forms.DateField()
    orphans = forms.ChoiceField(choices=choices(OrphanChoice), required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        first, last = said.get("first_on"), said.get("last_on")
        if first and last and not dt.timedelta(0) <= last - first <= dt.timedelta(days=400):
            self.add_error("last_on", "Choose at most 400 days, the last not before the first.")
        return said

    @property
    def choice(self) -> OrphanChoice | None:
        said = self.cleaned_data.get("orphans")
        return OrphanChoice(said) if said else None
