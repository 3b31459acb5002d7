"""Calling back: tried so often, at decent hours, and what follows when it fails."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm.actions import TaskClosed, claim_task
from crm.actions.callbacks import Logged, limit_of, log_attempt, open_callback
from crm.engine import Actor
from crm.models import CallAttempt, Task
from crm.rules.callbacks import next_try_at, voicemail_words
from crm.states import AttemptOutcome, Sensitivity, TaskKind, TaskStatus
from tests.cast import Cast
from tests.factories import NOW, TEST

PHOENIX = "America/Phoenix"
O = AttemptOutcome  # noqa: E741


def open_one(cast: Cast, **facts: Any) -> Task:
    known: dict[str, Any] = {"patient": cast.patient, "phone": cast.phone, "attempt_limit": 3}
    due_at = NOW + dt.timedelta(hours=1)
    return open_callback(
        why="Asked us.", due_at=due_at, cause_key="x", by=TEST, at=NOW, **(known | facts)
    )


def tried(task: Task, outcome: AttemptOutcome, cast: Cast, **facts: Any) -> Logged:
    do: dict[str, Any] = {"by": Actor.user(cast.agent), "at": NOW, "zone": PHOENIX} | facts
    return log_attempt(task_id=task.pk, outcome=outcome, **do)


@pytest.mark.django_db
class TestTrying:
    def test_a_promised_time_stands_on_the_task(self, cast: Cast) -> None:
        three = NOW + dt.timedelta(minutes=20)
        task = open_one(cast, promised_at=three)
        assert (task.kind, task.due_at) == (TaskKind.CALL_BACK, three)
        assert task.callback.promised_at == three
        assert task.callback.phone == cast.phone
        assert open_one(cast) == task  # the same cause

    def test_reached_closes_it(self, cast: Cast) -> None:
        task = open_one(cast)
        logged = tried(task, O.REACHED, cast, note="Will come.")
        task.refresh_from_db()
        assert (task.status, logged.next_at, logged.next_task) == (TaskStatus.DONE, None, None)
        assert CallAttempt.objects.get().by == cast.agent
        with pytest.raises(TaskClosed):
            tried(task, O.NO_ANSWER, cast)
        assert CallAttempt.objects.count() == 1

    def test_no_answer_makes_it_due_later_for_whoever_is_there_then(self, cast: Cast) -> None:
        task = open_one(cast)
        claim_task(task=task, owner=cast.agent, by=Actor.user(cast.agent), at=NOW)
        logged = tried(task, O.NO_ANSWER, cast)
        task.refresh_from_db()
        assert logged.next_at == task.due_at == NOW + dt.timedelta(hours=2)
        assert (task.status, task.owner) == (TaskStatus.OPEN, None)

    def test_at_the_limit_a_letter_goes_instead(self, cast: Cast) -> None:
        task = open_one(cast, attempt_limit=2)
        assert limit_of(task) == 2
        assert tried(task, O.VOICEMAIL, cast).next_at is not None
        logged = tried(task, O.NO_ANSWER, cast)
        task.refresh_from_db()
        assert (task.status, logged.tries) == (TaskStatus.CANCELLED, 2)
        letter = logged.next_task
        assert letter is not None
        assert (letter.kind, letter.patient) == (TaskKind.FOLLOW_UP, cast.patient)
        assert "letter" in letter.title

    def test_the_limit_of_the_call_type_counts_where_it_is_given(self, cast: Cast) -> None:
        task = open_one(cast)
        assert tried(task, O.BUSY, cast, limit=1).next_at is None

    def test_a_wrong_number_ends_it_at_once(self, cast: Cast) -> None:
        found = tried(open_one(cast), O.WRONG_NUMBER, cast).next_task
        assert found is not None
        assert found.kind == TaskKind.WRONG_NUMBER

    def test_nobody_known_gets_no_letter(self, cast: Cast) -> None:
        task = open_one(cast, patient=None, attempt_limit=1)
        assert tried(task, O.NO_ANSWER, cast).next_task is None
        assert Task.objects.get().status == TaskStatus.CANCELLED


@pytest.mark.parametrize(
    ("hour", "tries", "outcome", "expected"),
    [
        (10, 1, O.NO_ANSWER, "2026-11-18 12:00"),
        (10, 1, O.BUSY, "2026-11-18 10:15"),
        (14, 2, O.VOICEMAIL, "2026-11-19 10:00"),
        (18, 1, O.NO_ANSWER, "2026-11-19 09:00"),  # not in the evening
        (11, 2, O.NO_ANSWER, "2026-11-19 09:00"),  # nor before nine
        (14, 7, O.NO_ANSWER, "2026-11-19 10:00"),
    ],
)
def test_tries_again_at_another_decent_hour(
    hour: int, tries: int, outcome: AttemptOutcome, expected: str
) -> None:
    at = dt.datetime(2026, 11, 18, hour, tzinfo=ZoneInfo(PHOENIX))
    found = next_try_at(at, tries=tries, outcome=outcome, zone=PHOENIX)
    assert found.tzinfo is dt.UTC
    there = found.astimezone(ZoneInfo(PHOENIX))
    assert there.strftime("%Y-%m-%d %H:%M") == expected


class TestVoicemail:
    SAID = {"caller": "Dana", "organization": "Sonora Health", "phone": "(602) 555-0100"}

    def test_says_who_called_for_whom_and_a_number(self) -> None:
        assert voicemail_words(name="Rosa Delgado", **self.SAID) == (
            "Hello, this is Dana from Sonora Health, for Rosa Delgado. Please call us back at "
            "(602) 555-0100. Thank you."
        )
        assert voicemail_words(name="", language="es-MX", **self.SAID) == (
            "Hola, le habla Dana de Sonora Health. Por favor, llámenos al (602) 555-0100. Gracias."
        )

    @pytest.mark.parametrize("label", Sensitivity)
    def test_leaves_nothing_where_somebody_else_may_listen(self, label: Sensitivity) -> None:
        words = voicemail_words(name="Rosa", labels=[label], **self.SAID)
        silent = label in {Sensitivity.DOMESTIC_VIOLENCE, Sensitivity.ADOLESCENT}
        assert bool(words) is not silent
