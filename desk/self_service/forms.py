"""The forms of the pages under `/book/`. What is wrong stands beside its field, with what to do."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

import phonenumbers
from django import forms
from django.http import QueryDict

from crm.rules.names import Named
from desk.self_service.words import BookWords
from scheduling.models import OnlineVisit
from scheduling.rules import limits
from scheduling.states import CancelReason, Wish
from waitlist.offer_forms import BirthDateForm

LONGEST_WORDS = 500


class BookForm(forms.Form):
    """Fields with labels in the page's language; errors point at their field."""

    def __init__(self, data: QueryDict | None = None, *, words: BookWords, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.words = words
        for name, field in self.fields.items():
            field.label = words[f"{name}_label"]
            field.widget.attrs.setdefault("class", "form-control")

    def refuse(self, name: str, key: str, **facts: str) -> None:
        """Say what is wrong with a field, and to assistive technology which one it is."""
        self.add_error(name, self.words.fill(key, **facts))
        widget = self.fields[name].widget
        widget.attrs |= {"aria-invalid": "true", "aria-describedby": f"{name}-error"}
        if not any("autofocus" in field.widget.attrs for field in self.fields.values()):
            widget.attrs["autofocus"] = True


class SafetyForm(BookForm):
    """What it is about, in their words, and whether it is an emergency."""

    about = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"})
    )
    emergency = forms.CharField(required=False)

    def clean(self) -> dict[str, Any]:
        """:raises ValidationError: never; errors stand beside their field."""
        cleaned = cast("dict[str, Any]", super().clean())
        if len(cleaned.get("about", "")) > LONGEST_WORDS:
            self.refuse("about", "about_long")
        if cleaned.get("emergency") not in {"yes", "no"}:
            self.refuse("emergency", "emergency_error")
        return cleaned

    @property
    def says_emergency(self) -> bool:
        return self.data.get("emergency") == "yes"


class WishForm(BookForm):
    """What they need, and which kind of visit."""

    wish = forms.CharField(required=False)
    kind = forms.CharField(required=False)

    def __init__(self, *args: Any, open_visits: list[OnlineVisit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open = {str(row.pk): row for row in open_visits}

    def clean(self) -> dict[str, Any]:
        """:raises ValidationError: never; errors stand beside their field."""
        cleaned = cast("dict[str, Any]", super().clean())
        if cleaned.get("wish") not in set(Wish):
            self.refuse("wish", "wish_error")
        elif cleaned["wish"] in {Wish.NEW, Wish.WAIT} and self.chosen is None:
            self.refuse("kind", "kind_error")
        return cleaned

    @property
    def chosen(self) -> OnlineVisit | None:
        only = next(iter(self._open.values())) if len(self._open) == 1 else None
        return self._open.get(self.data.get("kind", "")) or only


#: Why somebody may say that they call a visit off: few, plain, and every one their own doing.
WHY_ASKED = (
    CancelReason.CANNOT_COME,
    CancelReason.SICK,
    CancelReason.FEELS_BETTER,
    CancelReason.NO_RIDE,
    CancelReason.COST,
    CancelReason.WENT_ELSEWHERE,
    CancelReason.PATIENT_OTHER,
)


def read_why(said: str) -> CancelReason:
    """The reason that was pressed. Whoever skips it, or sends what was not asked, gave none."""
    return CancelReason(said) if said in WHY_ASKED else CancelReason.PATIENT_UNSAID


class PhoneForm(BookForm):
    """A US number, as people write it; `cleaned_data["phone"]` is E.164."""

    phone = forms.CharField(
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
    )

    def clean(self) -> dict[str, Any]:
        """:raises ValidationError: never; errors stand beside their field."""
        cleaned = cast("dict[str, Any]", super().clean())
        number = read_number(cleaned.get("phone", ""))
        if number is None:
            self.refuse("phone", "phone_error")
        cleaned["phone"] = number
        return cleaned


class CodeForm(BookForm):
    """Six digits; spaces and dashes between them do no harm."""

    code = forms.CharField(
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def clean(self) -> dict[str, Any]:
        """:raises ValidationError: never; errors stand beside their field."""
        cleaned = cast("dict[str, Any]", super().clean())
        said = "".join(char for char in cleaned.get("code", "") if char not in " -")
        if len(said) != limits.CODE_DIGITS or not (said.isascii() and said.isdigit()):
            self.refuse("code", "code_error")
        cleaned["code"] = said
        return cleaned


class NameForm(BookForm):
    """First and last name of the patient."""

    given = forms.CharField(
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "given-name", "autocapitalize": "words"}),
    )
    family = forms.CharField(
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "family-name", "autocapitalize": "words"}),
    )

    def clean(self) -> dict[str, Any]:
        """:raises ValidationError: never; errors stand beside their field."""
        cleaned = cast("dict[str, Any]", super().clean())
        for name in ("given", "family"):
            if not any(char.isalpha() for char in cleaned.get(name, "")):
                self.refuse(name, f"{name}_error")
        return cleaned


def read_person(names: NameForm, born: BirthDateForm) -> Named | None:
    """Who it is, where both forms are right; both say what is wrong with them."""
    if not (names.is_valid() & born.is_valid()):
        return None
    birth_on: dt.date = born.cleaned_data["birth_on"]
    given, family = (" ".join(names.cleaned_data[part].split()) for part in ("given", "family"))
    return Named(given, family, birth_on)


def read_number(typed: str) -> str | None:
    """E.164 of a possible number in the North American plan; texts elsewhere cost others money."""
    try:
        parsed = phonenumbers.parse(typed, "US")
    except phonenumbers.NumberParseException:
        return None
    if parsed.country_code != 1 or not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
