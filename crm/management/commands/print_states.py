"""Print `docs/states.md` from the transition tables."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from crm.engine.diagrams import page


class Command(BaseCommand):
    help = "Prints every transition table as a Mermaid diagram (docs/states.md)."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(page(), ending="")
