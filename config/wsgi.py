"""The web process: pages and API."""

import os

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

from config.settle import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
import_string("integrations.demo.guard.refuse_demo_data")()
settle()
