"""The inbox itself: kept once, tried again, set aside; by action, command and admin page."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.contrib.admin import site
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from crm.engine import Actor, steps
from crm.engine.models import AuditEntry, Event
from crm.models import User
from integrations import validators
from integrations.inbox import tasks
from integrations.inbox.actions import STEP, receive_hl7, replay, set_aside, store
from integrations.models import Hl7Sender, InboxMessage
from integrations.states import InboxKind, InboxStatus
from tests.cast import Cast
from tests.drive import settle
from tests.factories import NOW
from tests.integrations.hl7 import event, lines, sch

pytestmark = pytest.mark.django_db
BY = Actor.system("test")


@pytest.fixture(autouse=True)
def sender() -> Hl7Sender:
    return Hl7Sender.objects.create(name="APP|FAC", zone="America/Chicago")


def keep(body: bytes = b"{}", key: str = "k", **more: Any) -> tuple[InboxMessage, bool]:
    said: dict[str, Any] = {
        "kind": InboxKind.REST,
        "source": "ehr",
        "peer": "10.0.0.9",
        "at": NOW,
        "due_at": NOW,
    }
    return store(key=key, body=body, **{**said, **more})


def refused_cancel(visit: str = "F1") -> InboxMessage:
    """An HL7 cancel of a visit that nobody has heard of."""
    msh = event("S15").replace("202603021200", "202603021201").replace("|M1|", f"|C-{visit}|")
    receive_hl7(lines(MSH=msh, SCH=sch("Cancelled", f2=visit)), peer="a", at=NOW)
    message = InboxMessage.objects.latest("pk")
    assert message.status == InboxStatus.REFUSED
    return message


# --- store ---------------------------------------------------------------------------


def test_keeps_the_bytes_as_they_came() -> None:
    message, is_new = keep(b"\x00\xff not text")
    message.refresh_from_db()
    assert is_new
    assert (bytes(message.body), message.status) == (b"\x00\xff not text", InboxStatus.RECEIVED)


def test_counts_a_repeat_and_stores_it_once() -> None:
    first, _ = keep()
    again, is_new = keep()
    assert (again.pk, is_new) == (first.pk, False)
    first.refresh_from_db()
    assert (first.repeats, first.key_reused) == (1, False)


def test_keeps_another_body_under_the_same_key_and_flags_both() -> None:
    keep(b"1")
    keep(b"2")
    keep(b"2")
    assert list(InboxMessage.objects.order_by("pk").values_list("key_reused", "repeats")) == [
        (True, 0),
        (True, 1),
    ]


@pytest.mark.parametrize("other", [{"source": "other"}, {"kind": InboxKind.FHIR}, {"key": "l"}])
def test_tells_keys_of_other_senders_and_channels_apart(other: dict[str, Any]) -> None:
    keep()
    _, is_new = keep(**other)
    assert is_new
    assert not InboxMessage.objects.filter(key_reused=True).exists()


def test_takes_names_longer_than_its_columns() -> None:
    message, _ = keep(key="k" * 500, source="s" * 500, peer="p" * 500)
    message.refresh_from_db()
    assert (len(message.key), len(message.source), len(message.peer)) == (200, 200, 80)


# --- replay and set aside ------------------------------------------------------------


def test_replay_tries_again_and_may_be_refused_again() -> None:
    message = refused_cancel()
    replay(message_id=message.pk, by=BY, at=NOW)
    message.refresh_from_db()
    assert (message.status, message.due_at) == (InboxStatus.RECEIVED, NOW)
    settle(NOW)
    message.refresh_from_db()
    assert (message.status, message.due_at) == (InboxStatus.REFUSED, None)
    moves = AuditEntry.objects.filter(
        subject_type="integrations.inboxmessage", subject_id=message.pk
    ).order_by("pk")
    assert [(m.from_status, m.to_status) for m in moves] == [
        ("received", "refused"),
        ("refused", "received"),
        ("received", "refused"),
    ]


def test_replay_of_what_was_applied_changes_nothing_twice() -> None:
    receive_hl7(lines(), peer="a", at=NOW)
    message = InboxMessage.objects.get()
    replay(message_id=message.pk, by=BY, at=NOW)
    settle(NOW)
    message.refresh_from_db()
    assert message.status == InboxStatus.APPLIED
    assert "as we knew" in message.outcome


def test_a_message_set_aside_is_not_tried_until_somebody_replays_it() -> None:
    message, _ = keep(b"{}")
    set_aside(message_id=message.pk, reason="a test of theirs", by=BY, at=NOW)
    settle(NOW)
    message.refresh_from_db()
    assert (message.status, message.due_at) == (InboxStatus.SET_ASIDE, None)
    replay(message_id=message.pk, by=BY, at=NOW)
    settle(NOW)
    message.refresh_from_db()
    assert message.status == InboxStatus.REFUSED


def test_setting_aside_what_was_applied_is_only_noted() -> None:
    receive_hl7(lines(), peer="a", at=NOW)
    message = InboxMessage.objects.get()
    set_aside(message_id=message.pk, reason="looked at", by=BY, at=NOW)
    message.refresh_from_db()
    assert message.status == InboxStatus.APPLIED
    assert AuditEntry.objects.get(verb="integrations.inbox.noted").reason == "looked at"


def test_a_message_that_fails_because_the_database_was_away_is_never_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unlucky, _ = keep(b"unlucky", key="unlucky")

    def stumble(message: InboxMessage, at: dt.datetime) -> Any:
        raise OperationalError("deadlock detected")

    monkeypatch.setitem(tasks.APPLIERS, InboxKind.REST, stumble)
    for _ in range(steps.PATIENCE):
        unlucky.refresh_from_db()
        assert unlucky.due_at is not None
        assert steps.run_step(STEP, unlucky.pk, at=unlucky.due_at)
    unlucky.refresh_from_db()
    assert (unlucky.status, unlucky.attempts) == (InboxStatus.RECEIVED, steps.PATIENCE)


def test_a_message_that_always_runs_into_the_time_out_goes_to_quarantine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heavy, _ = keep(b"heavy", key="heavy")
    monkeypatch.setitem(tasks.APPLIERS, InboxKind.REST, lambda *_: run_out_of_time())
    for _ in range(tasks.STUMBLES + 1):
        heavy.refresh_from_db()
        assert heavy.due_at is not None
        assert steps.run_step(STEP, heavy.pk, at=heavy.due_at)
    heavy.refresh_from_db()
    assert (heavy.status, heavy.due_at) == (InboxStatus.REFUSED, None)
    assert "quarantine" in heavy.outcome
    assert "TooSlow" in heavy.outcome


def run_out_of_time() -> Any:
    """A statement that PostgreSQL itself ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 10")
        cursor.execute("SELECT pg_sleep(10)")


