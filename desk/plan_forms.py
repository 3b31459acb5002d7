"""What is looked for as a plan; and the form of a definition with its steps."""

from __future__ import annotations

from typing import Any

from django import forms

from crm.models import Patient
from scheduling.actions.plan_definitions import StepTerms
from scheduling.actions.plans import Choice
from scheduling.models import Clinic, Location, PlanDefinition, Room, VisitType
from scheduling.queries.plan_resources import parse_thing
from scheduling.queries.plans import definitions
from scheduling.states import TOLD_ONLY, CancelReason, ResourceKind

_SELECT = {"class": "form-select"}
_INPUT = {"class": "form-control"}
STEPS, NEEDS = 6, 3


class LookForm(forms.Form):
    """Which plan, for whom, from when and where."""

    definition = forms.ModelChoiceField(
        queryset=PlanDefinition.objects.filter(is_active=True).order_by("name"),
        label="Plan",
        empty_label="Choose a plan",
        required=False,
        widget=forms.Select(_SELECT),
    )
    patient = forms.ModelChoiceField(
        queryset=Patient.objects.all(), required=False, widget=forms.HiddenInput
    )
    location = forms.ModelChoiceField(
        queryset=Location.objects.filter(is_active=True).order_by("name"),
        label="Site",
        empty_label="Any site",
        required=False,
        widget=forms.Select(_SELECT),
    )
    first_on = forms.DateField(
        label="Not before",
        required=False,
        widget=forms.DateInput({**_INPUT, "type": "date"}, format="%Y-%m-%d"),
    )

    def said(self, name: str) -> Any:
        return self.cleaned_data.get(name) if self.is_valid() else None

    @property
    def chosen(self) -> PlanDefinition | None:
        """With its steps read along."""
        found = self.said("definition")
        return definitions().get(pk=found.pk) if found else None


def write_choice(choice: tuple[Choice, ...]) -> str:
    """ "12.34-p5-r6": slots in order, each with what it takes beside it."""
    return ".".join("-".join((str(one.slot_id), *one.things)) for one in choice)


def read_choice(text: str) -> tuple[Choice, ...]:
    """:raises ValueError: for what no page has written."""
    found = []
    for part in text[:400].split("."):
        slot, *things = part.split("-")
        for thing in things:
            parse_thing(thing)
        found.append(Choice(int(slot), tuple(things)))
    return tuple(found)


class DefinitionForm(forms.Form):
    name = forms.CharField(label="Name", max_length=120, widget=forms.TextInput(_INPUT))
    note = forms.CharField(
        label="When to use it", max_length=300, required=False, widget=forms.TextInput(_INPUT)
    )
    is_active = forms.BooleanField(label="Offered", required=False, initial=True)


class StepForm(forms.Form):
    """One step. Without a visit type it is no step."""

    visit_type = forms.ModelChoiceField(
        queryset=VisitType.objects.order_by("specialty", "name"),
        label="Visit",
        empty_label="No further visit",
        required=False,
        widget=forms.Select(_SELECT),
    )
    least_days = forms.IntegerField(
        label="Days after, least",
        initial=0,
        max_value=730,
        min_value=0,
        widget=forms.NumberInput(_INPUT),
    )
    most_days = forms.IntegerField(
        label="most", initial=0, max_value=730, min_value=0, widget=forms.NumberInput(_INPUT)
    )
    times = forms.IntegerField(
        label="How often", initial=1, min_value=1, max_value=26, widget=forms.NumberInput(_INPUT)
    )
    same_clinician = forms.BooleanField(label="Same clinician as before", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = need_choices()
        for nr in range(1, NEEDS + 1):
            self.fields[f"need_{nr}"] = forms.ChoiceField(
                choices=kinds,
                required=False,
                label=f"Also needs {nr}",
                widget=forms.Select(_SELECT),
            )

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("visit_type") and said.get("most_days", 0) < said.get("least_days", 0):
            self.add_error("most_days", "The most days cannot be below the least.")
        return said

    @property
    def terms(self) -> StepTerms | None:
        said = self.cleaned_data
        if not said.get("visit_type"):
            return None
        needs = [
            said[f"need_{nr}"].split(":", 1) for nr in range(1, NEEDS + 1) if said[f"need_{nr}"]
        ]
        return StepTerms(
            visit_type=said["visit_type"],
            least_days=said["least_days"],
            most_days=said["most_days"],
            times=said["times"],
            same_clinician=said["same_clinician"],
            needs=tuple((ResourceKind(kind), what) for kind, what in needs),
        )


def need_choices() -> list[tuple[str, str]]:
    """Specialties that clinicians have, and kinds that rooms have."""
    specialties = (
        Clinic.objects.order_by("specialty").values_list("specialty", flat=True).distinct()
    )
    kinds = Room.objects.exclude(kind="").order_by("kind").values_list("kind", flat=True).distinct()
    return [
        ("", "Nothing"),
        *((f"{ResourceKind.PROVIDER}:{one}", f"Clinician: {one}") for one in specialties),
        *((f"{ResourceKind.ROOM}:{one}", f"Room or machine: {one}") for one in kinds),
    ]


StepFormSet = forms.formset_factory(StepForm, extra=0, max_num=STEPS, absolute_max=STEPS)


def step_initial(definition: PlanDefinition | None) -> list[dict[str, Any]]:
    rows = []
    for step in definition.steps.all() if definition else ():
        row = {
            name: getattr(step, name)
            for name in ("visit_type", "least_days", "most_days", "times", "same_clinician")
        }
        row |= {
            f"need_{nr}": f"{need.kind}:{need.what}"
            for nr, need in enumerate(step.needs.all(), start=1)
        }
        rows.append(row)
    return rows + [{}] * (STEPS - len(rows))


class LeaveForm(forms.Form):
    reason = forms.CharField(
        label="Why the others stand without it", max_length=160, widget=forms.TextInput(_INPUT)
    )


class CallOffForm(forms.Form):
    code = forms.ChoiceField(
        label="Why",
        choices=[
            (one.value, one.value.replace("-", " ").capitalize())
            for one in CancelReason
            if one not in TOLD_ONLY
        ],
        widget=forms.Select(_SELECT),
    )
