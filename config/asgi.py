"""The live stream's own process: `uvicorn config.asgi:application` (see `crm.live`)."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from crm.live.app import LiveApp  # noqa: E402 - models need Django first

application = LiveApp()
