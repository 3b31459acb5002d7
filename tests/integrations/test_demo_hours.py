"""The demo works at any hour: of a winter Thursday and of a summer Saturday."""

from __future__ import annotations

import datetime as dt

import pytest
from pytest_django import DjangoDbBlocker

from integrations.demo.pick import pick_story
from tests.integrations.demo import check_may_be_texted, demo_loaded

#: Fresh people whom the matcher would text right now: more than any first wave asks.
MANY = 20
pytestmark = pytest.mark.django_db


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("day", "stride"),
    [
        (dt.date(2026, 1, 15), 3),
        pytest.param(dt.date(2026, 1, 15), 1, marks=pytest.mark.long),
        pytest.param(dt.date(2026, 7, 18), 1, marks=pytest.mark.long),
    ],
    ids=str,
)
def test_two_stories_with_many_candidates_at_every_hour(
    day: dt.date, stride: int, django_db_blocker: DjangoDbBlocker
) -> None:
    """`make test` looks at every third hour of the first."""
    midnight = dt.datetime.combine(day, dt.time(), dt.UTC)
    with demo_loaded(django_db_blocker, midnight):
        for hour in range(0, 24, stride):
            at = midnight + dt.timedelta(hours=hour, minutes=30)
            first = pick_story(at=at)
            second = pick_story(at=at, besides=[first])
            assert first.clinic_id != second.clinic_id, at
            for story in (first, second):
                assert story.begins_at == at
                assert len(story.candidates) >= MANY, at
                check_may_be_texted(story)
