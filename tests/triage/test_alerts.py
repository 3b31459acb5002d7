"""Alerts: made known again while nobody acts, joined by later texts, settled by a nurse."""

from __future__ import annotations

import datetime as dt
import io
import os
import subprocess
import sys

import pytest
from django.core.checks import Tags, run_checks
from django.core.management import call_command
from django.core.management.base import CommandError

from crm.actions import TaskClosed, claim_task, put_back_task
from crm.engine import Actor
from crm.models import Event, Task
from crm.states import Role, TaskStatus
from outreach.models import Message
from outreach.states import Direction, MessageStatus
from tests.cast import Cast
from tests.crm.live_server import ROOT
from tests.drive import settle
from tests.factories import NOW, TEST, phone_of, reachable_patient
from tests.fakes.sms import FakeSms
from tests.faults.processes import own_database_url
from tests.triage.scene import MINUTE, only_alert, text_from
from triage.actions import MayNotSign, settle_alert, sign_list
from triage.models import Alert, ListSignOff
from triage.permissions import can_hear_escalations, can_sign_list, can_work_alerts
from triage.queries import Waiting, find_sign_off, waiting_alerts
from triage.red_flags import load_list
from triage.states import HelpLine, Level, Outcome


def escalations() -> int:
    return Event.objects.filter(name="triage.alert-escalated").count()


@pytest.mark.django_db
@pytest.mark.usefixtures("carrier")
class TestEscalation:
    def test_others_hear_of_it_while_nobody_takes_it(self, cast: Cast) -> None:
        text_from(cast.phone, "chest pain")
        settle(NOW + 4 * MINUTE)
        assert escalations() == 0
        assert waiting_alerts(escalated_only=True) == Waiting()
        settle(NOW + 5 * MINUTE)
        alert = only_alert()
        assert (alert.escalations, alert.escalated_at) == (1, NOW + 5 * MINUTE)
        assert alert.due_at == NOW + 10 * MINUTE
        settle(NOW + 10 * MINUTE)
        assert escalations() == 2
        assert waiting_alerts(escalated_only=True) == Waiting(1, 1, NOW, alert.task_id)

    @pytest.mark.parametrize(
        ("body", "minutes"), [("pregnant and bleeding", 10), ("no chest pain", 60)]
    )
    def test_what_is_less_urgent_may_wait_longer(self, cast: Cast, body: str, minutes: int) -> None:
        text_from(cast.phone, body)
        assert only_alert().due_at == NOW + minutes * MINUTE

    def test_taking_it_gives_half_an_hour(self, cast: Cast) -> None:
        text_from(cast.phone, "chest pain")
        settle(NOW + 5 * MINUTE)
        task = only_alert().task
        claim_task(task=task, owner=cast.nurse, by=TEST, at=NOW + 6 * MINUTE)
        settle(NOW + 6 * MINUTE)
        assert waiting_alerts(escalated_only=False) == Waiting()
        settle(NOW + 35 * MINUTE)
        assert escalations() == 1
        settle(NOW + 36 * MINUTE)
        assert escalations() == 2
        assert waiting_alerts(escalated_only=True).count == 1

    def test_putting_it_back_starts_anew(self, cast: Cast) -> None:
        text_from(cast.phone, "chest pain")
        task = only_alert().task
        claim_task(task=task, owner=cast.nurse, by=TEST, at=NOW + MINUTE)
        put_back_task(task=task, by=TEST, at=NOW + 2 * MINUTE)
        settle(NOW + 2 * MINUTE)
        assert only_alert().due_at == NOW + 7 * MINUTE
        assert waiting_alerts(escalated_only=False).count == 1

    def test_ends_when_it_is_settled(self, cast: Cast) -> None:
        text_from(cast.phone, "chest pain")
        task, by = only_alert().task, Actor.user(cast.nurse)
        facts = {"outcome": Outcome.EMERGENCY_SERVICES, "note": "911 is with her.", "by": by}
        settle_alert(task=task, at=NOW + 3 * MINUTE, **facts)  # type: ignore[arg-type]
        settle(NOW + dt.timedelta(days=1))
        alert = only_alert()
        assert (alert.outcome, alert.settled_at) == ("emergency-services", NOW + 3 * MINUTE)
        assert alert.task.status == TaskStatus.DONE
        assert escalations() == 0
        with pytest.raises(TaskClosed):
            settle_alert(task=Task.objects.get(), at=NOW, **facts)  # type: ignore[arg-type]
        assert only_alert().settled_at == NOW + 3 * MINUTE


