"""A worker that dies in this process, at any point that can be told apart afterward.

What a dead worker leaves behind is what it had committed and what it had asked of the outside.
So there are as many points worth dying at as there are commits and calls: right after each
commit, and right before and after each call to the EHR or the carrier. (A death inside a
transaction leaves what the commit before it left.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

WRITES = ("INSERT", "UPDATE", "DELETE", "RELEASE SAVEPOINT")
CALLS = {
    "ehr": ("book", "cancel", "find", "read_slot"),
    "carrier": ("send", "find"),
}


class Died(BaseException):
    """Not an `Exception`: no code of ours may catch it, as none survives a kill -9."""


class Deathbed:
    """Counts the points that a worker passes, and ends it at one of them."""

    def __init__(self, *, at: int | None = None) -> None:
        """`at` is the number of the point to die at, from 0; None only counts."""
        self.points: list[str] = []
        self._at = at

    def point(self, name: str) -> None:
        self.points.append(name)
        if len(self.points) - 1 == self._at:
            raise Died(name)

    @property
    def died(self) -> bool:
        return self._at is not None and len(self.points) > self._at

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """`call`, with a point before and after."""

        def called(*args: Any, **kwargs: Any) -> Any:
            self.point(f"before {name}")
            answer = call(*args, **kwargs)
            self.point(f"after {name}")
            return answer

        return called

    @contextmanager
    def watch_commits(self) -> Iterator[None]:
        """Each write outside a transaction is a point, and each end of an outermost one.

        The test's own transaction stands around all of it, so an outermost block of the code
        is a savepoint here.
        """
        depth = len(connection.savepoint_ids)

        def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            result = run(sql, params, many, context)
            if len(connection.savepoint_ids) == depth and sql.startswith(WRITES):
                self.point(" ".join(sql.split()[:3]))
            return result

        with connection.execute_wrapper(execute):
            yield
