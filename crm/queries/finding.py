"""Finding a patient by what a caller says: a name, a birth date, a phone, a record number."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from django.db.models import F, Func, Q, Value

from crm.models import Patient
from crm.rules.names import plain

#: So many are shown; whoever finds more says more.
SHOWN = 10
_ACCENTED = "áàâäãåéèêëíìîïóòôöõúùûüñçýÿ"
_BARE = "aaaaaaeeeeiiiiooooouuuuncyy"
_DATES = ("%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y", "%m/%d/%y")
#: From so many digits on a number is taken for a phone.
_PHONE_DIGITS = 7


@dataclass(slots=True)
class _Said:
    names: list[str] = field(default_factory=list)
    birth_on: dt.date | None = None
    number: str = ""  # of a phone, digits only
    record: str = ""


def find_patients(text: str) -> tuple[Patient, ...]:
    """Up to ten patients who fit everything that was said, by family name; none for nothing said.

    Names fit by their first letters, with or without accents. A birth date as it is typed in the
    US or ISO way; seven digits or more are the end of a phone number, or a record number.
    """
    said = _read(text)
    if not (said.names or said.birth_on or said.record):
        return ()
    rows = Patient.objects.annotate(
        family=_bare("family_name"), given=_bare("given_name")
    ).order_by("family_name", "given_name", "pk")
    for name in said.names:
        begins = Q(family__startswith=name) | Q(given__startswith=name)
        rows = rows.filter(begins | Q(family__contains=f" {name}") | Q(family__contains=f"-{name}"))
    if said.birth_on:
        rows = rows.filter(birth_on=said.birth_on)
    if said.record:
        known = Q(identifiers__value__iexact=said.record)
        if len(said.number) >= _PHONE_DIGITS:
            known |= Q(patient_phones__phone__number__endswith=said.number)
        rows = rows.filter(pk__in=Patient.objects.filter(known).values("pk"))
    return tuple(rows[:SHOWN])


def _read(text: str) -> _Said:
    said = _Said()
    phone = re.search(r"\+?1?[\s.-]*\(?\d{3}\)?[\s.-]*\d{3}[\s.-]*\d{4}\b", text)
    if phone and not _date(phone.group()):
        said.record = said.number = re.sub(r"\D", "", phone.group())[-10:]
        text = text.replace(phone.group(), " ")
    for word in text.replace(",", " ").split():
        day = _date(word)
        if day:
            said.birth_on = day
        elif any(char.isdigit() for char in word):
            said.record = word
            said.number = re.sub(r"\D", "", word)
        else:
            said.names += plain(word).split()
    return said


def _date(word: str) -> dt.date | None:
    for form in _DATES:
        try:
            return dt.datetime.strptime(word.strip(), form).date()  # noqa: DTZ007 a birthday
        except ValueError:
            continue
    return None


def _bare(name: str) -> Func:
    """Small and without accents, as `plain` makes them."""
    return Func(
        Func(F(name), function="lower"), Value(_ACCENTED), Value(_BARE), function="translate"
    )
