"""What staff send from the page that finds slots."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, pgettext_lazy

from crm.models import Patient
from crm.models.people import WEEKDAYS
from crm.saying import choices_translated
from crm.states import Sex
from desk import slot_words as words
from scheduling.models import Location, Provider, VisitType
from scheduling.queries.catalog import visit_types
from scheduling.rules.search import Criteria, PartOfDay, Place, Window
from scheduling.states import Declined, Modality
from scheduling.zip_codes import find_zip

_SELECT = {"class": "form-select"}
_CONTROL = {"class": "form-control"}
#: How far people may be asked to go, in miles; the last where nobody says otherwise.
MILES = (5, 10, 20, 40, 80)
ANY_DISTANCE = "any"


def _name_of(kind: VisitType) -> str:
    """With a word where it is no longer booked: then the page says so of each time."""
    entry = getattr(kind, "catalog_entry", None)
    if entry is None or not entry.is_retired:
        return str(kind)
    return _("%(name)s (retired)") % {"name": kind.name}


def _options(kinds: Iterable[VisitType]) -> list[tuple[int | str, str]]:
    return [("", _("Choose the visit")), *((kind.pk, _name_of(kind)) for kind in kinds)]


class FilterForm(forms.Form):
    """What is wanted, as the address of the page has it. Nothing of a patient but the key.

    What is not understood sets no limit.
    """

    patient = forms.IntegerField(required=False, widget=forms.HiddenInput)
    #: The visit that a time is looked for to move it to.
    moves = forms.IntegerField(required=False, widget=forms.HiddenInput)
    visit_type = forms.ModelChoiceField(
        VisitType.objects.none(),
        required=False,
        label=gettext_lazy("Visit"),
        empty_label=gettext_lazy("Choose the visit"),
        widget=forms.Select(attrs=_SELECT),
    )
    window = forms.ChoiceField(
        choices=choices_translated((w.value, words.WINDOWS[w]) for w in Window),
        required=False,
        label=gettext_lazy("When"),
        widget=forms.RadioSelect,
    )
    weekdays = forms.TypedMultipleChoiceField(
        choices=choices_translated((number, name[:3]) for number, name in WEEKDAYS),
        coerce=int,
        required=False,
        label=gettext_lazy("Days"),
        widget=forms.CheckboxSelectMultiple,
    )
    parts = forms.MultipleChoiceField(
        choices=choices_translated((part.value, words.PARTS[part]) for part in PartOfDay),
        required=False,
        label=gettext_lazy("Hours"),
        widget=forms.CheckboxSelectMultiple,
    )
    not_before = forms.TimeField(
        required=False,
        label=gettext_lazy("Not before"),
        widget=forms.TimeInput(attrs=_CONTROL | {"type": "time"}),
    )
    not_after = forms.TimeField(
        required=False,
        label=gettext_lazy("Starts before"),
        widget=forms.TimeInput(attrs=_CONTROL | {"type": "time"}),
    )
    first_on = forms.DateField(
        required=False,
        label=gettext_lazy("From"),
        widget=forms.DateInput(attrs=_CONTROL | {"type": "date"}),
    )
    zip = forms.CharField(
        required=False,
        max_length=10,
        label=gettext_lazy("Near (ZIP)"),
        widget=forms.TextInput(
            attrs=_CONTROL
            | {
                "inputmode": "numeric",
                "placeholder": pgettext_lazy("address", "Home"),
                "autocomplete": "off",
            }
        ),
    )
    miles = forms.ChoiceField(
        choices=[
            *((str(m), format_lazy(gettext_lazy("{miles} miles"), miles=m)) for m in MILES),
            (ANY_DISTANCE, gettext_lazy("Any distance")),
        ],
        initial=str(MILES[-1]),
        required=False,
        label=gettext_lazy("At most"),
        widget=forms.Select(attrs=_SELECT),
    )
    location = forms.ModelChoiceField(
        Location.objects.none(),
        required=False,
        label=gettext_lazy("Site"),
        empty_label=gettext_lazy("Any site"),
        widget=forms.Select(attrs=_SELECT),
    )
    provider = forms.ModelChoiceField(
        Provider.objects.none(),
        required=False,
        label=gettext_lazy("Clinician"),
        empty_label=gettext_lazy("Anybody"),
        widget=forms.Select(attrs=_SELECT),
    )
    own = forms.BooleanField(required=False, label=gettext_lazy("Same as last time"))
    language = forms.ChoiceField(
        choices=choices_translated([("", gettext_noop("Any language")), *words.LANGUAGES.items()]),
        required=False,
        label=gettext_lazy("Speaks"),
        widget=forms.Select(attrs=_SELECT),
    )
    sex = forms.ChoiceField(
        choices=[
            ("", gettext_lazy("Anybody")),
            (Sex.FEMALE.value, gettext_lazy("A woman")),
            (Sex.MALE.value, gettext_lazy("A man")),
        ],
        required=False,
        label=gettext_lazy("Clinician is"),
        widget=forms.Select(attrs=_SELECT),
    )
    modality = forms.ChoiceField(
        choices=choices_translated(
            [
                ("", gettext_noop("In person or remote")),
                *((m.value, words.MODALITY[m]) for m in Modality),
            ]
        ),
        required=False,
        label=gettext_lazy("How"),
        widget=forms.Select(attrs=_SELECT),
    )
    payer = forms.CharField(
        required=False,
        max_length=80,
        label=gettext_lazy("Coverage"),
        widget=forms.TextInput(attrs=_CONTROL | {"placeholder": gettext_lazy("As on file")}),
    )
    why = forms.BooleanField(required=False)

    def __init__(
        self, data: QueryDict, *, kinds: Callable[[], Iterable[VisitType]] = visit_types
    ) -> None:
        """:param kinds: every visit there is, asked for when the list is drawn."""
        super().__init__(data, auto_id="f-%s")
        fields: Any = self.fields
        fields["visit_type"].queryset = VisitType.objects.select_related("catalog_entry")
        fields["visit_type"].choices = cache(lambda: _options(kinds()))  # drawing asks twice
        fields["location"].queryset = Location.objects.filter(is_active=True).order_by("name")
        fields["provider"].queryset = (
            Provider.objects.filter(is_active=True, roles__is_active=True)
            .distinct()
            .order_by("family_name", "given_name")
        )
        self.is_valid()

    def said(self, name: str) -> Any:
        """The value, or what the field is without one."""
        return self.cleaned_data.get(name)

    def criteria(self, patient: Patient | None, *, reason: str = "") -> Criteria | None:
        """What is wanted; None until a visit is chosen."""
        visit_type: VisitType | None = self.said("visit_type")
        if visit_type is None:
            return None
        window, modality, sex = self.said("window"), self.said("modality"), self.said("sex")
        location, provider = self.said("location"), self.said("provider")
        place = self.place(patient)
        return Criteria(
            visit_type_id=visit_type.pk,
            reason=reason,
            window=Window(window) if window else Window.FIRST,
            first_on=self.said("first_on"),
            weekdays=frozenset(self.said("weekdays") or ()),
            parts_of_day=frozenset(PartOfDay(part) for part in self.said("parts") or ()),
            not_before=self.said("not_before"),
            not_after=self.said("not_after"),
            modality=Modality(modality) if modality else None,
            location_id=location.pk if location else None,
            provider_id=provider.pk if provider else None,
            own_clinician=bool(self.said("own") and patient),
            language=self.said("language") or "",
            sex=Sex(sex) if sex else None,
            payer=self.said("payer") or "",
            place=place,
            max_miles=self.most_miles if place else None,
        )

    @property
    def most_miles(self) -> int | None:
        """None for any distance."""
        said = self.said("miles") or str(MILES[-1])
        return None if said == ANY_DISTANCE else int(said)

    def place(self, patient: Patient | None) -> Place | None:
        """The ZIP code that was typed; else where the patient lives. None for one that is none."""
        typed = (self.said("zip") or "").strip()
        if typed:
            return find_zip(typed)
        return home_of(patient) if patient else None


def home_of(patient: Patient) -> Place | None:
    """By the address, else by its ZIP code."""
    if patient.latitude is not None and patient.longitude is not None:
        return Place(patient.latitude, patient.longitude, name=patient.postal_code[:5] or "home")
    return find_zip(patient.postal_code)


class ReasonForm(forms.Form):
    """Why a rule is set aside. `rules` are those that the page showed, by name."""

    rules = forms.CharField(max_length=300, widget=forms.HiddenInput)
    reason = forms.CharField(
        max_length=300,
        label=gettext_lazy("Why it should be booked all the same"),
        help_text=gettext_lazy("The clinic reads it. No diagnoses."),
        widget=forms.Textarea(attrs=_CONTROL | {"rows": 2}),
        error_messages={"required": gettext_lazy("Say why, in a few words: the clinic reads it.")},
    )


class CloseForm(forms.Form):
    """Why none of the times suits."""

    declined = forms.ChoiceField(
        choices=choices_translated((d.value, words.DECLINED[d]) for d in Declined),
        label=gettext_lazy("None of these suits, because"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what comes closest.")},
    )
    note = forms.CharField(
        max_length=200,
        required=False,
        label=gettext_lazy("In their words"),
        help_text=gettext_lazy("Kept with the search. No diagnoses, no names."),
        widget=forms.TextInput(attrs=_CONTROL),
    )
    wait = forms.BooleanField(required=False, label=gettext_lazy("Tell them when one frees"))

    @property
    def why(self) -> Declined:
        return Declined(self.cleaned_data["declined"])


def kept_query(query: QueryDict, *, without: Iterable[str] = (), **other: object) -> str:
    """The page's address with some of it changed: pills are links."""
    changed = query.copy()
    for name in (*without, *other, "after", "search"):
        changed.pop(name, None)
    for name, value in other.items():
        if isinstance(value, (list, tuple, set, frozenset)):
            changed.setlist(name, [str(each) for each in value])
        elif value not in (None, ""):
            changed[name] = str(value)
    return changed.urlencode()


def parse_rules(text: str) -> frozenset[str]:
    return frozenset(filter(None, text.split("+")))