@pytest.mark.django_db
class TestJoining:
    def test_a_worse_text_makes_the_alert_worse(self, cast: Cast) -> None:
        text_from(cast.phone, "no chest pain")
        assert only_alert().task.due_at == NOW + 30 * MINUTE
        text_from(cast.phone, "I want to kill myself", at=NOW + MINUTE)
        alert = only_alert()
        assert (alert.level, alert.line) == (Level.EMERGENCY, HelpLine.CRISIS_988)
        assert {match["flag"] for match in alert.matches} == {"chest-pain", "self-harm"}
        assert alert.task.due_at == NOW + MINUTE
        assert "calls now" in alert.task.title
        assert alert.due_at == NOW + 6 * MINUTE

    def test_a_milder_one_makes_it_no_milder(self, cast: Cast) -> None:
        text_from(cast.phone, "chest pain")
        text_from(cast.phone, "no trouble breathing", at=NOW + MINUTE)
        alert = only_alert()
        assert (alert.level, alert.due_at) == (Level.EMERGENCY, NOW + 5 * MINUTE)
        assert len(alert.matches) == 2

    def test_one_that_comes_as_it_is_settled_makes_its_own(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The alert that was open when we looked is closed once we hold its lock."""
        text_from(cast.phone, "chest pain")
        settled = only_alert()
        facts = {"outcome": Outcome.NO_DANGER, "note": "", "by": TEST, "at": NOW}
        settle_alert(task=settled.task, **facts)  # type: ignore[arg-type]
        monkeypatch.setattr("triage.locks.find_open_alert", lambda phone: settled)
        text_from(cast.phone, "chest pain", at=NOW + MINUTE)
        assert Alert.objects.count() == 2
        assert text_from(cast.phone, "Yes", at=NOW + MINUTE).reading == "yes"

    def test_another_phone_has_its_own(self, cast: Cast) -> None:
        text_from(cast.phone, "chest pain")
        text_from(phone_of(reachable_patient()), "chest pain")
        assert Alert.objects.count() == 2


@pytest.mark.django_db
class TestSignature:
    def test_works_unsigned_and_says_so(self) -> None:
        [warning] = run_checks(tags=[Tags.database], databases=["default"])
        assert warning.id == "triage.W001"
        assert "No clinician has signed" in warning.msg
        assert run_checks(tags=[Tags.database], databases=None) == []

    def test_a_clinician_signs_this_very_list(self, cast: Cast) -> None:
        out = io.StringIO()
        options = {"sign": True, "user": "nurse", "signed_as": "Ana Ruiz, MD", "stdout": out}
        for _ in range(2):
            call_command("red_flags", **options)
        signed = ListSignOff.objects.get()
        assert (signed.user, signed.version) == (cast.nurse, "1")
        assert find_sign_off(load_list().digest) == signed
        assert find_sign_off("of another list") is None
        assert "signed by Ana Ruiz, MD" in out.getvalue()
        assert run_checks(tags=[Tags.database], databases=["default"]) == []

    @pytest.mark.parametrize(("user", "signed_as"), [("agent", "A. Gent"), ("nurse", " ")])
    def test_nobody_else_does(self, cast: Cast, user: str, signed_as: str) -> None:
        who = getattr(cast, user)
        with pytest.raises(MayNotSign):
            sign_list(signed=load_list(), user=who, signed_as=signed_as, by=TEST, at=NOW)
        assert not ListSignOff.objects.exists()

    def test_the_command_says_why_not(self, cast: Cast) -> None:
        for user, complaint in (("nobody", "no such user"), ("agent", "A clinician signs")):
            with pytest.raises(CommandError, match=complaint):
                call_command("red_flags", sign=True, user=user, signed_as="X", stdout=io.StringIO())


@pytest.mark.django_db
def test_who_may_do_what(cast: Cast) -> None:
    def may(can: object) -> set[Role]:
        assert callable(can)
        return {role for role in Role if can(cast.staff(role))}

    assert may(can_work_alerts) == may(can_sign_list) == {Role.NURSE}
    assert may(can_hear_escalations) == {Role.NURSE, Role.MANAGER, Role.ADMIN}
    assert not can_work_alerts(cast.outsider)
    assert cast.nurse.has_perm("triage.work_alerts")
    assert not cast.agent.has_perm("triage.work_alerts")


#: Takes the text and is killed the moment that its commit has returned, ahead of every ring.
TAKES_A_TEXT_AND_DIES = """
import os, signal, sys
import django
django.setup()
from django.db import connection
from tests.triage.scene import text_from
connection.run_on_commit = []
real = connection.run_and_clear_commit_hooks
connection.run_and_clear_commit_hooks = lambda: os.kill(os.getpid(), signal.SIGKILL)
text_from(sys.argv[1], "my chest hurts", carrier_id="SMkilled")
"""


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_a_process_killed_after_its_commit_loses_no_answer(
    carrier: type[FakeSms], redis_url: str
) -> None:
    """kill -9 between storing and answering: rows are there, and the sweep does the rest."""
    patient = reachable_patient()
    number = str(phone_of(patient).number)
    died = subprocess.run(
        [sys.executable, "-c", TAKES_A_TEXT_AND_DIES, number],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": own_database_url(),
            "REDIS_URL": redis_url,
        },
        check=False,
    )
    assert died.returncode == -9
    assert Message.objects.get(carrier_id="SMkilled").status == MessageStatus.HELD
    assert only_alert().level == Level.EMERGENCY
    for _ in range(2):
        settle(NOW)
    assert len(carrier.texts) == 1
    assert "911" in carrier.texts[0][1].body
    answer = Message.objects.get(direction=Direction.OUT)
    assert answer.status == MessageStatus.SENT
