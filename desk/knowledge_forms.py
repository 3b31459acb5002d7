"""What managers type into articles, and readers into a vote."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy

from crm.models import PhoneLine
from crm.models.people import LANGUAGES
from desk.models import CallType
from scheduling.models import Clinic, Location

LONGEST_BODY = 12_000


def control(**attrs: Any) -> dict[str, Any]:
    return {"class": "form-control", "autocomplete": "off", **attrs}


class RevisionForm(forms.Form):
    """`revision` is the draft's as the page showed it."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class SearchForm(forms.Form):
    """A few words of what is looked for."""

    said = forms.CharField(
        max_length=120,
        required=False,
        label=gettext_lazy("Search articles"),
        widget=forms.TextInput(control(type="search", placeholder="parking, refill, intérprete …")),
    )


class VoteForm(forms.Form):
    """Whether it helped, and what was missing."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    useful = forms.ChoiceField(choices=[("yes", "Yes"), ("no", "No")])
    note = forms.CharField(max_length=300, required=False)


class ArticleForm(RevisionForm):
    """What an article says."""

    title = forms.CharField(
        max_length=120,
        label="Title",
        help_text="What it answers, in the words of whoever looks for it.",
        widget=forms.TextInput(control()),
    )
    words = forms.CharField(
        max_length=600,
        required=False,
        label="Also found by",
        help_text="Other words for it, English and Spanish, with commas.",
        widget=forms.TextInput(control()),
    )
    body = forms.CharField(
        max_length=LONGEST_BODY,
        label="Text",
        help_text=(
            "# heading · - list · 1. steps · > note · **bold** · *emphasis* · "
            "[words](https://address). No medical advice."
        ),
        widget=forms.Textarea(control(rows=20, spellcheck="true")),
    )

    @property
    def content(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {
            "title": said["title"],
            "words": said["words"].split(","),
            "body": said["body"],
        }


class NewArticleForm(forms.Form):
    """The beginning of an article."""

    title = forms.CharField(max_length=120, label="Title", widget=forms.TextInput(control()))
    code = forms.SlugField(
        max_length=60,
        label="Short name",
        help_text="Stands in its address: small letters, figures and -. It stays.",
        widget=forms.TextInput(control()),
    )
    language = forms.ChoiceField(
        choices=LANGUAGES, label="Language", widget=forms.Select({"class": "form-select"})
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].lower()
        if code == "new":
            raise forms.ValidationError("Choose another short name.")
        return code


class PlaceForm(forms.Form):
    """Where an article holds; nothing chosen means everywhere."""

    language = forms.ChoiceField(
        choices=LANGUAGES, label="Language", widget=forms.Select({"class": "form-select"})
    )
    specialty = forms.ChoiceField(
        required=False, label="Service line", widget=forms.Select({"class": "form-select"})
    )
    call_types = forms.ModelMultipleChoiceField(
        CallType.objects.all(),
        required=False,
        label="Kinds of call",
        widget=forms.CheckboxSelectMultiple,
    )
    locations = forms.ModelMultipleChoiceField(
        Location.objects.filter(is_active=True).order_by("name"),
        required=False,
        label="Sites",
        widget=forms.CheckboxSelectMultiple,
    )
    lines = forms.ModelMultipleChoiceField(
        PhoneLine.objects.filter(is_active=True),
        required=False,
        label="Lines",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["specialty"].choices = [("", "Any"), *specialties()]  # type: ignore[attr-defined]


class PublishForm(RevisionForm):
    """Why, and from when on."""

    reason = forms.CharField(
        max_length=300,
        label="What changed, and why",
        help_text="Whoever reads the versions later will ask.",
        widget=forms.TextInput(control()),
    )
    starts_at = forms.DateTimeField(
        required=False,
        label="From",
        help_text="Empty: now.",
        widget=forms.DateTimeInput(control(type="datetime-local"), format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )

    def __init__(self, *args: Any, zone: ZoneInfo, now: dt.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.now = zone, now
        city = zone.key.rpartition("/")[2].replace("_", " ")
        self.fields["starts_at"].help_text = f"By the clock of {city}. Empty: now."

    def clean_starts_at(self) -> dt.datetime | None:
        """On the clock of the first site; a time that has passed is refused."""
        typed: dt.datetime | None = self.cleaned_data.get("starts_at")
        if typed is None:
            return None
        starts_at = typed.replace(tzinfo=None).replace(tzinfo=self.zone)
        if starts_at <= self.now:
            raise forms.ValidationError("This time has passed. Leave it empty to begin now.")
        return starts_at


class GoBackForm(forms.Form):
    """Why an earlier version is in force again."""

    reason = forms.CharField(max_length=300, label="Why", widget=forms.TextInput(control()))


def specialties() -> Sequence[tuple[str, str]]:
    """Service lines that the clinics have."""
    rows = Clinic.objects.order_by("specialty").values_list("specialty", flat=True).distinct()
    return [(one, one) for one in rows if one]
