"""Running the engine by hand: every due row's step, until nothing is due."""

from __future__ import annotations

import datetime as dt

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
        due = [
            (step.name, pk)
            for step in all_steps()
            if step.name not in but
            for pk in step.model._base_manager.filter(due_at__lte=at)
            .order_by("due_at", "pk")
            .values_list("pk", flat=True)
        ]
        if not due:
            return ran
        for name, pk in due:
            ran += run_step(name, pk, at=at)
    raise AssertionError(f"Still due after {MOST_ROUNDS} rounds: {due[:5]}")
