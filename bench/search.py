"""Slot search: the first page with five filters and distance, out of any number of slots.

`python -m bench search --size 1000000,10000000`

At each size, looks of several kinds, from the usual to the awkward: five filters and distance,
everything near, one clinician, nothing that fits. Measured is `search_slots` whole: statement,
rows, and every rule asked for the patient. The floor is the same first page as bare SQL over
psycopg2: its keys, in order, without what pages show and rules ask. The last row is the growth
from the smallest size to the largest.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random

import psycopg2.extensions
from django.db import connection
from django.utils import timezone

from bench import stage  # noqa: F401 Django's settings come first
from bench.common import Report, Row, Spread, finish, say, say_so
from bench.schedule import PATIENTS, SPECIALTIES, TYPES_EACH, clear_schedule, write_schedule
from crm.models import Patient
from crm.states import Sex
from scheduling.queries.search import LOOK, search_slots
from scheduling.queries.search_reading import parameters
from scheduling.queries.search_sql import SEARCH
from scheduling.rules.search import Criteria, PartOfDay, Place, Window
from scheduling.states import Modality

AIM_MS, AIM_RATIO, AIM_GROWTH = 50.0, 3.0, 1.5
SIZE = 1_000_000
LOOKS, WARM_UP = 60, 5
_KEYS = " SELECT id FROM picked ORDER BY is_pinned DESC, day, starts_at, id"
FIVE = "five filters and distance"


@dataclass(slots=True)
class Measured:
    """Seconds of each look, by kind, ours and bare.

    `spent` is processor: ours in Python and in PostgreSQL, and the floor's in PostgreSQL, which is
    what work costs, whatever else the machine does meanwhile.
    """

    size: int
    ours: dict[str, list[float]] = field(default_factory=dict)
    bare: dict[str, list[float]] = field(default_factory=dict)
    spent: dict[str, list[tuple[float, float, float]]] = field(default_factory=dict)
    times: int = 0


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    sizes = sorted(int(size) for size in options.size.split(","))
    report = Report("search", sizes[-1])
    found = []
    for size in sizes:
        began = time.monotonic()
        at = timezone.now().replace(minute=0, second=0, microsecond=0)
        write_schedule(size, at=at)
        say_so(f"{size:,} slots written in {time.monotonic() - began:.0f} s")
        found.append(_measure(size, at=at, looks=options.count))
        clear_schedule()
    for measured in found:
        _report(report, measured)
    if len(found) > 1:
        _report_growth(report, found[0], found[-1])
    return finish(report, as_json=options.json)


def _options(arguments: Sequence[str]) -> Namespace:
    made = ArgumentParser(prog="python -m bench search")
    made.add_argument("--size", default=str(SIZE), help=f"slots (default {SIZE:,}); several: 1,2")
    made.add_argument("--count", type=int, default=LOOKS, help="looks of each kind")
    made.add_argument("--json", action="store_true", help="the report as JSON on standard output")
    return made.parse_args(arguments)


def _measure(size: int, *, at: dt.datetime, looks: int) -> Measured:
    measured = Measured(size)
    session = _Session()
    for kind in KINDS:
        ours, bare = measured.ours.setdefault(kind, []), measured.bare.setdefault(kind, [])
        spent = measured.spent.setdefault(kind, [])
        for number, (wanted, patient) in enumerate(islice(_wishes(kind), looks + WARM_UP)):
            before, python, began = session.spent(), time.thread_time(), time.perf_counter()
            page = search_slots(wanted, at=at, patient=patient)
            took, python = time.perf_counter() - began, time.thread_time() - python
            between, began = session.spent(), time.perf_counter()
            _floor(wanted, patient, at)
            if number >= WARM_UP:
                ours.append(took)
                bare.append(time.perf_counter() - began)
                spent.append((python, between - before, session.spent() - between))
                measured.times += len(page.all)
    return measured


class _Session:
    """Our session of PostgreSQL, where it runs here and Linux counts what it takes."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self._counts = Path(f"/proc/{cursor.fetchall()[0][0]}/schedstat")

    def spent(self) -> float:
        """Seconds of processor so far; 0 where nobody counts."""
        try:
            return int(self._counts.read_text().split()[0]) / 1e9
        except (OSError, ValueError, IndexError):
            return 0.0


