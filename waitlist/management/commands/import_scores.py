"""`manage.py import_scores`: scores of outside models, from a CSV file."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Collection
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm import clock
from crm.engine import Actor
from waitlist.actions import ScoresRefused, import_scores
from waitlist.rules.score_lines import COLUMNS, Problem, read_scores

BY = Actor.system("import_scores")
#: So many wrong lines are told; who made the file sees the pattern by then.
MOST_TOLD = 50


class Command(BaseCommand):
    """The whole file, or nothing of it."""

    help = f"Imports scores from a CSV file with the columns {', '.join(COLUMNS)}."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--check", action="store_true", help="say what would happen, no more")

    def handle(self, *args: Any, **options: Any) -> None:
        at, is_check = clock.now(), options["check"]
        try:
            with options["file"].open(encoding="utf-8", newline="") as text:
                lines, problems = read_scores(text, at=at)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']} cannot be read: {error}") from error
        if problems:
            raise CommandError(_say(problems))
        try:
            done = import_scores(lines=lines, by=BY, at=at, dry_run=is_check)
        except ScoresRefused as refused:
            raise CommandError(_say(refused.problems)) from refused
        verb = "Would import" if is_check else "Imported"
        self.stdout.write(f"{verb} {done.added:,} scores; {done.known:,} were here already.")
        for kind, model in done.weightless:
            self.stdout.write(f"No weight is set for {kind} by {model}: it does not count yet.")


def _say(problems: Collection[Problem]) -> str:
    told = [f"line {p.number}: {p.sentence}" for p in list(problems)[:MOST_TOLD]]
    more = len(problems) - len(told)
    return "\n".join(
        ["Nothing was imported.", *told, *([f"… and {more:,} more lines."] if more else [])]
    )
