"""Patient search: one box, a million people, and what callers say.

`python -m bench patients --size 1000000`

Questions of each kind about people drawn at random: whole names, half typed, misspelt, with a
birth date, a phone or a record number, and names that nobody has. Measured is `search_patients`
whole: what was typed is read, looked up, compared and put in order. The floor is the bare read of
one patient by key on the same connection. Whoever was meant has to be among those found wherever
more than a name was said.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from random import Random

import psycopg2.extensions
from django.db import connection

from bench import stage  # noqa: F401 Django's settings come first
from bench.common import Report, Row, Spread, finish, parser, say, say_so
from bench.people import write_people
from crm.models import Patient
from crm.queries.finding import search_patients

AIM_MS = 40.0
SIZE = 1_000_000
QUESTIONS, WARM_UP = 120, 5


def main(arguments: Sequence[str]) -> int:
    made = parser("patients", size=SIZE, of="patients")
    made.add_argument("--count", type=int, default=QUESTIONS, help="questions of each kind")
    options = made.parse_args(arguments)
    began = time.monotonic()
    write_people(options.size)
    say_so(f"{options.size:,} patients written in {time.monotonic() - began:.0f} s")
    report = Report("patients", options.size)
    floor = Spread.of(_bare_reads(options.size, options.count))
    every: list[float] = []
    for kind, ask in KINDS.items():
        took, found = _measure(ask, size=options.size, count=options.count)
        every += took
        _add(report, kind, Spread.of(took), floor, found / options.count)
        if kind in NARROW and found < options.count:
            report.failures.append(f"{kind}: {options.count - found} were not found.")
    _add(report, "all kinds together", Spread.of(every), floor, None)
    return finish(report, as_json=options.json)


def _measure(
    ask: Callable[[Patient, Random], str], *, size: int, count: int
) -> tuple[list[float], int]:
    """Seconds of each question, and how often whoever was meant was among those found."""
    random, took, found = Random(7), [], 0
    people = Patient.objects.in_bulk(random.sample(range(1, size + 1), count + WARM_UP))
    for number, patient in enumerate(people.values()):
        text = ask(patient, random)
        began = time.perf_counter()
        answer = search_patients(text)
        if number >= WARM_UP:
            took.append(time.perf_counter() - began)
            found += any(one.patient.pk == patient.pk for one in answer)
    return took, found


def _bare_reads(size: int, count: int) -> list[float]:
    connection.ensure_connection()
    bare: psycopg2.extensions.connection = connection.connection
    random, took = Random(7), []
    with bare.cursor() as cursor:
        for number in range(count + WARM_UP):
            began = time.perf_counter()
            cursor.execute(
                "SELECT * FROM crm_patient WHERE id = %s", [random.randrange(1, size + 1)]
            )
            cursor.fetchall()
            if number >= WARM_UP:
                took.append(time.perf_counter() - began)
    return took


def _add(report: Report, kind: str, ours: Spread, floor: Spread, share: float | None) -> None:
    met = f", found {share:.0%}" if share is not None else ""
    report.rows.append(
        Row(
            what=f"patient search: {kind}, p95",
            at=f"{report.size:,} patients",
            measured=f"{say(ours.p95)} (p50 {say(ours.p50)}{met})",
            floor=say(floor.p95),
            ratio=ours.p95 / floor.p95,
            aim=f"under {AIM_MS:g} ms",
            met=ours.p95 < AIM_MS,
        )
    )
    report.figures[kind] = {"p50": ours.p50, "p95": ours.p95, "p99": ours.p99, "found": share}


def _born(patient: Patient) -> str:
    assert patient.birth_on
    return f"{patient.birth_on.month}/{patient.birth_on.day}/{patient.birth_on.year}"


def _misspelt(name: str, random: Random) -> str:
    """Two letters changed places, one doubled, one dropped, or z for s."""
    place = random.randrange(1, max(2, len(name) - 2))
    slips = (
        name[:place] + name[place + 1 : place + 2] + name[place] + name[place + 2 :],
        name[:place] + name[place] + name[place:],
        name[:place] + name[place + 1 :],
        name.replace("z", "s").replace("v", "b"),
    )
    return random.choice(slips)


def _phone(patient: Patient) -> str:
    """Nine in ten have the number of their own key (`bench.people`)."""
    key = patient.pk - 1 if patient.pk % 10 == 0 else patient.pk
    digits = str(2_000_000_000 + key * 37)
    return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"


def _first(patient: Patient) -> str:
    return patient.family_name.replace("-", " ").split()[0]


#: What is said about a patient, by kind.
KINDS: dict[str, Callable[[Patient, Random], str]] = {
    "whole name": lambda one, _: f"{one.given_name} {one.family_name}",
    "name, half typed": lambda one, _: f"{one.given_name[:3]} {_first(one)[:3]}",
    "family name alone": lambda one, _: _first(one),
    "first two letters": lambda one, _: _first(one)[:2],
    "misspelt name": lambda one, random: f"{one.given_name} {_misspelt(_first(one), random)}",
    "misspelt name and birth date": lambda one, random: (
        f"{_misspelt(_first(one), random)} {_born(one)}"
    ),
    "name and year of birth": lambda one, _: (
        f"{one.given_name} {_first(one)} {one.birth_on.year if one.birth_on else ''}"
    ),
    "birth date and half a name": lambda one, _: f"{_born(one)} {_first(one)[:3]}",
    "phone": lambda one, _: _phone(one),
    "record number": lambda one, _: f"S{one.pk:08d}",
    "name, birth date and phone": lambda one, _: f"{_first(one)}, {_born(one)}, {_phone(one)}",
    "names that nobody has": lambda one, random: f"Xq{_misspelt(one.given_name, random)} Zwyxq",
}
#: Whoever is meant has to be found by these.
NARROW = frozenset({"phone", "record number", "name, birth date and phone"})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
