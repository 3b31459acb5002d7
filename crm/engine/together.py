"""Audit entries and events of one transaction, written in three statements instead of one each."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection

from crm.engine.models import AuditEntry, Event


@dataclass(slots=True)
class Batch:
    """What waits to be written, in the order in which it happened."""

    entries: list[AuditEntry] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


_open = threading.local()


def current() -> Batch | None:
    """The batch of the block that this thread is in, if it is in one."""
    return getattr(_open, "batch", None)


@contextmanager
def written_together() -> Iterator[None]:
    """Write what the block records and publishes at its end, in order; nothing if it raises.

    To be entered directly inside `atomic`, as the transaction's or a savepoint's first thing. One
    inside another is one; of an inner one that raises nothing is written, as its savepoint undoes
    the rest. What any other savepoint undoes, the block must not catch: its entries would stay.
    Entries and events have no key before the end.
    """
    outer = current()
    if outer is not None:
        with _undone_with_its_savepoint(outer):
            yield
        return
    if not connection.in_atomic_block:
        raise RuntimeError("Without a transaction the change could commit and its audit not.")
    _open.batch = batch = Batch()
    try:
        yield
    finally:
        _open.batch = None
    from crm.engine import audit, events

    audit.record_many(batch.entries)
    events.write(batch.events)


@contextmanager
def _undone_with_its_savepoint(batch: Batch) -> Iterator[None]:
    entries, events = len(batch.entries), len(batch.events)
    try:
        yield
    except BaseException:
        del batch.entries[entries:]
        del batch.events[events:]
        raise
