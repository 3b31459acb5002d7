"""Taking, putting back and closing tasks from the page, with script and without."""

from __future__ import annotations

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from crm.actions.contacts import open_contact
from crm.models import AuditEntry, Event, Task, User
from crm.states import Channel, Role, TaskStatus
from tests.cast import Cast
from tests.desk.test_task_views import ALLOWED, DENIED, client_of, htmx, page, text_of
from tests.factories import NOW, TEST, TaskFactory

pytestmark = pytest.mark.django_db
ACTIONS = ("task-claim", "task-put-back", "task-done", "task-nothing")
MEANWHILE = "Somebody was faster"


@pytest.fixture
def agent(cast: Cast) -> Client:
    return client_of(cast.agent)


@pytest.fixture
def task(cast: Cast) -> Task:
    return TaskFactory.create(patient=cast.patient)


def claimed(user: User) -> Task:
    return TaskFactory.create(status=TaskStatus.CLAIMED, owner=user)


def was(task: Task) -> str:
    """The state as a page would have shown it."""
    return f"{task.status}:{task.owner_id or ''}"


def send(
    client: Client, name: str, task: Task, *, live: bool = False, **data: str
) -> HttpResponseBase:
    body = {"was": was(task), "note": "Called back.", **data}
    return client.post(page(task, name), body, headers=htmx() if live else {})


def standing(task: Task) -> tuple[str, User | None]:
    task.refresh_from_db()
    return task.status, task.owner


def moves() -> list[tuple[str, str, str]]:
    rows = AuditEntry.objects.filter(verb="crm.task.moved").order_by("pk")
    return [(row.to_status, row.reason, row.actor_label) for row in rows]


# --- who may -------------------------------------------------------------------------


@pytest.mark.parametrize("role", [*DENIED, None])
@pytest.mark.parametrize("name", ACTIONS)
def test_others_may_not_and_nothing_changes(
    cast: Cast, task: Task, role: Role | None, name: str
) -> None:
    client = client_of(cast.staff(role) if role else cast.outsider)
    assert send(client, name, task).status_code == 403
    assert standing(task) == (TaskStatus.OPEN, None)
    assert not Event.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("name", ACTIONS)
def test_visitors_sign_in_first_and_nothing_changes(task: Task, name: str) -> None:
    assert "sign-in" in send(Client(), name, task)["Location"]
    assert "sign-in" in send(Client(), name, task, live=True)["HX-Redirect"]
    assert standing(task) == (TaskStatus.OPEN, None)


def test_a_request_without_the_sites_token_is_refused(cast: Cast, task: Task) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.agent, backend="django.contrib.auth.backends.ModelBackend")
    assert send(strict, "task-claim", task).status_code == 403
    assert standing(task) == (TaskStatus.OPEN, None)


@pytest.mark.parametrize("role", ALLOWED)
def test_the_care_team_may(cast: Cast, role: Role) -> None:
    user = cast.staff(role)
    mine = TaskFactory.create()
    assert send(client_of(user), "task-claim", mine).status_code == 302
    assert standing(mine) == (TaskStatus.CLAIMED, user)


@pytest.mark.parametrize("name", ["task-claim", "task-put-back"])
def test_a_link_changes_nothing(agent: Client, task: Task, name: str) -> None:
    assert agent.get(page(task, name)).status_code == 405
    assert standing(task) == (TaskStatus.OPEN, None)


@pytest.mark.parametrize("name", ACTIONS)
def test_a_task_that_does_not_exist_is_not_found(agent: Client, name: str) -> None:
    assert agent.post(reverse(f"desk:{name}", args=[99]), {"note": "x"}).status_code == 404


# --- what they do --------------------------------------------------------------------


def test_without_script_it_ends_on_the_task(agent: Client, task: Task) -> None:
    response = agent.post(page(task, "task-claim"), {"was": was(task)}, follow=True)
    assert response.redirect_chain == [(page(task), 302)]
    assert "It is yours." in text_of(response)


def test_with_script_the_page_stays_and_looks_again(agent: Client, task: Task) -> None:
    response = send(agent, "task-claim", task, live=True)
    assert (response.status_code, response["HX-Reswap"]) == (200, "none")
    assert "worklist:done" in response["HX-Trigger-After-Swap"]
    assert "It is yours." in text_of(response)
    assert 'hx-swap-oob="beforeend"' in text_of(response)


@pytest.mark.parametrize(
    ("name", "status"),
    [("task-done", TaskStatus.DONE), ("task-nothing", TaskStatus.CANCELLED)],
)
@pytest.mark.parametrize("live", [False, True])
def test_closing_keeps_the_note(
    agent: Client, cast: Cast, name: str, status: TaskStatus, live: bool
) -> None:
    task = claimed(cast.agent)
    assert send(agent, name, task, live=live).status_code == (200 if live else 302)
    assert standing(task) == (status, cast.agent)
    assert task.closed_at == NOW
    assert moves() == [(status, "Called back.", "Agent Cast")]


