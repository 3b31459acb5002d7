"""Going straight on: which work a worker does itself, in which order, and what it leaves."""

from __future__ import annotations

import pytest

from crm.engine import doorbell, onward, tasks

#: What each piece of work makes due when it is done, in the order of the rings.
CONSEQUENCES = {
    1: [("crm.deliver", 2, False), ("crm.deliver", 3, True), ("outreach.message", 9, False)],
    3: [("crm.deliver", 4, False)],
}


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Rows that this worker has worked on; each makes due what `CONSEQUENCES` says."""
    found: list[int] = []

    def work(_: str, pk: int) -> bool:
        found.append(pk)
        for step, consequence, urgent in CONSEQUENCES.get(pk, []):
            doorbell.ring_now(step, consequence, urgent=urgent)
        return True

    monkeypatch.setattr(onward, "run_step", work)
    return found


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Rows that other workers were rung for."""
    found: list[int] = []
    monkeypatch.setattr(tasks.run, "apply_async", lambda args, **_: found.append(args[1]))
    monkeypatch.setattr(doorbell, "_silent_until", 0.0)
    return found


def test_a_worker_does_what_it_made_due_the_urgent_first_and_its_consequences_next(
    done: list[int], rung: list[int]
) -> None:
    onward.run_on("crm.deliver", 1)
    assert done == [1, 3, 4, 2]
    assert rung == [9], "another queue has other workers"


def test_what_is_too_much_for_one_worker_is_rung_for(
    done: list[int], rung: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CONSEQUENCES, 1, [("crm.deliver", pk, False) for pk in range(10, 30)])
    onward.run_on("crm.deliver", 1)
    assert done == [1, *range(10, 10 + onward.AT_MOST)]
    assert rung == list(range(10 + onward.AT_MOST, 30))


def test_nothing_is_begun_late_and_nothing_kept_is_forgotten(
    done: list[int], rung: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onward, "FOR_LONGEST", -1.0)
    onward.run_on("crm.deliver", 1)
    assert (done, rung) == ([1], [9, 3, 2])


def test_rings_of_others_are_rung_while_nobody_keeps_them(rung: list[int]) -> None:
    assert doorbell.ring_now("crm.deliver", 5)
    assert rung == [5]
