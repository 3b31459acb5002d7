"""What a script asks the agent to do: ticked by doing it, and by nothing else."""

from __future__ import annotations

import datetime as dt
from html import unescape
from typing import Any

import pytest

from crm.actions.contacts import note_step
from crm.actions.handoffs import (
    accept_handoff,
    decline_handoff,
    escalate_or_rest,
    offer_handoff,
    withdraw_handoff,
)
from crm.engine import Actor
from crm.models import Interaction, Task, User
from crm.states import HandoffTo, StepKind, TaskKind
from desk.models import CallType
from desk.queries.scripts import find_flow
from desk.states import StepState
from tests.cast import Cast
from tests.desk.screen.conftest import Desk
from tests.desk.screen.scripting import publish
from tests.factories import NOW

pytestmark = pytest.mark.django_db
HTMX = {"hx-request": "true"}
TELL = {
    "key": "tell",
    "kind": "act",
    "words": "Tell the clinic.",
    "act": "task",
    "required": True,
}
HAND = {"key": "hand", "kind": "act", "words": "Hand it over.", "act": "hand-off", "required": True}
LOOK = {"key": "look", "kind": "act", "words": "Open the labs.", "act": "look:labs"}


@pytest.fixture
def script(desk: Desk, kinds: dict[str, CallType], request: pytest.FixtureRequest) -> None:
    publish(kinds["book"], request.param)
    desk.know()
    desk.post("reason", reason="an appointment, traffic is bad")


def state(desk: Desk, key: str) -> StepState:
    flow = find_flow(desk.fresh(), is_verified=True, at=NOW)
    step = flow.find(key) if flow else None
    assert step is not None
    return step.state


@pytest.mark.parametrize("script", [TELL], indirect=True)
@pytest.mark.usefixtures("script")
class TestATask:
    def test_is_no_bare_tick(self, desk: Desk) -> None:
        shown = desk.get("talk").content.decode()
        assert desk.url("step-task", "tell") in shown
        assert ">Done</button>" not in shown
        answer = desk.post("step", "tell")
        assert answer.status_code == 422
        assert "ticked by doing it" in answer.content.decode()
        assert state(desk, "tell") is StepState.NOW

    @pytest.mark.parametrize("headers", [HTMX, {}])
    def test_is_left_as_the_step_has_it(self, desk: Desk, headers: dict[str, str]) -> None:
        shown = unescape(desk.get("step-task", "tell").content.decode())
        assert 'value="Tell the clinic"' in shown
        said = {"title": "Tell the clinic", "kind": "follow-up", "due": "now"}
        answer = desk.client.post(desk.url("step-task", "tell"), said, headers=headers)
        assert answer.status_code == (200 if headers else 302)
        task = Task.objects.get()
        assert (task.kind, task.title, task.due_at) == (TaskKind.FOLLOW_UP, "Tell the clinic", NOW)
        assert (task.patient, task.journey) == (desk.patient, desk.fresh().journey)
        assert "“an appointment, traffic is bad”" in task.why
        assert state(desk, "tell") is StepState.DONE
        desk.client.post(desk.url("step-task", "tell"), said, headers=headers)
        assert Task.objects.count() == 1

    def test_says_what_is_missing(self, desk: Desk) -> None:
        answer = desk.post("step-task", "tell", title=" ", kind="follow-up", due="today")
        assert answer.status_code == 422
        assert "Say what is to be done." in answer.content.decode()
        assert not Task.objects.exists()

    def test_is_left_by_nobody_else_and_for_no_other_step(self, desk: Desk, cast: Cast) -> None:
        said = {"title": "Tell", "kind": "follow-up", "due": "today"}
        assert desk.post("step-task", "other", **said).status_code == 409
        desk.client.force_login(cast.nurse, backend="django.contrib.auth.backends.ModelBackend")
        assert desk.post("step-task", "tell", **said).status_code == 409
        assert not Task.objects.exists()

    def test_is_ticked_in_training_where_none_is_left(self, desk: Desk) -> None:
        Interaction.objects.update(is_training=True)
        said = {"title": "Tell", "kind": "follow-up", "due": "today"}
        assert desk.post("step-task", "tell", **said).status_code == 409
        assert not Task.objects.exists()
        desk.post("step", "tell")
        assert state(desk, "tell") is StepState.DONE


@pytest.mark.parametrize("script", [LOOK], indirect=True)
@pytest.mark.usefixtures("script")
def test_what_leaves_no_step_is_ticked_by_hand(desk: Desk) -> None:
    assert ">Done</button>" in desk.get("talk").content.decode()
    desk.post("step", "look")
    assert state(desk, "look") is StepState.DONE


@pytest.mark.parametrize("script", [HAND], indirect=True)
@pytest.mark.usefixtures("script")
class TestAHandOff:
    @pytest.fixture
    def asked(self, desk: Desk, cast: Cast) -> dict[str, Any]:
        """A nurse by name is asked, and what tells which hand-off it is."""
        made = offer_handoff(
            contact_id=desk.contact.pk,
            to=HandoffTo.PERSON,
            user=cast.nurse,
            question="Yours?",
            by=Actor.user(desk.agent),
            at=NOW,
        )
        return {"handoff_id": made.pk, "at": NOW}

    def test_is_not_done_by_asking(self, desk: Desk, asked: dict[str, Any]) -> None:
        assert state(desk, "hand") is StepState.NOW

    def test_is_done_once_somebody_has_it(
        self, desk: Desk, cast: Cast, asked: dict[str, Any]
    ) -> None:
        accept_handoff(user=cast.nurse, by=Actor.user(cast.nurse), **asked)
        assert state(desk, "hand") is StepState.DONE

    @pytest.mark.parametrize("says_no", [True, False])
    def test_that_came_to_nothing_is_done_with_a_task(
        self, desk: Desk, cast: Cast, asked: dict[str, Any], *, says_no: bool
    ) -> None:
        by = Actor.user(desk.agent)
        if says_no:
            nurse: User = cast.nurse
            decline_handoff(user=nurse, reason="Busy", by=Actor.user(nurse), **asked)
        else:
            withdraw_handoff(by=by, **asked)
        assert state(desk, "hand") is StepState.NOW
        note_step(contact=desk.fresh(), kind=StepKind.TASK, by=by, at=NOW)
        assert state(desk, "hand") is StepState.DONE

    @pytest.mark.parametrize(
        ("is_training", "then"), [(False, StepState.DONE), (True, StepState.NOW)]
    )
    def test_that_nobody_answered_is_done_by_its_task(
        self, desk: Desk, asked: dict[str, Any], is_training: bool, then: StepState
    ) -> None:
        Interaction.objects.update(is_training=is_training)
        times = [NOW + dt.timedelta(minutes=n) for n in (5, 10, 15)]
        ends = [escalate_or_rest(asked["handoff_id"], at) for at in times]
        assert ends[-1] is None
        assert Task.objects.exists() is not is_training
        assert state(desk, "hand") is then