def test_done_needs_no_note(agent: Client, task: Task) -> None:
    assert send(agent, "task-done", task, note=" ").status_code == 302
    assert moves() == [(TaskStatus.DONE, "", "Agent Cast")]


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize(("note", "said"), [(" ", "Say why"), ("x" * 301, "at most 300")])
def test_nothing_to_do_needs_a_reason(
    agent: Client, task: Task, note: str, said: str, live: bool
) -> None:
    response = send(agent, "task-nothing", task, note=note, live=live)
    assert response.status_code == 422
    assert said in text_of(response)
    assert ("<html" in text_of(response)) is not live
    assert f'value="{was(task)}"' in text_of(response)
    assert standing(task) == (TaskStatus.OPEN, None)


def test_the_form_says_whose_it_is(agent: Client, cast: Cast) -> None:
    theirs = text_of(agent.get(page(claimed(cast.nurse), "task-done"), headers=htmx()))
    mine = text_of(agent.get(page(claimed(cast.agent), "task-done"), headers=htmx()))
    assert "Nurse Cast has this task." in theirs
    assert "has this task" not in mine


def test_put_back_leaves_it_to_others(agent: Client, cast: Cast) -> None:
    task = claimed(cast.agent)
    send(agent, "task-put-back", task)
    assert standing(task) == (TaskStatus.OPEN, None)
    assert Event.objects.filter(name="crm.task-put-back", subject_id=task.pk).count() == 1


def test_a_closed_one_can_be_opened_again(agent: Client) -> None:
    task = TaskFactory.create(status=TaskStatus.DONE, closed_at=NOW)
    send(agent, "task-put-back", task)
    assert standing(task) == (TaskStatus.OPEN, None)
    assert task.closed_at is None


# --- too late ------------------------------------------------------------------------


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("name", ACTIONS)
def test_what_somebody_has_taken_meanwhile_is_left_to_them(
    agent: Client, cast: Cast, task: Task, name: str, live: bool
) -> None:
    seen = was(task)
    send(client_of(cast.nurse), "task-claim", task)
    response = send(agent, name, task, was=seen, live=live)
    assert response.status_code == 409
    assert MEANWHILE in text_of(response)
    assert ("Nurse Cast has it" in text_of(response)) is not live
    assert standing(task) == (TaskStatus.CLAIMED, cast.nurse)
    assert len(moves()) == 1


@pytest.mark.parametrize("name", ["task-claim", "task-done", "task-nothing"])
def test_what_is_closed_stays_closed(agent: Client, name: str) -> None:
    task = TaskFactory.create(status=TaskStatus.DONE, closed_at=NOW)
    response = send(agent, name, task)
    assert response.status_code == 409
    assert "closed already" in text_of(response)
    assert standing(task) == (TaskStatus.DONE, None)
    assert moves() == []


@pytest.mark.parametrize("live", [True, False])
def test_a_text_of_a_thread_that_a_colleague_answers_is_left_to_them(
    agent: Client, cast: Cast, live: bool
) -> None:
    thread = open_contact(channel=Channel.SMS, patient=cast.patient, by=TEST, at=NOW)
    mine, further = (TaskFactory.create(patient=cast.patient, contact=thread) for _ in range(2))
    send(client_of(cast.nurse), "task-claim", mine)
    assert standing(further) == (TaskStatus.CLAIMED, cast.nurse)
    later = TaskFactory.create(patient=cast.patient, contact=thread)
    refused = send(agent, "task-claim", later, live=live)
    assert refused.status_code == 409
    name = cast.nurse.get_full_name() or cast.nurse.username
    assert f"{name} has this conversation." in text_of(refused)
    assert standing(later) == (TaskStatus.OPEN, None)


def test_nobody_takes_twice(agent: Client, cast: Cast) -> None:
    task = claimed(cast.nurse)
    assert send(agent, "task-claim", task).status_code == 409
    assert standing(task) == (TaskStatus.CLAIMED, cast.nurse)


def test_an_open_one_cannot_be_put_back(agent: Client, task: Task) -> None:
    assert send(agent, "task-put-back", task, live=True).status_code == 409
    assert moves() == []


def test_a_request_that_does_not_say_what_it_saw_changes_nothing(agent: Client, task: Task) -> None:
    assert agent.post(page(task, "task-claim")).status_code == 409
    assert standing(task) == (TaskStatus.OPEN, None)
