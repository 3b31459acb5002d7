"""Structured logs on standard output, without patient data.

Request lines carry the path only for routes without a token in it: a patient's link is a
secret, so `/o/<token>/`, `/v/<token>/`, `/m/<token>/`, `/t/<token>/` and `/p/<token>/` are logged
by their routes.
"""

from __future__ import annotations

import re
from typing import Any

import structlog

_SECRET_PATH = re.compile(r"(/[ovmtp]/)[^/\s\"']+")
_LINKS = ("/o/", "/v/", "/m/", "/t/", "/p/")


def hide_links(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Cut the secret part of patients' links out of whatever is about to be logged."""
    for key, value in event.items():
        if isinstance(value, str) and any(link in value for link in _LINKS):
            event[key] = _SECRET_PATH.sub(r"\1…", value)
    return event


def logging_config(*, level: str, as_json: bool) -> dict[str, Any]:
    """`logging.config` dictionary: one handler, JSON or a readable line."""
    # The readable form's own way with tracebacks prints the value of every local name, and so
    # patients' names, where `rich` is installed.
    readable = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderers: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if as_json
        else [readable]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    hide_links,
                    *renderers,
                ],
                "foreign_pre_chain": [
                    structlog.processors.TimeStamper(fmt="iso"),
                    structlog.stdlib.add_logger_name,
                    structlog.stdlib.add_log_level,
                ],
            }
        },
        "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["out"], "level": level},
        "loggers": {
            # These print whole URLs and bodies at INFO; ours say what is needed.
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
            "twilio": {"level": "WARNING"},
            "django_structlog": {"level": "WARNING"},
            # Two lines for every task: a busy worker spends more on them than on its queue. What
            # a step did stands in its row and in the audit trail; a failure is logged.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
        },
    }
