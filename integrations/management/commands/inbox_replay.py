"""`manage.py inbox_replay`: try messages again, as they were received."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm import clock
from crm.engine import Actor, run_step
from integrations.inbox.actions import STEP, replay
from integrations.models import InboxMessage
from integrations.states import InboxStatus

BY = Actor.system("inbox_replay")


class Command(BaseCommand):
    """Oldest first, one after the other, so that what they say keeps its order."""

    help = "Applies stored messages again: those named, or all that were refused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ids", nargs="*", type=int, metavar="ID")
        parser.add_argument("--refused", action="store_true", help="all refused messages")
        parser.add_argument("--source", default="", help="with --refused: of this sender only")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["ids"]) == options["refused"]:
            raise CommandError("Name messages by ID, or say --refused.")
        refused = 0
        for pk in self.chosen(options):
            message = self.replayed(pk)
            refused += message.status == InboxStatus.REFUSED
            place = f"{message.refused_field}: " if message.refused_field else ""
            self.stdout.write(f"{pk}  {message.status}  {place}{message.outcome}")
        if refused:
            raise CommandError(f"{refused} message(s) still refused.")

    def chosen(self, options: dict[str, Any]) -> list[int]:
        found = InboxMessage.objects.order_by("received_at", "pk")
        if options["refused"]:
            found = found.filter(status=InboxStatus.REFUSED)
            if options["source"]:
                found = found.filter(source=options["source"])
        else:
            found = found.filter(pk__in=options["ids"])
        keys = list(found.values_list("pk", flat=True))
        if missing := set(options["ids"]) - set(keys):
            raise CommandError(f"There is no message {', '.join(map(str, sorted(missing)))}.")
        return keys

    def replayed(self, pk: int) -> InboxMessage:
        """A worker may be faster than we are; the outcome is the same."""
        at = clock.now()
        replay(message_id=pk, by=BY, at=at)
        run_step(STEP, pk, at=at)
        return InboxMessage.objects.get(pk=pk)
