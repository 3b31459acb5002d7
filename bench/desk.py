"""The desk with a heavy patient: how long the server takes for the whole page, and for each part.

`python -m bench desk --size 200`

One patient with 300 visits, 500 texts, 40 past contacts, a chart of 60 rows a part, offers that
were not answered and times in the conversation. Measured is the time in the application through
Django's own client: every middleware, session, permission, audit and template, and all statements
to PostgreSQL, without the web server's socket. The floor goes the same way to a page that lets in
the same agent and reads one patient by key. All are asked in turns, so that whatever else the
machine does hits each of them alike. Statements are counted in one further request of each.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Final

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from bench import stage  # noqa: F401 Django's settings come first
from bench.common import Report, Row, Spread, finish, parser, say, say_so
from bench.desk_case import Case, Sizes, add_case
from crm import clock
from desk.screen.panels import PANELS

SIZE: Final = 200
WARM_UP: Final = 5
AIM_WHOLE_MS, AIM_PART_MS = 60.0, 30.0
FLOOR: Final = "floor"
WHOLE: Final = "the whole desk"


def main(arguments: Sequence[str]) -> int:
    options = parser("desk", size=SIZE, of="requests of each").parse_args(arguments)
    case = add_case(Sizes(), at=clock.now())
    with override_settings(ROOT_URLCONF="bench.desk_urls"):
        report = measure(case, options.size)
    return finish(report, as_json=options.json)


def measure(case: Case, count: int) -> Report:
    """Ask for each in turns."""
    client, asked = signed_in(case), addresses(case)
    took: dict[str, list[float]] = {name: [] for name in asked}
    say_so(f"  {count:,} requests of each of {len(asked)} …")
    for number in range(count + WARM_UP):
        for name, address in asked.items():
            seconds = _ask(client, address)
            if number >= WARM_UP:
                took[name].append(seconds)
    statements = {name: _statements(client, address) for name, address in asked.items()}
    return _report(count, {name: Spread.of(each) for name, each in took.items()}, statements)


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
        "the whole desk with times": f"{base}?{case.times}",
        "who is waiting": "/desk/left/",
        "the conversation": f"{base}talk/",
        "the patient": f"{base}side/",
        **{f"panel: {each.title.lower()}": f"{base}panels/{each.name}/" for each in PANELS},
    }


def _ask(client: Client, address: str) -> float:
    began = time.perf_counter()
    answer = client.get(address)
    seconds = time.perf_counter() - began
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}.")
    return seconds


def _statements(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as found:
        client.get(address)
    return len(found)


def _report(count: int, spreads: Mapping[str, Spread], statements: Mapping[str, int]) -> Report:
    made = Report("desk", count)
    floor = spreads[FLOOR]
    for name, spread in spreads.items():
        made.figures[name] = {
            "p50": spread.p50,
            "p95": spread.p95,
            "p99": spread.p99,
            "statements": statements[name],
        }
        if name != FLOOR:
            made.rows.append(_row(name, spread, floor, statements[name]))
    return made


def _row(name: str, spread: Spread, floor: Spread, statements: int) -> Row:
    aim = AIM_PART_MS if name.startswith("panel: ") else AIM_WHOLE_MS
    return Row(
        what=f"desk: {name}, p95",
        at=f"300 visits, 500 texts; {statements} statements",
        measured=f"{say(spread.p95)} (p50 {say(spread.p50)})",
        floor=say(floor.p95),
        ratio=spread.p95 / floor.p95,
        aim=f"under {aim:g} ms",
        met=spread.p95 < aim,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
