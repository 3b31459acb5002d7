"""The desk with a heavy patient: how long the server takes for the whole page, and for each part.

The page has the panels that most calls are about; the panels below them are asked for as soon as it
shows.

`python -m bench desk --size 200`

One patient with 300 visits, 500 texts, 40 past contacts, a chart of 60 rows a part, offers that
were not answered and times in the conversation. Measured is the time in the application through
Django's own client: every middleware, session, permission, audit and template, and all statements
to PostgreSQL, without the web server's socket. The floor goes the same way to a page that lets in
the same agent and reads one patient by key. All are asked in turns, so that whatever else the
machine does hits each of them alike; their own processor time, without waiting for PostgreSQL, is
told beside. Statements are counted in one further request of each.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from bench import stage  # noqa: F401 Django's settings come first
from bench.common import Report, Row, Spread, finish, parser, say, say_so
from bench.desk_case import Case, Sizes, add_case
from config.settle import settle
from crm import clock
from desk.screen.panels import PANELS
from desk.screen.views import WORK

SIZE: Final = 200
WARM_UP: Final = 5
AIM_WHOLE_MS, AIM_PART_MS = 60.0, 30.0
FLOOR: Final = "floor"
WHOLE: Final = "the whole desk"
#: As a ring or a press on the left does it: the left column stands already.
IN_PLACE: Final = "a contact opened in place"


@dataclass(frozen=True, slots=True)
class Found:
    """Of one address: what passed, what the processor did, and what PostgreSQL was asked."""

    took: Spread
    worked: Spread
    statements: int


def main(arguments: Sequence[str]) -> int:
    options = parser("desk", size=SIZE, of="requests of each").parse_args(arguments)
    case = add_case(Sizes(), at=clock.now())
    with override_settings(ROOT_URLCONF="bench.desk_urls"):
        settle()  # as the web process does
        report = measure(case, options.size)
    return finish(report, as_json=options.json)


def measure(case: Case, count: int) -> Report:
    """Ask for each in turns."""
    client, asked = signed_in(case), addresses(case)
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in asked}
    say_so(f"  {count:,} requests of each of {len(asked)} …")
    for number in range(count + WARM_UP):
        for name, address in asked.items():
            seconds = _ask(client, name, address)
            if number >= WARM_UP:
                took[name].append(seconds)
    found = {
        name: Found(
            took=Spread.of(whole for whole, _ in took[name]),
            worked=Spread.of(own for _, own in took[name]),
            statements=_statements(client, name, address),
        )
        for name, address in asked.items()
    }
    return _report(count, found)


def signed_in(case: Case) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(case.agent, backend="django.contrib.auth.backends.ModelBackend")
    return client


def addresses(case: Case) -> dict[str, str]:
    """What is asked for, by the name it has in the table."""
    base = f"/desk/{case.contact.pk}/"
    return {
        FLOOR: f"/bench/bare/{case.patient.pk}/",
        WHOLE: base,
        IN_PLACE: base,
        "the whole desk with times": f"{base}?{case.times}",
        "who is waiting": "/desk/left/",
        "the conversation": f"{base}talk/",
        "the patient": f"{base}side/",
        "the panels below": f"{base}rest/",
        **{f"panel: {each.title.lower()}": f"{base}panels/{each.name}/" for each in PANELS},
    }


def _ask(client: Client, name: str, address: str) -> tuple[float, float]:
    """Seconds that passed, and seconds that the processor worked on it."""
    began, worked = time.perf_counter(), time.thread_time()
    answer = client.get(address, headers=_headers(name))
    seconds = time.perf_counter() - began, time.thread_time() - worked
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}.")
    return seconds


def _statements(client: Client, name: str, address: str) -> int:
    with CaptureQueriesContext(connection) as found:
        client.get(address, headers=_headers(name))
    return len(found)


def _headers(name: str) -> dict[str, str]:
    return {"hx-request": "true", "hx-target": WORK} if name == IN_PLACE else {}


def _report(count: int, found: Mapping[str, Found]) -> Report:
    made = Report("desk", count)
    for name, each in found.items():
        made.figures[name] = {
            "p50": each.took.p50,
            "p95": each.took.p95,
            "p99": each.took.p99,
            "processor_ms": each.worked.p50,
            "statements": each.statements,
        }
        if name != FLOOR:
            made.rows.append(_row(name, each, found[FLOOR]))
    return made


def _row(name: str, ours: Found, floor: Found) -> Row:
    aim = AIM_PART_MS if name.startswith("panel: ") else AIM_WHOLE_MS
    own = f"{say(ours.worked.p50)} of the processor"
    return Row(
        what=f"desk: {name}, p95",
        at=f"300 visits, 500 texts; {ours.statements} statements",
        measured=f"{say(ours.took.p95)} (p50 {say(ours.took.p50)}, {own})",
        floor=f"{say(floor.took.p95)} ({say(floor.worked.p50)} of the processor)",
        ratio=ours.took.p95 / floor.took.p95,
        aim=f"under {aim:g} ms",
        met=ours.took.p95 < aim,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
