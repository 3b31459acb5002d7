"""What staff send about a mass rescheduling."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict

from scheduling.actions.mass import Wanted
from scheduling.models import Absence, Appointment, Location, Provider
from scheduling.queries.mass_reading import orphans as orphaned_visits
from scheduling.rules import HiddenBy
from scheduling.rules.effects import DEFAULTS, SETTABLE
from scheduling.rules.releasing import first_moment
from scheduling.states import CancelReason, MassMoveHow, RuleEffect

_SELECT = {"class": "form-select"}
_TEXT = {"class": "form-control", "autocomplete": "off"}
_MANY = {"class": "form-select", "size": 7}
#: Visits without a slot that one form lists; the rest is another job's.
MOST_PICKED: Final = 500
DATE = forms.DateInput(attrs={"class": "form-control", "type": "date"}, format="%Y-%m-%d")
TIME = forms.TimeInput(attrs={"class": "form-control", "type": "time"}, format="%H:%M")

REASONS: Final = {
    CancelReason.CLINICIAN_SICK: "The clinician is sick",
    CancelReason.CLINICIAN_AWAY: "The clinician is away",
    CancelReason.CLINICIAN_OTHER: "The clinician, for another reason",
    CancelReason.CLOSED: "The site is closed: weather, power",
    CancelReason.EQUIPMENT: "Equipment is out",
    CancelReason.CLINIC_OTHER: "The clinic, for another reason",
}
RULES: Final = {
    rule: rule.value.replace("-", " ").capitalize()
    for rule in SETTABLE
    if DEFAULTS[rule].effect is RuleEffect.OVERRIDE and rule is not HiddenBy.VISIT_TYPE
}


class JobForm(forms.Form):
    """Who, where and when; and how far the plan may go."""

    name = forms.CharField(
        max_length=120, label="What happened", widget=forms.TextInput(attrs=_TEXT)
    )
    reason = forms.ChoiceField(
        choices=list(REASONS.items()), label="Counts as", widget=forms.Select(attrs=_SELECT)
    )
    providers = forms.ModelMultipleChoiceField(
        Provider.objects.none(),
        required=False,
        label="Clinicians",
        widget=forms.SelectMultiple(attrs=_MANY),
    )
    locations = forms.ModelMultipleChoiceField(
        Location.objects.none(),
        required=False,
        label="Sites",
        widget=forms.SelectMultiple(attrs=_MANY),
        help_text="With a clinician and a site: that clinician's visits there.",
    )
    picked = forms.ModelMultipleChoiceField(
        Appointment.objects.none(),
        required=False,
        label="Visits",
        error_messages={"invalid_choice": "One of these visits has a place by now. Look again."},
    )
    first_on = forms.DateField(label="From", widget=DATE)
    from_time = forms.TimeField(
        required=False, label="At", widget=TIME, help_text="Empty: all day."
    )
    last_on = forms.DateField(label="To", widget=DATE, help_text="Included.")
    to_time = forms.TimeField(required=False, label="Until", widget=TIME)
    days_after = forms.IntegerField(
        min_value=1,
        max_value=180,
        initial=28,
        label="Look for new times up to",
        widget=forms.NumberInput(attrs=_TEXT),
        help_text="days after that.",
    )
    set_aside = forms.MultipleChoiceField(
        choices=[(rule.value, word) for rule, word in RULES.items()],
        required=False,
        label="Rules that the plan may go past",
        widget=forms.SelectMultiple(attrs={**_MANY, "size": 5}),
        help_text="None, if you can. Only those that your role may set aside count; each visit "
        "that needs one says so.",
    )
    set_aside_reason = forms.CharField(
        max_length=300, required=False, label="Why they may", widget=forms.TextInput(attrs=_TEXT)
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        absence: Absence | None = None,
        orphans: bool = False,
        run: int | None = None,
        at: dt.datetime,
    ) -> None:
        """
        :param orphans: of the visits without a slot; those of one schedule run are picked, where
            `run` names it, else all.
        """
        self.absence, self.orphans = absence, orphans
        self.visits = list(orphaned_visits(at=at)[:MOST_PICKED]) if orphans else []
        self._run = run
        super().__init__(data, initial=_initial(absence, orphans=orphans))
        self._choices("providers", Provider.objects.filter(is_active=True).order_by("family_name"))
        self._choices("locations", Location.objects.filter(is_active=True).order_by("name"))
        self._choices(
            "picked", Appointment.objects.filter(pk__in=[visit.pk for visit in self.visits])
        )
        for name in ("first_on", "last_on", "reason"):
            self.fields[name].required = not orphans or name == "reason"

    def _choices(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ModelMultipleChoiceField):
            field.queryset = rows

    def offered(self) -> list[tuple[Appointment, bool]]:
        """The visits that can be picked, and whether each is."""
        if self.is_bound:
            sent = set(self.data.getlist("picked")) if isinstance(self.data, QueryDict) else set()
            return [(visit, str(visit.pk) in sent) for visit in self.visits]
        return [(visit, self._run in {None, visit.to_move.run_id}) for visit in self.visits]

    def clean(self) -> dict[str, Any]:
        """:raises ValidationError: never; errors stand beside their field."""
        said = super().clean() or {}
        if said.get("set_aside") and not said.get("set_aside_reason", "").strip():
            self.add_error("set_aside_reason", "Say why: the clinics read it.")
        if self.orphans:
            if not said.get("picked") and "picked" not in self.errors:
                self.add_error("picked", "Pick at least one visit.")
            return said
        if not said.get("providers") and not said.get("locations"):
            self.add_error("providers", "Choose a clinician or a site.")
        if said.get("first_on") and said.get("last_on"):
            begins, ends = self._period(said)
            if ends <= begins:
                self.add_error("last_on", "It must end after it begins.")
        return said

    def _period(self, said: dict[str, Any]) -> tuple[dt.datetime, dt.datetime]:
        """By the clock of the first chosen site, else of the first chosen clinician's."""
        zone = _zone(list(said.get("locations") or ()), list(said.get("providers") or ()))
        begins = first_moment(said["first_on"], said.get("from_time") or dt.time.min, zone)
        if said.get("to_time"):
            return begins, first_moment(said["last_on"], said["to_time"], zone)
        return begins, first_moment(said["last_on"] + dt.timedelta(days=1), dt.time.min, zone)

    def wanted(self, *, at: dt.datetime) -> Wanted:
        """What a valid form asks for."""
        said = self.cleaned_data
        if self.orphans:
            begins, ends = at, max(visit.ends_at for visit in said["picked"])
        else:
            begins, ends = self._period(said)
        return Wanted(
            name=said["name"],
            reason=CancelReason(said["reason"]),
            starts_at=begins,
            ends_at=ends,
            providers=list(said["providers"]),
            locations=list(said["locations"]),
            orphans=self.orphans,
            picked=list(said["picked"]),
            absence=self.absence,
            days_after=said["days_after"],
            set_aside=frozenset(said["set_aside"]),
            set_aside_reason=said["set_aside_reason"],
        )


