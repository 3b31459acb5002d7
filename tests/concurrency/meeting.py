"""Two acts that meet, and not by chance: one stops half-way, the other comes, the first goes on.

The second either runs to its end meanwhile, or waits for a lock of the first: PostgreSQL says
which. So each race is run twice over the same scene, with its guard and without.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pkgutil import resolve_name
from types import ModuleType
from typing import Any
from unittest.mock import patch

from django.db import connection

from crm.engine.models import StatusRow
from scheduling import locks

Act = Callable[[], Any]
#: Takes a guard away while it is entered.
Away = Callable[[], Any]
#: Nothing here waits for time: only a test that is broken comes to this (seconds).
AT_MOST = 60.0
#: How often PostgreSQL is asked whether the second waits (seconds).
_LOOK_EVERY = 0.005
_FOR_UPDATE = re.compile(r" FOR (NO KEY )?UPDATE\b.*$")
_WAITS = "SELECT %s = ANY(pg_blocking_pids(%s))"


@dataclass(frozen=True, slots=True)
class Scene:
    """The first act and the second, and what is to be seen when both are over."""

    first: Act
    second: Act
    look: Callable[[], Any] = lambda: None


@dataclass(frozen=True, slots=True)
class Race:
    """`kept` and `broken`: how the first ended, how the second did, and what is seen then."""

    scene: Callable[[], Scene]
    #: The function ("module.name", "module.Class.name") at which the first stops: once it has
    #: run, or, with a "<" before it, when it is about to.
    stops: str
    #: What each guard is taken away by.
    guards: Sequence[Away]
    kept: tuple[str, str, Any]
    broken: tuple[str, str, Any]
    #: Compare-and-set alone makes nobody wait.
    waits: bool = True

    @property
    def name(self) -> str:
        return self.scene.__name__


def with_guards(races: Sequence[Race]) -> dict[str, tuple[Any, ...]]:
    """How each race ends; the last word is whether the second waited for the first."""
    return {race.name: _run(race) for race in races}


def without_guards(races: Sequence[Race]) -> dict[str, tuple[Any, ...]]:
    """The same with each race's guards taken away."""
    found = {}
    for race in races:
        with ExitStack() as away:
            for guard in race.guards:
                away.enter_context(guard())
            found[race.name] = _run(race)
    return found


def kept(races: Sequence[Race]) -> dict[str, tuple[Any, ...]]:
    """How they should end with their guards."""
    return {race.name: (*race.kept, race.waits) for race in races}


def broken(races: Sequence[Race]) -> dict[str, tuple[Any, ...]]:
    """How they should end without: what makes the guards worth having."""
    return {race.name: (*race.broken, False) for race in races}


def _run(race: Race) -> tuple[Any, ...]:
    scene = race.scene()
    first, second, waited = _meet(scene, race.stops)
    return _said(first), _said(second), scene.look(), waited


def _said(result: Any) -> str:
    return type(result).__name__ if isinstance(result, Exception) else "done"


class _Hand:
    """One act in a thread of its own, on a connection of its own."""

    def __init__(self, act: Act) -> None:
        self.act, self.pid = act, 0
        self.result: Any = None
        self.connected = threading.Event()
        self.thread = threading.Thread(target=self._work, daemon=True)

    def _work(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.pid = cursor.fetchone()[0]
            self.connected.set()
            self.result = self.act()
        except Exception as error:  # noqa: BLE001 what was raised is the result
            self.result = error
        finally:
            connection.close()

    def waits_for(self, other: _Hand) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(_WAITS, [other.pid, self.pid])
            return bool(cursor.fetchone()[0])

    def join(self, seconds: float = AT_MOST) -> bool:
        self.thread.join(seconds)
        return not self.thread.is_alive()


def _meet(scene: Scene, stops: str) -> tuple[Any, Any, bool]:
    first, second = _Hand(scene.first), _Hand(scene.second)
    with _stopping(first, stops) as (arrived, go_on):
        first.thread.start()
        assert arrived.wait(AT_MOST), f"never came to {stops}: {first.result!r}"
        second.thread.start()
        assert second.connected.wait(AT_MOST)
        waited = False
        while not waited and not second.join(_LOOK_EVERY):
            waited = second.waits_for(first)
        go_on.set()
        assert first.join(), "the first never ended"
        assert second.join(), "the second never ended"
    return first.result, second.result, waited


@contextmanager
def _stopping(hand: _Hand, stops: str) -> Iterator[tuple[threading.Event, threading.Event]]:
    """Let `hand`, and nobody else, stop the first time that it comes by there."""
    arrived, go_on = threading.Event(), threading.Event()
    module, name = _found(stops.removeprefix("<"))
    function, before = getattr(module, name), stops.startswith("<")

    def stop() -> None:
        if threading.current_thread() is hand.thread and not arrived.is_set():
            arrived.set()
            go_on.wait(AT_MOST)

    def stopping(*args: Any, **kwargs: Any) -> Any:
        if before:
            stop()
        result = function(*args, **kwargs)
        if not before:
            stop()
        return result

    with patch.object(module, name, stopping):
        yield arrived, go_on


def _found(path: str) -> tuple[Any, str]:
    home, _, name = path.rpartition(".")
    return resolve_name(home), name


# --- taking guards away ------------------------------------------------------------------


def lock(name: str, *, of: ModuleType = locks) -> Away:
    """A function of a `locks.py` that reads as ever, and locks nothing."""
    function = getattr(of, name)

    def unlocked(execute: Any, sql: str, *rest: Any) -> Any:
        return execute(_FOR_UPDATE.sub("", sql), *rest)

    def reads(*args: Any, **kwargs: Any) -> Any:
        with connection.execute_wrapper(unlocked):
            return function(*args, **kwargs)

    return lambda: patch.object(of, name, reads)


def names() -> Any:
    """No lock by name: what has no row yet is nobody's."""
    return patch.object(locks, "lock_names", lambda *_: None)


def compare_and_set(module: str) -> Away:
    """`move` in that module writes whatever was read, however long ago."""

    def overwrite(row: StatusRow, *, to: Any, by: Any, at: Any, **said: Any) -> StatusRow:
        fields = {key: said[key] for key in said.keys() - {"reason", "detail"}} | {"status": to}
        type(row)._base_manager.filter(pk=row.pk).update(**fields)
        for key, value in fields.items():
            setattr(row, key, value)
        return row

    return lambda: patch.object(import_module(module), "move", overwrite)


def constraint(model: Any, name: str) -> Away:
    """The table without that constraint; it comes back, so the rows in its way must be gone."""

    @contextmanager
    def dropped() -> Iterator[None]:
        (found,) = (one for one in model._meta.constraints if one.name == name)
        with connection.schema_editor() as editor:
            editor.remove_constraint(model, found)
        try:
            yield
        finally:
            model._base_manager.all().delete()
            with connection.schema_editor() as editor:
                editor.add_constraint(model, found)

    return dropped
