"""The inbox page: who may see it, each look at a message, and trying it again."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.engine import Actor
from crm.models import AuditEntry, User
from crm.states import Role
from integrations.inbox.actions import receive_hl7, set_aside, store
from integrations.inbox.queries import MOST_LINES, Cursor, get_message, list_messages
from integrations.models import Hl7Sender, InboxMessage
from integrations.states import InboxKind, InboxStatus
from tests.cast import Cast
from tests.drive import settle
from tests.factories import NOW, LocationFactory
from tests.integrations.hl7 import event, lines, sch

pytestmark = pytest.mark.django_db
ALLOWED = (Role.MANAGER, Role.ADMIN)
DENIED = tuple(role for role in Role if role not in ALLOWED)
MINUTE = dt.timedelta(minutes=1)
BY = Actor.system("test")


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def sender() -> Hl7Sender:
    return Hl7Sender.objects.create(name="APP|FAC", zone="America/Chicago")


@pytest.fixture
def manager(cast: Cast) -> Client:
    return client_of(cast.manager)


@pytest.fixture
def refused() -> InboxMessage:
    """An HL7 cancel of a visit that nobody has heard of."""
    msh = event("S15").replace("|M1|", "|C-17|")
    receive_hl7(lines(MSH=msh, SCH=sch("Cancelled", f2="F77")), peer="10.0.0.4", at=NOW)
    return InboxMessage.objects.get(status=InboxStatus.REFUSED)


def keep(key: str = "k", body: object = None, *, at: dt.datetime = NOW) -> InboxMessage:
    """A message that waits to be applied."""
    return store(
        kind=InboxKind.REST,
        source="ehr",
        key=key,
        body=json.dumps(body or {}).encode(),
        peer="127.0.0.1",
        at=at,
        due_at=at,
    )[0]


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def htmx(target: str = "") -> dict[str, str]:
    return {"HX-Request": "true", **({"HX-Target": target} if target else {})}


def page(message: InboxMessage | None = None, name: str = "message") -> str:
    return reverse(f"inbox:{name}", args=[message.pk]) if message else reverse("inbox:messages")


def text_of(response: HttpResponseBase) -> str:
    assert isinstance(response, HttpResponse)
    return response.content.decode()


def send(
    client: Client, name: str, message: InboxMessage, *, live: bool = False, **data: str
) -> HttpResponseBase:
    body = {"was": message.status, "reason": "A test of theirs", **data}
    return client.post(page(message, f"message-{name}"), body, headers=htmx() if live else {})


def looks_of(user: User) -> list[int]:
    rows = AuditEntry.objects.filter(verb="integrations.inbox.viewed", actor_id=user.pk)
    return list(rows.values_list("subject_id", flat=True))


def status_of(message: InboxMessage) -> str:
    message.refresh_from_db()
    return message.status


# --- who may -------------------------------------------------------------------------


def addresses(message: InboxMessage) -> list[str]:
    parts = ("message", "message-live", "message-set-aside")
    return [page(), *(page(message, part) for part in parts)]


@pytest.mark.parametrize("role", ALLOWED)
def test_operators_may_see_everything_here(cast: Cast, refused: InboxMessage, role: Role) -> None:
    client = client_of(cast.staff(role))
    for address in addresses(refused):
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("role", [*DENIED, None])
def test_others_see_and_change_nothing(
    cast: Cast, refused: InboxMessage, role: Role | None
) -> None:
    user = cast.staff(role) if role else cast.outsider
    client, moves = client_of(user), AuditEntry.objects.count()
    for address in addresses(refused):
        assert client.get(address).status_code == 403, address
    for name in ("replay", "set-aside"):
        assert send(client, name, refused).status_code == 403
    assert status_of(refused) == InboxStatus.REFUSED
    assert AuditEntry.objects.count() == moves


def test_visitors_are_sent_to_sign_in(refused: InboxMessage) -> None:
    for address in addresses(refused):
        assert "sign-in" in Client().get(address)["Location"]
    assert "sign-in" in send(Client(), "replay", refused)["Location"]
    assert status_of(refused) == InboxStatus.REFUSED


def test_a_link_replays_nothing_and_a_page_takes_no_post(
    manager: Client, refused: InboxMessage
) -> None:
    assert manager.get(page(refused, "message-replay")).status_code == 405
    for address in (page(), page(refused), page(refused, "message-live")):
        assert manager.post(address).status_code == 405


def test_a_message_that_does_not_exist_is_not_found(manager: Client) -> None:
    for name in ("message", "message-live", "message-set-aside"):
        assert manager.get(reverse(f"inbox:{name}", args=[99])).status_code == 404
    assert manager.post(reverse("inbox:message-replay", args=[99])).status_code == 404


def test_an_integrations_first_page_leads_to_no_patient(cast: Cast) -> None:
    home = client_of(cast.integration).get(reverse("desk:home"))
    assert home.status_code == 200
    assert "Nothing here for your role yet" in text_of(home)
    assert page() not in text_of(home)


# --- looks ---------------------------------------------------------------------------


def test_the_list_shows_no_body_and_needs_no_trace(
    manager: Client, cast: Cast, refused: InboxMessage
) -> None:
    shown = text_of(manager.get(page()))
    assert "SCH-2: We know no such visit of this sender." in shown
    assert "Nuñez" not in shown
    assert looks_of(cast.manager) == []


def test_each_look_at_a_message_is_written_down_and_not_kept_by_the_browser(
    manager: Client, cast: Cast, refused: InboxMessage
) -> None:
    response = manager.get(page(refused))
    assert "Nuñez" in text_of(response)
    assert "<mark>F77</mark>" in text_of(response)
    assert "no-store" in response["Cache-Control"]
    assert looks_of(cast.manager) == [refused.pk]
    manager.get(page(refused), headers=htmx("work"))
    assert looks_of(cast.manager) == [refused.pk] * 2


def test_a_refresh_shows_the_message_only_once_it_has_changed(
    manager: Client, cast: Cast, refused: InboxMessage
) -> None:
    shown = text_of(manager.get(page(refused)))
    found = re.search(r'id="work-center"[^>]*hx-get="([^"]+)"', shown)
    assert found
    again = found[1].replace("&amp;", "&")
    assert manager.get(again, headers=htmx()).status_code == 204
    assert looks_of(cast.manager) == [refused.pk]
    set_aside(message_id=refused.pk, reason="A test of theirs", by=BY, at=NOW)
    part = text_of(manager.get(again, headers=htmx()))
    assert "Set aside: A test of theirs" in part
    assert 'id="work-side"' in part
    assert looks_of(cast.manager) == [refused.pk] * 2


def test_what_senders_write_is_text_and_nothing_else(manager: Client) -> None:
    evil = "<script>alert(1)</script>"
    receive_hl7(
        lines(
            MSH=event("S12").replace("|M1|", f"|{evil}|"),
            PID=f"PID|1||77^^^MRN||{evil}",
        ),
        peer="a",
        at=NOW,
    )
    shown = text_of(manager.get(page(InboxMessage.objects.get())))
    assert "<script>alert(1)" not in shown
    assert shown.count("&lt;script&gt;alert(1)") >= 3


# --- what is said --------------------------------------------------------------------


def test_a_repeat_and_a_key_used_again_are_explained(manager: Client) -> None:
    for body in (b"1", b"1", b"1", b"2"):
        store(
            kind=InboxKind.REST,
            source="ehr",
            key="evt-1",
            body=body,
            peer="",
            at=NOW,
            due_at=None,
        )
    first, second = InboxMessage.objects.order_by("pk")
    shown = text_of(manager.get(page(first)))
    assert "It came 3 times with the same body" in shown
    assert "Its sender has used this key for another body" in shown
    assert f'href="{page(second)}"' in shown
    assert "times with the same body" not in text_of(manager.get(page(second)))


def test_says_how_long_it_took_and_what_happened(refused: InboxMessage) -> None:
    InboxMessage.objects.filter(pk=refused.pk).update(received_at=NOW - MINUTE)
    detail = get_message(refused.pk)
    assert detail.took == MINUTE
    assert [(step.to, step.by) for step in detail.steps] == [(InboxStatus.REFUSED, "APP|FAC")]
    assert (detail.zone, detail.waits_for) == ("America/Chicago", "APP|FAC F77")


def test_times_of_other_messages_are_those_of_a_site() -> None:
    message = keep()
    assert get_message(message.pk).zone == "UTC"
    LocationFactory.create(zone="America/Phoenix")
    assert get_message(message.pk).zone == "America/Phoenix"
    assert get_message(message.pk).took is None


def test_a_message_that_keeps_failing_says_why(manager: Client) -> None:
    message = keep()
    InboxMessage.objects.filter(pk=message.pk).update(attempts=3, last_error="ValueError: boom")
    assert "Tried 3 times; last: ValueError: boom." in text_of(manager.get(page(message)))


@pytest.mark.parametrize("status", InboxStatus)
def test_every_state_has_its_words_and_buttons(manager: Client, status: InboxStatus) -> None:
    message = keep()
    InboxMessage.objects.filter(pk=message.pk).update(status=status)
    shown = text_of(manager.get(page(message)))
    can_set_aside = status in {InboxStatus.RECEIVED, InboxStatus.REFUSED}
    assert ('id="set-aside"' in shown) is can_set_aside
    assert 'id="replay"' in shown


# --- the list ------------------------------------------------------------------------


def test_the_newest_stands_first_and_filters_add_up(refused: InboxMessage) -> None:
    older, newer = keep("a", at=NOW - MINUTE), keep("b", at=NOW + MINUTE)
    assert [line.pk for line in list_messages().lines] == [newer.pk, refused.pk, older.pk]
    found = list_messages(status=InboxStatus.RECEIVED, kind=InboxKind.REST, source="ehr")
    assert [line.pk for line in found.lines] == [newer.pk, older.pk]
    assert list_messages(kind=InboxKind.FHIR).lines == ()
    assert list_messages(source="ehr", status=InboxStatus.REFUSED).lines == ()
    assert found.counts == {"refused": 1, "received": 2}
    assert found.sources == ("APP|FAC", "ehr")


def test_a_chosen_sender_who_has_been_silent_can_still_be_seen_to_be_chosen() -> None:
    assert list_messages(source="GONE|X").sources == ("GONE|X",)


def test_pages_lose_and_repeat_nothing_even_within_one_instant() -> None:
    made = {keep(f"k{n}", at=NOW + n // 60 * MINUTE).pk for n in range(2 * MOST_LINES + 5)}
    seen, after = list[int](), None
    for size in (MOST_LINES, MOST_LINES, 5):
        listed = list_messages(after=after)
        assert len(listed.lines) == size
        seen += [line.pk for line in listed.lines]
        after = listed.older
    assert after is None
    assert len(seen) == len(made)
    assert set(seen) == made


def test_a_new_message_does_not_move_the_page_that_is_open(manager: Client) -> None:
    for n in range(MOST_LINES + 1):
        keep(f"k{n}")
    found = re.search(r'id="older" href="([^"]+)"', text_of(manager.get(page())))
    assert found
    older = found[1].replace("&amp;", "&")
    before = re.findall(r'id="line-(\d+)"', text_of(manager.get(older)))
    keep("new", at=NOW + MINUTE)
    assert re.findall(r'id="line-(\d+)"', text_of(manager.get(older))) == before
    assert len(before) == 1


@pytest.mark.parametrize(
    "text", ["", "x", "1", "1-", "-1", "9" * 39, "1-1-1", "²-1", "9" * 30 + "-1"]
)
def test_an_address_that_is_none_of_ours_begins_at_the_newest(manager: Client, text: str) -> None:
    assert Cursor.read(text) is None
    keep()
    assert "line-" in text_of(manager.get(page(), {"before": text}))


def test_an_address_of_ours_reads_back() -> None:
    cursor = Cursor(NOW + dt.timedelta(microseconds=7), 12)
    assert Cursor.read(str(cursor)) == cursor


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({}, "Nothing has been received"),
        ({"status": "refused"}, "Nothing was refused"),
        ({"kind": "fhir"}, "None like this"),
        ({"status": "nonsense", "kind": "nonsense"}, "Nothing has been received"),
        ({"before": "1-1"}, "None older"),
    ],
)
def test_an_empty_list_says_what_that_means(
    manager: Client, query: dict[str, str], said: str
) -> None:
    assert said in text_of(manager.get(page(), query))


def test_filters_stay_on_the_way(manager: Client, refused: InboxMessage) -> None:
    shown = text_of(manager.get(page(), {"status": "refused", "source": "APP|FAC"}))
    assert f'href="{page(refused)}?status=refused&amp;source=APP%7CFAC"' in shown


@pytest.mark.parametrize("is_chosen", [False, True])
def test_the_list_alone_for_its_refresh_and_nothing_while_nothing_is_new(
    manager: Client, refused: InboxMessage, is_chosen: bool
) -> None:
    shown = text_of(manager.get(page(refused if is_chosen else None)))
    found = re.search(r'id="work-list" hx-get="([^"]+)"', shown)
    assert found
    again = found[1].replace("&amp;", "&")
    assert manager.get(again, headers=htmx("work-list")).status_code == 204
    keep("brand-new")
    part = text_of(manager.get(again, headers=htmx("work-list")))
    assert "<html" not in part
    assert "brand-new" in part


@pytest.mark.parametrize("n", [1, 5])
def test_the_page_takes_the_same_queries_however_long_the_list(
    manager: Client, refused: InboxMessage, n: int
) -> None:
    for number in range(n):
        keep(f"k{number}")
    with CaptureQueriesContext(connection) as seen:
        manager.get(page(refused))
    # Session and user, four for the list, the message, its sender and history, the look; alerts
    # that wait, which the bar on top would else ask for in a request of its own.
    assert len(seen) == 11, "\n".join(query["sql"][:160] for query in seen)
    assert not [q for q in seen if "LIMIT 51" in q["sql"] and '"body"' in q["sql"]]


# --- acting --------------------------------------------------------------------------


@pytest.mark.parametrize("live", [False, True])
def test_replay_tries_it_again_in_a_moment(
    manager: Client, cast: Cast, refused: InboxMessage, live: bool
) -> None:
    receive_hl7(lines(SCH=sch(f2="F77")), peer="a", at=NOW)  # now we know the visit
    InboxMessage.objects.filter(pk=refused.pk).update(status=InboxStatus.REFUSED)
    refused.refresh_from_db()
    response = send(manager, "replay", refused, live=live)
    assert response.status_code == (200 if live else 302)
    if live:
        assert "worklist:done" in response["HX-Trigger-After-Swap"]
        assert "It is being tried again." in text_of(response)
    assert status_of(refused) == InboxStatus.RECEIVED
    moved = AuditEntry.objects.filter(to_status="received", subject_id=refused.pk).latest("pk")
    assert moved.actor_id == cast.manager.pk
    settle(NOW)
    assert status_of(refused) == InboxStatus.APPLIED


@pytest.mark.parametrize("live", [False, True])
def test_set_aside_keeps_the_reason(
    manager: Client, cast: Cast, refused: InboxMessage, live: bool
) -> None:
    assert send(manager, "set-aside", refused, live=live).status_code == (200 if live else 302)
    assert status_of(refused) == InboxStatus.SET_ASIDE
    moved = AuditEntry.objects.get(to_status="set-aside")
    assert (moved.reason, moved.actor_id) == ("A test of theirs", cast.manager.pk)


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
def test_set_aside_needs_a_reason(
    manager: Client, refused: InboxMessage, reason: str, live: bool
) -> None:
    response = send(manager, "set-aside", refused, reason=reason, live=live)
    assert response.status_code == 422
    assert ("<html" in text_of(response)) is not live
    assert 'value="refused"' in text_of(response)
    assert status_of(refused) == InboxStatus.REFUSED


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("name", ["replay", "set-aside"])
def test_what_has_changed_meanwhile_is_shown_instead(
    manager: Client, refused: InboxMessage, name: str, live: bool
) -> None:
    set_aside(message_id=refused.pk, reason="by somebody else", by=BY, at=NOW)
    moves = AuditEntry.objects.exclude(to_status="").count()
    response = send(manager, name, refused, live=live)
    assert response.status_code == 409
    assert "It has just changed." in text_of(response)
    assert ("Set aside: by somebody else" in text_of(response)) is not live
    assert status_of(refused) == InboxStatus.SET_ASIDE
    assert AuditEntry.objects.exclude(to_status="").count() == moves


def test_the_form_stands_in_the_dialog_or_on_a_page(manager: Client, refused: InboxMessage) -> None:
    address = page(refused, "message-set-aside")
    assert "<html" in text_of(manager.get(address))
    part: Any = text_of(manager.get(address, headers=htmx()))
    assert "<html" not in part
    assert 'name="reason"' in part
