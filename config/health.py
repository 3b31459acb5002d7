"""`/healthz`: the process answers. `/readyz`: it can do its work.

A middleware in front of everything, so that a probe needs no session, host name or template.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse

from crm import clock
from crm.engine import steps
from crm.engine.models import Heartbeat

#: A sweep comes every two seconds; after this long, nobody is sweeping.
SWEEP_IS_LATE = dt.timedelta(seconds=30)
#: A row that waits longer than this for its step means that workers are missing or swamped.
ROW_IS_LATE = dt.timedelta(minutes=5)


class HealthMiddleware:
    """Answers the two probes and lets everything else pass."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return JsonResponse({"ok": True})
        if request.path == "/readyz":
            return ready()
        return self.get_response(request)


def ready() -> JsonResponse:
    """200 when database, broker and sweep are well and no row is stuck, else 503.

    `poison_rows` counts, by step, the rows that keep failing. A person must look at them; what
    else there is to do goes on, so they fail nothing. `clock_is_off_by_seconds` is this machine's
    clock less the database's, which counts; it fails nothing either.
    """
    now = clock.now()
    checks = {"database": _check(_database), "broker": _check(_broker)}
    if checks["database"] == "ok":
        checks["sweep"] = _check(lambda: _sweep(now))
        checks["oldest_due_row"] = _check(lambda: _oldest_due_row(now))
    well = all(answer == "ok" for answer in checks.values())
    answer: dict[str, Any] = {"ok": well, "checks": checks}
    answer["clock_is_off_by_seconds"] = round(-clock.offset().total_seconds(), 1)
    if checks["database"] == "ok":
        with suppress(DatabaseError):  # the checks say what is wrong
            answer["poison_rows"] = _poison_rows()
    return JsonResponse(answer, status=200 if well else 503)


def _check(probe: Callable[[], str]) -> str:
    try:
        return probe()
    except Exception as error:  # noqa: BLE001 a probe reports whatever is wrong
        # The kind of error says enough to an operator, and nothing to a stranger.
        return f"fails: {type(error).__name__}"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _broker() -> str:
    cache.get("readyz")
    return "ok"


def _sweep(now: dt.datetime) -> str:
    seen = Heartbeat.objects.filter(part="sweep").values_list("seen_at", flat=True).first()
    if seen is None:
        return "fails: no sweep has run yet; are beat and a worker running?"
    late = now - seen
    if late > SWEEP_IS_LATE:
        return f"fails: last sweep {int(late.total_seconds())} s ago"
    return "ok"


def _oldest_due_row(now: dt.datetime) -> str:
    for found in steps.all_steps():
        oldest = found.model._base_manager.filter(
            due_at__isnull=False, attempts__lt=steps.PATIENCE
        ).aggregate(Min("due_at"))["due_at__min"]
        if oldest is not None and now - oldest > ROW_IS_LATE:
            return f"fails: {found.name} has waited {int((now - oldest).total_seconds())} s"
    return "ok"


def _poison_rows() -> dict[str, int]:
    """How many rows of each step fail again and again; steps without any are left out."""
    counted = {
        found.name: found.model._base_manager.filter(
            due_at__isnull=False, attempts__gte=steps.PATIENCE
        ).count()
        for found in steps.all_steps()
    }
    return {name: count for name, count in counted.items() if count}
