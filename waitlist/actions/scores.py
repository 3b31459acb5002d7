"""Taking in scores of outside models: a whole file, or nothing of it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.db import IntegrityError, transaction

from crm.engine import Actor
from crm.engine.audit import entry, record_many
from crm.models import PatientIdentifier
from waitlist.models import ImportedScore, ScoreWeight
from waitlist.rules.score_lines import Problem, ScoreLine

#: Rows that are looked up or written at once.
BATCH = 2000
_Key = tuple[int, str, str, dt.datetime]
T = TypeVar("T")


class ScoresRefused(Exception):
    """Lines of the file are wrong, and nothing was stored; `problems` are in their order."""

    def __init__(self, problems: Collection[Problem]) -> None:
        super().__init__(f"{len(problems)} lines are wrong; nothing was imported.")
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Imported:
    """`added` rows are new, `known` were there with the same value. `weightless` are kinds with
    their models that have no weight: they do not count yet."""

    added: int
    known: int
    weightless: tuple[tuple[str, str], ...]


def import_scores(
    *, lines: Collection[ScoreLine], by: Actor, at: dt.datetime, dry_run: bool = False
) -> Imported:
    """Store every score, each with its audit row, or none. The same file again changes nothing.

    :param lines: as `read_scores` gives them.
    :param dry_run: say what would happen, and leave everything as it is.
    :raises ScoresRefused: for patients that we do not know, and scores that contradict those
        that are here.
    """
    try:
        return _import(lines, by=by, at=at, dry_run=dry_run)
    except IntegrityError:
        # Another import of the same scores was faster; what it stored is known now.
        return _import(lines, by=by, at=at, dry_run=dry_run)


def _import(lines: Collection[ScoreLine], *, by: Actor, at: dt.datetime, dry_run: bool) -> Imported:
    with transaction.atomic():
        patients = _find_patients(lines)
        strangers = [line for line in lines if (line.system, line.patient) not in patients]
        if strangers:
            raise ScoresRefused([_unknown(line) for line in strangers])
        rows = [(line, _row(line, patients, by=by, at=at)) for line in lines]
        held = _held(rows)
        fresh = [row for _, row in rows if _key(row) not in held]
        wrong = list(_contradictions(rows, held))
        if wrong:
            raise ScoresRefused(wrong)
        if not dry_run:
            ImportedScore.objects.bulk_create(fresh, batch_size=BATCH)
            record_many(entry("waitlist.importedscore.added", row, by=by, at=at) for row in fresh)
    return Imported(len(fresh), len(rows) - len(fresh), _weightless(lines))


def _find_patients(lines: Collection[ScoreLine]) -> dict[tuple[str, str], int]:
    """Keys of patients by the system that knows them and what it calls them."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        wanted[line.system].add(line.patient)
    found: dict[tuple[str, str], int] = {}
    for system, values in wanted.items():
        for batch in _batches(sorted(values)):
            rows = PatientIdentifier.objects.filter(system=system, value__in=batch)
            found |= {(system, value): pk for value, pk in rows.values_list("value", "patient_id")}
    return found


def _batches(values: list[T]) -> Iterator[list[T]]:
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))


def _unknown(line: ScoreLine) -> Problem:
    return Problem(line.number, f"There is no patient {line.patient} of {line.system}.")


def _row(
    line: ScoreLine, patients: dict[tuple[str, str], int], *, by: Actor, at: dt.datetime
) -> ImportedScore:
    return ImportedScore(
        patient_id=patients[line.system, line.patient],
        kind=line.kind,
        model=line.model,
        version=line.version,
        source=line.source,
        value=line.value,
        computed_at=line.computed_at,
        expires_at=line.expires_at,
        imported_at=at,
        imported_by=by.label[:120],
    )


def _key(row: ImportedScore) -> _Key:
    return (row.patient_id, str(row.kind), row.model, row.computed_at)


def _held(rows: Collection[tuple[ScoreLine, ImportedScore]]) -> dict[_Key, float]:
    """Values of the same patients and models that are here already."""
    models = {row.model for _, row in rows}
    patients = sorted({row.patient_id for _, row in rows})
    found: dict[_Key, float] = {}
    for batch in _batches(patients):
        here = ImportedScore.objects.filter(patient__in=batch, model__in=models)
        found |= {_key(row): row.value for row in here}
    return found


def _contradictions(
    rows: Collection[tuple[ScoreLine, ImportedScore]], held: dict[_Key, float]
) -> Iterator[Problem]:
    """Also of one patient whom two lines call by two names."""
    seen: dict[_Key, float] = {}
    for line, row in rows:
        key = _key(row)
        if key in seen:
            yield Problem(line.number, "Another line is of the same patient by another name.")
        elif key in held and held[key] != row.value:
            yield Problem(line.number, "Another value of the same model and time is here already.")
        seen[key] = row.value


def _weightless(lines: Collection[ScoreLine]) -> tuple[tuple[str, str], ...]:
    weighty = set(ScoreWeight.objects.filter(weight__gt=0).values_list("kind", "model"))
    told = {(line.kind.value, line.model) for line in lines}
    return tuple(sorted(told - weighty))
