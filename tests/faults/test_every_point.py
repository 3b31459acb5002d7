"""Faults to survive, 3: a worker dies at each point of a fill at which a death can be told apart.

In this process, so that every point can be had; `test_killed_worker` shows with real processes
that a kill -9 leaves the same behind. The story is told once for each point, the leases run out,
another worker goes on, and in the end everything must have come right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from scheduling.ports import BookingDraft, EhrAppointment
from tests.fakes.ehr import FakeEhr
from tests.fakes.sms import FakeSms
from tests.faults.dying import CALLS, Deathbed, Died
from tests.faults.invariants import broken, check_at_rest, check_filled
from tests.waitlist.scene import Scene

pytestmark = [pytest.mark.faults, pytest.mark.fault(3), pytest.mark.django_db]

#: The points are dealt out to so many tests, which may run beside each other.
SHARDS = 6
#: So many of them are dealt in the short form.
SHORT = 1
#: A fill with fewer points is not the fill that is meant here.
LEAST_POINTS = 60
#: The longest lease is a minute; then comes the sweep.
LEASES_RUN_OUT = {"minutes": 2}


class PlainEhr(FakeEhr):
    """An EHR that knows no If-None-Exist: asked a second time, it refuses the slot as taken."""

    def book(self, draft: BookingDraft) -> EhrAppointment:
        self._answer("book")
        return self._book(draft)


class Story:
    """A cancellation, two people asked, a yes; told by workers, of whom one dies."""

    def __init__(self, scene: Scene, bed: Deathbed, *, ehr_is_away: bool) -> None:
        self.scene, self.bed, self.ehr_is_away = scene, bed, ehr_is_away
        self.first = scene.add_candidate()
        self.second = scene.add_candidate(days=30)

    def tell(self) -> None:
        self.scene.cancel_in_ehr(self.scene.visit)
        self._work()
        self._work(hours=3)  # the second wave
        self.scene.reply(self.first, "Yes", work=False)
        self._work()
        for _ in range(3):
            self._work(**LEASES_RUN_OUT)

    def check(self) -> None:
        check_at_rest(ehr=self.scene.ehr.visits.values(), texts=texts(), at=self.scene.at)
        assert check_filled(self.scene.slot).patient == self.first

    def _work(self, **passed: float) -> None:
        try:
            with self.bed.watch_commits():
                self.scene.settle(**passed)
        except Died:
            assert not broken(ehr=self.scene.ehr.visits.values(), texts=texts())
            self._go_on()

    def _go_on(self) -> None:
        """Another worker comes by; it may find that the EHR is away just now."""
        if self.ehr_is_away:
            self.scene.ehr.go_away()
            self.scene.settle(**LEASES_RUN_OUT)
            self.scene.ehr.come_back()
        self.scene.settle(**LEASES_RUN_OUT)


def texts() -> list[tuple[str, str]]:
    return [(text.to, text.body) for _, text in FakeSms.texts]


@pytest.fixture
def tell(
    carrier: type[FakeSms], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Story, Deathbed]]:
    """Tell the story from the start, with a death at point `at`, and forget it afterward."""
    monkeypatch.setattr("tests.waitlist.scene.FakeEhr", PlainEhr)

    def told(*, at: int | None = None, ehr_is_away: bool = False) -> tuple[Story, Deathbed]:
        bed = Deathbed(at=at)
        with monkeypatch.context() as patch, forgotten():
            FakeSms.reset()
            scene = Scene()
            for user in ("tasks", "gateways"):
                patch.setattr(f"scheduling.{user}.get_ehr", lambda: scene.ehr)
            for name in CALLS["ehr"]:
                patch.setattr(scene.ehr, name, bed.around(f"ehr.{name}", getattr(scene.ehr, name)))
            for name in CALLS["carrier"]:
                patch.setattr(FakeSms, name, bed.around(f"carrier.{name}", getattr(FakeSms, name)))
            story = Story(scene, bed, ehr_is_away=ehr_is_away)
            story.tell()
            story.check()
        return story, bed

    return told


@contextmanager
def forgotten() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


Tell = Callable[..., tuple[Story, Deathbed]]


def test_the_story_passes_every_kind_of_point(tell: Tell) -> None:
    _, bed = tell()
    assert len(bed.points) >= LEAST_POINTS
    calls = {name for name in bed.points if name.startswith(("before", "after"))}
    assert {"before ehr.book", "after ehr.book", "before carrier.send"} <= calls
    assert {"after ehr.cancel", "after ehr.read_slot", "after carrier.send"} <= calls


@pytest.mark.parametrize(
    "shard",
    [pytest.param(n, marks=[] if n < SHORT else [pytest.mark.long]) for n in range(SHARDS)],
)
def test_a_death_at_any_point_is_settled_by_the_next_worker(tell: Tell, shard: int) -> None:
    point = shard
    while tell_with_death(tell, point).died:
        point += SHARDS
    assert point >= LEAST_POINTS


def test_a_death_around_a_call_to_the_ehr_is_settled_though_the_ehr_is_away_then(
    tell: Tell,
) -> None:
    """Whoever comes next cannot look; it must not take "I cannot ask" for "it was not done"."""
    _, bed = tell()
    around = [n for n, name in enumerate(bed.points) if " ehr." in name]
    assert len(around) >= 8
    for point in around:
        assert tell_with_death(tell, point, ehr_is_away=True).died


def tell_with_death(tell: Tell, point: int, **how: bool) -> Deathbed:
    """:raises AssertionError: naming the point, where something did not come right."""
    try:
        return tell(at=point, **how)[1]
    except AssertionError as error:
        raise AssertionError(f"after a death at point {point}: {error}") from error
