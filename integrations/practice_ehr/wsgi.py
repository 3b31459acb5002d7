"""The practice EHR's WSGI entry: `granian --interface wsgi integrations.practice_ehr.wsgi:…`."""

from __future__ import annotations

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "integrations.practice_ehr.settings"

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
