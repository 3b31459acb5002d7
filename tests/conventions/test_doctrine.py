"""House rules that a parser can check: where locks, states and messages may be touched."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conventions.repo import sources

ENGINE = Path("crm/engine")
DOORBELL = ENGINE / "doorbell.py"
#: It stands for somebody else's system, and rests on no engine of ours.
FOREIGN = Path("integrations/practice_ehr")


def locks_rows(tree: ast.Module) -> Iterator[int]:
    """Lines that call `select_for_update`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "select_for_update":
            yield node.lineno


def status_targets(tree: ast.Module) -> Iterator[ast.Attribute]:
    """Every `….status` that stands left of an equals sign."""
    for node in ast.walk(tree):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
            targets = [node.target]
        for target in targets:
            if isinstance(target, ast.Attribute) and target.attr == "status":
                yield target


def sets_status(tree: ast.Module) -> Iterator[int]:
    """Lines that assign a row's `status` or write it through `update(status=…)`.

    A class may set its own (an HTTP answer has a status, too); models are checked for that.
    """
    for target in status_targets(tree):
        if _last_name(target.value) != "self":
            yield target.lineno
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "update"
            and any(keyword.arg == "status" for keyword in node.keywords)
        ):
            yield node.lineno


def sets_own_status(tree: ast.Module) -> Iterator[int]:
    """Lines that assign `self.status`."""
    yield from (target.lineno for target in status_targets(tree))


def uses_model_signals(tree: ast.Module) -> Iterator[int]:
    """Lines that import Django's signals: events go through the outbox."""
    signals = {"django.db.models.signals", "django.dispatch", "django.core.signals"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            if names & signals:
                yield node.lineno
        elif isinstance(node, ast.Import) and signals & {alias.name for alias in node.names}:
            yield node.lineno


def calls_tasks(tree: ast.Module) -> Iterator[int]:
    """Lines that hand Celery a task: only the doorbell does, after commit, with time-outs."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"delay", "apply_async", "send_task"}
        ):
            yield node.lineno


def reads_the_clock_naively(tree: ast.Module) -> Iterator[int]:
    """Lines of pure rules that ask for the time instead of being told it (`at=`)."""
    clocks = {"now", "today", "utcnow", "localtime", "localdate", "time", "monotonic"}
    modules = {"datetime", "date", "timezone", "time", "dt"}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in clocks
            and _last_name(node.func.value) in modules
        ):
            yield node.lineno


def asks_its_own_clock(tree: ast.Module) -> Iterator[int]:
    """Lines that take this machine's time of day: `crm.clock.now()` is everybody's."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (
            (node.attr == "now" and _last_name(node.value) in {"timezone", "datetime"})
            or (node.attr in {"utcnow", "today"} and _last_name(node.value) in {"datetime", "date"})
        ):
            yield node.lineno


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def breaks(
    check: Callable[[ast.Module], Iterator[int]], *, allowed: Callable[[Path], bool]
) -> list[str]:
    return [
        f"{path}:{line}" for path, tree in sources() if not allowed(path) for line in check(tree)
    ]


def test_only_locks_modules_lock_rows() -> None:
    assert not breaks(locks_rows, allowed=lambda path: path.name == "locks.py")


def test_only_the_engine_sets_a_status() -> None:
    allowed = (ENGINE, FOREIGN)
    assert not breaks(sets_status, allowed=lambda path: any(map(path.is_relative_to, allowed)))


def test_no_model_sets_its_own_status() -> None:
    assert not breaks(
        sets_own_status,
        allowed=lambda path: (
            "models" not in path.with_suffix("").parts or path.is_relative_to(FOREIGN)
        ),
    )


def test_nobody_uses_model_signals() -> None:
    assert not breaks(uses_model_signals, allowed=lambda _path: False)


def test_only_the_doorbell_rings() -> None:
    assert not breaks(calls_tasks, allowed=lambda path: path == DOORBELL)


def test_rules_are_told_the_time() -> None:
    assert not breaks(
        reads_the_clock_naively, allowed=lambda path: path.name not in {"rules.py", "states.py"}
    )


def test_everybody_goes_by_one_clock() -> None:
    own = {Path("crm/clock.py"), Path("bench"), Path("config/up"), FOREIGN}
    assert not breaks(asks_its_own_clock, allowed=lambda path: any(map(path.is_relative_to, own)))


@pytest.mark.parametrize(
    ("check", "source"),
    [
        (locks_rows, "Slot.objects.select_for_update().get(pk=1)"),
        (sets_status, "offer.status = 'accepted'"),
        (sets_status, "Offer.objects.filter(pk=1).update(status='accepted')"),
        (sets_own_status, "self.status = 'open'"),
        (uses_model_signals, "from django.db.models.signals import post_save"),
        (uses_model_signals, "from django.db.models import signals"),
        (uses_model_signals, "from django.dispatch import receiver"),
        (calls_tasks, "step.delay(7)"),
        (calls_tasks, "step.apply_async((7,))"),
        (reads_the_clock_naively, "timezone.now()"),
        (asks_its_own_clock, "timezone.now()"),
        (asks_its_own_clock, "default_factory = dt.datetime.now"),
        (reads_the_clock_naively, "dt.date.today()"),
    ],
)
def test_sees_what_it_is_there_to_see(
    check: Callable[[ast.Module], Iterator[int]], source: str
) -> None:
    assert list(check(ast.parse(source))) == [1]


def test_lets_the_harmless_pass() -> None:
    tree = ast.parse("status = 'open'\nrow.update(seen=True)\nimport django.db.models\n")
    for check in (locks_rows, sets_status, uses_model_signals, calls_tasks):
        assert not list(check(tree))
