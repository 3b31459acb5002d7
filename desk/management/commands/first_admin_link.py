"""Print the one-time link that makes the first administrator."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from desk.signing_in import LINK_AGE, make_first_admin_token, needs_first_admin


class Command(BaseCommand):
    """There is no default password: whoever can run this may make the administrator."""

    help = "Prints a one-time link to make the first administrator."

    def handle(self, *args: Any, **options: Any) -> None:
        if not needs_first_admin():
            raise CommandError("There is an administrator already; they can make others.")
        path = reverse("desk:first-admin", args=[make_first_admin_token()])
        base = settings.FIRSTCALL.public_url.rstrip("/")
        self.stdout.write(f"{base}{path}")
        self.stderr.write(f"Works once, for {LINK_AGE // 60} minutes.")
