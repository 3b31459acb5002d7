"""Settings of the practice EHR's own process. `config.settings` knows nothing of it.

It may live on Firstcall's database server, even in the same database: all its tables, its
record of migrations included, stand in a PostgreSQL schema of their own.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config.env import get_env, parse_database_url, split

ENV = get_env()
if not ENV.firstcall_demo:
    raise ImproperlyConfigured(
        "The practice EHR holds made-up patients and can be told to misbehave. "
        "It runs in demo mode only: set FIRSTCALL_DEMO=1."
    )

#: The PostgreSQL schema that `migrate` makes and every connection looks in.
SCHEMA = "practice_ehr"
EHR_TOKEN = ENV.ehr_token.get_secret_value()

SECRET_KEY = secrets.token_urlsafe()  # nothing here is signed
ALLOWED_HOSTS = split(ENV.allowed_hosts)
ROOT_URLCONF = "integrations.practice_ehr.urls"
WSGI_APPLICATION = "integrations.practice_ehr.wsgi.application"
INSTALLED_APPS = ["django.contrib.postgres", "integrations.practice_ehr"]
MIDDLEWARE = [
    "integrations.practice_ehr.middleware.SecurityHeadersMiddleware",
    "integrations.practice_ehr.middleware.OutcomeMiddleware",
    "integrations.practice_ehr.middleware.BearerMiddleware",
    "integrations.practice_ehr.middleware.FaultsMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]


def own_database(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for the server at `url`, kept to our own schema."""
    database: dict[str, Any] = dict(parse_database_url(url))
    options = dict(database["OPTIONS"])
    options["options"] = f"{options.get('options', '')} -c search_path={SCHEMA}".strip()
    return {**database, "OPTIONS": options, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


DATABASES = {"default": own_database(ENV.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 128 * 1024 * 1024  # a Bundle with a whole clinic in it
