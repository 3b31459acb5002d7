"""The questions of the AHC tool as a form: each may be declined, and none must be asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from crm.models import Queue
from crm.rules.social import (
    DECLINED,
    QUESTIONS,
    SAFETY,
    TEAM_SKILL,
    NoSuchAnswer,
    Question,
    check_answers,
)
from crm.saying import choices_translated, translated
from crm.states.social import SocialNeed

#: What each domain is called with staff.
NEEDS: Final[dict[SocialNeed, str]] = {
    SocialNeed.LIVING: gettext_noop("Living situation"),
    SocialNeed.FOOD: gettext_noop("Food"),
    SocialNeed.TRANSPORT: gettext_noop("Transportation"),
    SocialNeed.UTILITIES: gettext_noop("Utilities"),
    SocialNeed.SAFETY: gettext_noop("Safety"),
}
_RATHER_NOT: Final = (DECLINED, gettext_lazy("They would rather not say"))


@dataclass(frozen=True, slots=True)
class Asking:
    """One question with its field. `heading` where a domain begins."""

    question: Question
    field: BoundField
    heading: str

    @property
    def is_short(self) -> bool:
        """Whether its answers stand in one line."""
        return all(len(option.words) <= 20 for option in self.question.options)


class SocialForm(forms.Form):
    """`asks_safety`: questions 7 to 10 are left out where somebody else speaks or interprets."""

    def __init__(
        self, *args: Any, asks_safety: bool, must_wish: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asked = [q for q in QUESTIONS if asks_safety or q.key not in SAFETY]
        for question in self.asked:
            self.fields[question.key] = _field(question)
        self.fields["agreed"] = forms.MultipleChoiceField(
            label=gettext_lazy("They would like help with"),
            required=False,
            choices=choices_translated(
                (n.value, w) for n, w in NEEDS.items() if n is not SocialNeed.SAFETY
            ),
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["team"] = forms.ModelChoiceField(
            Queue.objects.filter(is_active=True, skills__contains=[TEAM_SKILL]),
            label=gettext_lazy("Who arranges it"),
            required=False,
            empty_label=gettext_lazy("Nurses"),
            widget=forms.Select(attrs={"class": "form-select"}),
        )
        self.fields["they_wish"] = forms.BooleanField(
            label=gettext_lazy("They wish to be asked again"),
            required=must_wish,
            error_messages={
                "required": gettext_lazy("Ask again within the year only if they wish it.")
            },
        )

    def questions(self) -> Iterator[Asking]:
        """In the tool's order."""
        before: SocialNeed | None = None
        for question in self.asked:
            heading = translated(NEEDS[question.need]) if question.need is not before else ""
            yield Asking(question, self[question.key], heading)
            before = question.need

    def clean(self) -> dict[str, Any]:
        """At least one answer, and none that contradict each other."""
        said = super().clean() or {}
        answers = self.answers
        for key, codes in answers.items():
            try:
                check_answers({key: codes})
            except NoSuchAnswer as wrong:
                self.add_error(key, translated(str(wrong)))
        if not answers and not self.errors:
            self.add_error(None, _("Nothing was answered. If they decline it all, press that."))
        return said

    @property
    def answers(self) -> dict[str, list[str]]:
        """As `crm.rules.social` takes them; what was not asked is left out."""
        said = ((q.key, self.cleaned_data.get(q.key)) for q in self.asked)
        return {key: [v] if isinstance(v, str) else list(v) for key, v in said if v}

    @property
    def agreed(self) -> list[SocialNeed]:
        return [SocialNeed(code) for code in self.cleaned_data["agreed"]]


def _field(question: Question) -> forms.Field:
    choices = [*((each.code, each.words) for each in question.options), _RATHER_NOT]
    kind = forms.MultipleChoiceField if question.many else forms.ChoiceField
    widget = forms.CheckboxSelectMultiple if question.many else forms.RadioSelect
    return kind(label=question.words, choices=choices, widget=widget, required=False)
