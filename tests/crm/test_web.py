"""What staff pages share: the guard, the trace of looks, and tables to take along."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from crm.models import AuditEntry, User
from crm.permissions import can_work_tasks
from crm.web import allowed_to, csv_answer, note_views
from crm.web.guards import SEEN_FOR
from tests.cast import Cast
from tests.factories import NOW, PatientFactory

pytestmark = pytest.mark.django_db


def request_of(user: object, address: str = "/tasks/", **headers: str) -> HttpRequest:
    request = RequestFactory().get(address, headers=headers)
    request.user = user  # type: ignore[assignment]
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    return request


@allowed_to(can_work_tasks)
def view(request: HttpRequest) -> HttpResponse:
    """Something for the care team."""
    return HttpResponse("in")


def test_lets_in_whom_the_predicate_lets_in(cast: Cast) -> None:
    assert view(request_of(cast.agent)).content == b"in"
    with pytest.raises(PermissionDenied):
        view(request_of(cast.marketing))


def test_sends_visitors_to_sign_in_and_back_to_where_they_were() -> None:
    whole = view(request_of(AnonymousUser(), "/tasks/?show=mine"))
    assert whole["Location"].endswith("?next=%2Ftasks%2F%3Fshow%3Dmine")
    part = view(
        request_of(
            AnonymousUser(),
            "/tasks/7/live/",
            **{"HX-Request": "true", "HX-Current-URL": "http://testserver/tasks/7/"},
        )
    )
    assert part["HX-Redirect"].endswith("?ended=yes&next=%2Ftasks%2F7%2F")


def look(user: User, people: list[int], *, what: str = "task 7", seen_by: str = "") -> str:
    request = request_of(user, f"/?seen_by={seen_by}")
    return note_views(request, what=what, patient_ids=people, at=NOW)


def looks() -> int:
    return AuditEntry.objects.filter(verb="crm.patient.viewed").count()


class TestLooks:
    def test_each_patient_once_and_a_refresh_adds_nothing(self, cast: Cast) -> None:
        people = [cast.patient.pk, PatientFactory.create().pk]
        token = look(cast.agent, people)
        assert looks() == 2
        look(cast.agent, people[::-1], seen_by=token)
        assert looks() == 2

    def test_somebody_new_on_the_page_makes_a_new_look(self, cast: Cast) -> None:
        token = look(cast.agent, [cast.patient.pk])
        look(cast.agent, [cast.patient.pk, PatientFactory.create().pk], seen_by=token)
        assert looks() == 3

    def test_a_token_serves_nobody_else_nothing_else_and_not_forged(self, cast: Cast) -> None:
        people = [cast.patient.pk]
        token = look(cast.agent, people)
        look(cast.nurse, people, seen_by=token)
        look(cast.agent, people, what="task 8", seen_by=token)
        look(cast.agent, people, seen_by=token[:-1] + ("a" if token[-1] != "a" else "b"))
        assert looks() == 4

    def test_a_page_left_open_for_a_day_is_looked_at_anew(self, cast: Cast) -> None:
        with time_machine.travel(NOW, tick=False) as clock:
            token = look(cast.agent, [cast.patient.pk])
            clock.shift(dt.timedelta(seconds=SEEN_FOR + 1))
            look(cast.agent, [cast.patient.pk], seen_by=token)
        assert looks() == 2

    def test_a_page_that_names_nobody_writes_nothing(self, cast: Cast) -> None:
        look(cast.agent, [])
        assert looks() == 0


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_table_is_a_formula(start: str) -> None:
    answer = csv_answer("t.csv", ["name", "number"], [[f"{start}1+1", -5], [None, 2.5]])
    text = answer.content.decode()
    assert f"'{start}1+1" in text
    assert ",-5" in text
    assert text.endswith(",2.5\r\n")
