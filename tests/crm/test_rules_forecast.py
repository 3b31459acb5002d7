"""Erlang's formulas against published values, and forecasts from days that anybody can add up."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.forecast import (
    NOBODY,
    Day,
    Goal,
    Stay,
    answered_within,
    erlang_b,
    erlang_c,
    expected,
    mean_wait,
    signed_in,
    staff_for,
)
from crm.states import AgentState
from tests.factories import NOW


class TestErlang:
    #: Offered load at which so many trunks block 1 %, 2 % or 5 %: the usual traffic table, as in
    #: Angus, An Introduction to Erlang B and Erlang C, Telemanagement 187 (2001).
    @pytest.mark.parametrize(
        ("offered", "trunks", "blocked"),
        [
            (0.153, 2, 0.01),
            (4.46, 10, 0.01),
            (5.08, 10, 0.02),
            (13.2, 20, 0.02),
            (40.3, 50, 0.02),
            (6.22, 10, 0.05),
        ],
    )
    def test_blocks_what_the_tables_say(self, offered: float, trunks: int, blocked: float) -> None:
        assert erlang_b(offered, trunks) == pytest.approx(blocked, rel=0.015)

    def test_has_an_eye_clinic_wait_as_in_the_textbook(self) -> None:
        """Gross and Harris, Fundamentals of Queueing Theory, on M/M/c: 6 patients an
        hour, 3 doctors, 20 minutes each: 4 of 9 wait, on average 8.9 minutes."""
        assert erlang_c(2.0, 3) == pytest.approx(4 / 9)
        assert mean_wait(offered=2.0, agents=3, handle=20.0) == pytest.approx(8.89, abs=0.005)

    def test_agrees_with_the_worked_example_of_360_calls(self) -> None:
        """360 calls in a half-hour of 4 minutes each and 55 agents (Mitan, "The Erlang-C
        formula"): 0.239 wait, on average 8.2 s."""
        assert erlang_c(48.0, 55) == pytest.approx(0.239, abs=0.0005)
        assert mean_wait(offered=48.0, agents=55, handle=240.0) == pytest.approx(8.2, abs=0.05)

    def test_agrees_with_the_worked_example_of_100_calls(self) -> None:
        """100 calls in a half-hour of 3 minutes each, 80 % in 20 s (Call Centre Helper, "Erlang C
        formula made simple"): 14 agents, 17.4 % wait, 88.8 %, 7.8 s, busy 71.4 %; 20 with 30 %."""
        found = staff_for(100, handle=180, goal=Goal(within=20))
        assert (found.on_phones, found.scheduled) == (14, 20)
        assert erlang_c(10.0, 14) == pytest.approx(0.174, abs=0.0005)
        assert found.share == pytest.approx(0.888, abs=0.0005)
        assert found.wait == pytest.approx(7.8, abs=0.05)
        assert found.occupancy == pytest.approx(0.714, abs=0.0005)

    @pytest.mark.parametrize(
        ("contacts", "handle", "within", "agents"),
        [
            (30, 300, 20, 8),  # Koole, Call Center Mathematics, chapter 4: 1 a minute, 5 minutes
            (125, 330, 30, 28),  # Jones the Net, Erlang uplift: 250 an hour, 330 s, 80 % in 30 s
        ],
    )
    def test_asks_for_as_many_as_published_examples(
        self, contacts: int, handle: int, within: int, agents: int
    ) -> None:
        goal = Goal(within=within, occupancy=1.0)
        assert staff_for(contacts, handle=handle, goal=goal).on_phones == agents

    def test_everybody_waits_where_there_is_more_work_than_people(self) -> None:
        assert erlang_c(5.0, 5) == 1
        assert answered_within(20, offered=5.0, agents=5, handle=300) == 0
        assert mean_wait(offered=5.0, agents=4, handle=300) == math.inf

    def test_stays_finite_for_a_thousand_agents(self) -> None:
        assert 0 < erlang_c(980.0, 1000) < 1


class TestStaff:
    def test_nobody_is_needed_for_nothing(self) -> None:
        assert staff_for(0, handle=300, goal=Goal(within=120)) == NOBODY

    def test_nobody_is_busier_than_the_cap(self) -> None:
        relaxed = Goal(within=600, occupancy=0.99)
        capped = Goal(within=600, occupancy=0.75)
        assert staff_for(300, handle=300, goal=relaxed).occupancy > 0.9
        found = staff_for(300, handle=300, goal=capped)
        assert found.occupancy <= 0.75
        assert found.on_phones == math.ceil(50 / 0.75)

    @given(
        st.floats(0.1, 400),
        st.floats(60, 900),
        st.integers(10, 300),
        st.sampled_from((0.5, 0.8, 0.95)),
    )
    def test_one_fewer_would_not_do(
        self, contacts: float, handle: float, within: int, share: float
    ) -> None:
        goal = Goal(within=within, share=share)
        found = staff_for(contacts, handle=handle, goal=goal)
        assert found.share >= share
        assert found.occupancy <= goal.occupancy + 1e-9
        assert found.scheduled * (1 - goal.shrinkage) >= found.on_phones - 1e-6
        fewer, offered = found.on_phones - 1, contacts * handle / 1800
        late = answered_within(within, offered=offered, agents=fewer, handle=handle) < share
        assert late or offered / max(fewer, 1e-9) > goal.occupancy or fewer == 0


COUNTS = st.dictionaries(st.integers(0, 47), st.integers(0, 50))


class TestExpected:
    def test_newer_weeks_count_more(self) -> None:
        found = expected([Day(0, {18: 10}), Day(3, {18: 4})])
        assert found == {18: pytest.approx((10 + 4 / 2) / 1.5)}

    def test_a_day_without_contacts_in_a_half_hour_counts_as_none(self) -> None:
        assert expected([Day(0, {18: 6, 19: 0}), Day(0, {})]) == {18: 3.0}

    def test_nothing_comes_of_no_days(self) -> None:
        assert expected([]) == {}

    @given(
        st.lists(
            st.builds(
                Day, st.integers(0, 12), st.dictionaries(st.integers(0, 47), st.integers(0, 50))
            )
        )
    )
    def test_lies_between_the_least_and_the_most(self, days: list[Day]) -> None:
        for half_hour, contacts in expected(days).items():
            counts = [day.counts.get(half_hour, 0) for day in days]
            assert min(counts) - 1e-9 <= contacts <= max(counts) + 1e-9


class TestSignedIn:
    def test_counts_people_by_the_time_that_they_were_on_the_phones(self) -> None:
        half = dt.timedelta(minutes=30)
        stays = [
            Stay(AgentState.AVAILABLE, NOW - half, NOW + half * 2),
            Stay(AgentState.ON_CONTACT, NOW + half / 2, NOW + half),
            Stay(AgentState.BREAK, NOW, NOW + half),
        ]
        hours = {20: (NOW, NOW + half), 21: (NOW + half, NOW + half + half), 22: (NOW, NOW)}
        assert signed_in(stays, hours) == {20: 1.5, 21: 1.0}
