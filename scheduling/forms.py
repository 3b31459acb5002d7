"""What staff write down of orders."""

from __future__ import annotations

from typing import Any

from django import forms

from crm.states import choices
from scheduling.models import ClinicPolicy, ServiceRequest
from scheduling.states import MissedBecause


class ClinicPolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A policy whose exemptions are ticked."""

    exempt = forms.MultipleChoiceField(
        choices=choices(MissedBecause),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="For these reasons a missed visit does not count, and costs nothing.",
    )

    class Meta:
        model = ClinicPolicy
        fields = "__all__"  # noqa: DJ007 an administrator sets all of it


class ServiceRequestForm(forms.ModelForm):  # type: ignore[type-arg]
    """An order whose visits are all its own patient's."""

    class Meta:
        model = ServiceRequest
        fields = "__all__"  # noqa: DJ007 the admin's own fields; `source` is not among them

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        patient, visit = cleaned.get("patient"), cleaned.get("appointment")
        for name in ("appointment", "follows"):
            other = cleaned.get(name)
            if patient and other and other.patient_id != patient.pk:
                self.add_error(name, "This visit is another patient's.")
        if visit and visit.visit_type_id and cleaned.get("visit_type") != visit.visit_type:
            self.add_error("appointment", "This visit is of another kind than the order.")
        return cleaned