def test_says_what_became_of_each_message() -> None:
    receive_hl7(lines(), peer="a", at=NOW)
    refused_cancel("F9")
    names = Event.objects.filter(name__startswith="integrations.").values_list("name", flat=True)
    assert sorted(names) == ["integrations.message-applied", "integrations.message-refused"]


# --- the command ---------------------------------------------------------------------


def run(*args: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("inbox_replay", *args, stdout=out, **options)
    return out.getvalue()


def test_the_command_replays_what_it_is_told_to() -> None:
    message = refused_cancel()
    receive_hl7(lines(), peer="a", at=NOW)
    assert run(str(message.pk)).startswith(f"{message.pk}  applied  The visit is cancelled now")


def test_the_command_replays_all_that_were_refused_and_fails_while_some_are() -> None:
    first, second = refused_cancel("F1"), refused_cancel("F2")
    receive_hl7(lines(), peer="a", at=NOW)
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"1 message\(s\) still refused"):
        call_command("inbox_replay", "--refused", stdout=out)
    assert [line.split()[:2] for line in out.getvalue().splitlines()] == [
        [str(first.pk), "applied"],
        [str(second.pk), "refused"],
    ]


def test_the_command_can_keep_to_one_sender() -> None:
    refused_cancel()
    assert run("--refused", "--source", "OTHER|X") == ""


@pytest.mark.parametrize("args", [[], ["1", "--refused"], ["999999"]])
def test_the_command_refuses_what_it_cannot_do(args: list[str]) -> None:
    with pytest.raises(CommandError):
        run(*args)


# --- the admin -----------------------------------------------------------------------

LIST = reverse("admin:integrations_inboxmessage_changelist")


