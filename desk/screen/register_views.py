"""Somebody who is new, registered in the conversation, after a look at who is alike."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from phonenumber_field.formfields import PhoneNumberField

from crm import clock
from crm.actions.contacts import ContactOver
from crm.actions.people import MayBeKnown
from crm.actions.registering import OnlyPractice, register_in_contact
from crm.models.people import LANGUAGES
from crm.permissions import can_take_calls
from crm.rules.names import Named
from crm.rules.verifying import read_date, read_said
from crm.saying import choices_translated
from crm.states import IdentifierKind, Sex, Speaker, choices
from crm.web import actor, allowed_to, note_views
from desk.actions.safety import check_reason_again
from desk.screen import page
from desk.screen.acting import by_their_agent
from desk.screen.contact import DeskContact
from desk.screen.handoff_views import dialog, in_place
from desk.screen.speaking import NOTHING_SAID, says_nothing, sole_speaker

_TEXT: Final = {"class": "form-control", "autocomplete": "off"}
_SELECT: Final = {"class": "form-select"}


class RegisterForm(forms.Form):
    """Who they are, as they say it. `compared` are those who look alike and are not them."""

    given = forms.CharField(
        label=gettext_lazy("First name"),
        max_length=100,
        widget=forms.TextInput(attrs={**_TEXT, "data-first": ""}),
    )
    family = forms.CharField(
        label=gettext_lazy("Family name"), max_length=100, widget=forms.TextInput(attrs=_TEXT)
    )
    born = forms.CharField(
        label=gettext_lazy("Birth date"),
        max_length=30,
        widget=forms.TextInput(attrs={**_TEXT, "placeholder": "3/14/1972"}),
    )
    sex = forms.ChoiceField(
        choices=choices_translated(choices(Sex)), widget=forms.Select(attrs=_SELECT)
    )
    language = forms.ChoiceField(
        choices=choices_translated(LANGUAGES), widget=forms.Select(attrs=_SELECT)
    )
    phone = PhoneNumberField(
        label=gettext_lazy("Their phone"),
        region="US",
        required=False,
        widget=forms.TextInput(attrs=_TEXT),
    )
    postal_code = forms.CharField(
        label=pgettext_lazy("label", "ZIP"),
        max_length=10,
        required=False,
        widget=forms.TextInput(attrs=_TEXT),
    )
    compared = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)

    def clean_born(self) -> str:
        said: str = self.cleaned_data["born"]
        day = read_date(said)
        if day is None or day > clock.now().date():
            raise forms.ValidationError(gettext_lazy("Type the birth date as month/day/year."))
        return said

    @property
    def named(self) -> Named:
        said = self.cleaned_data
        return Named(said["given"].strip(), said["family"].strip(), read_date(said["born"]))

    @property
    def keys(self) -> frozenset[int]:
        return frozenset(int(k) for k in self.cleaned_data["compared"].split() if k.isdecimal())


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_take_calls)
@by_their_agent
def register(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """A new patient, unless somebody looks alike: then they are compared first."""
    if says_nothing(contact.kind):
        return in_place(request, page.conflict(request, contact, NOTHING_SAID))
    call = contact.call
    first: dict[str, Any] = {"language": contact.interaction.language or "en", "sex": Sex.UNKNOWN}
    if call is not None and call.phone is not None:
        first["phone"] = call.phone.number
    form = RegisterForm(request.POST if request.method == "POST" else None, initial=first)
    if not form.is_valid():
        return _form(request, contact, form, status=422 if form.is_bound else 200)
    said, at = form.cleaned_data, clock.now()
    try:
        register_in_contact(
            contact_id=contact.pk,
            named=form.named,
            born=read_said(said["born"]).get(IdentifierKind.BIRTH_DATE, ""),
            number=said["phone"] or None,
            language=said["language"],
            sex=Sex(said["sex"]),
            postal_code=said["postal_code"],
            compared=form.keys,
            by=actor(request),
            at=at,
            speaker=sole_speaker(contact.kind) or Speaker.PATIENT,
        )
    except MayBeKnown as known:
        keys = [one.pk for one in known.alike]
        note_views(request, what="look-alikes", patient_ids=keys, at=at)
        return _form(request, contact, form, status=409, alike=known.alike, keys=keys)
    except (ContactOver, OnlyPractice) as over:
        return in_place(request, page.conflict(request, contact, str(over)))
    check_reason_again(contact_id=contact.pk, by=actor(request), at=at)
    return in_place(request, page.go_on(request, contact, at=at))


def _form(
    request: HttpRequest, contact: DeskContact, form: RegisterForm, *, status: int, **more: Any
) -> HttpResponse:
    context = {"contact": contact, "form": form, **more}
    return dialog(request, "screen/register.html", context, status=status)
