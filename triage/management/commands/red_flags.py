"""Show the list of red flags, and let a clinician sign it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm import clock
from crm.engine import Actor
from crm.models import User
from triage.actions import MayNotSign, sign_list
from triage.queries import find_sign_off
from triage.red_flags import load_list


class Command(BaseCommand):
    help = "Shows the red flags that texts are checked for; with --sign, a clinician signs them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sign", action="store_true", help="sign the list as it is shown")
        parser.add_argument("--user", default="", help="the clinician's user name")
        parser.add_argument("--as", dest="signed_as", default="", help='"Ana Ruiz, MD"')

    def handle(self, *args: Any, **options: Any) -> None:
        listed = load_list()
        for flag in listed.flags:
            self.stdout.write(f"{flag.level:9}  {flag.line:6}  {flag.name}  [{flag.source}]")
            for phrase in flag.phrases:
                self.stdout.write(f"             {phrase.language}  {phrase.text}")
        if options["sign"]:
            self._sign(options["user"], options["signed_as"])
        signed = find_sign_off(listed.digest)
        who = "NOT SIGNED"
        if signed:
            who = f"signed by {signed.signed_as}, {signed.signed_at:%Y-%m-%d}"
        self.stdout.write(f"Version {listed.version}, SHA-256 {listed.digest}: {who}")

    def _sign(self, username: str, signed_as: str) -> None:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError("There is no such user. Say who signs: --user NAME --as TITLE.")
        try:
            sign_list(
                signed=load_list(),
                user=user,
                signed_as=signed_as,
                by=Actor.user(user),
                at=clock.now(),
            )
        except MayNotSign as refused:
            raise CommandError(str(refused)) from refused
