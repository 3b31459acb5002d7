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

    To be entered directly inside `atomic`, as the transaction's or a savepoint's first thing. The
    block itself must not catch what a savepoint inside it undoes: its entries would stay. One
    inside another is one. Entries and events have no key before the end.
    """
    if current() is not None:
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
