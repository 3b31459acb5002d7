"""Safety alerts among the tasks: nurses read and settle them, others help without reading."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.actions import claim_task
from crm.engine import Actor
from crm.models import AuditEntry, Event, Task
from crm.states import Role, TaskKind, TaskStatus
from desk.alert_words import DOUBTS, INTENTS, LEVELS, LINES, OUTCOMES
from desk.queries import Shown, find_next_task, list_tasks
from outreach.models import Message
from outreach.rules.also_said import CARRIED_OUT
from outreach.states import Direction, MessageStatus
from tests.cast import Cast
from tests.desk.scene import question, refused_write, text_from
from tests.desk.test_task_views import client_of, htmx, page, text_of
from tests.factories import NOW, TEST, reachable_patient
from triage.actions import escalate_or_rest, sign_list
from triage.models import Alert
from triage.red_flags import load_list
from triage.states import Doubt, HelpLine, Level, Outcome

pytestmark = pytest.mark.django_db
WORDS = "Yes, but my chest hurts so much"
CARE_TEAM = (Role.AGENT, Role.FRONT_DESK, Role.MANAGER, Role.ADMIN)


@pytest.fixture
def alarm(cast: Cast) -> Task:
    """Rosa takes a time, and has chest pain."""
    text_from(cast.phone, WORDS)
    return Task.objects.get(kind=TaskKind.SAFETY_ALERT)


def held() -> Message:
    return Message.objects.get(direction=Direction.IN, subject_type="triage.alert")


def outcome() -> str:
    return Alert.objects.get().outcome


def settle_data(task: Task, **changed: str) -> dict[str, str]:
    was = f"{task.status}:{task.owner_id or ''}"
    return {"was": was, "outcome": Outcome.EMERGENCY_SERVICES, "note": "911 is there.", **changed}


class TestReading:
    def test_a_nurse_sees_the_text_and_what_was_found(self, cast: Cast, alarm: Task) -> None:
        body = text_of(client_of(cast.nurse).get(page(alarm)))
        for part in (WORDS, "Chest pain or a heart attack", "American Heart Association"):
            assert part in body
        for part in ("May be an emergency", "They were told: 911", "no clinician has signed"):
            assert part in body

    @pytest.mark.parametrize("role", CARE_TEAM)
    def test_others_see_that_there_is_one_and_not_what(
        self, cast: Cast, alarm: Task, role: Role
    ) -> None:
        other = refused_write(cast.patient)
        client = client_of(cast.staff(role))
        for address in (page(alarm), page(alarm, "task-live"), page(other), page()):
            body = text_of(client.get(address))
            assert "chest" not in body.lower(), address
            assert "American Heart" not in body
        assert "For a nurse to read." in text_of(client.get(page(alarm)))
        assert "A nurse takes this." in text_of(client.get(page(alarm)))

    def test_names_who_signed_the_list(self, cast: Cast, alarm: Task) -> None:
        sign_list(signed=load_list(), user=cast.nurse, signed_as="A. Ruiz, MD", by=TEST, at=NOW)
        assert "signed by A. Ruiz, MD" in text_of(client_of(cast.nurse).get(page(alarm)))

    def test_a_failed_check_says_so(self, cast: Cast, alarm: Task) -> None:
        Alert.objects.update(failed=True, matches=[], list_version="")
        assert "safety check itself failed" in text_of(client_of(cast.nurse).get(page(alarm)))

    def test_stands_above_what_is_late(self, cast: Cast, alarm: Task) -> None:
        Task.objects.filter(pk=alarm.pk).update(due_at=NOW.replace(year=2027))
        late = question(reachable_patient())
        me: dict[str, Any] = {"kind": None, "user_id": cast.nurse.pk}
        listed = list_tasks(shown=Shown.OPEN, at=NOW, **me)
        assert [line.pk for line in listed.lines] == [alarm.pk, late.pk]
        assert find_next_task(after=0, for_nurse=True, **me) == alarm.pk
        assert find_next_task(after=0, **me) == late.pk

    def test_everything_has_words(self) -> None:
        assert set(LEVELS) == set(Level) - {Level.NONE}
        assert set(LINES) == set(HelpLine)
        assert set(DOUBTS) == set(Doubt)
        assert set(OUTCOMES) == set(Outcome)
        assert set(INTENTS) == set(CARRIED_OUT)


class TestActing:
    def test_a_nurse_takes_and_settles_it(self, cast: Cast, alarm: Task) -> None:
        client = client_of(cast.nurse)
        taken = client.post(page(alarm, "task-claim"), {"was": f"{alarm.status}:"})
        assert taken.status_code == 302
        alarm.refresh_from_db()
        assert "How it ended" in text_of(client.get(page(alarm, "task-done")))
        done = client.post(page(alarm, "task-done"), settle_data(alarm))
        assert done.status_code == 302
        alarm.refresh_from_db()
        assert (alarm.status, outcome()) == (TaskStatus.DONE, "emergency-services")
        body = text_of(client.get(page(alarm)))
        assert "With 911, 988 or Poison Help" in body
        assert "911 is there." in body

    def test_how_it_ended_must_be_said(self, cast: Cast, alarm: Task) -> None:
        client = client_of(cast.nurse)
        for extra in ({}, htmx()):
            answer = client.post(
                page(alarm, "task-done"), settle_data(alarm, outcome=""), headers=extra
            )
            assert answer.status_code == 422
            assert "Choose how it ended." in text_of(answer)
        alarm.refresh_from_db()
        assert (alarm.status, outcome()) == (TaskStatus.OPEN, "")

    @pytest.mark.parametrize("name", ["task-claim", "task-put-back", "task-done", "task-nothing"])
    @pytest.mark.parametrize("role", [*CARE_TEAM, Role.MARKETING, Role.INTEGRATION])
    def test_nobody_else_does_and_nothing_changes(
        self, cast: Cast, alarm: Task, role: Role, name: str
    ) -> None:
        before = AuditEntry.objects.count()
        answer = client_of(cast.staff(role)).post(page(alarm, name), settle_data(alarm))
        assert answer.status_code == 403
        alarm.refresh_from_db()
        assert (alarm.status, alarm.owner, outcome()) == (TaskStatus.OPEN, None, "")
        assert AuditEntry.objects.count() == before

    def test_a_conflict_shows_what_is_true_now(self, cast: Cast, alarm: Task) -> None:
        data = settle_data(alarm)
        claim_task(task=alarm, owner=cast.admin, by=TEST, at=NOW)
        answer = client_of(cast.nurse).post(page(alarm, "task-done"), data)
        assert answer.status_code == 409
        assert outcome() == ""


class TestCarryingOut:
    def address(self, task: Task) -> str:
        return reverse("desk:text-carry-out", args=[task.pk, held().pk])

    def test_waits_for_the_nurse(self, cast: Cast, alarm: Task) -> None:
        client = client_of(cast.nurse)
        assert "A nurse speaks with them first." in text_of(client.get(page(alarm)))
        refused = client.post(self.address(alarm))
        assert refused.status_code == 409
        assert "A nurse takes the alert first" in text_of(refused)
        assert held().status == MessageStatus.HELD

    @pytest.mark.parametrize("headers", [{}, htmx()])
    @pytest.mark.parametrize("role", [Role.NURSE, Role.AGENT])
    def test_then_it_is_one_click(
        self, cast: Cast, alarm: Task, role: Role, headers: dict[str, str]
    ) -> None:
        claim_task(task=alarm, owner=cast.nurse, by=Actor.user(cast.nurse), at=NOW)
        client = client_of(cast.staff(role))
        assert "Take the time for them" in text_of(client.get(page(alarm)))
        answer = client.post(self.address(alarm), headers=headers)
        assert answer.status_code == (200 if headers else 302)
        assert (held().status, held().reading) == (MessageStatus.READ, "yes")
        assert Event.objects.filter(name="outreach.reply-received").count() == 1
        assert "Take the time for them" not in text_of(client.get(page(alarm)))
        again = client.post(self.address(alarm), headers=headers)
        assert again.status_code == 409
        # Its words stay with the nurses.
        shown = text_of(client.get(page(alarm)))
        assert (WORDS in shown) == (role == Role.NURSE)

    @pytest.mark.parametrize("role", [Role.MARKETING, Role.INTEGRATION, None])
    def test_outsiders_may_not_and_nothing_changes(
        self, cast: Cast, alarm: Task, role: Role | None
    ) -> None:
        claim_task(task=alarm, owner=cast.nurse, by=TEST, at=NOW)
        user = cast.staff(role) if role else cast.outsider
        before = AuditEntry.objects.count()
        assert client_of(user).post(self.address(alarm)).status_code == 403
        assert Client().post(self.address(alarm)).status_code == 302
        assert held().status == MessageStatus.HELD
        assert AuditEntry.objects.count() == before

    def test_only_texts_of_that_alert(self, cast: Cast, alarm: Task) -> None:
        claim_task(task=alarm, owner=cast.nurse, by=TEST, at=NOW)
        other = question(reachable_patient())
        client = client_of(cast.nurse)
        for args in ([other.pk, held().pk], [alarm.pk, held().pk + 10_000], [0, held().pk]):
            assert client.post(reverse("desk:text-carry-out", args=args)).status_code == 404
        assert client.get(self.address(alarm)).status_code == 405


class TestTheBar:
    ADDRESS = "desk:alert-bar"

    def bar(self, client: Client) -> str:
        answer = client.get(reverse(self.ADDRESS))
        assert answer.status_code == 200
        return text_of(answer)

    def test_is_empty_without_alerts(self, cast: Cast) -> None:
        assert self.bar(client_of(cast.nurse)).strip() == ""

    def test_tells_nurses_at_once_and_managers_when_nobody_acts(
        self, cast: Cast, alarm: Task
    ) -> None:
        nurse, manager = client_of(cast.nurse), client_of(cast.manager)
        assert "1 safety alert waits for a nurse" in self.bar(nurse)
        assert self.bar(manager).strip() == ""
        escalate_or_rest(Alert.objects.get().pk, NOW)
        assert "nobody acted in time" in self.bar(manager)
        claim_task(task=alarm, owner=cast.nurse, by=TEST, at=NOW)

    @pytest.mark.parametrize("role", [Role.AGENT, Role.FRONT_DESK, Role.MARKETING])
    def test_is_on_no_other_page(self, cast: Cast, alarm: Task, role: Role) -> None:
        client = client_of(cast.staff(role))
        assert client.get(reverse(self.ADDRESS)).status_code == 403
        assert 'id="alert-bar"' not in text_of(client.get("/", follow=True))

    def test_is_on_the_pages_of_nurses(self, cast: Cast) -> None:
        for path in ("/tasks/", "/openings/"):
            assert 'id="alert-bar"' in text_of(client_of(cast.nurse).get(path))