def _floor(wanted: Criteria, patient: Patient, at: dt.datetime) -> None:
    """The keys of the first page, in their order."""
    connection.ensure_connection()
    bare: psycopg2.extensions.connection = connection.connection
    head, _, _ = SEARCH.partition("\nSELECT k.is_pinned")
    what = parameters(wanted, patient, None, at=at, since=at, look=LOOK)
    with bare.cursor() as cursor:
        cursor.execute(head + _KEYS, what)
        cursor.fetchall()


def _wishes(kind: str) -> Iterator[tuple[Criteria, Patient]]:
    """The same patients and visits in each run."""
    random = Random(7)
    people = list(Patient.objects.filter(pk__in=random.sample(range(1, PATIENTS), LOOKS * 3)))
    while True:
        patient = random.choice(people)
        home = Place(patient.latitude or 0, patient.longitude or 0, "home")
        rare = random.random() < 0.5
        visit_type = random.randrange(TYPES_EACH, SPECIALTIES * TYPES_EACH) + 1 if rare else 1
        yield KINDS[kind](visit_type, home, random), patient


def _five(visit_type: int, home: Place, random: Random) -> Criteria:
    """Days, hours, language, sex and how, within fifteen miles."""
    return Criteria(
        visit_type_id=visit_type,
        window=Window.TWO_WEEKS,
        weekdays=frozenset(random.sample(range(5), 3)),
        parts_of_day=frozenset({random.choice((PartOfDay.MORNING, PartOfDay.AFTERNOON))}),
        language=random.choice(("es", "en")),
        sex=random.choice((Sex.FEMALE, Sex.MALE)),
        modality=Modality.IN_PERSON,
        place=home,
        max_miles=15,
    )


#: What a look of each kind asks for, of a visit type and from a place.
KINDS: dict[str, Callable[[int, Place, Random], Criteria]] = {
    FIVE: _five,
    "first available anywhere": lambda kind, _home, _random: Criteria(visit_type_id=kind),
    "within ten miles, or by video": lambda kind, home, _random: Criteria(
        visit_type_id=kind, place=home, max_miles=10
    ),
    "one clinician, Friday afternoons": lambda kind, _home, random: Criteria(
        visit_type_id=kind,
        provider_id=random.randrange(1, 1000) * 2,
        weekdays=frozenset({4}),
        parts_of_day=frozenset({PartOfDay.AFTERNOON}),
    ),
    "nothing that fits": lambda kind, _home, _random: Criteria(visit_type_id=kind, language="fr"),
}


def _report(report: Report, measured: Measured) -> None:
    if not measured.times:
        report.failures.append("No look found a single time: nothing was measured.")
    for kind in KINDS:
        ours, bare = Spread.of(measured.ours[kind]), Spread.of(measured.bare[kind])
        is_aim = kind == FIVE
        report.rows.append(
            Row(
                what=f"first page: {kind}, p95",
                at=f"{measured.size:,} slots",
                measured=f"{say(ours.p95)} (p50 {say(ours.p50)})",
                floor=say(bare.p95),
                ratio=ours.p95 / bare.p95,
                aim=f"under {AIM_MS:g} ms, at most {AIM_RATIO:g} times" if is_aim else "",
                met=ours.p95 < AIM_MS and ours.p95 <= AIM_RATIO * bare.p95 if is_aim else None,
            )
        )
        report.figures[f"{measured.size}: {kind}"] = {
            "p50": ours.p50,
            "p95": ours.p95,
            "bare p50": bare.p50,
            "bare p95": bare.p95,
            **_processor(measured.spent[kind]),
        }


def _processor(spent: list[tuple[float, float, float]]) -> dict[str, float]:
    """Milliseconds of processor for a look: on average by where, and both together at p95."""
    names = ("python", "PostgreSQL", "bare PostgreSQL")
    means = {
        f"processor, {name}": 1000 * sum(of) / len(spent)
        for name, of in zip(names, zip(*spent, strict=True), strict=True)
    }
    whole = Spread.of(python + postgres for python, postgres, _ in spent)
    return {**means, "processor p95": whole.p95}


def _report_growth(report: Report, small: Measured, large: Measured) -> None:
    grown = Spread.of(large.ours[FIVE]).p50 / Spread.of(small.ours[FIVE]).p50
    report.figures["growth"] = grown
    report.rows.append(
        Row(
            what=f"first page: {FIVE}, growth of p50",
            at=f"{small.size:,} to {large.size:,}",
            measured=f"{grown:.2f} times",
            ratio=grown,
            aim=f"at most {AIM_GROWTH:g} times",
            met=grown <= AIM_GROWTH,
        )
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
