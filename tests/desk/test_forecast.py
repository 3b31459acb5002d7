"""Forecasts from history, beside what came and who was there."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from crm.actions.agents import set_agent_state
from crm.models import Agent, AuditEntry, Interaction, Queue, QueueEntry
from crm.rules.forecast import Goal
from crm.states import AgentState, Channel, EntryStatus
from desk.queries.forecast import Asked, past_days, read_forecast
from scheduling.models import SiteHoliday
from scheduling.states import Holiday
from tests.cast import Cast
from tests.crm.center import agent, line, queue
from tests.desk.oversight import as_, past_call
from tests.factories import NOW, TEST, LocationFactory

PHOENIX = ZoneInfo("America/Phoenix")
TODAY = dt.date(2026, 11, 18)  # a Wednesday; it is 10 in the morning

pytestmark = pytest.mark.django_db


@pytest.fixture
def general() -> Queue:
    LocationFactory.create(zone="America/Phoenix")
    return queue("general")


def entered(of: Queue, on: dt.date, *times: str) -> None:
    """Contacts that came at these times of a day, by the clock of Phoenix."""
    for time in times:
        began = dt.datetime.combine(on, dt.time.fromisoformat(time), PHOENIX)
        contact = Interaction.objects.create(channel=Channel.VOICE, started_at=began)
        QueueEntry.objects.create(
            queue=of,
            interaction=contact,
            status=EntryStatus.DONE,
            entered_at=began,
            answer_by=began + dt.timedelta(seconds=120),
            ended_at=began,
        )


def calls(of: Queue, count: int = 20) -> None:
    """Enough of them for a handle time of 300 s, on a Monday: Wednesdays stay as they are."""
    alma = agent()
    Agent.objects.filter(user=alma).update(status=AgentState.OFFLINE)
    for n in range(count):
        began = NOW - dt.timedelta(days=9, minutes=n)
        past_call(alma, of, began=began, talk=280, wrap=20)


def asked(of: Queue, on: dt.date = TODAY, **said: object) -> Asked:
    goal = Goal(within=120)
    return Asked(queue=of, on=on, weeks=4, goal=goal, zone=PHOENIX)


def test_looks_at_the_same_weekday_before_the_day_and_before_today() -> None:
    week = dt.timedelta(weeks=1)
    assert past_days(TODAY, today=TODAY, weeks=2) == [TODAY - week, TODAY - 2 * week]
    assert past_days(TODAY - week, today=TODAY, weeks=1) == [TODAY - 2 * week]
    friday = TODAY + dt.timedelta(days=2)
    assert past_days(friday, today=TODAY, weeks=1) == [friday - week]
    assert past_days(TODAY + 2 * week, today=TODAY, weeks=1) == [TODAY - week]


class TestForecast:
    def test_is_by_half_hour_of_the_wall_clock_with_what_came_so_far(self, general: Queue) -> None:
        calls(general)
        for weeks in (1, 2, 3):
            entered(general, TODAY - dt.timedelta(weeks=weeks), "08:05", "08:29", "08:30", "11:00")
        entered(general, TODAY, "08:10", "09:40", "09:59")
        found = read_forecast(asked(general), at=NOW)
        said = [(f"{row.starts_at:%H:%M}", row.contacts, row.actual) for row in found.rows]
        assert said == [
            ("08:00", pytest.approx(2), 1),
            ("08:30", pytest.approx(1), 0),
            ("09:00", 0, 0),
            ("09:30", 0, 2),
            ("10:00", 0, None),  # it is 10:00
            ("10:30", 0, None),
            ("11:00", pytest.approx(1), None),
        ]
        assert [row.is_now for row in found.rows].index(True) == 4
        assert (found.contacts, found.handle, found.calls, found.is_thin) == (12, 300, 20, False)
        assert found.rows[0].staffing.on_phones == 2  # one would be 75 % in time
        assert found.rows[2].staffing.on_phones == 0

    def test_counts_a_weekday_with_none_of_them_but_not_the_time_before_the_first(
        self, general: Queue
    ) -> None:
        entered(general, TODAY - dt.timedelta(weeks=1), "08:05")
        entered(general, TODAY - dt.timedelta(weeks=3), "08:05")
        found = read_forecast(asked(general), at=NOW)
        assert [(TODAY - day).days // 7 for day in found.days] == [1, 2, 3]

    def test_leaves_holidays_out_and_makes_none_for_one(self, general: Queue) -> None:
        site = LocationFactory.create()
        line(general, location_id=site.pk)
        for holiday in (Holiday.VETERANS, Holiday.THANKSGIVING):
            SiteHoliday.objects.create(location=site, holiday=holiday)
        for weeks in (1, 2):
            entered(general, TODAY - dt.timedelta(weeks=weeks), "08:05")
        found = read_forecast(asked(general), at=NOW)
        assert found.closed == (dt.date(2026, 11, 11),)  # Veterans Day, a Wednesday
        assert found.days == (dt.date(2026, 11, 4),)
        thanksgiving = read_forecast(asked(general, dt.date(2026, 11, 26)), at=NOW)
        assert (thanksgiving.holiday, thanksgiving.rows) == ("thanksgiving", ())

    def test_a_day_off_of_one_site_is_none_of_a_queue_for_two(self, general: Queue) -> None:
        line(general)
        closed = LocationFactory.create()
        SiteHoliday.objects.create(location=closed, holiday=Holiday.VETERANS)
        assert read_forecast(asked(general), at=NOW).closed == ()

    def test_says_who_was_there_from_the_trail(self, general: Queue) -> None:
        nurses = queue("nurse", "nurse")
        calls(nurses)
        for weeks in (1, 2, 3):
            entered(nurses, TODAY - dt.timedelta(weeks=weeks), "08:05", "09:45")
        grace, alma = agent("nurse"), agent()
        Agent.objects.filter(user__in=[grace, alma]).update(
            status=AgentState.OFFLINE, since=NOW - dt.timedelta(days=1)
        )
        for user in (grace, alma):
            for hour, minute, state in (
                (8, 15, AgentState.AVAILABLE),
                (9, 0, AgentState.BREAK),
                (9, 30, AgentState.ON_CONTACT),
            ):
                at = dt.datetime(2026, 11, 18, hour, minute, tzinfo=PHOENIX)
                set_agent_state(user=user, to=state, by=TEST, at=at)
        found = read_forecast(asked(nurses), at=NOW)
        assert [row.there for row in found.rows] == [0.5, 1.0, 0.0, 1.0]
        assert [row.is_short for row in found.rows] == [True, False, False, False]

    def test_takes_eight_statements(
        self, general: Queue, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        calls(general)
        for weeks in (1, 2, 3):
            entered(general, TODAY - dt.timedelta(weeks=weeks), "08:05")
        with django_assert_num_queries(8):
            read_forecast(asked(general), at=NOW)


class TestPage:
    def test_says_how_much_is_there_where_it_is_too_little(
        self, cast: Cast, general: Queue
    ) -> None:
        entered(general, TODAY - dt.timedelta(weeks=1), "08:05", "08:10")
        page = as_(cast.manager).get(reverse("desk:live-forecast")).content.decode()
        assert "Too little has happened yet to tell" in page
        assert "There is 1 Wednesday with 2 contacts, and 0 calls" in page

    def test_shows_the_day_and_gives_it_as_a_table(self, cast: Cast, general: Queue) -> None:
        calls(general)
        for weeks in (1, 2, 3):
            entered(general, TODAY - dt.timedelta(weeks=weeks), *["14:05"] * 6)
        client = as_(cast.manager)
        page = client.get(reverse("desk:live-forecast")).content.decode()
        assert "From 3 Wednesdays with 18 contacts" in page
        assert "2:00 PM" in page
        table = client.get(
            reverse("desk:live-forecast-export"), {"share": "95", "shrinkage": "50"}
        ).content.decode()
        assert table.splitlines()[1].startswith("2026-11-18 14:00,6.0,,3,6,,")
        assert AuditEntry.objects.filter(verb="crm.forecast.exported").count() == 1

    def test_takes_what_it_does_not_understand_as_not_said(
        self, cast: Cast, general: Queue
    ) -> None:
        said = {"queue": "x", "on": "2031-01-01", "weeks": "9", "share": "400", "within": "-1"}
        page = as_(cast.manager).get(reverse("desk:live-forecast"), said)
        assert page.context["asked"].on == TODAY + dt.timedelta(days=28)
        assert page.context["asked"].goal == Goal(within=120)

    def test_without_a_queue_says_so(self, cast: Cast) -> None:
        page = as_(cast.manager).get(reverse("desk:live-forecast")).content.decode()
        assert "No queues yet" in page
