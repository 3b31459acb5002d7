"""What a process keeps of what it read a moment ago."""

from __future__ import annotations

import pytest

from crm import recent
from crm.recent import Recent, kept_for


class Register:
    """A table of one row, and how often it was read."""

    def __init__(self) -> None:
        self.row: str | None = "first"
        self.reads = 0
        self.kept: Recent[str, str] = Recent()

    def ask(self) -> str | None:
        return self.kept.find_or_read("key", self._read)

    def _read(self) -> str | None:
        self.reads += 1
        return self.row


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr("crm.recent.time.monotonic", lambda: now[0])
    return now


def test_keeps_nothing_where_the_process_does_not_say_so() -> None:
    register = Register()
    assert [register.ask(), register.ask()] == ["first", "first"]
    assert register.reads == 2


def test_reads_once_and_again_when_the_seconds_are_over(clock: list[float]) -> None:
    register = Register()
    with kept_for(2):
        register.ask()
        register.row = "second"
        clock[0] += 1.9
        assert register.ask() == "first"
        clock[0] += 0.1
        assert register.ask() == "second"
    assert register.reads == 2


def test_finds_what_is_added_at_once() -> None:
    register = Register()
    register.row = None
    with kept_for(2):
        assert register.ask() is None
        register.row = "added"
        assert register.ask() == "added"


def test_forgets_at_the_end_of_the_block() -> None:
    register = Register()
    with kept_for(2):
        register.ask()
    register.row = "second"
    assert register.ask() == "second"


def test_starts_anew_rather_than_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "AT_MOST", 2)
    kept: Recent[int, str] = Recent()
    with kept_for(2):
        for key in range(3):
            kept.keep(key, "row")
        assert [kept.find(key) for key in range(3)] == [None, None, "row"]
