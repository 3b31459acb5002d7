"""The one form of the offer page: a date of birth in three plain fields."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from django import forms
from django.http import QueryDict

from waitlist.offer_words import Words

#: Nobody alive was born before (years); an older date is a slip of the finger.
OLDEST = 130


class BirthDateForm(forms.Form):
    """Month, day and year as numbers; `cleaned_data["birth_on"]` is the date.

    Text fields with a numeric keyboard, since pickers make people scroll through decades; the
    browser may fill them from what it knows of the person.
    """

    month = forms.CharField(max_length=8, required=False)
    day = forms.CharField(max_length=8, required=False)
    year = forms.CharField(max_length=8, required=False)

    #: The field, its longest sensible value, and the name browsers know it by.
    PARTS = (("month", 2, "bday-month"), ("day", 2, "bday-day"), ("year", 4, "bday-year"))

    def __init__(self, data: QueryDict | None = None, *, words: Words, today: dt.date) -> None:
        super().__init__(data)
        self._words, self._today = words, today
        for name, longest, autocomplete in self.PARTS:
            self.fields[name].label = words[name]
            self.fields[name].widget.attrs |= {
                "class": "form-control",
                "inputmode": "numeric",
                "autocomplete": autocomplete,
                "maxlength": str(longest),
            }

    def clean(self) -> dict[str, Any]:
        """:raises ValidationError: never; errors stand beside their field."""
        cleaned = cast("dict[str, Any]", super().clean())
        month = self._number("month", 1, 12)
        day = self._number("day", 1, 31)
        year = self._number("year", self._today.year - OLDEST, self._today.year)
        if month and day and year:
            birth_on = _find_date(year, month, day)
            if birth_on is None or birth_on > self._today:
                self.add_error("day", self._words["date_error"])
            else:
                cleaned["birth_on"] = birth_on
        return cleaned

    def _number(self, name: str, least: int, most: int) -> int | None:
        typed = self.cleaned_data.get(name, "").strip()
        if typed.isdecimal() and least <= int(typed) <= most:
            return int(typed)
        self.add_error(name, self._words[f"{name}_error"])
        return None

    def say_wrong(self, sentence: str) -> None:
        """Put what is wrong with the date as a whole above its fields."""
        self.add_error(None, sentence)

    def mark_errors(self) -> None:
        """Tell assistive technology which fields are wrong, and start where the first one is."""
        wrong = [name for name in self.fields if name in self.errors] or (
            ["month"] if self.errors else []
        )
        for name in self.fields if self.non_field_errors() else wrong:
            self.fields[name].widget.attrs |= {
                "aria-invalid": "true",
                "aria-describedby": f"{name}-error" if name in self.errors else "date-error",
            }
        if wrong:
            self.fields[wrong[0]].widget.attrs["autofocus"] = True


def _find_date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
