"""What a caller may still want stands beside their appointments."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.actions import find_or_open_journey
from crm.engine import Actor
from desk.queries.open_needs import open_needs
from scheduling.models import SearchRecord
from scheduling.states import Lack, SearchStatus
from tests.desk.screen.conftest import Desk
from tests.factories import NOW, VisitTypeFactory

pytestmark = pytest.mark.django_db


def test_needs_that_are_open_and_what_was_left_are_told_newest_first(desk: Desk) -> None:
    by = Actor.user(desk.agent)
    find_or_open_journey(
        patient=desk.patient, need="An earlier visit", by=by, at=NOW - dt.timedelta(days=40)
    )
    kind = VisitTypeFactory.create(name="Joint injection")
    for days in (2, 20):
        SearchRecord.objects.create(
            status=SearchStatus.LOST,
            lack=Lack.NO_TIMES,
            visit_type=kind,
            patient=desk.patient,
            created_at=NOW - dt.timedelta(days=days),
            searched_at=NOW - dt.timedelta(days=days),
            closed_at=NOW - dt.timedelta(days=days),
        )
    desk.know()
    said = [need.said for need in open_needs(desk.fresh(), at=NOW)]
    assert said == ["Found no time: Joint injection", "Still open: An earlier visit"]
    page = desk.get("panel", "appointments").content.decode()
    assert f"?visit_type={kind.pk}" in page


def test_the_need_of_this_very_contact_is_not_told_again(desk: Desk) -> None:
    desk.know()
    desk.post("reason", call_type="book")
    assert open_needs(desk.fresh(), at=NOW) == ()
    assert open_needs(type(desk.contact)(), at=NOW) == ()
