"""Forms of the page of booking links."""

from __future__ import annotations

from typing import Any

from django import forms

from crm.models.people import LANGUAGES
from desk.self_service.forms import read_number
from scheduling.models import Location, OnlineVisit, ProviderRole, VisitType


class LinkForm(forms.Form):
    """A name, and what is chosen already; an empty choice leaves it to the patient."""

    name = forms.CharField(max_length=80, label="Name, for staff")
    location = forms.ModelChoiceField(
        Location.objects.none(), required=False, label="Site", empty_label="Any site"
    )
    role = forms.ModelChoiceField(
        ProviderRole.objects.none(), required=False, label="Clinician", empty_label="Anybody"
    )
    visit_type = forms.ModelChoiceField(
        VisitType.objects.none(), required=False, label="Visit", empty_label="The patient chooses"
    )
    language = forms.ChoiceField(
        choices=[("", "As their browser"), *LANGUAGES], required=False, label="Language"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        online = OnlineVisit.objects.all()
        clinics = online.values("clinic")
        choices = {
            "location": Location.objects.filter(clinics__in=clinics).distinct().order_by("name"),
            "role": ProviderRole.objects.filter(clinic__in=clinics, is_active=True)
            .select_related("provider", "clinic")
            .order_by("provider__family_name", "pk"),
            "visit_type": VisitType.objects.filter(pk__in=online.values("visit_type")).order_by(
                "name"
            ),
        }
        for name, rows in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 for the type checker
            field.queryset = rows
        for name, field in self.fields.items():
            look = "form-control" if name == "name" else "form-select"
            field.widget.attrs["class"] = look

    def clean(self) -> dict[str, Any]:
        """:raises ValidationError: where what is chosen does not go together."""
        cleaned: dict[str, Any] = super().clean() or {}
        role, place, kind = (cleaned.get(name) for name in ("role", "location", "visit_type"))
        if role and place and role.clinic.location_id != place.pk:
            self.add_error("role", "This clinician is not at that site.")
        if role and kind and not role.clinic.online_visits.filter(visit_type=kind).exists():
            self.add_error("visit_type", "This clinician's clinic does not open it online.")
        return cleaned


class SendForm(forms.Form):
    """The phone of whoever asked for the link."""

    phone = forms.CharField(
        max_length=40,
        label="Patient's phone",
        widget=forms.TextInput(
            attrs={"class": "form-control", "type": "tel", "autocomplete": "off"}
        ),
    )

    def clean_phone(self) -> str:
        """E.164. :raises ValidationError:"""
        number = read_number(self.cleaned_data["phone"])
        if number is None:
            raise forms.ValidationError("Enter a US number with area code.")
        return number
