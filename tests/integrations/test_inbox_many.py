"""Trying many messages again: chosen, worked on by a step, stopped, and picked up after a death."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from crm.engine import Actor, run_step
from crm.models import AuditEntry
from crm.states import Role
from integrations.inbox import replays
from integrations.inbox.actions import receive_hl7
from integrations.inbox.progress import get_progress
from integrations.models import Hl7Sender, InboxMessage, Replay, ReplayItem
from integrations.states import InboxStatus, ReplayStatus
from tests.cast import Cast
from tests.drive import settle
from tests.factories import NOW
from tests.integrations.hl7 import event, lines, sch
from tests.integrations.test_inbox_views import client_of, htmx, text_of

pytestmark = pytest.mark.django_db
BY = Actor.system("test")


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def refused() -> list[int]:
    """Five changes to a status that nobody knows."""
    Hl7Sender.objects.create(name="APP|FAC", zone="America/Chicago")
    for number in range(5):
        msh = event("S14").replace("|M1|", f"|M{number}|")
        receive_hl7(lines(MSH=msh, SCH=sch("77", f2=f"F{number}")), peer="a", at=NOW)
    return list(InboxMessage.objects.order_by("pk").values_list("pk", flat=True))


def mend_the_table() -> None:
    Hl7Sender.objects.update(statuses={"77": "booked"})


def start(client: Client, **data: object) -> Replay:
    answer = client.post(reverse("inbox:replay-start"), data)
    assert answer.status_code == 302
    job = Replay.objects.latest("pk")
    assert answer["Location"] == reverse("inbox:replay-progress", args=[job.pk])
    return job


def test_a_filter_is_replayed_with_its_outcomes(cast: Cast, refused: list[int]) -> None:
    client = client_of(cast.manager)
    mend_the_table()
    job = start(client, status="refused", source="APP|FAC")
    assert (job.total, job.chosen) == (5, "all refused, of APP|FAC")
    page = text_of(client.get(reverse("inbox:replay-progress", args=[job.pk])))
    assert "0 of 5 tried" in page
    settle(NOW)
    assert not InboxMessage.objects.filter(status=InboxStatus.REFUSED).exists()
    part = client.get(reverse("inbox:replay-progress", args=[job.pk]), headers=htmx())
    assert "5 of 5 tried" in text_of(part)
    assert "hx-trigger" not in text_of(part), "one that has ended does not look again"
    assert Replay.objects.get().status == ReplayStatus.DONE


def test_those_that_are_ticked_and_only_those(cast: Cast, refused: list[int]) -> None:
    mend_the_table()
    start(client_of(cast.manager), message=[str(pk) for pk in refused[:2]], status="refused")
    settle(NOW)
    assert InboxMessage.objects.filter(status=InboxStatus.APPLIED).count() == 2
    assert InboxMessage.objects.filter(status=InboxStatus.REFUSED).count() == 3


def test_says_which_are_refused_again(refused: list[int]) -> None:
    job = replays.start_replay(message_ids=refused, chosen="all refused", by=BY, at=NOW)
    settle(NOW)
    seen = get_progress(job.pk)
    assert [(o.status, o.count) for o in seen.outcomes] == [(InboxStatus.REFUSED, 5)]
    assert [one.message_id for one in seen.refused] == refused


def test_one_that_another_worker_had_shows_what_became_of_it(refused: list[int]) -> None:
    job = replays.start_replay(message_ids=refused, chosen="all refused", by=BY, at=NOW)
    settle(NOW)
    taken = ReplayItem.objects.filter(replay=job, message=refused[0])
    taken.update(became=InboxStatus.RECEIVED, sentence="")
    seen = get_progress(job.pk)
    assert [(o.status, o.count) for o in seen.outcomes] == [(InboxStatus.REFUSED, 5)]
    assert seen.refused[0].sentence, "its reason is the message's own"


def test_a_worker_that_dies_between_two_messages_is_followed_by_another(
    refused: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    mend_the_table()
    job = replays.start_replay(message_ids=refused, chosen="", by=BY, at=NOW)
    calls = itertools.count()

    def die(*args: object, **options: object) -> bool:
        if next(calls) == 2:
            raise KeyboardInterrupt
        return run_step(*args, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as killed:
        killed.setattr(replays, "run_step", die)
        with pytest.raises(KeyboardInterrupt):
            replays.replay_some(job.pk, NOW)
    assert get_progress(job.pk).done == 2
    settle(NOW)
    seen = get_progress(job.pk)
    assert (seen.done, seen.status) == (5, ReplayStatus.DONE)
    assert InboxMessage.objects.filter(status=InboxStatus.APPLIED).count() == 5


def test_works_on_in_parts(refused: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    mend_the_table()
    monkeypatch.setattr(replays, "WORKS_FOR", 0.0)
    job = replays.start_replay(message_ids=refused, chosen="", by=BY, at=NOW)
    assert replays.replay_some(job.pk, NOW) == NOW, "due again at once"
    monkeypatch.undo()
    settle(NOW)
    assert get_progress(job.pk).done == 5


def test_a_stopped_one_tries_no_more(cast: Cast, refused: list[int]) -> None:
    job = replays.start_replay(message_ids=refused, chosen="", by=BY, at=NOW)
    client = client_of(cast.manager)
    for _ in range(2):  # twice is once
        assert client.post(reverse("inbox:replay-stop", args=[job.pk])).status_code == 302
    mend_the_table()
    settle(NOW)
    assert InboxMessage.objects.filter(status=InboxStatus.REFUSED).count() == 5
    assert Replay.objects.get().status == ReplayStatus.STOPPED
    assert AuditEntry.objects.filter(to_status=ReplayStatus.STOPPED).count() == 1


def test_nothing_to_try_starts_nothing(cast: Cast) -> None:
    answer = client_of(cast.manager).post(reverse("inbox:replay-start"), {"status": "refused"})
    assert answer["Location"] == reverse("inbox:messages")
    assert not Replay.objects.exists()


@pytest.mark.parametrize("role", [Role.AGENT, Role.NURSE, Role.MARKETING])
def test_others_start_stop_and_see_none(cast: Cast, refused: list[int], role: Role) -> None:
    job = replays.start_replay(message_ids=refused, chosen="", by=BY, at=NOW)
    client = client_of(cast.staff(role))
    assert client.post(reverse("inbox:replay-start"), {"status": "refused"}).status_code == 403
    assert client.post(reverse("inbox:replay-stop", args=[job.pk])).status_code == 403
    assert client.get(reverse("inbox:replay-progress", args=[job.pk])).status_code == 403
    assert Replay.objects.get().status == ReplayStatus.RUNNING


def test_one_that_does_not_exist_is_not_found(cast: Cast) -> None:
    client = client_of(cast.manager)
    assert client.get(reverse("inbox:replay-progress", args=[99])).status_code == 404
    assert client.post(reverse("inbox:replay-stop", args=[99])).status_code == 404
    assert client.get(reverse("inbox:replay-start")).status_code == 405


def test_what_no_message_can_be_called_is_tried_by_nobody(cast: Cast, refused: list[int]) -> None:
    data = {"message": ["9" * 30, "\u0663", "x"]}
    answer = client_of(cast.manager).post(reverse("inbox:replay-start"), data)
    assert (answer.status_code, answer["Location"]) == (302, reverse("inbox:messages"))
    assert not Replay.objects.exists()
