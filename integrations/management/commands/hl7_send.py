"""Send an HL7 file to an MLLP port and show the answer."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.env import get_env
from integrations.hl7v2.ack import Ack, read_acks
from integrations.hl7v2.client import MllpFailed, send
from integrations.hl7v2.errors import Hl7Unreadable
from integrations.hl7v2.parse import split_batch


class Command(BaseCommand):
    """Line ends become CR. Messages that follow each other are sent one by one, a batch whole."""

    help = "Sends an HL7 v2 file over MLLP. Ends with 0 only when every message was accepted (AA)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a file, or - for standard input")
        parser.add_argument("--host", default=get_env().mllp_host)
        parser.add_argument("--port", type=int, default=get_env().mllp_port)
        parser.add_argument("--timeout", type=float, default=10.0, help="seconds per message")

    def handle(self, *args: Any, **options: Any) -> None:
        raw = _read(options["file"])
        refused = 0
        for message in _transmissions(raw):
            try:
                answer = send(options["host"], options["port"], message, options["timeout"])
                acks = read_acks(answer)
            except (MllpFailed, Hl7Unreadable) as error:
                raise CommandError(str(error)) from error
            for ack in acks:
                self.stdout.write(_line(ack))
                refused += not ack.is_accepted
        if refused:
            raise CommandError(f"{refused} message(s) not accepted.")


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}.") from error


def _transmissions(raw: bytes) -> list[bytes]:
    """What goes into one frame each, segments ended by CR."""
    body = re.sub(rb"\r\n|\n", b"\r", raw.removeprefix(b"\xef\xbb\xbf")).strip() + b"\r"
    try:
        batch = split_batch(body)
    except Hl7Unreadable as error:
        raise CommandError(str(error)) from error
    return [body] if batch.is_batch else list(batch.messages)


def _line(ack: Ack) -> str:
    if ack.is_accepted:
        return f"{ack.code}  {ack.control_id}  accepted"
    place = f"{ack.field}: " if ack.field else ""
    return f"{ack.code}  {ack.control_id or '(no control id)'}  {place}{ack.sentence}"
