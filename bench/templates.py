"""Schedules into slots: four months of every clinician's weekly patterns, and the same again.

`python -m bench templates --size 1000`

Nine half-day sessions a week in half-hour slots, every fifth of them with a release rule. By the
job as staff start it, in its own batches. The floor of the first time is a COPY of the very same
rows into a table with the same indexes and no foreign keys; of the second, reading them all.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import IO

from django.db import connection
from django.utils import timezone

from bench import stage  # noqa: F401 Django's settings come first
from bench.common import Report, Row, finish, parser, say_so
from bench.processor import here
from crm.engine import Actor
from scheduling.actions.schedule_runs import run_some, start_run
from scheduling.actions.templates import plan_schedule
from scheduling.models import (
    Clinic,
    Location,
    Provider,
    ProviderRole,
    ReleaseRule,
    ScheduleRun,
    Slot,
    VisitType,
    WeeklyPattern,
)
from scheduling.queries.schedules import scheduled_roles
from scheduling.states import OrphanChoice, Restriction

PROVIDERS, DAYS = 1000, 120
AIM_FIRST, AIM_AGAIN = 60.0, 15.0
#: Weekday, start and end: five mornings and four afternoons.
SESSIONS = [(day, dt.time(8), dt.time(12)) for day in range(5)] + [
    (day, dt.time(13), dt.time(16, 30)) for day in range(4)
]
ZONES = ("America/Chicago", "America/Phoenix", "America/New_York", "America/Denver")
SITES = 20
BY = Actor.system("bench")


def main(arguments: Sequence[str]) -> int:
    options = parser("templates", size=PROVIDERS, of="clinicians").parse_args(arguments)
    at = timezone.now()
    _populate(options.size, at)
    _analyze()
    report = Report("templates", options.size)
    began, processor_s = time.perf_counter(), here()
    first = _run(at)
    first_s, first_processor_s = time.perf_counter() - began, here() - processor_s
    count = Slot.objects.count()
    say_so(f"{count:,} slots made in {first_s:.1f} s")
    _analyze()
    began, processor_s = time.perf_counter(), here()
    again = _run(at)
    again_s, again_processor_s = time.perf_counter() - began, here() - processor_s
    began = time.perf_counter()
    shown = plan_schedule(scheduled_roles(), first_on=first.first_on, last_on=first.last_on, at=at)
    shown_s = time.perf_counter() - began
    copied_s, read_s = _floors(count)
    if first.counts.get("add") != count or again.counts.get("keep") != count:
        report.failures.append(f"first {first.counts}, again {again.counts}, {count} slots")
    if again.counts.get("add") or again.counts.get("change") or not shown.changes_nothing:
        report.failures.append(f"The second time changed something: {again.counts}")
    at_size = f"{options.size:,} clinicians, {DAYS} days, {count:,} slots"
    first_aim, again_aim = (AIM_FIRST, AIM_AGAIN) if options.size >= PROVIDERS else (None, None)
    report.rows += [
        _row("slots made from weekly patterns", at_size, (first_s, copied_s), aim=first_aim),
        _row("the same again, nothing to change", at_size, (again_s, read_s), aim=again_aim),
        _row("shown first what would change", at_size, (shown_s, read_s)),
    ]
    report.figures = {
        "slots": count,
        "first_s": first_s,
        "first_processor_s": first_processor_s,
        "again_s": again_s,
        "again_processor_s": again_processor_s,
        "shown_s": shown_s,
        "copied_s": copied_s,
        "read_s": read_s,
    }
    return finish(report, as_json=options.json)


def _row(what: str, at: str, took: tuple[float, float], *, aim: float | None = None) -> Row:
    """`took`: seconds, and those of the floor."""
    seconds, floor = took
    return Row(
        what=what,
        at=at,
        measured=f"{seconds:.1f} s",
        floor=f"{floor:.1f} s",
        ratio=seconds / floor,
        aim=f"under {aim:.0f} s" if aim else "",
        met=seconds < aim if aim else None,
    )


def _run(at: dt.datetime) -> ScheduleRun:
    """The job, by one worker."""
    first_on = at.date() + dt.timedelta(days=1)
    run = start_run(
        clinic_id=None,
        first_on=first_on,
        last_on=first_on + dt.timedelta(days=DAYS - 1),
        orphans=OrphanChoice.KEEP,
        by=BY,
        at=at,
    )
    while run_some(run.pk, at) is not None:
        pass
    run.refresh_from_db()
    return run


def _populate(size: int, at: dt.datetime) -> None:
    sites = Location.objects.bulk_create(
        Location(name=f"Site {n}", short_name=f"Site {n}", zone=ZONES[n % len(ZONES)])
        for n in range(SITES)
    )
    clinics = Clinic.objects.bulk_create(
        Clinic(location=site, specialty="General", name=f"General, {site.name}", owns_schedule=True)
        for site in sites
    )
    rules = ReleaseRule.objects.bulk_create(
        ReleaseRule(clinic=clinic, name="Open three days before", hours_before=72)
        for clinic in clinics
    )
    kind = VisitType.objects.create(code="GEN", name="General", specialty="General", minutes=30)
    providers = Provider.objects.bulk_create(
        Provider(family_name=f"Clinician {n}") for n in range(size)
    )
    roles = ProviderRole.objects.bulk_create(
        ProviderRole(provider=provider, clinic=clinics[n % SITES])
        for n, provider in enumerate(providers)
    )
    WeeklyPattern.objects.bulk_create(_patterns(roles, rules, kind, at.date()), batch_size=2000)


def _patterns(
    roles: list[ProviderRole], rules: list[ReleaseRule], kind: VisitType, today: dt.date
) -> Iterator[WeeklyPattern]:
    for n, role in enumerate(roles):
        for number, (weekday, starts, ends) in enumerate(SESSIONS):
            is_kept = number % 5 == 0
            yield WeeklyPattern(
                role=role,
                valid_from_on=today,
                weekday=weekday,
                starts_time=starts,
                ends_time=ends,
                slot_minutes=30,
                visit_type=kind,
                restriction=Restriction.NEW_PATIENTS if is_kept else Restriction.NONE,
                release_rule=rules[n % SITES] if is_kept else None,
            )


def _floors(count: int) -> tuple[float, float]:
    """Seconds of a COPY of the same rows, and of reading them all."""
    with connection.cursor() as cursor, tempfile.TemporaryFile("w+") as kept:
        raw = cursor.cursor
        began = time.perf_counter()
        raw.copy_expert("COPY scheduling_slot TO STDOUT", kept)
        read_s = time.perf_counter() - began
        kept.seek(0)
        cursor.execute("CREATE TABLE bench_slot (LIKE scheduling_slot INCLUDING ALL)")
        copied_s = _copy(raw, kept)
        cursor.execute("SELECT count(*) FROM bench_slot")
        assert cursor.fetchone()[0] == count
        cursor.execute("DROP TABLE bench_slot")
    return copied_s, read_s


def _copy(raw: object, kept: IO[str]) -> float:
    began = time.perf_counter()
    raw.copy_expert("COPY bench_slot FROM STDIN", kept)  # type: ignore[attr-defined]
    return time.perf_counter() - began


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
