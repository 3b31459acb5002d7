"""Demo data and real patients never meet: outside demo mode nothing starts on a demo's database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.db import ProgrammingError, connections, transaction

from crm.models import Installation

SENTENCE = (
    "This database holds the demo health system (loaded {loaded:%Y-%m-%d}), and Firstcall is not "
    "in demo mode, so it does not start: made-up patients would stand among real ones."
)
HINT = (
    "For real use, point DATABASE_URL at an empty database and run `manage.py migrate`. To go on "
    "with the demo, set FIRSTCALL_DEMO=1. Demo data cannot be taken out of a database that is in "
    "use; `make reset` deletes the whole database of `make up`."
)


class DemoDataPresent(ImproperlyConfigured):
    """Refusal to start. The text says what to do."""


def refuse_demo_data() -> None:
    """Call this where a process starts: web, live stream, worker, beat, MLLP listener.

    One small query outside demo mode, none in it. A database that is not migrated yet holds no
    demo; one that cannot be reached fails the start, since nobody knows what is in it.

    :raises DemoDataPresent:
    :raises django.db.OperationalError: when the database cannot be reached.
    """
    if settings.FIRSTCALL.firstcall_demo:
        return
    message = _find_demo("default")
    if message is not None:
        raise DemoDataPresent(f"{message}\n{HINT}")


def refuse_demo_data_in_worker(**_kwargs: Any) -> None:
    """The same for Celery's signals, which swallow every exception but this one."""
    try:
        refuse_demo_data()
    except DemoDataPresent as refusal:
        raise SystemExit(str(refusal)) from refusal


def check_demo_data(
    *,
    app_configs: Sequence[AppConfig] | None,
    databases: Sequence[str] | None,
    **_kwargs: Any,
) -> list[CheckMessage]:
    """For `manage.py check --deploy --database default`, which deployments run beforehand."""
    if settings.FIRSTCALL.firstcall_demo:
        return []
    found = (_find_demo(alias) for alias in databases or ())
    return [Error(message, hint=HINT, id="firstcall.E001") for message in found if message]


def _find_demo(alias: str) -> str | None:
    try:
        # The savepoint keeps a missing table from spoiling a transaction around us.
        with transaction.atomic(using=alias):
            rows = Installation.objects.using(alias).filter(demo_loaded_at__isnull=False)
            loaded_at = rows.values_list("demo_loaded_at", flat=True).first()
    except ProgrammingError:
        if Installation._meta.db_table in connections[alias].introspection.table_names():
            raise
        return None
    return SENTENCE.format(loaded=loaded_at) if loaded_at else None
