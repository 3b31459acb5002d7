"""Planned waves as the opening page shows them: whom, why, and the words they would read."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from waitlist import texts
from waitlist.models import Opening, PlannedOffer, PlannedWave
from waitlist.queries.candidates import Person, Visit, name_people, visit_of
from waitlist.states import PlanStatus


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """Somebody in a planned wave. `left_out` is what stood against them when it was sent."""

    pk: int
    place: int
    rank: int
    person: Person
    reasons: tuple[str, ...]
    later: Visit | None
    days_gained: int | None
    skipped_by: str
    left_out: str

    @property
    def is_asked(self) -> bool:
        return not self.skipped_by and not self.left_out


@dataclass(frozen=True, slots=True)
class TextPreview:
    """A text as it will read, without its link; how many of the wave read it."""

    language: str
    body: str
    people: int


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One planned wave. `shown` names the people whom somebody saw before they pressed Send."""

    pk: int
    number: int
    status: PlanStatus
    planned_at: dt.datetime
    lapses_at: dt.datetime
    why: str
    settled_at: dt.datetime | None
    settled_by: str
    people: tuple[PlannedLine, ...]
    texts: tuple[TextPreview, ...]

    @property
    def asked(self) -> tuple[PlannedLine, ...]:
        """Those who would be asked: neither skipped nor left out."""
        return tuple(line for line in self.people if line.is_asked)

    @property
    def shown(self) -> str:
        return texts.shown_of(line.pk for line in self.asked)

    @property
    def is_waiting(self) -> bool:
        return self.status is PlanStatus.WAITING


def list_plans(opening: Opening) -> tuple[PlanLine, ...]:
    """Its planned waves that say something: the one that waits, and those that were watched.

    One query where there is none; else three. `opening` as `queries.get_opening_detail` has it.
    """
    told = [PlanStatus.WAITING, PlanStatus.WATCHED]
    plans = list(PlannedWave.objects.filter(opening=opening, status__in=told))
    if not plans:
        return ()
    rows = list(
        PlannedOffer.objects.filter(plan__in=plans)
        .select_related(
            "candidate__patient",
            "candidate__appointment__provider",
            "candidate__appointment__location",
        )
        .order_by("plan", "place")
    )
    people = name_people(row.candidate.patient for row in rows)
    return tuple(
        _plan(opening, plan, [row for row in rows if row.plan_id == plan.pk], people)
        for plan in plans
    )


def _plan(
    opening: Opening, plan: PlannedWave, rows: Sequence[PlannedOffer], people: dict[int, Person]
) -> PlanLine:
    lines = tuple(_line(row, people) for row in rows)
    asked = [row for row, line in zip(rows, lines, strict=True) if line.is_asked]
    return PlanLine(
        pk=plan.pk,
        number=plan.number,
        status=PlanStatus(plan.status),
        planned_at=plan.planned_at,
        lapses_at=plan.lapses_at,
        why=plan.why,
        settled_at=plan.settled_at,
        settled_by=plan.settled_by,
        people=lines,
        texts=_previews(opening, asked) if plan.status == PlanStatus.WAITING else (),
    )


def _line(row: PlannedOffer, people: dict[int, Person]) -> PlannedLine:
    candidate = row.candidate
    return PlannedLine(
        pk=row.pk,
        place=row.place,
        rank=candidate.rank or 0,
        person=people[candidate.patient_id],
        reasons=tuple(candidate.reasons),
        later=visit_of(candidate.appointment, zone=""),
        days_gained=row.days_gained,
        skipped_by=row.skipped_by,
        left_out=row.left_out_why,
    )


def _previews(opening: Opening, rows: Sequence[PlannedOffer]) -> tuple[TextPreview, ...]:
    said = Counter(texts.preview(opening, row.candidate) for row in rows)
    return tuple(TextPreview(language, body, number) for (language, body), number in said.items())
