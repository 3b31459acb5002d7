"""Receive HL7 messages over MLLP into the inbox."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections
from django.utils.module_loading import import_string

from config.env import get_env
from crm import clock, recent
from integrations.demo.guard import refuse_demo_data
from integrations.hl7v2.framing import DEFAULT_MAX_BYTES
from integrations.hl7v2.listener import Handler, Limits, PeerInfo, TooLongHandler, run

#: `receive_hl7(raw: bytes, *, peer: str, at: datetime) -> bytes`, the acknowledgment.
RECEIVER = "integrations.inbox.actions.receive_hl7"
#: `note_too_long(head: bytes, max_bytes: int, *, peer: str, at: datetime)`.
KEEPER = "integrations.inbox.actions.note_too_long"
#: How long codes, roles and senders that were read serve what follows (docs/connect.md).
KEPT_SECONDS = 2


class Command(BaseCommand):
    """Runs until SIGTERM; messages in hand are finished and answered first."""

    help = "Listens for HL7 v2 messages (MLLP) and keeps each in the inbox before answering."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=get_env().mllp_host)
        parser.add_argument("--port", type=int, default=get_env().mllp_port)
        parser.add_argument("--max-bytes", type=int, default=DEFAULT_MAX_BYTES)
        parser.add_argument("--max-connections", type=int, default=Limits().max_connections)
        parser.add_argument("--threads", type=int, default=Limits().max_handlers)
        parser.add_argument(
            "--share-port",
            action="store_true",
            help="several listeners on one port, one for each core (Linux)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_demo_data()
        host, port = options["host"], options["port"]
        limits = Limits(
            max_bytes=options["max_bytes"],
            max_connections=options["max_connections"],
            max_handlers=options["threads"],
            share_port=options["share_port"],
        )
        try:
            with recent.kept_for(KEPT_SECONDS):
                run(
                    handle=receiver(),
                    host=host,
                    port=port,
                    limits=limits,
                    note_too_long=long_message_keeper(),
                    on_ready=lambda opened: self.stdout.write(
                        f"Listening for HL7 on {host}:{opened}"
                    ),
                )
        except OSError as error:
            raise CommandError(f"Cannot listen on {host}:{port}: {error.strerror}.") from error


def receiver() -> Handler:
    """The inbox behind a thread's own database connection."""
    receive_hl7 = import_string(RECEIVER)

    def handle(raw: bytes, peer: PeerInfo) -> bytes:
        close_old_connections()
        try:
            answer: bytes = receive_hl7(raw, peer=str(peer), at=clock.now())
            return answer
        finally:
            close_old_connections()

    return handle


def long_message_keeper() -> TooLongHandler:
    """What keeps the beginning of a message that is too long."""
    note_too_long = import_string(KEEPER)

    def note(head: bytes, max_bytes: int, peer: PeerInfo) -> None:
        close_old_connections()
        try:
            note_too_long(head, max_bytes, peer=str(peer), at=clock.now())
        finally:
            close_old_connections()

    return note
