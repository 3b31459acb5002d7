"""Print `docs/law.md` from the table of the law."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from outreach.rules.law_page import page


class Command(BaseCommand):
    help = "Prints what each kind of text needs, and where that stands written (docs/law.md)."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(page(), ending="")
