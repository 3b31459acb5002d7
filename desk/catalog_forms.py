"""What managers write down of a visit type."""

from __future__ import annotations

from typing import Any, Final

from django import forms

from crm.models import User
from crm.states import Role
from desk.tree_forms import control
from scheduling.models import Clinic, SourceCode, VisitType
from scheduling.models.catalog import CODE_SYSTEMS

_SELECT = {"class": "form-select"}
#: Who may own a visit type: whoever works with patients or schedules.
OWNERS = [str(role) for role in (Role.FRONT_DESK, Role.NURSE, Role.MANAGER, Role.ADMIN)]


class CatalogFilter(forms.Form):
    """What to list. What is not understood is left out."""

    q = forms.CharField(max_length=80, required=False)
    specialty = forms.CharField(max_length=80, required=False)

    @property
    def text(self) -> str:
        return self._said("q")

    @property
    def of(self) -> str:
        return self._said("specialty")

    def _said(self, name: str) -> str:
        self.is_valid()
        return str(self.cleaned_data.get(name, ""))


class EntryForm(forms.Form):
    """What it is for, and who answers for it."""

    purpose = forms.CharField(
        max_length=300,
        required=False,
        label="What it is for",
        help_text="In one sentence, as you would tell a new colleague.",
        widget=forms.Textarea(control(rows=2, autofocus=True)),
    )
    owner = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        label="Owner, of our staff",
        widget=forms.Select(_SELECT),
    )
    owner_name = forms.CharField(
        max_length=120,
        required=False,
        label="or somebody else at the clinic",
        widget=forms.TextInput(control()),
    )
    owner_contact = forms.CharField(
        max_length=120,
        required=False,
        label="How to reach the owner",
        widget=forms.TextInput(control()),
    )
    is_retired = forms.BooleanField(
        required=False,
        label="No longer booked",
        help_text="It is offered nowhere, and trees may not end at it. Visits of it stay.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = User.objects.filter(is_active=True, roles__overlap=OWNERS)
        owner: Any = self.fields["owner"]
        owner.queryset = staff.order_by("first_name", "last_name")
        owner.label_from_instance = lambda user: user.get_full_name() or user.get_username()


class LineForm(forms.Form):
    """One line of the page; each kind of line has its own fields."""

    def __init__(self, *args: Any, visit_type: VisitType, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.visit_type = visit_type


class BillingForm(LineForm):
    system = forms.ChoiceField(choices=CODE_SYSTEMS, label="Kind", widget=forms.Select(_SELECT))
    code = forms.CharField(max_length=8, label="Code", widget=forms.TextInput(control()))
    note = forms.CharField(
        max_length=120,
        required=False,
        label="When",
        help_text="In your own words.",
        widget=forms.TextInput(control()),
    )


class SourceForm(LineForm):
    source = forms.CharField(
        max_length=120, label="System", widget=forms.TextInput(control(list="sources"))
    )
    code = forms.CharField(max_length=120, label="Code", widget=forms.TextInput(control()))

    @property
    def sources(self) -> list[str]:
        """Systems that have codes with us already."""
        names = SourceCode.objects.values_list("source", flat=True)
        return list(names.distinct().order_by("source"))


class LookAlikeForm(LineForm):
    other = forms.ModelChoiceField(
        queryset=VisitType.objects.order_by("specialty", "name"),
        label="Not to be confused with",
        widget=forms.Select(_SELECT),
    )
    how_to_tell = forms.CharField(
        max_length=300,
        label="How to tell them apart",
        widget=forms.TextInput(control()),
        error_messages={"required": "Say how to tell them apart."},
    )
    is_mutual = forms.BooleanField(
        required=False, initial=True, label="Each is taken for the other"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        other: Any = self.fields["other"]
        other.queryset = other.queryset.exclude(pk=self.visit_type.pk)


class AskForm(LineForm):
    asked = forms.CharField(
        max_length=300,
        label="Question to the clinic",
        widget=forms.TextInput(control()),
        error_messages={"required": "Write the question."},
    )


#: The lines that can be added to a page.
PARTS: Final[dict[str, type[LineForm]]] = {
    "billing": BillingForm,
    "source": SourceForm,
    "look-alike": LookAlikeForm,
    "question": AskForm,
}


def line_forms(visit_type: VisitType) -> dict[str, LineForm]:
    """An empty form for each kind of line; names in templates have no dash."""
    return {
        part.replace("-", "_"): form(visit_type=visit_type, prefix=part)
        for part, form in PARTS.items()
    }


class AnswerQuestionForm(LineForm):
    answer = forms.CharField(
        max_length=500,
        label="What the clinic said",
        widget=forms.Textarea(control(rows=2, autofocus=True)),
        error_messages={"required": "Write what the clinic said."},
    )
    answered_by = forms.CharField(
        max_length=120,
        label="Who said it",
        widget=forms.TextInput(control()),
        error_messages={"required": "Write who said it."},
    )
    clinic = forms.ModelChoiceField(
        queryset=Clinic.objects.none(),
        required=False,
        label="Asked on a visit to",
        help_text="Empty: by phone or mail.",
        widget=forms.Select(_SELECT),
    )
    visited_on = forms.DateField(
        required=False,
        label="on",
        widget=forms.DateInput({"class": "form-control", "type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clinic: Any = self.fields["clinic"]
        clinics = Clinic.objects.filter(specialty=self.visit_type.specialty)
        clinic.queryset = clinics.order_by("name")

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("clinic") and not cleaned.get("visited_on"):
            self.add_error("visited_on", "Say on which day you were there.")
        return cleaned
