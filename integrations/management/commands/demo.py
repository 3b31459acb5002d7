"""Tell the story: a freed slot fills itself, before your eyes."""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from integrations.demo.pick import NoStory
from integrations.demo.story import Narrator, StoryBroke, tell
from scheduling.ports import EhrError


class Command(BaseCommand):
    """Exits with 1 and the reason where the story does not come true."""

    help = "Runs the main job on real input, twice (HL7 and FHIR), and narrates it."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.FIRSTCALL.firstcall_demo:
            raise CommandError("The demo story runs in demo mode only (FIRSTCALL_DEMO=1).")
        logging.getLogger().setLevel(logging.WARNING)  # the story is what is told here
        narrator = Narrator(sys.stdout)
        try:
            openings = tell(narrator)
        except (NoStory, StoryBroke, EhrError, OSError) as error:
            raise CommandError(f"The story did not come true. {error}") from error
        base = settings.FIRSTCALL.public_url.rstrip("/")
        self.stdout.write(f"\nLook at it: {base}/openings/{openings[0].pk}/")
