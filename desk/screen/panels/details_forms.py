"""What may be changed of how somebody is reached. Each form says what it does in `carry_out`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from crm.actions import contact_details as actions
from crm.engine import Actor
from crm.models import Patient
from crm.models.people import LANGUAGES, PARTS_OF_DAY, WEEKDAYS
from crm.saying import choices_translated
from crm.states import PhoneUse, choices
from desk.screen.panels.interpreter import code_of, name_of


def _text(label: Any, *, at_most: int, required: bool = False, **attrs: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"} | attrs)
    return forms.CharField(label=label, max_length=at_most, required=required, widget=widget)


def _number(label: Any, *, most: int, hint: str = "") -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"class": "form-control"})
    return forms.IntegerField(
        label=label, min_value=0, max_value=most, required=False, widget=widget, help_text=hint
    )


class ChangeForm(forms.Form):
    """`told_to_ehr`: whether the clinic is asked to write it there."""

    name: str
    title: Promise
    told_to_ehr = True

    def __init__(
        self, data: Any = None, *, patient: Patient, is_patient: bool, **kwargs: Any
    ) -> None:
        self.patient, self.is_patient = patient, is_patient
        super().__init__(data, initial=self.as_it_stands(patient), prefix=self.name, **kwargs)

    def as_it_stands(self, patient: Patient) -> dict[str, Any]:
        return {name: getattr(patient, name) for name in self.base_fields if hasattr(patient, name)}

    def carry_out(self, *, by: Actor, at: dt.datetime) -> bool:
        """Do it; whether anything is different now.

        :raises NotANumber: where a phone cannot be one.
        """
        raise NotImplementedError


class AddressForm(ChangeForm):
    name, title = "address", gettext_lazy("Address")
    address_line = _text(gettext_lazy("Street"), at_most=200)
    city = _text(gettext_lazy("City"), at_most=80)
    state = _text(gettext_lazy("State"), at_most=32)
    postal_code = _text(gettext_lazy("ZIP"), at_most=16, inputmode="numeric")

    def carry_out(self, *, by: Actor, at: dt.datetime) -> bool:
        return actions.change_address(patient=self.patient, by=by, at=at, **self.cleaned_data)


class PhoneForm(ChangeForm):
    name, title = "phone", gettext_lazy("Another phone")
    number = _text(gettext_lazy("Number"), at_most=32, required=True, inputmode="tel")
    use = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=choices_translated(choices(PhoneUse), context="phone"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    is_first = forms.BooleanField(label=gettext_lazy("Try it first"), required=False)
    is_confidential = forms.BooleanField(
        label=gettext_lazy("Confidential: the only one for what is private"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_patient:
            del self.fields["is_confidential"]

    def carry_out(self, *, by: Actor, at: dt.datetime) -> bool:
        told = self.cleaned_data | {"use": PhoneUse(self.cleaned_data["use"])}
        actions.add_phone(patient=self.patient, by=by, at=at, **told)
        return True


class EmailForm(ChangeForm):
    name, title = "email", gettext_lazy("E-mail")
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        widget=forms.EmailInput(attrs={"class": "form-control", "autocomplete": "off"}),
        error_messages={"invalid": gettext_lazy("That is no e-mail address.")},
    )

    def carry_out(self, *, by: Actor, at: dt.datetime) -> bool:
        return actions.change_email(patient=self.patient, by=by, at=at, **self.cleaned_data)


class LanguageForm(ChangeForm):
    name, title = "language", gettext_lazy("Language")
    language = forms.ChoiceField(
        label=gettext_lazy("We write in"),
        choices=choices_translated(LANGUAGES),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    spoken_language = _text(
        gettext_lazy("They speak, if it is another"), at_most=40, list="details-languages"
    )
    needs_interpreter = forms.BooleanField(
        label=gettext_lazy("Needs an interpreter"), required=False
    )

    def as_it_stands(self, patient: Patient) -> dict[str, Any]:
        return super().as_it_stands(patient) | {"spoken_language": name_of(patient.spoken_language)}

    def carry_out(self, *, by: Actor, at: dt.datetime) -> bool:
        said = self.cleaned_data
        kept = self.patient.spoken_language
        spoken = said["spoken_language"]
        told = said | {"spoken_language": kept if spoken == name_of(kept) else code_of(spoken)}
        return actions.set_language(patient=self.patient, by=by, at=at, **told)


class PreferencesForm(ChangeForm):
    """Nothing chosen means that anything suits."""

    name, title = "preferences", gettext_lazy("What suits them")
    told_to_ehr = False
    prefers_parts_of_day = forms.MultipleChoiceField(
        label=gettext_lazy("Time of day"),
        choices=choices_translated(PARTS_OF_DAY),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    prefers_weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Days"),
        choices=choices_translated((number, name[:3]) for number, name in WEEKDAYS),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    max_miles = _number(gettext_lazy("Miles at most"), most=500)
    notice_hours = _number(gettext_lazy("Hours of notice"), most=720)
    wants_earlier_offers = forms.BooleanField(
        label=gettext_lazy("Wants earlier times offered"), required=False
    )

    def carry_out(self, *, by: Actor, at: dt.datetime) -> bool:
        said = self.cleaned_data
        return actions.set_preferences(
            patient=self.patient,
            parts_of_day=said["prefers_parts_of_day"],
            weekdays=said["prefers_weekdays"],
            max_miles=said["max_miles"],
            notice_hours=said["notice_hours"],
            wants_earlier_offers=said["wants_earlier_offers"],
            by=by,
            at=at,
        )


FORMS: Final[Mapping[str, type[ChangeForm]]] = {
    form.name: form for form in (AddressForm, PhoneForm, EmailForm, LanguageForm, PreferencesForm)
}
