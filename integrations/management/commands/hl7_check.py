"""Map HL7 files without applying them."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from crm import clock
from integrations.hl7v2.checking import Checked, check_file, find_files
from integrations.hl7v2.senders import zone_of_unknown
from integrations.models import Hl7Sender

#: Exit codes.
SOME_REFUSED, USAGE = 1, 2


class Command(BaseCommand):
    """Writes nothing anywhere. Reads the registrations of senders, if there is a database."""

    help = (
        "Maps every HL7 v2 message under the paths, without applying it, and prints a line for "
        "each: applied as what, or refused why, and what was understood. Ends with 0 when all "
        "can be applied, 1 when some are refused, 2 when it cannot be run."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "paths", nargs="+", metavar="PATH", help="files, batch files, folders; - is stdin"
        )
        parser.add_argument("--json", action="store_true", help="a JSON object a line")
        parser.add_argument(
            "--zone", default="", help="IANA zone of time stamps of unregistered senders"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        zone = options["zone"] or zone_of_unknown() or settings.TIME_ZONE
        if zone not in available_timezones():
            raise CommandError(f"{zone} is no IANA time zone.", returncode=USAGE)
        senders, at = self.senders(), clock.now()
        seen = refused = 0
        for path in options["paths"]:
            try:
                for file in find_files(Path("/dev/stdin" if path == "-" else path)):
                    for checked in check_file(file, senders=senders, zone=zone, at=at):
                        self.stdout.write(_json(checked) if options["json"] else _text(checked))
                        seen += 1
                        refused += checked.is_refused
            except OSError as error:
                raise CommandError(f"{path}: {error.strerror}.", returncode=USAGE) from error
        if not seen:
            raise CommandError("There is no message under these paths.", returncode=USAGE)
        self.stderr.write(f"{seen} message(s), {refused} refused.")
        if refused:
            sys.exit(SOME_REFUSED)

    def senders(self) -> dict[str, Hl7Sender]:
        """Who is registered; nobody where there is no database to ask."""
        try:
            return {sender.name: sender for sender in Hl7Sender.objects.filter(is_active=True)}
        except Error as error:
            self.stderr.write(f"No database ({type(error).__name__}): no sender is registered.")
            return {}


def _json(checked: Checked) -> str:
    return json.dumps(checked.line, ensure_ascii=False)


def _text(checked: Checked) -> str:
    line = checked.line
    name = f"{line['file']}#{line['message']}  {line['control_id'] or '-'}  {line['event'] or '-'}"
    if line["outcome"] != "applied":
        return f"{name}  {line['outcome']} ({line['answer']})  {line['field']}: {line['why']}"
    parts = [f"{name}  {line['applied_as']}", *_said(line)]
    return "  ".join(parts)


def _said(line: dict[str, Any]) -> list[str]:
    said = []
    if visit := line.get("appointment"):
        said.append(f"visit {visit['id']}")
        said.append(f"{visit['start'] or 'no start'} to {visit['end'] or 'no end'}")
    kept = [i for i in line["patient"]["identifiers"] if i["kept"]]
    said += [f"patient {i['value']} ({i['system'] or 'no system'})" for i in kept]
    if who := line.get("provider"):
        said.append(f"with {who['name'] or 'no name'} ({who['id'] or 'no id'})")
    for word, name in (("at", "location"), ("for", "visit_type")):
        if coded := line.get(name):
            said.append(f"{word} {coded['text'] or coded['code']}")
    return said
