"""What a tree is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TypeAlias

from scheduling.states import HandOverTo, Modality, VisitUrgency


class Fact(StrEnum):
    """What may be known without asking. A question about one answers itself where it is."""

    AGE = "age"  # completed years
    SEX = "sex"  # FHIR administrative gender
    PATIENT = "patient"  # "new" or "established" in the specialty
    COVERAGE = "coverage"  # the payer
    LOCATION = "location"  # short name of the site
    HOUR = "hour"  # 0 to 23, by the site's clock
    LANGUAGE = "language"  # ISO 639-1

    @property
    def is_number(self) -> bool:
        return self in {Fact.AGE, Fact.HOUR}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of this contact; None and "" where nobody knows. Never kept with a run."""

    age: int | None = None
    sex: str = ""
    patient: str = ""
    coverage: str = ""
    location: str = ""
    hour: int | None = None
    language: str = ""

    def find(self, fact: Fact) -> int | str | None:
        """The value, or None when it is not known."""
        value: int | str | None = getattr(self, fact.value)
        return None if value == "" else value

    @classmethod
    def read(cls, said: Mapping[str, object]) -> Facts:
        """From a kept case. What is no fact, or of the wrong kind, is left out."""
        kinds = {f.name: int if Fact(f.name).is_number else str for f in fields(cls)}
        return cls(**{n: v for n, v in said.items() if n in kinds and type(v) is kinds[n]})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers from `start` up to but not `below`; an open end where None."""

    start: int | None
    below: int | None


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these words; case does not matter."""

    values: tuple[str, ...]


Condition: TypeAlias = Span | OneOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer. `to` is the next node, empty in a draft; `when` holds for a known fact, and
    None beside a fact means anything else."""

    key: str
    text: str
    to: str
    when: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, in the words that are read out."""

    id: str
    text: str
    answers: tuple[Answer, ...]
    help: str = ""
    fact: Fact | None = None

    def find_answer(self, key: str) -> Answer | None:
        return next((answer for answer in self.answers if answer.key == key), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """It ends at a visit. `note` is for scheduling alone: what to bring, whom to ask."""

    id: str
    visit_type: str  # its code
    modality: Modality
    urgency: VisitUrgency
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """It ends with somebody else. Only a queue has words of its own: what staff say about 911
    and the nurse is not for a clinic's editor to write."""

    id: str
    to: HandOverTo
    queue: str = ""


Leaf: TypeAlias = Visit | HandOver
Node: TypeAlias = Question | Visit | HandOver


@dataclass(frozen=True, slots=True)
class Tree:
    """Nodes by id, and where it starts."""

    start: str
    nodes: Mapping[str, Node]
