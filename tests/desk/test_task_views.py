"""The page of tasks: who may see it, what is written down about that, and its parts."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import AuditEntry, Task, User
from crm.states import Role, Sensitivity, TaskKind, TaskStatus
from tests.cast import Cast
from tests.desk.scene import QUESTION, offered, question, refused_write, text_from
from tests.factories import NOW, PatientFactory, TaskFactory

pytestmark = pytest.mark.django_db
ALLOWED = (Role.AGENT, Role.NURSE, Role.FRONT_DESK, Role.MANAGER, Role.ADMIN)
DENIED = (Role.MARKETING, Role.INTEGRATION)
MINUTE = dt.timedelta(minutes=1)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def agent(cast: Cast) -> Client:
    return client_of(cast.agent)


def htmx(target: str = "") -> dict[str, str]:
    return {"HX-Request": "true", **({"HX-Target": target} if target else {})}


def page(task: Task | None = None, name: str = "task") -> str:
    return reverse(f"desk:{name}", args=[task.pk]) if task else reverse("desk:tasks")


def text_of(response: HttpResponseBase) -> str:
    assert isinstance(response, HttpResponse)
    return response.content.decode()


def views_of(user: User) -> list[tuple[int | None, str]]:
    rows = AuditEntry.objects.filter(verb="crm.patient.viewed", actor_id=user.pk).order_by("pk")
    return [(row.patient_id, row.detail["what"]) for row in rows]


# --- who may -------------------------------------------------------------------------


def addresses(task: Task) -> list[str]:
    names = ("task", "task-live", "task-done", "task-nothing")
    return [
        reverse("desk:tasks"),
        reverse("desk:tasks-export"),
        *(page(task, name) for name in names),
    ]


@pytest.mark.parametrize("role", ALLOWED)
def test_the_care_team_may_see_everything_here(cast: Cast, role: Role) -> None:
    client = client_of(cast.staff(role))
    for address in addresses(question(cast.patient)):
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("role", [*DENIED, None])
def test_others_see_nothing_and_leave_no_trace_of_a_look(cast: Cast, role: Role | None) -> None:
    user = cast.staff(role) if role else cast.outsider
    client = client_of(user)
    for address in addresses(question(cast.patient)):
        response = client.get(address)
        assert response.status_code == 403, address
        assert b"Delgado" not in response.content
    assert views_of(user) == []


def test_visitors_are_sent_to_sign_in_and_back(cast: Cast) -> None:
    task = question(cast.patient)
    for address in addresses(task):
        response = Client().get(address)
        assert response.status_code == 302
        assert parse_qs(urlsplit(response["Location"]).query) == {"next": [address]}
    response = Client().get(page(task, "task-live"), headers=htmx())
    assert "sign-in" in response["HX-Redirect"]


def test_whose_session_ended_within_a_page_is_told(cast: Cast) -> None:
    """Whoever opens a page without one was not signed out: nothing is claimed."""
    address = page(question(cast.patient), "task-live")
    asked = Client().get(address, headers=htmx())["HX-Redirect"]
    assert "You have been signed out" in text_of(Client().get(asked))
    assert "You have been signed out" not in text_of(Client().get(address, follow=True))


def test_the_pages_are_read_only(agent: Client, cast: Cast) -> None:
    task = question(cast.patient)
    for name in ("task", "task-live"):
        assert agent.post(page(task, name)).status_code == 405
    assert agent.post(page()).status_code == 405


def test_a_task_that_does_not_exist_is_not_found(agent: Client) -> None:
    for name in ("task", "task-live", "task-done", "task-nothing"):
        assert agent.get(reverse(f"desk:{name}", args=[99])).status_code == 404


@pytest.mark.parametrize("role", [*ALLOWED, *DENIED])
def test_the_bar_leads_there_only_who_may_go(cast: Cast, role: Role) -> None:
    home = client_of(cast.staff(role)).get(reverse("desk:home"), follow=True)
    assert (f'href="{reverse("desk:tasks")}"' in text_of(home)) is (role in ALLOWED)


# --- what is written down ------------------------------------------------------------


def test_the_list_names_nobody_in_full_and_needs_no_trace(agent: Client, cast: Cast) -> None:
    question(cast.patient)
    shown = text_of(agent.get(page()))
    assert "R. D." in shown
    assert "Delgado" not in shown
    assert QUESTION not in shown
    assert views_of(cast.agent) == []


def test_opening_a_task_is_a_look_at_its_patient(agent: Client, cast: Cast) -> None:
    task = question(cast.patient)
    response = agent.get(page(task))
    assert "Rosa Delgado" in text_of(response)
    assert 'href="tel:+14805550142"' in text_of(response)
    assert views_of(cast.agent) == [(cast.patient.pk, f"task {task.pk}")]
    assert "no-store" in response["Cache-Control"]


def test_a_task_about_nobody_is_a_look_at_nobody(agent: Client, cast: Cast) -> None:
    assert agent.get(page(TaskFactory.create())).status_code == 200
    assert views_of(cast.agent) == []


def refresh_of(response: HttpResponseBase) -> str:
    """The address by which the page looks again."""
    found = re.search(r'id="work-center"[^>]*hx-get="([^"]+)"', text_of(response))
    assert found
    return found[1].replace("&amp;", "&")


def test_a_refresh_is_no_new_look_and_brings_nothing_while_nothing_is_new(
    agent: Client, cast: Cast
) -> None:
    task = question(cast.patient)
    again = refresh_of(agent.get(page(task)))
    assert agent.get(again, headers=htmx()).status_code == 204
    text_from(cast.phone, "And may she bring the dog?")
    changed = agent.get(again, headers=htmx())
    assert "bring the dog" in text_of(changed)
    assert 'id="work-side"' in text_of(changed)
    assert len(views_of(cast.agent)) == 1


def test_a_refresh_that_was_never_a_look_is_one(agent: Client, cast: Cast) -> None:
    task = question(cast.patient)
    mine = refresh_of(agent.get(page(task)))
    nurse = client_of(cast.nurse)
    nurse.get(mine, headers=htmx())
    assert views_of(cast.nurse) == [(cast.patient.pk, f"task {task.pk}")]


# --- the parts -----------------------------------------------------------------------


def test_the_list_alone_for_its_refresh_and_nothing_while_nothing_is_new(agent: Client) -> None:
    TaskFactory.create()
    found = re.search(r'id="work-list" hx-get="([^"]+)"', text_of(agent.get(page())))
    assert found
    address = found[1].replace("&amp;", "&")
    assert agent.get(address, headers=htmx("work-list")).status_code == 204
    TaskFactory.create(title="Another one")
    part = text_of(agent.get(address, headers=htmx("work-list")))
    assert "Another one" in part
    assert "<html" not in part


def test_a_task_that_becomes_late_is_news(agent: Client) -> None:
    TaskFactory.create(due_at=NOW + MINUTE)
    found = re.search(r"seen=(\w+)", text_of(agent.get(page())))
    assert found
    Task.objects.update(due_at=NOW)
    again = agent.get(f"{page()}?seen={found[1]}", headers=htmx("work-list"))
    assert again.status_code == 200
    assert "late" in text_of(again)


def test_a_chosen_task_comes_with_the_list_that_marks_it(agent: Client, cast: Cast) -> None:
    task = question(cast.patient)
    part = text_of(agent.get(page(task), headers=htmx("work")))
    assert "<html" not in part
    assert 'hx-swap-oob="true"' in part
    assert f'id="line-{task.pk}"' in part
    assert 'aria-current="true"' in part


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "Nothing waits for a person"),
        ("?show=mine", "You have none"),
        ("?show=closed", "None here"),
        ("?kind=overlap", "None of this kind"),
        ("?show=nonsense&kind=nonsense", "Nothing waits for a person"),
    ],
)
def test_an_empty_list_says_what_that_means(agent: Client, query: str, said: str) -> None:
    assert said in text_of(agent.get(page() + query))


def test_filters_stay_on_the_way(agent: Client) -> None:
    task = TaskFactory.create(kind=TaskKind.OVERLAP)
    shown = text_of(agent.get(f"{page()}?show=open&kind=overlap"))
    assert f'href="{page(task)}?show=open&amp;kind=overlap"' in shown


@pytest.mark.parametrize("kind", TaskKind)
def test_every_kind_says_what_to_do(agent: Client, kind: TaskKind) -> None:
    assert agent.get(page(TaskFactory.create(kind=kind))).status_code == 200


@pytest.mark.parametrize("status", TaskStatus)
def test_every_state_has_its_buttons(agent: Client, cast: Cast, status: TaskStatus) -> None:
    owner = cast.agent if status == TaskStatus.CLAIMED else None
    closed_at = NOW if status in {TaskStatus.DONE, TaskStatus.CANCELLED} else None
    task = TaskFactory.create(status=status, owner=owner, closed_at=closed_at)
    following = TaskFactory.create()
    shown = text_of(agent.get(page(task)))
    buttons = set(re.findall(r'id="(claim|done|nothing|put-back|next)"', shown))
    assert (
        buttons
        == {
            TaskStatus.OPEN: {"claim", "done", "nothing"},
            TaskStatus.CLAIMED: {"put-back", "done", "nothing"},
            TaskStatus.DONE: {"put-back", "next"},
            TaskStatus.CANCELLED: {"put-back", "next"},
        }[status]
    )
    leads_on = f'id="next" href="{page(following)}?show=open"' in shown
    assert leads_on is ("next" in buttons)


def test_a_colleagues_task_can_only_be_put_back(agent: Client, cast: Cast) -> None:
    task = TaskFactory.create(status=TaskStatus.CLAIMED, owner=cast.nurse)
    shown = text_of(agent.get(page(task)))
    assert "Nurse Cast has it" in shown
    assert set(re.findall(r'id="(claim|done|nothing|put-back)"', shown)) == {"put-back"}


def test_a_write_shows_what_the_ehr_said(agent: Client, cast: Cast) -> None:
    shown = text_of(agent.get(page(refused_write(cast.patient))))
    assert "409 the slot is taken" in shown
    assert "Tried 3 times." in shown


def test_what_patients_write_is_text_and_nothing_else(agent: Client, cast: Cast) -> None:
    offered(cast.patient, at=NOW - MINUTE)
    text_from(cast.phone, "<script>alert(1)</script> hm?")
    shown = text_of(agent.get(page(Task.objects.get())))
    assert "<script>alert(1)" not in shown
    assert "&lt;script&gt;alert(1)" in shown


@pytest.mark.parametrize("n", [1, 5])
def test_the_page_takes_the_same_queries_however_long_the_list(
    agent: Client, cast: Cast, n: int
) -> None:
    task = question(cast.patient)
    for _ in range(n):
        TaskFactory.create(patient=PatientFactory.create(), owner=cast.nurse)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        agent.get(page(task))
    # Session and user, two for the list, 13 for the task, one for the trace of the look.
    assert len(seen) == 16, "\n".join(query["sql"][:160] for query in seen)


# --- to take along -------------------------------------------------------------------


def rows_of(response: HttpResponseBase) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(text_of(response))))


def test_the_export_has_the_whole_list_and_is_written_down(agent: Client, cast: Cast) -> None:
    task = question(cast.patient, at=NOW - dt.timedelta(hours=3))
    TaskFactory.create(patient=PatientFactory.create(sensitivity=[Sensitivity.VIP]))
    response = agent.get(reverse("desk:tasks-export"))
    first, second = rows_of(response)
    assert (first["task"], first["patient"], first["late"]) == (
        str(task.pk),
        "Rosa Delgado",
        "late",
    )
    assert first["due"] == "Wed Nov 18, 9:00 AM MST"
    assert second["patient"].startswith("M. A")
    assert len(second["patient"]) == 5
    assert {what for _, what in views_of(cast.agent)} == {"export of tasks"}
    assert len(views_of(cast.agent)) == 2
    exported = AuditEntry.objects.get(verb="crm.tasks.exported")
    assert exported.detail == {"rows": 2}
    assert response["Content-Disposition"] == 'attachment; filename="tasks-open.csv"'


def test_no_cell_of_the_export_is_a_formula(agent: Client) -> None:
    TaskFactory.create(title="=HYPERLINK(1)", why="@SUM(A1)", patient=None)
    TaskFactory.create(
        title="-1", patient=PatientFactory.create(given_name="+Eve", family_name="X")
    )
    cells = [
        cell for row in rows_of(agent.get(reverse("desk:tasks-export"))) for cell in row.values()
    ]
    assert {"'=HYPERLINK(1)", "'@SUM(A1)", "'-1", "'+Eve X"} <= set(cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_the_export_is_filtered_like_the_list(agent: Client) -> None:
    TaskFactory.create()
    overlap = TaskFactory.create(kind=TaskKind.OVERLAP)
    found = rows_of(agent.get(f"{reverse('desk:tasks-export')}?kind=overlap"))
    assert [row["task"] for row in found] == [str(overlap.pk)]
