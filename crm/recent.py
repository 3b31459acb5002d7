"""Rows read a moment ago, for a process that asks for the same few thousands of times a minute.

For registers that staff keep and messages only read (codes, roles, senders). Off unless the
process says so by `kept_for`: whoever tries a message again after a register was mended reads
afresh. What is not there is never kept, so what somebody adds is found at once; what somebody
changes is seen after at most the seconds named.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row")

#: More than any site has codes; past it a register starts anew.
AT_MOST = 20_000

_seconds = 0.0
_registers: list[Recent[object, object]] = []


class Recent(Generic[Key, Row]):
    """One register, shared by the threads of the process: its rows are read, never changed."""

    def __init__(self) -> None:
        self._rows: dict[Key, tuple[float, Row]] = {}
        _registers.append(self)  # type: ignore[arg-type]

    def find(self, key: Key) -> Row | None:
        """What was kept under this key, unless that is too long ago."""
        kept = self._rows.get(key)
        return kept[1] if kept is not None and time.monotonic() < kept[0] else None

    def keep(self, key: Key, row: Row) -> None:
        """Keep a row that was just read; nothing where the process keeps none."""
        if not _seconds:
            return
        if len(self._rows) >= AT_MOST:
            self._rows.clear()
        self._rows[key] = (time.monotonic() + _seconds, row)

    def find_or_read(self, key: Key, read: Callable[[], Row | None]) -> Row | None:
        """The kept row; else what `read` returns, kept if it is one."""
        row = self.find(key)
        if row is None:
            row = read()
            if row is not None:
                self.keep(key, row)
        return row

    def forget(self) -> None:
        """Drop everything."""
        self._rows.clear()


@contextmanager
def kept_for(seconds: float) -> Iterator[None]:
    """Let this process keep what it reads for so long, in all its threads, until the block ends."""
    global _seconds  # noqa: PLW0603 one setting a process
    _seconds = seconds
    try:
        yield
    finally:
        _seconds = 0.0
        for register in _registers:
            register.forget()
