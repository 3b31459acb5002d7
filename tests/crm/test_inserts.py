"""Rows inserted by hand, several in a statement."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from crm.engine.inserts import insert_all
from crm.models import Event
from tests.factories import NOW


@pytest.mark.django_db
def test_each_row_gets_its_own_key_in_as_many_statements_as_it_says(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    made = [
        Event(name=f"test.{n}", subject_type="test", subject_id=n, payload={"n": n}, created_at=NOW)
        for n in range(5)
    ]
    with django_assert_num_queries(3):
        insert_all(made, at_once=2)
    stored = Event.objects.in_bulk([event.pk for event in made])
    assert [(stored[event.pk].name, stored[event.pk].payload) for event in made] == [
        (f"test.{n}", {"n": n}) for n in range(5)
    ]
    with django_assert_num_queries(0):
        insert_all([])
