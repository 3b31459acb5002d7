"""`manage.py load_demo`: the demo health system, in our tables and in the practice EHR."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm import clock
from integrations.demo.ehr import EhrHoldsAnotherDemo, EhrLoadFailed
from integrations.demo.load import DemoRefused, Loaded, load

SEED = 2026
#: After this long the nearest weeks of the demo have passed, and little is left to fill.
STALE = dt.timedelta(days=28)


@contextmanager
def calls_unsaid() -> Iterator[None]:
    """One line for each call to the EHR is for a log, not for somebody at a terminal."""
    log = logging.getLogger("integrations.fhir.client")
    before = log.level
    log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        log.setLevel(before)


class Command(BaseCommand):
    """Thin: says what `integrations.demo.load` does."""

    help = "Load the demo health system, once. Safe to run again; goes on where it broke off."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=SEED, help=f"default: {SEED}")
        parser.add_argument("--skip-ehr", action="store_true", help="leave the practice EHR alone")

    def handle(self, *args: Any, **options: Any) -> None:
        at = clock.now()
        try:
            with calls_unsaid():
                loaded = load(
                    seed=options["seed"], at=at, with_ehr=not options["skip_ehr"], say=self.say
                )
        except (DemoRefused, EhrHoldsAnotherDemo, EhrLoadFailed) as error:
            raise CommandError(str(error)) from error
        self.report(loaded, seconds=(clock.now() - at).total_seconds(), at=at)

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def report(self, loaded: Loaded, *, seconds: float, at: dt.datetime) -> None:
        for name, count in loaded.counts.items():
            self.say(f"  {count:>7,} {name}")
        if loaded.counts:
            self.say(f"The demo is loaded, in {seconds:.1f} s (seed {loaded.seed}).")
            return
        self.say(f"The demo is here since {loaded.at:%Y-%m-%d %H:%M} UTC (seed {loaded.seed}).")
        if at - loaded.at > STALE:
            self.say("Most of its schedule lies in the past by now. `make reset` makes a new one.")
