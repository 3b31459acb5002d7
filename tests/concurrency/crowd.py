"""Many hands at the same instant, each with a database connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")


def all_at_once(*jobs: Callable[[], Result]) -> list[Result | Exception]:
    """Run the jobs at the same moment; returns what each returned, or raised, in order."""
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], Result]) -> Result | Exception:
        try:
            connection.ensure_connection()
            gate.wait(timeout=30)
            return job()
        except Exception as error:  # noqa: BLE001 what was raised is the result
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(jobs)) as pool:
        return list(pool.map(run, jobs))


def of_type(results: Sequence[object], kind: type[Result]) -> list[Result]:
    return [result for result in results if isinstance(result, kind)]