def signed_in(user: User) -> Client:
    User.objects.filter(pk=user.pk).update(is_staff=True)
    client = Client()
    client.force_login(
        User.objects.get(pk=user.pk), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def act(client: Client, action: str, message: InboxMessage, **more: str) -> Any:
    data = {"action": action, "_selected_action": [str(message.pk)], **more}
    return client.post(LIST, data, follow=True)


def test_the_admin_lists_messages_and_shows_one_leaving_a_trace(cast: Cast) -> None:
    message = refused_cancel()
    client = signed_in(cast.manager)
    page = client.get(LIST)
    assert page.status_code == 200
    assert "We know no such visit of this sender." in page.content.decode()
    shown = client.get(reverse("admin:integrations_inboxmessage_change", args=[message.pk]))
    assert "SCH|P1|F1" in shown.content.decode()
    seen = AuditEntry.objects.get(verb="integrations.inbox.viewed")
    assert (seen.actor_id, seen.subject_id) == (cast.manager.pk, message.pk)


def test_the_admin_escapes_what_senders_write(cast: Cast) -> None:
    receive_hl7(lines(PID="PID|1||77^^^MRN||<script>alert(1)</script>"), peer="a", at=NOW)
    message = InboxMessage.objects.get()
    client = signed_in(cast.manager)
    url = reverse("admin:integrations_inboxmessage_change", args=[message.pk])
    shown = client.get(url).content.decode()
    assert "<script>alert(1)" not in shown
    assert "&lt;script&gt;alert(1)" in shown


def test_the_admin_replays(cast: Cast) -> None:
    message = refused_cancel()
    page = act(signed_in(cast.manager), "replay", message)
    assert "1 message(s) will be tried again" in page.content.decode()
    message.refresh_from_db()
    assert message.status == InboxStatus.RECEIVED
    entry = AuditEntry.objects.filter(to_status="received").get()
    assert (entry.actor_kind, entry.actor_id) == ("user", cast.manager.pk)


def test_the_admin_sets_aside_with_a_reason(cast: Cast) -> None:
    message = refused_cancel()
    client = signed_in(cast.manager)
    assert "Write a reason" in act(client, "set_aside", message).content.decode()
    message.refresh_from_db()
    assert message.status == InboxStatus.REFUSED
    act(client, "set_aside", message, reason="a test of theirs")
    message.refresh_from_db()
    assert message.status == InboxStatus.SET_ASIDE
    assert AuditEntry.objects.get(to_status="set-aside").reason == "a test of theirs"


@pytest.mark.parametrize("role", ["agent", "nurse", "front_desk", "marketing", "outsider"])
def test_the_admin_shows_the_inbox_to_nobody_else(cast: Cast, role: str) -> None:
    message = refused_cancel()
    client = signed_in(getattr(cast, role))
    assert client.get(LIST).status_code == 403
    url = reverse("admin:integrations_inboxmessage_change", args=[message.pk])
    assert client.get(url).status_code == 403
    assert act(client, "replay", message).status_code == 403
    message.refresh_from_db()
    assert message.status == InboxStatus.REFUSED
    assert not AuditEntry.objects.filter(verb="integrations.inbox.viewed").exists()


def test_nobody_adds_changes_or_deletes_messages(cast: Cast) -> None:
    message = refused_cancel()
    client = signed_in(cast.admin)
    assert client.get(reverse("admin:integrations_inboxmessage_add")).status_code == 403
    url = reverse("admin:integrations_inboxmessage_change", args=[message.pk])
    assert client.post(url, {"status": "applied"}).status_code == 403
    delete = reverse("admin:integrations_inboxmessage_delete", args=[message.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    message.refresh_from_db()
    assert message.status == InboxStatus.REFUSED


SENDER = {
    "name": "NEW|EAST",
    "source": "",
    "zone": "America/New_York",
    "charset": "utf-8",
    "appointment_id_from": "SCH-2",
    "statuses": "{}",
    "cancel_reasons": "{}",
    "processing_ids": "P",
    "location_from": "PL.4",
    "visit_type_from": "AIS-3",
    "other_messages": "reject",
    "is_active": "on",
}


def test_an_administrator_registers_a_sender(cast: Cast) -> None:
    client = signed_in(cast.admin)
    added = client.post(reverse("admin:integrations_hl7sender_add"), SENDER)
    assert added.status_code == 302
    assert Hl7Sender.objects.get(name="NEW|EAST").zone == "America/New_York"


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "Mars/Base"},
        {"charset": "klingon"},
        {"statuses": '{"X": "gone"}'},
        {"cancel_reasons": '["patient"]'},
    ],
)
def test_a_sender_that_makes_no_sense_is_not_registered(cast: Cast, wrong: dict[str, str]) -> None:
    client = signed_in(cast.admin)
    added = client.post(reverse("admin:integrations_hl7sender_add"), SENDER | wrong)
    assert added.status_code == 200
    assert not Hl7Sender.objects.filter(name="NEW|EAST").exists()


def test_only_administrators_register_senders(cast: Cast) -> None:
    client = signed_in(cast.manager)
    assert client.post(reverse("admin:integrations_hl7sender_add"), SENDER).status_code == 403
    assert not Hl7Sender.objects.filter(name="NEW|EAST").exists()


def test_the_admin_knows_both() -> None:
    assert {InboxMessage, Hl7Sender} <= set(site._registry)


def test_the_tables_of_a_sender_take_what_they_should() -> None:
    validators.check_statuses({"CO": "fulfilled"})
    validators.check_cancel_reasons({"SICK": "patient"})
    with pytest.raises(ValidationError, match="patient, provider, organization, unknown"):
        validators.check_cancel_reasons({"SICK": "nobody"})
