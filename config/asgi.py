"""The live stream's own process: `uvicorn config.asgi:application` (see `crm.live`)."""

from __future__ import annotations

import os

import django
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
import_string("integrations.demo.guard.refuse_demo_data")()

from crm.live.app import LiveApp  # noqa: E402 - models need Django first

application = LiveApp()
