"""Handle time is measured first; a change is told only against a baseline, and beyond chance."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from crm.models import Call, User
from desk.queries.handle_time import (
    FEWEST,
    Change,
    Median,
    Verdict,
    judge,
    mean_handle_time,
    read_baseline,
)
from tests.crm.center import agent, queue
from tests.desk.oversight import later, past_call
from tests.factories import NOW

PHOENIX = ZoneInfo("America/Phoenix")
SIX_WEEKS_AGO = NOW - dt.timedelta(weeks=7)


def median(seconds: float, *, contacts: int = 100, off: float = 10) -> Median:
    return Median(contacts, seconds, seconds - off, seconds + off)


class TestVerdict:
    @pytest.mark.parametrize(
        ("before", "now", "is_over", "verdict"),
        [
            (median(200), median(100), False, Verdict.MEASURING),
            (None, median(100), True, Verdict.NO_BASELINE),
            (median(200, contacts=FEWEST - 1), median(100), True, Verdict.NO_BASELINE),
            (median(200), None, True, Verdict.TOO_FEW),
            (median(200), median(100, contacts=FEWEST - 1), True, Verdict.TOO_FEW),
            (median(200), median(179), True, Verdict.SHORTER),
            (median(200), median(185), True, Verdict.SAME),
            (median(200), median(215), True, Verdict.SAME),
            (median(200), median(221), True, Verdict.LONGER),
        ],
    )
    def test_claims_nothing_without_a_baseline_or_within_chance(
        self, before: Median | None, now: Median | None, is_over: bool, verdict: Verdict
    ) -> None:
        assert judge(before, now, is_over=is_over) is verdict

    def test_a_percentage_is_told_of_a_change_alone(self) -> None:
        before, now = median(200), median(140)
        assert Change("book", Verdict.SHORTER, before, now).percent == -30
        assert Change("book", Verdict.MEASURING, before, now).percent is None
        assert Change("book", Verdict.SAME, before, median(195)).percent is None


@pytest.mark.django_db
class TestMeasuring:
    def calls(self, by: User, count: int, *, weeks: float, talk: float, **said: object) -> None:
        for n in range(count):
            began = NOW - dt.timedelta(weeks=weeks, minutes=n)
            past_call(by, None, began=began, talk=talk + n % 5, wrap=10, **said)  # type: ignore[arg-type]

    def test_of_nothing_there_is_no_baseline(self) -> None:
        found = read_baseline(at=NOW, zone=PHOENIX)
        assert (found.begins, found.changes) == (None, ())

    def test_sets_the_newest_weeks_against_the_first(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        alma = agent()
        self.calls(alma, FEWEST, weeks=7, talk=290)
        self.calls(alma, FEWEST, weeks=1, talk=190)
        with django_assert_num_queries(4):
            found = read_baseline(at=NOW, zone=PHOENIX)
        [book] = found.changes
        assert book.before is not None
        assert book.now is not None
        assert (book.before.seconds, book.now.seconds) == (302, 202)
        assert book.before.low <= 302 <= book.before.high
        assert (book.verdict, book.percent) == (Verdict.SHORTER, -33)
        assert found.begins == dt.datetime(2026, 9, 28, tzinfo=PHOENIX)  # a Monday
        assert found.weeks[-1] == dt.date(2026, 11, 16)
        assert book.weeks == {dt.date(2026, 11, 9): (FEWEST, 202)}

    def test_leaves_out_relay_training_what_we_dialed_and_what_nobody_had(self) -> None:
        alma = agent()
        began = NOW - dt.timedelta(days=2)
        past_call(alma, None, began=began, aid="relay")
        past_call(alma, None, began=began, aid="tty")
        past_call(alma, None, began=began, is_training=True)
        ours = past_call(alma, None, began=began)
        Call.objects.filter(interaction=ours).update(is_outbound=True)
        assert read_baseline(at=NOW, zone=PHOENIX).changes == ()
        past_call(alma, None, began=began, talk=100, wrap=20)
        [book] = read_baseline(at=NOW, zone=PHOENIX).changes
        assert book.now == Median(1, 120, 120, 120)
        assert book.verdict is Verdict.MEASURING

    def test_a_wrap_up_that_was_set_aside_is_no_handle_time(self) -> None:
        general, alma = queue(), agent()
        past_call(alma, general, began=later(-9000), talk=100, wrap=1800)
        past_call(alma, general, began=later(-9000), talk=100, wrap=1801)
        other = past_call(alma, queue("other"), began=later(-9000), talk=900)
        assert other.wrap_up.disposition == "booked"
        assert mean_handle_time(general.pk, since=later(-9999), at=NOW) == ((1900 + 100) / 2, 2)
        assert mean_handle_time(general.pk, since=later(-10), at=NOW) == (0.0, 0)
