"""Scripts and kinds of call in the words of the desk."""

from __future__ import annotations

from typing import Final

from crm.models.people import LANGUAGES
from crm.states import Speaker, StepKind
from desk.rules.scripts import SOURCES, Fact
from desk.states import Proof, StepDo

#: What a step does, and its icon.
KINDS: Final[dict[StepDo, tuple[str, str]]] = {
    StepDo.SAY: ("Say", "message-2"),
    StepDo.ASK: ("Ask", "help-circle"),
    StepDo.NOTE: ("Write down", "writing"),
    StepDo.CHECK: ("Make sure", "checks"),
    StepDo.ACT: ("Do", "arrow-right"),
    StepDo.WARN: ("Beware", "alert-triangle"),
}
FACTS: Final[dict[Fact, str]] = {
    Fact.ACUITY: "Acuity",
    Fact.AGE: "Age",
    Fact.SEX: "Sex",
    Fact.LOCATION: "Site",
    Fact.SPECIALTY: "Service line",
    Fact.LANGUAGE: "Language",
    Fact.HOUR: "Hour of the day",
    Fact.SPEAKER: "Who speaks",
    Fact.PATIENT: "New here or not",
}
#: What ticks a step by itself, once it has happened in the contact.
ACTS: Final = (
    ("search", "Times were looked for"),
    (StepKind.HOLD_SLOT.value, "A time is held"),
    (StepKind.BOOK.value, "A visit is booked"),
    (StepKind.MOVE.value, "A visit is moved"),
    (StepKind.CANCEL.value, "A visit is cancelled"),
    ("look:labs", "Lab and imaging was opened"),
    ("look:plan", "The treatment plan was opened"),
    ("look:refills", "Medicines were opened"),
    ("look:visits", "Previous visits were opened"),
    ("look:coverage", "Coverage was opened"),
    (StepKind.UPDATE.value, "Details were changed"),
    (StepKind.TELL.value, "Something was told or sent"),
    ("task:refill", "A refill was asked for, under Medicines"),
    ("tell:portal-link", "The link to the portal was texted"),
    (StepKind.TASK.value, "A task was left"),
    (StepKind.INTERPRETER.value, "An interpreter joined"),
    (StepKind.HAND_OFF.value, "It was handed over"),
)
PROOFS: Final[dict[Proof, str]] = {
    Proof.NONE: "Nobody: nothing about a patient is said",
    Proof.TWO_IDENTIFIERS: "Two identifiers of the patient",
    Proof.CALLBACK_NUMBER: "A number on record that we call back",
    Proof.NOTHING_SAID: "Nothing is said, whoever they are",
}
SPEAKERS: Final[dict[Speaker, str]] = {
    Speaker.PATIENT: "The patient",
    Speaker.PROXY: "Somebody for the patient",
    Speaker.PHARMACY: "A pharmacy",
    Speaker.CLINICIAN: "A clinician",
    Speaker.FACILITY: "A facility",
    Speaker.TRANSPORT: "Transport",
    Speaker.OFFICIAL: "Police or court",
    Speaker.OTHER: "Somebody else",
}
SPOKEN: Final = tuple(LANGUAGES)
SOURCE_CHOICES: Final = tuple(
    (name, words[:1].upper() + words[1:]) for name, words in SOURCES.items()
)
