"""`manage.py load_desk`: kinds of call and scripts; in the demo also articles and sign-offs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from crm import clock
from desk.actions.shipping import add_demo_articles, add_demo_sign_offs, add_shipped


class Command(BaseCommand):
    """Thin: says what `desk.actions.shipping` does."""

    help = "Add the kinds of call and scripts that are missing. Safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--migrate", action="store_true", help="migrate the database first")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["migrate"]:
            call_command("migrate", interactive=False)
        at = clock.now()
        counts = add_shipped(at=at)
        if settings.FIRSTCALL.firstcall_demo:
            counts["articles"] = add_demo_articles(at=at)
            counts["sign-offs"] = add_demo_sign_offs(at=at)
        for name, count in counts.items():
            if count:
                self.stdout.write(f"  {count:>7,} {name}")
