"""What managers type into a tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from desk.tree_words import FACTS, HAND_OVERS, MODALITIES, URGENCIES
from scheduling.rules.trees import (
    NEW,
    AnswerDraft,
    ConditionUnreadable,
    Fact,
    HandOver,
    Leaf,
    Question,
    Visit,
    read_condition,
    say_condition,
)
from scheduling.rules.trees.reading import LONGEST_TEXT, MOST_ANSWERS
from scheduling.states import HandOverTo, Modality, VisitUrgency

Choices = Sequence[tuple[str, str]]


def control(**attrs: Any) -> dict[str, Any]:
    return {"class": "form-control", "autocomplete": "off", **attrs}


class RevisionForm(forms.Form):
    """`revision` is the draft's as the page showed it."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class QuestionForm(RevisionForm):
    """A question, apart from its answers."""

    text = forms.CharField(
        max_length=LONGEST_TEXT,
        label="Question",
        help_text="As it is read out to the caller.",
        widget=forms.TextInput(control(autofocus=True)),
    )
    help = forms.CharField(
        max_length=LONGEST_TEXT,
        required=False,
        label="Hint",
        help_text="For whoever asks. No medical advice.",
        widget=forms.TextInput(control()),
    )
    fact = forms.ChoiceField(
        choices=[("", "Nothing: always ask"), *((f.value, FACTS[f]) for f in Fact)],
        required=False,
        label="Answers itself by",
        widget=forms.Select({"class": "form-select"}),
    )

    @property
    def about(self) -> Fact | None:
        chosen = self.cleaned_data.get("fact") if self.is_valid() else ""
        return Fact(chosen) if chosen else None


class AnswerForm(forms.Form):
    """One answer; left empty it is none."""

    key = forms.CharField(max_length=24, required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        max_length=LONGEST_TEXT, required=False, label="Answer", widget=forms.TextInput(control())
    )
    when = forms.CharField(
        max_length=200, required=False, label="Holds for", widget=forms.TextInput(control())
    )
    to = forms.ChoiceField(
        required=False, label="Leads to", widget=forms.Select({"class": "form-select"})
    )

    def __init__(self, *args: Any, targets: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = targets  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if not cleaned.get("text") and (cleaned.get("to") or cleaned.get("when")):
            self.add_error("text", "Write the answer out, or remove the line.")
        return cleaned


AnswerLines = formset_factory(
    AnswerForm, extra=2, can_order=True, can_delete=True, max_num=MOST_ANSWERS, validate_max=True
)


def lines_of(question: Question) -> list[dict[str, Any]]:
    """The answers as the form begins with them."""
    return [
        {
            "key": answer.key,
            "text": answer.text,
            "to": answer.to,
            "when": say_condition(question.fact, answer.when) if question.fact else "",
        }
        for answer in question.answers
    ]


def drafts_of(lines: BaseFormSet[AnswerForm], fact: Fact | None) -> list[AnswerDraft] | None:
    """What was typed, in its order; None where something cannot be read, with the error beside it.

    :param lines: checked already.
    """
    drafts, is_whole = [], True
    for form in lines.ordered_forms:
        said = form.cleaned_data
        if not said.get("text"):
            continue
        try:
            when = read_condition(fact, said["when"]) if fact else None
        except ConditionUnreadable as unreadable:
            form.add_error("when", str(unreadable))
            is_whole = False
            continue
        drafts.append(AnswerDraft(key=said["key"], text=said["text"], to=said["to"], when=when))
    return drafts if is_whole else None


def targets(nodes: Choices) -> list[tuple[str, Any]]:
    """What an answer can lead to: something new, or what is there."""
    return [("", "Nothing yet"), ("New", list(NEW.items())), ("In this tree", list(nodes))]


ENDS: Choices = (("visit", "A visit"), *((to.value, HAND_OVERS[to]) for to in HandOverTo))


class LeafForm(RevisionForm):
    """An outcome: a visit, or who goes on."""

    ends = forms.ChoiceField(
        choices=ENDS,
        label="Ends at",
        widget=forms.Select({"class": "form-select", "autofocus": True}),
    )
    visit_type = forms.ChoiceField(
        required=False, label="Visit type", widget=forms.Select({"class": "form-select"})
    )
    modality = forms.ChoiceField(
        choices=[(m.value, MODALITIES[m]) for m in Modality],
        label="How",
        widget=forms.Select({"class": "form-select"}),
    )
    urgency = forms.ChoiceField(
        choices=[(u.value, URGENCIES[u]) for u in VisitUrgency],
        label="How soon",
        widget=forms.Select({"class": "form-select"}),
    )
    note = forms.CharField(
        max_length=LONGEST_TEXT,
        required=False,
        label="Note for scheduling",
        help_text="What to bring, whom to ask. No medical advice.",
        widget=forms.TextInput(control()),
    )
    queue = forms.CharField(
        max_length=80,
        required=False,
        label="Queue",
        help_text="Only for a hand-over to a queue.",
        widget=forms.TextInput(control()),
    )

    def __init__(self, *args: Any, visit_types: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["visit_type"].choices = [("", "Choose one"), *visit_types]  # type: ignore[attr-defined]

    @property
    def leaf(self) -> Leaf:
        """What was chosen; call it on a valid form."""
        said = self.cleaned_data
        if said["ends"] != "visit":
            to = HandOverTo(said["ends"])
            return HandOver(id="", to=to, queue=said["queue"] if to is HandOverTo.QUEUE else "")
        return Visit(
            id="",
            visit_type=said["visit_type"],
            modality=Modality(said["modality"]),
            urgency=VisitUrgency(said["urgency"]),
            note=said["note"],
        )


def leaf_initial(leaf: Leaf) -> dict[str, str]:
    if isinstance(leaf, Visit):
        return {
            "ends": "visit",
            "visit_type": leaf.visit_type,
            "modality": leaf.modality,
            "urgency": leaf.urgency,
            "note": leaf.note,
        }
    return {"ends": leaf.to, "queue": leaf.queue}


class TreeForm(forms.Form):
    """What a tree is called, and the words that find it."""

    name = forms.CharField(
        max_length=80, label="Name", widget=forms.TextInput(control(autofocus=True))
    )
    specialty = forms.CharField(
        max_length=80,
        required=False,
        label="Specialty",
        help_text="Empty: any.",
        widget=forms.TextInput(control(list="specialties")),
    )
    words = forms.CharField(
        max_length=4000,
        required=False,
        label="Words that callers use",
        help_text="One a line, in every language that is spoken here. Misspellings are found too.",
        widget=forms.Textarea(control(rows=6)),
    )

    @property
    def word_list(self) -> list[str]:
        said: str = self.cleaned_data["words"]
        return said.replace(",", "\n").splitlines()


class PublishForm(RevisionForm):
    """Why it is published; and why, although kept cases fail."""

    reason = forms.CharField(
        max_length=300,
        label="What changed, and who agreed",
        widget=forms.TextInput(control()),
        error_messages={"required": "Say what changed, and who agreed."},
    )
    override = forms.CharField(
        max_length=300,
        required=False,
        label="Why kept cases may fail",
        help_text="Needed only while one fails.",
        widget=forms.TextInput(control()),
    )
