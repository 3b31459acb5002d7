"""Each of these panels asks the database so many times, whatever there is."""

from __future__ import annotations

import datetime as dt
from importlib import import_module

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from desk.screen.contact import find_contact
from tests.desk.screen.conftest import Desk
from tests.factories import NOW, AppointmentFactory, VisitTypeFactory


@pytest.mark.parametrize("visits", [1, 5])
@pytest.mark.parametrize(
    ("name", "statements"), [("details", 1), ("interpreter", 1), ("social", 1), ("sending", 6)]
)
def test_asks_so_often(known: Desk, name: str, statements: int, visits: int) -> None:
    kind = VisitTypeFactory.create(preparation="Bring your list of medicines.")
    for day in range(visits):
        AppointmentFactory.create(
            patient=known.patient, visit_type=kind, starts_at=NOW + dt.timedelta(days=day + 1)
        )
    contact = find_contact(known.contact.pk)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        import_module(f"desk.screen.panels.{name}").panel(contact, at=NOW)
    assert len(asked) == statements, [each["sql"][:90] for each in asked]