def _initial(absence: Absence | None, *, orphans: bool) -> dict[str, Any]:
    if orphans:
        return {"name": "Visits without a slot", "reason": CancelReason.CLINIC_OTHER}
    if absence is None:
        return {"reason": CancelReason.CLINICIAN_AWAY}
    providers = [absence.provider] if absence.provider else []
    locations = [absence.location] if absence.location else []
    zone = _zone(locations, providers)
    begins, ends = absence.starts_at.astimezone(zone), absence.ends_at.astimezone(zone)
    whole = ends.time() == dt.time.min
    who = absence.provider or absence.location
    closed = absence.location is not None
    return {
        "name": f"{who}: {absence.reason}"[:120],
        "reason": CancelReason.CLOSED if closed else CancelReason.CLINICIAN_AWAY,
        "providers": [row.pk for row in providers],
        "locations": [row.pk for row in locations],
        "first_on": begins.date(),
        "from_time": begins.time() if begins.time() != dt.time.min else None,
        "last_on": ends.date() - dt.timedelta(days=1) if whole else ends.date(),
        "to_time": None if whole else ends.time(),
    }


def _zone(locations: list[Location], providers: list[Provider]) -> ZoneInfo:
    found = next(iter(locations), None)
    if found is None and providers:
        found = Location.objects.filter(
            clinics__roles__provider=providers[0], clinics__roles__is_active=True
        ).first()
    return found.tz if found else ZoneInfo("UTC")


class StartForm(forms.Form):
    """How to go about it."""

    how = forms.ChoiceField(choices=[(how.value, how.value) for how in MassMoveHow])


class ChooseForm(forms.Form):
    """Another slot for one visit."""

    slot = forms.IntegerField(min_value=1, max_value=2**63 - 1)
