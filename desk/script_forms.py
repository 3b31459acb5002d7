"""What managers type into a script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from crm.models import PhoneLine
from desk.knowledge_forms import PublishForm, RevisionForm, control
from desk.models import CallType
from desk.rules.scripts import (
    ConditionUnreadable,
    Fact,
    Option,
    ScriptDoc,
    ScriptStep,
    When,
    is_key,
    new_key,
    read_holds,
    say_holds,
)
from desk.rules.scripts.reading import LONGEST_WORDS, MOST_OPTIONS
from desk.script_words import ACTS, FACTS, KINDS, SOURCE_CHOICES, SPEAKERS, SPOKEN
from desk.states import StepDo
from scheduling.models import Location

_SELECT = {"class": "form-select"}
#: Conditions that a step's form has room for.
ROOM = 3


class NewScriptForm(forms.Form):
    """For which calls a new script is."""

    name = forms.CharField(max_length=80, label="Name", widget=forms.TextInput(control()))
    code = forms.SlugField(
        max_length=60,
        label="Short name",
        help_text="Stands in its address: small letters, figures and -. It stays.",
        widget=forms.TextInput(control()),
    )
    call_type = forms.ModelChoiceField(
        CallType.objects.all(),
        required=False,
        label="Kind of call",
        empty_label="None: a line’s first words",  # noqa: RUF001
        widget=forms.Select(_SELECT),
    )
    line = forms.ModelChoiceField(
        PhoneLine.objects.filter(is_active=True),
        required=False,
        label="Line",
        empty_label="Every line",
        widget=forms.Select(_SELECT),
    )
    location = forms.ModelChoiceField(
        Location.objects.filter(is_active=True).order_by("name"),
        required=False,
        label="Site",
        empty_label="Every site",
        widget=forms.Select(_SELECT),
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].lower()
        if code == "new":
            raise forms.ValidationError("Choose another short name.")
        return code


class StepForm(RevisionForm):
    """One step. Answers stand one to a line, conditions in rows of their own."""

    kind = forms.ChoiceField(
        choices=[(kind.value, words) for kind, (words, _) in KINDS.items()],
        label="The agent",
        widget=forms.Select(_SELECT),
    )
    words = forms.CharField(
        max_length=LONGEST_WORDS,
        label="Words",
        help_text="{patient.given_name} and the like stand for what is known.",
        widget=forms.Textarea(control(rows=2)),
    )
    words_es = forms.CharField(
        max_length=LONGEST_WORDS,
        required=False,
        label="In Spanish",
        help_text="Needed for what is said or asked.",
        widget=forms.Textarea(control(rows=2, lang="es")),
    )
    note = forms.CharField(
        max_length=LONGEST_WORDS,
        required=False,
        label="Hint",
        help_text="For the agent, never read out. No medical advice.",
        widget=forms.TextInput(control()),
    )
    options = forms.CharField(
        required=False,
        label="Answers to choose from",
        help_text="One to a line: yes = Yes | Sí. Empty: anything is written down.",
        widget=forms.Textarea(control(rows=3)),
    )
    fills = forms.SlugField(
        max_length=40,
        required=False,
        label="Kept as",
        help_text="Two steps kept as the same are asked once. Empty: as itself.",
        widget=forms.TextInput(control()),
    )
    source = forms.ChoiceField(
        choices=[("", "Nothing: always ask"), *SOURCE_CHOICES],
        required=False,
        label="Known from",
        widget=forms.Select(_SELECT),
    )
    act = forms.ChoiceField(
        choices=[("", "By hand"), *ACTS],
        required=False,
        label="Ticked when",
        widget=forms.Select(_SELECT),
    )
    required = forms.BooleanField(
        required=False, label="Cannot be left out without a reason", widget=forms.CheckboxInput()
    )

    def __init__(self, *args: Any, script: ScriptDoc, key: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.script, self.key = script, key
        about = [("", "Always"), *about_choices(script, key)]
        for n in range(1, ROOM + 1):
            self.fields[f"about_{n}"] = forms.ChoiceField(
                choices=about,
                required=False,
                label=f"Comes up when {n}",
                widget=forms.Select(_SELECT),
            )
            self.fields[f"holds_{n}"] = forms.CharField(
                max_length=200, required=False, label=f"is {n}", widget=forms.TextInput(control())
            )

    @property
    def conditions(self) -> list[tuple[Any, Any]]:
        """The rows, for the template."""
        return [(self[f"about_{n}"], self[f"holds_{n}"]) for n in range(1, ROOM + 1)]

    def clean_fills(self) -> str:
        fills: str = self.cleaned_data["fills"].lower()
        if fills and not is_key(fills):
            raise forms.ValidationError("Begin with a small letter; then letters, figures and -.")
        return fills

    def clean_options(self) -> tuple[Option, ...]:
        lines = [line for line in self.cleaned_data["options"].splitlines() if line.strip()]
        if len(lines) > MOST_OPTIONS:
            raise forms.ValidationError(f"At most {MOST_OPTIONS} answers.")
        return read_options(lines)

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        said["when"] = tuple(filter(None, (self._when(n) for n in range(1, ROOM + 1))))
        return said

    def _when(self, n: int) -> When | None:
        about = self.cleaned_data.get(f"about_{n}", "")
        if not about:
            return None
        fact = None if about.startswith("answer:") else Fact(about)
        try:
            return When(about, read_holds(fact, self.cleaned_data.get(f"holds_{n}", "")))
        except ConditionUnreadable as unreadable:
            self.add_error(f"holds_{n}", str(unreadable))
            return None

    @property
    def step(self) -> ScriptStep:
        """What was typed. A new step gets a key from its first words."""
        said = self.cleaned_data
        taken = {step.key for step in self.script.steps}
        return ScriptStep(
            key=self.key or new_key(said["words"], taken),
            kind=StepDo(said["kind"]),
            words=" ".join(said["words"].split()),
            words_es=" ".join(said["words_es"].split()),
            note=" ".join(said["note"].split()),
            fills=said["fills"],
            source=said["source"],
            required=said["required"],
            options=said["options"],
            act=said["act"],
            when=said["when"],
        )


class ScriptPublishForm(PublishForm):
    """Why, from when on, and whether it has to be learned anew."""

    asks_sign_off = forms.BooleanField(
        required=False,
        label="Agents are signed off anew for it (not for a mended word)",
        widget=forms.CheckboxInput(),
    )


class PreviewForm(forms.Form):
    """For whom the script is shown."""

    language = forms.ChoiceField(
        choices=SPOKEN, required=False, label="Language", widget=forms.Select(_SELECT)
    )
    speaker = forms.ChoiceField(
        choices=[("", "Anybody"), *((s.value, words) for s, words in SPEAKERS.items())],
        required=False,
        label="Who speaks",
        widget=forms.Select(_SELECT),
    )
    age = forms.IntegerField(
        min_value=0, max_value=120, required=False, label="Age", widget=forms.NumberInput(control())
    )

    @property
    def facts(self) -> dict[str, Any]:
        said = self.cleaned_data if self.is_valid() else {}
        return {
            "language": said.get("language") or "en",
            "speaker": said.get("speaker", ""),
            "age": said.get("age"),
        }


def about_choices(script: ScriptDoc, key: str) -> Sequence[tuple[str, Any]]:
    """What a condition of the step may be about: facts, and what is asked before it."""
    earlier: dict[str, str] = {}
    for step in script.steps:
        if step.key == key:
            break
        earlier.setdefault(f"answer:{step.answer_key}", f"“{step.words}”"[:80])
    facts = [(fact.value, words) for fact, words in FACTS.items()]
    return [("About the contact", facts), ("The answer to", list(earlier.items()))]


def step_initial(step: ScriptStep) -> dict[str, Any]:
    """A step as its form begins with it."""
    initial: dict[str, Any] = {
        name: getattr(step, name)
        for name in ("words", "words_es", "note", "fills", "source", "act", "required")
    }
    initial |= {"kind": step.kind.value, "options": say_options(step.options)}
    for n, when in enumerate(step.when[:ROOM], start=1):
        initial |= {f"about_{n}": when.about, f"holds_{n}": say_holds(when.fact, when.holds)}
    return initial


def read_options(lines: Sequence[str]) -> tuple[Option, ...]:
    """ "yes = Yes | Sí" to a line; without a key it is made of the words."""
    found: list[Option] = []
    for line in lines:
        key, equals, rest = line.partition("=")
        if not (equals and is_key("x" + key.strip())):
            key, rest = "", line
        words, _, words_es = (part.strip() for part in rest.partition("|"))
        made = key.strip() or new_key(words, {option.key for option in found})
        found.append(Option(made, words, words_es))
    return tuple(found)


def say_options(options: Sequence[Option]) -> str:
    return "\n".join(f"{each.key} = {each.words} | {each.words_es}" for each in options)
