"""What managers type into a kind of call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from crm.states import Speaker
from desk.actions.call_types import CallTypeTerms, ExitTerms
from desk.knowledge_forms import control
from desk.models import CallType
from desk.script_words import PROOFS, SPEAKERS
from desk.states import Proof

MOST_EXITS = 16


class CallTypeForm(forms.Form):
    """All of a kind of call but the ways in which it ends."""

    name = forms.CharField(max_length=80, label="Name", widget=forms.TextInput(control()))
    code = forms.SlugField(
        max_length=40,
        label="Short name",
        help_text="Kept with every contact: small letters, figures and -. It stays.",
        widget=forms.TextInput(control()),
    )
    need = forms.CharField(
        max_length=200,
        label="The need",
        help_text="What the patient’s journey is called: “Move a visit”.",  # noqa: RUF001
        widget=forms.TextInput(control()),
    )
    words = forms.CharField(
        required=False,
        max_length=2000,
        label="What callers say",
        help_text="English and Spanish, with commas; misspellings are understood.",
        widget=forms.Textarea(control(rows=3)),
    )
    speakers = forms.MultipleChoiceField(
        choices=[(who.value, words) for who, words in SPEAKERS.items()],
        label="Who calls",
        widget=forms.CheckboxSelectMultiple,
    )
    proof = forms.ChoiceField(
        choices=[(proof.value, words) for proof, words in PROOFS.items()],
        label="What must be sure first",
        widget=forms.Select({"class": "form-select"}),
    )
    skills = forms.CharField(
        required=False,
        max_length=300,
        label="Skills that are needed",
        help_text="With commas: nurse, es.",
        widget=forms.TextInput(control()),
    )
    needs_sign_off = forms.BooleanField(required=False, label="Only after a sign-off")
    is_active = forms.BooleanField(required=False, initial=True, label="Offered at the desk")
    callback_attempts = forms.IntegerField(
        min_value=0,
        max_value=9,
        initial=3,
        label="Callbacks, at most",
        widget=forms.NumberInput(control()),
    )
    may_leave_voicemail = forms.BooleanField(required=False, label="A message may be left")
    voicemail = forms.CharField(
        required=False,
        max_length=300,
        label="The message",
        help_text="Who calls and a number; never why.",
        widget=forms.Textarea(control(rows=2)),
    )
    voicemail_es = forms.CharField(
        required=False,
        max_length=300,
        label="The message in Spanish",
        widget=forms.Textarea(control(rows=2, lang="es")),
    )
    rank = forms.IntegerField(
        min_value=1,
        max_value=999,
        initial=100,
        label="Place in the list",
        widget=forms.NumberInput(control()),
    )

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            del self.fields["code"]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].lower()
        if code == "new":
            raise forms.ValidationError("Choose another short name.")
        return code

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("may_leave_voicemail") and not said.get("voicemail"):
            self.add_error("voicemail", "Write what is said, or leave no message.")
        return said


class ExitForm(forms.Form):
    """One way to end; without words it is none."""

    code = forms.SlugField(max_length=40, required=False, widget=forms.TextInput(control()))
    words = forms.CharField(max_length=80, required=False, widget=forms.TextInput(control()))
    resolves = forms.BooleanField(required=False, initial=True)

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if bool(said.get("code")) != bool(said.get("words")):
            self.add_error("words", "Give it a short name and words, or leave both empty.")
        return said


if TYPE_CHECKING:
    ExitForms = BaseFormSet[ExitForm]
else:
    ExitForms = formset_factory(ExitForm, extra=3, max_num=MOST_EXITS, validate_max=True)


def initial_of(call_type: CallType) -> dict[str, Any]:
    """A kind of call as its form begins with it."""
    names = (
        *("name", "need", "speakers", "proof", "needs_sign_off", "is_active", "rank"),
        *("callback_attempts", "may_leave_voicemail", "voicemail", "voicemail_es"),
    )
    initial = {name: getattr(call_type, name) for name in names}
    return initial | {
        "words": ", ".join(call_type.words),
        "skills": ", ".join(call_type.skills),
    }


def exit_initial(call_type: CallType | None) -> list[dict[str, Any]]:
    rows = call_type.exits.all() if call_type else ()
    return [{"code": each.code, "words": each.words, "resolves": each.resolves} for each in rows]


def terms_of(form: CallTypeForm, exits: ExitForms) -> CallTypeTerms:
    """What was typed; both were found valid."""
    said = form.cleaned_data
    kept = {name: said[name] for name in ("name", "need", "needs_sign_off", "is_active", "rank")}
    kept |= {
        name: said[name]
        for name in ("callback_attempts", "may_leave_voicemail", "voicemail", "voicemail_es")
    }
    ends = [each.cleaned_data for each in exits.forms if each.cleaned_data.get("words")]
    return CallTypeTerms(
        **kept,
        words=said["words"].split(","),
        skills=said["skills"].split(","),
        speakers=[Speaker(who) for who in said["speakers"]],
        proof=Proof(said["proof"]),
        exits=[ExitTerms(each["code"], each["words"], each["resolves"]) for each in ends],
    )
