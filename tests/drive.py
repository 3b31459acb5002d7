"""Running the engine by hand: every due row's step, until nothing is due."""

from __future__ import annotations

import datetime as dt

from django.db import connection

from crm.engine import run_step
from crm.engine.steps import all_steps

#: A story that has not come to rest after so many rounds goes in circles.
MOST_ROUNDS = 100


def settle(at: dt.datetime, *, but: frozenset[str] = frozenset()) -> int:
    """Run what is due at `at`, and what becomes due by it; returns how many steps ran.

    :param but: names of steps that are left alone.
    """
    ran, due = 0, list[tuple[str, int]]()
    for _ in range(MOST_ROUNDS):
        due = _due(at, but=but)
        if not due:
            return ran
        for name, pk in due:
            ran += run_step(name, pk, at=at)
    raise AssertionError(f"Still due after {MOST_ROUNDS} rounds: {due[:5]}")


def _due(at: dt.datetime, *, but: frozenset[str]) -> list[tuple[str, int]]:
    """Steps and keys of their due rows, step by step, in one statement: tests ask this often."""
    steps = [step for step in all_steps() if step.name not in but]
    each = " UNION ALL ".join(
        f'SELECT {n} AS step, id, due_at FROM "{step.model._meta.db_table}" WHERE due_at <= %s'  # noqa: S608 names of ours
        for n, step in enumerate(steps)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"{each} ORDER BY step, due_at, id", [at] * len(steps))
        return [(steps[n].name, pk) for n, pk, _ in cursor.fetchall()]
