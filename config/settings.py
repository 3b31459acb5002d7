"""Django's settings. What a deployment may change comes from `config.env`."""

from __future__ import annotations

from pathlib import Path

import structlog
from csp.constants import NONE, SELF
from django.templatetags.static import static
from django.urls import reverse_lazy

from config import limits
from config.env import get_env, parse_database_url, split
from config.logs import logging_config

FIRSTCALL = get_env()

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = FIRSTCALL.secret_key.get_secret_value()
DEBUG = FIRSTCALL.debug
ALLOWED_HOSTS = split(FIRSTCALL.allowed_hosts)
CSRF_TRUSTED_ORIGINS = split(FIRSTCALL.csrf_trusted_origins)

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "django_linear_migrations",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "phonenumber_field",
    "rest_framework",
    "rules",
    "template_partials",
    "crm",
    "scheduling",
    "triage",
    "outreach",
    "waitlist",
    "integrations",
    "desk",
    "insights",
]
# django_linear_migrations serves developers only, and is not in the production lock.
try:
    import django_linear_migrations  # noqa: F401
except ImportError:
    INSTALLED_APPS.remove("django_linear_migrations")

MIDDLEWARE = [
    "config.health.HealthMiddleware",
    "config.trouble.TroubleMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Pages and their parts; it pads them at random, since their length could tell what they hold.
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "crm.web.language.StaffLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "crm.live.middleware.LiveCSPMiddleware",
    "config.admin_policy.AdminPolicyMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crm.live.context.page",
            ],
            "builtins": [
                "crm.templatetags.icons",
                "crm.templatetags.saying",
                "django.templatetags.i18n",
                "crm.templatetags.once",
            ],
        },
    }
]

DATABASES = {
    "default": {
        **limits.limited(parse_database_url(FIRSTCALL.database_url), FIRSTCALL),
        # As long as granian keeps an idle thread: the connection keeps plans (crm.engine.prepared).
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": FIRSTCALL.redis_url,
        "KEY_PREFIX": "firstcall",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 1},
    }
}

AUTH_USER_MODEL = "crm.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = reverse_lazy("desk:sign-in")
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = FIRSTCALL.behind_tls_proxy
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"  # a page of ours never names a patient's link to others
if FIRSTCALL.behind_tls_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
# Staff's pages are in English and in Spanish; what is kept (notes, audit, the EHR) is in English.
LANGUAGES = [("en-us", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
FORMAT_MODULE_PATH = "config.formats"
# Whose pages speak the language of whoever is signed in, by the namespaces of their URLs.
STAFF_PAGES = {"desk", "waitlist", "book-links", "inbox", "phones"}
PHONENUMBER_DEFAULT_REGION = "US"
PHONENUMBER_DB_FORMAT = "E164"

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "var" / "static"
# Hashed names, compressed, once `collectstatic` has run; straight from the sources before that.
_collected = (STATIC_ROOT / "staticfiles.json").exists()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _collected
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not _collected
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

# No inline script or style and no other host: the live stream is the one exception, added per
# request by `crm.live.context`, and the admin has a looser policy (`config.admin_policy`).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "integrations.problems.problem_response",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Firstcall",
    "DESCRIPTION": "The open patient access desk: what other systems may tell it and ask it.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "APPEND_COMPONENTS": {"securitySchemes": {"fhirToken": {"type": "http", "scheme": "bearer"}}},
}
UNFOLD = {
    "SITE_TITLE": "Firstcall",
    "SITE_HEADER": "Firstcall",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _: static("img/firstcall.svg")}
    ],
    "SHOW_HISTORY": True,
}

# The doors to the outside: dotted paths, as Django does for e-mail.
SMS_GATEWAY = FIRSTCALL.sms_gateway_path()
EHR_GATEWAY = FIRSTCALL.ehr_gateway
CHART_GATEWAY = FIRSTCALL.chart_gateway
NOTE_GATEWAY = FIRSTCALL.note_gateway
VIDEO_GATEWAY = FIRSTCALL.video_gateway
SAFETY_CHECK = FIRSTCALL.safety_check

LOGGING = logging_config(level=FIRSTCALL.log_level, as_json=FIRSTCALL.log_json)
DJANGO_STRUCTLOG_CELERY_ENABLED = False
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
