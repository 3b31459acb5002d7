"""When a danger stands, stops and lets a contact end, by what was done since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from crm.states import Acuity, StepKind
from desk.rules.danger import NOT_NOW, RULED_OUT, STAYED, TOLD_911, Danger, read_danger
from tests.factories import NOW

AGENT, NURSE = 1, 2


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a contact; `minute` is when it was done, and when it ended."""

    kind: str
    code: str = ""
    minute: int = 0
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def at(self) -> dt.datetime:
        return NOW + dt.timedelta(minutes=self.minute)

    @property
    def ended_at(self) -> dt.datetime:
        return self.at


def found(level: str, doubt: str = "", *, minute: int = 0) -> Step:
    return Step(StepKind.SAFETY, level, minute, {"doubt": doubt})


def handed(ended: str, *, minute: int, **detail: Any) -> Step:
    return Step(StepKind.HAND_OFF, "nurse", minute, {"ended": ended, **detail})


def asked(key: str, *, minute: int = 0) -> Step:
    return Step(StepKind.QUESTION, key, minute)


def read(*steps: Step, acuity: str = Acuity.NURSE_NOW, **who: Any) -> Danger:
    return read_danger(steps, acuity=acuity, **({"agent": AGENT} | who))


DENIED = found("unsure", "denied")


def test_nothing_stands_in_an_ordinary_call() -> None:
    assert not read(found("none"), acuity=Acuity.ROUTINE).stands
    assert not read(DENIED, acuity="").stands


def test_what_was_denied_may_be_asked_away() -> None:
    assert read(DENIED).may_ask
    assert not read(DENIED, asked(NOT_NOW)).stands


@pytest.mark.parametrize(
    "later", [found("urgent"), found("unsure", "past"), Step(StepKind.SAFETY, "refill")]
)
def test_an_answer_does_not_count_for_what_is_said_later(later: Step) -> None:
    assert read(DENIED, asked(NOT_NOW), later).stops


def test_nor_is_it_asked_again_for_words_without_a_danger() -> None:
    assert not read(DENIED, asked(NOT_NOW), found("none")).stands


@pytest.mark.parametrize(
    "steps",
    [
        (found("urgent"), DENIED),
        (found("emergency"), DENIED),
        (Step(StepKind.SAFETY, "refill"), DENIED),
        (found("unsure"),),  # the check itself failed: nobody knows
        (found("unsure", "denied,past"), found("unsure")),
        (),
    ],
)
def test_a_danger_that_was_sure_once_is_not_asked_away_in_other_words(
    steps: tuple[Step, ...],
) -> None:
    danger = read(*steps)
    assert danger.stops
    assert not danger.may_ask


def test_a_nurse_or_a_provider_who_accepts_lifts_the_stop_until_the_next_danger() -> None:
    taken = handed("accepted", minute=2, clinical=True, by=NURSE)
    assert not read(found("urgent", minute=1), taken).stops
    assert read(found("urgent", minute=1), taken, found("urgent", minute=3)).stops
    still_hers = read(found("urgent", minute=1), taken, found("urgent", minute=3), agent=NURSE)
    assert still_hers.stands
    assert not still_hers.stops
    assert not read(found("urgent"), is_nurse=True).stops


@pytest.mark.parametrize("ended", ["offered", "declined", "withdrawn"])
def test_an_offer_alone_lifts_nothing(ended: str) -> None:
    danger = read(found("urgent"), handed(ended, minute=1))
    assert danger.stops
    assert "A nurse must hear this first" in danger.why_not_leave


def test_a_colleague_who_is_no_clinician_lifts_nothing() -> None:
    assert read(found("urgent"), handed("accepted", minute=1, clinical=False, by=3), agent=3).stops


def test_where_nobody_answered_the_nurses_have_a_task_and_the_call_may_end() -> None:
    danger = read(found("urgent", minute=1), handed("lapsed", minute=2, task=True))
    assert danger.stops
    assert not danger.why_not_leave
    again = read(handed("lapsed", minute=1, task=True), found("urgent", minute=2))
    assert again.why_not_leave


@pytest.mark.parametrize("how", [TOLD_911, STAYED])
def test_who_was_sent_to_911_in_an_emergency_lets_the_call_end(how: str) -> None:
    told = Step(StepKind.TELL, how)
    assert not read(found("emergency"), told, acuity=Acuity.EMERGENCY).stops
    assert read(told, found("emergency"), acuity=Acuity.EMERGENCY).why_not_leave
    assert read(found("urgent"), told).stops  # no emergency: a nurse hears it


def test_what_a_nurse_ruled_out_stands_no_more_until_it_is_named_again() -> None:
    assert not read(found("emergency"), asked(RULED_OUT), acuity=Acuity.EMERGENCY).stands
    assert read(found("urgent"), asked(RULED_OUT), found("urgent")).stops
