"""What a script is made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from desk.states import StepDo

#: What the desk may know without asking, by the name that a script uses, with the words for it.
#: `desk.queries.scripts.script_facts` reads them; one that is not known is missing there.
SOURCES: Final[Mapping[str, str]] = {
    "patient.name": "the patient’s name",  # noqa: RUF001
    "patient.given_name": "the patient’s first name",  # noqa: RUF001
    "patient.birth_on": "the patient’s birth date",  # noqa: RUF001
    "patient.phone": "the phone number on record",
    "patient.address": "the address on record",
    "patient.email": "the e-mail address on record",
    "patient.language": "the patient’s language",  # noqa: RUF001
    "patient.interpreter": "whether an interpreter is needed",
    "coverage.payer": "the insurance on record",
    "coverage.member_id": "the member number on record",
    "visit.next": "the next visit: day, time, clinician and site",
    "visit.next.clinician": "the clinician of the next visit",
    "visit.next.site": "the site of the next visit",
    "visit.meant": "the visit that is being moved or given up, else the next one",
    "visit.meant.clinician": "the clinician of that visit",
    "visit.meant.site": "the site of that visit",
    "visit.last": "the last visit",
    "visit.last.clinician": "the clinician of the last visit",
    "caller.phone": "the number that calls",
    "caller.reason": "why they call, in their words",
    "agent.name": "the agent’s first name",  # noqa: RUF001
    "organization.phone": "the organization’s main number",  # noqa: RUF001
    "organization.name": "the organization’s name",  # noqa: RUF001
    "line.name": "the line that was called",
    "site.name": "the site’s name",  # noqa: RUF001
    "site.phone": "the site’s phone number",  # noqa: RUF001
    "site.address": "the site’s address",  # noqa: RUF001
}


#: Acts that leave a step in the contact whenever they are done: they tick what asks for them, and
#: nothing else does. What was only looked at or told may leave none.
LEAVES_A_STEP: Final = frozenset(
    {"search", "hold-slot", "book", "move", "cancel", "task", "hand-off", "tell:portal-link"}
)


class Fact(StrEnum):
    """What a step may depend on besides earlier answers."""

    ACUITY = "acuity"  # crm.states.Acuity
    AGE = "age"  # completed years
    SEX = "sex"  # FHIR administrative gender
    LOCATION = "location"  # short name of the site
    SPECIALTY = "specialty"  # the service line
    LANGUAGE = "language"  # ISO 639-1, of the contact
    HOUR = "hour"  # 0 to 23, by the site's clock
    SPEAKER = "speaker"  # crm.states.Speaker
    PATIENT = "patient"  # "new" or "established": seen here in the last three years

    @property
    def is_number(self) -> bool:
        return self in {Fact.AGE, Fact.HOUR}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptFacts:
    """What is known of this contact; None and "" where nobody knows.

    `known` has values by the names of `SOURCES`; `done` what has happened in the contact, by
    `StepKind` ("book") and by kind and code ("look:labs"), for steps that are done by doing.
    """

    acuity: str = ""
    age: int | None = None
    sex: str = ""
    location: str = ""
    specialty: str = ""
    language: str = ""
    hour: int | None = None
    speaker: str = ""
    patient: str = ""
    known: Mapping[str, str] = field(default_factory=dict)
    done: Collection[str] = ()

    def find(self, fact: Fact) -> int | str | None:
        """The value, or None when it is not known."""
        value: int | str | None = getattr(self, fact.value)
        return None if value == "" else value


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers from `start` up to but not `below`; an open end where None."""

    start: int | None
    below: int | None


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these words, or with `is_not` none of them; case does not matter."""

    values: tuple[str, ...]
    is_not: bool = False


Holds: TypeAlias = Span | OneOf


@dataclass(frozen=True, slots=True)
class When:
    """One condition: about a fact, or about an earlier answer by its key ("answer:refill-out")."""

    about: str
    holds: Holds

    @property
    def fact(self) -> Fact | None:
        return None if self.answer else Fact(self.about)

    @property
    def answer(self) -> str:
        """The key of the earlier answer; empty for a fact."""
        return self.about.removeprefix("answer:") if self.about.startswith("answer:") else ""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be tapped."""

    key: str
    words: str
    words_es: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptStep:
    """One step. All of `when` must hold for it to come up.

    :ivar words: what is said, or what the agent is to do; `{source}` stands for what is known.
    :ivar words_es: in Spanish, what is said to the caller.
    :ivar note: a hint for the agent, never read out.
    :ivar fills: the key of the answer that it keeps; two steps with one key ask one thing.
    :ivar source: where that is known already (`SOURCES`): then it is not asked again, and a
        check shows it.
    :ivar act: what does it, as `StepKind`, or kind and code ("look:labs"); done when it happened.
    """

    key: str
    kind: StepDo
    words: str
    words_es: str = ""
    note: str = ""
    fills: str = ""
    source: str = ""
    required: bool = False
    options: tuple[Option, ...] = ()
    act: str = ""
    when: tuple[When, ...] = ()

    @property
    def answer_key(self) -> str:
        """Under which `Answer.key` it is kept."""
        return self.fills or self.key

    @property
    def is_passive(self) -> bool:
        """Whether it goes along with the step after it: said or heeded, and not ticked."""
        return self.kind.is_passive and not self.required

    @property
    def ticks_itself(self) -> bool:
        """Whether it is done by doing it, and not by saying so."""
        return self.kind is StepDo.ACT and self.act in LEAVES_A_STEP

    def find_option(self, key: str) -> Option | None:
        return next((option for option in self.options if option.key == key), None)


@dataclass(frozen=True, slots=True)
class ScriptDoc:
    """A script: its steps in order."""

    steps: tuple[ScriptStep, ...]

    def find(self, key: str) -> ScriptStep | None:
        return next((step for step in self.steps if step.key == key), None)
