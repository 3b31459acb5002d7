"""The phone wall: what stands on the phones, and what answering on them does."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from crm.actions import revoke_consent
from crm.models import AuditEntry, Patient, Phone
from crm.states import Channel
from integrations.phone_wall.bubbles import split_links
from integrations.phone_wall.queries import MOST_PHONES, PHONES, find_changes, get_phones
from outreach.models import Message
from outreach.states import MessageStatus
from tests.cast import Cast
from tests.factories import (
    NOW,
    TEST,
    MessageFactory,
    PatientFactory,
    PatientPhoneFactory,
    PhoneFactory,
    ProxyFactory,
    phone_of,
    reachable_patient,
)
from tests.fakes.sms import carrier
from tests.waitlist.conftest import scene
from tests.waitlist.scene import Scene
from waitlist.states import OfferStatus

__all__ = ["carrier", "scene"]

HTMX = {"HX-Request": "true"}
WALL = "/phones/"


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agent(cast: Cast, client: Client) -> Client:
    client.force_login(cast.agent)
    return client


def text_to(patient: Patient, **fields: Any) -> Message:
    fields.setdefault("status", MessageStatus.DELIVERED)
    return MessageFactory.create(patient=patient, phone=phone_of(patient), **fields)


def words(answer: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("&#x27;", "'")
    return " ".join(text.split())


def reply_url(phone: Phone) -> str:
    return reverse("phones:reply", args=[phone.pk])


# --- who may ----------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["agent", "marketing", "outsider"])
def test_every_member_of_staff_sees_it_in_a_demo(cast: Cast, client: Client, role: str) -> None:
    client.force_login(getattr(cast, role))
    assert client.get(WALL).status_code == 200


@pytest.mark.parametrize("path", [WALL, "/phones/changes/"])
def test_a_visitor_is_asked_to_sign_in(db: None, client: Client, path: str) -> None:
    answer: Any = client.get(path)
    assert answer.status_code == 302
    assert answer.url.startswith("/sign-in/")


def test_a_visitor_can_text_from_no_phone(cast: Cast, client: Client) -> None:
    answer: Any = client.post(reply_url(cast.phone), {"body": "STOP"})
    assert answer.status_code == 302
    assert answer.url.startswith("/sign-in/")
    assert not Message.objects.exists()


def test_outside_a_demo_there_is_no_wall(
    cast: Cast, agent: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings.FIRSTCALL, "firstcall_demo", False)
    assert agent.get(WALL).status_code == 404
    assert agent.get("/phones/changes/").status_code == 404
    assert agent.post(reply_url(cast.phone), {"body": "STOP"}).status_code == 404
    assert not Message.objects.exists()


def test_refuses_the_wrong_method_and_changes_nothing(cast: Cast, agent: Client) -> None:
    assert agent.post(WALL).status_code == 405
    assert agent.post("/phones/changes/").status_code == 405
    assert agent.get(reply_url(cast.phone)).status_code == 405
    assert not Message.objects.exists()


def test_who_looked_at_which_phones_is_kept(cast: Cast, agent: Client) -> None:
    text_to(cast.patient)
    agent.get(WALL)
    entry = AuditEntry.objects.get(verb="phones.viewed")
    assert (entry.actor_id, entry.detail) == (cast.agent.pk, {"phones": [cast.phone.pk]})


# --- what stands on it -------------------------------------------------------------------


def test_says_what_to_do_while_there_are_no_texts(agent: Client) -> None:
    page = words(agent.get(WALL))
    assert "No texts yet" in page
    assert "make demo" in page


def test_shows_a_text_with_its_time_at_the_patients_and_what_became_of_it(
    cast: Cast, agent: Client
) -> None:
    text_to(cast.patient, body="Camelback: Tue 9:40 AM <b>free</b>. http://x.test/o/abc_-1/ ok?")
    page = agent.get(WALL)
    assert "Rosa (480) 555-0142 · Phoenix" in words(page)
    assert "Wed Nov 18" in words(page)
    assert "10:00 AM Delivered" in words(page)
    html = page.content.decode()
    assert '<a href="http://x.test/o/abc_-1/" target="_blank" rel="noopener noreferrer">' in html
    assert "&lt;b&gt;free" in html


@pytest.mark.parametrize(
    ("status", "said", "is_here"),
    [
        (MessageStatus.QUEUED, "Waiting to be sent", False),
        (MessageStatus.SENDING, "Sending", False),
        (MessageStatus.UNKNOWN, "Asking the carrier", False),
        (MessageStatus.SENT, "Sent", True),
        (MessageStatus.DELIVERED, "Delivered", True),
        (MessageStatus.FAILED, "Failed: No such number. (30006)", False),
        (MessageStatus.NOT_PERMITTED, "Not sent: No such number. (30006)", False),
        (MessageStatus.TOO_LATE, "Not sent, too late: No such number. (30006)", False),
    ],
)
def test_says_what_became_of_a_text_and_why(
    cast: Cast, agent: Client, status: MessageStatus, said: str, is_here: bool
) -> None:
    message = text_to(cast.patient, status=status, error_code="30006")
    AuditEntry.objects.create(
        at=NOW,
        actor_kind="system",
        actor_label="outreach",
        verb="outreach.message.moved",
        subject_type="outreach.message",
        subject_id=message.pk,
        to_status=status,
        reason="No such number.",
    )
    page = agent.get(WALL)
    assert said in words(page)
    assert ("text ours away" in page.content.decode()) is not is_here


def test_says_until_when_a_text_waits(cast: Cast, agent: Client) -> None:
    text_to(cast.patient, status=MessageStatus.QUEUED, due_at=NOW + dt.timedelta(hours=22))
    assert "Waiting to be sent: not before Thu Nov 19, 8:00 AM" in words(agent.get(WALL))


def test_shows_who_shares_a_phone_in_which_language(agent: Client) -> None:
    mother = reachable_patient(given_name="Lucía", language="es", zone="America/New_York")
    phone = phone_of(mother)
    PatientPhoneFactory.create(patient=PatientFactory.create(given_name="Mateo"), phone=phone)
    past = PatientFactory.create(given_name="Olga")
    PatientPhoneFactory.create(patient=past, phone=phone, ended_on=NOW.date())
    ProxyFactory.create(phone=phone, name="Ana Alvarez")
    text_to(mother)
    page = agent.get(WALL)
    assert "Lucía, Mateo, Ana" in words(page)
    assert "Olga" not in words(page)
    assert "· New York Español" in words(page)
    assert "12:00 PM" in words(page)
    assert '<button class="pill" name="body" value="SI"' in page.content.decode()


@pytest.mark.parametrize(("site", "said"), [("America/Chicago", "Chicago"), ("", "UTC")])
def test_a_phone_of_nobody_we_know_goes_by_the_clock_of_the_site_that_wrote(
    agent: Client, site: str, said: str
) -> None:
    MessageFactory.create(patient=None, zone=site)
    assert "Nobody we know (602) 555-" in words(agent.get(WALL))
    assert f"· {said}" in words(agent.get(WALL))


def test_says_that_a_phone_has_opted_out(cast: Cast, agent: Client) -> None:
    text_to(cast.patient)
    assert "Opted out" not in words(agent.get(WALL))
    revoke_consent(phone=cast.phone, channel=Channel.SMS, source="carrier-keyword", by=TEST, at=NOW)
    assert "Opted out. START brings texts back." in words(agent.get(WALL))


def test_says_that_texts_go_through_a_carrier(agent: Client, settings: Settings) -> None:
    settings.SMS_GATEWAY = "integrations.phone_wall.gateway.PhoneWallGateway"
    assert "Texts leave through" not in words(agent.get(WALL))
    settings.SMS_GATEWAY = "integrations.twilio.gateway.TwilioGateway"
    assert "Texts leave through Twilio, to real phones." in words(agent.get(WALL))


def test_the_phones_with_the_newest_texts_come_first_and_the_rest_not_at_all(
    agent: Client,
) -> None:
    phones = [PhoneFactory.create() for _ in range(PHONES + 2)]
    for phone in phones:
        MessageFactory.create(phone=phone)
    MessageFactory.create(phone=phones[0])
    shown = re.findall(r'id="phone-(\d+)"', agent.get(WALL).content.decode())
    newest = [phones[0], *reversed(phones[3:])]
    assert shown == [str(phone.pk) for phone in newest]


def test_reads_the_wall_in_the_same_number_of_statements_however_many_phones(
    django_assert_num_queries: DjangoAssertNumQueries, cast: Cast
) -> None:
    keys = []
    for n in range(6):
        patient = reachable_patient(given_name=f"P{n}")
        for status in (MessageStatus.FAILED, MessageStatus.DELIVERED):
            text_to(patient, status=status)
        keys.append(phone_of(patient).pk)
    with django_assert_num_queries(8):
        get_phones(keys[:1], at=NOW)
    with django_assert_num_queries(8):
        get_phones(keys, at=NOW)


# --- finding a phone ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "search", ["0142", "(480) 555-0142", "+14805550142", "rosa", "Delg", "rosa delgado"]
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_finds_a_phone_by_number_or_name_texts_or_not(
    cast: Cast, agent: Client, search: str, headers: dict[str, str]
) -> None:
    text_to(reachable_patient(given_name="Somebody", family_name="Else", number="+14805550177"))
    page = agent.get(WALL, {"q": search}, headers=headers)
    assert "Rosa" in words(page)
    assert "Somebody" not in words(page)
    assert ("<html" in page.content.decode()) is not bool(headers)


def test_says_that_there_is_no_such_phone(cast: Cast, agent: Client) -> None:
    text_to(cast.patient)
    assert "No such phone" in words(agent.get(WALL, {"q": "nobody"}))


def test_finds_a_phone_by_the_name_of_somebody_who_acts_for_a_patient(agent: Client) -> None:
    ProxyFactory.create(name="Ana Alvarez")
    assert "Ana" in words(agent.get(WALL, {"q": "alvarez"}))


# --- answering ---------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_reply_comes_in_as_from_a_carrier(
    cast: Cast, agent: Client, headers: dict[str, str]
) -> None:
    text_to(cast.patient, sent_at=NOW)
    answer: Any = agent.post(
        reply_url(cast.phone), {"body": " can my wife come? "}, headers=headers
    )
    message = Message.objects.get(direction="in")
    assert (message.body, message.phone, message.patient) == (
        "can my wife come?",
        cast.phone,
        cast.patient,
    )
    assert message.reading == "question"
    if headers:
        assert "can my wife come? 10:00 AM A question, for a person" in words(answer)
        assert f'id="write-{cast.phone.pk}" hx-swap-oob="true"' in answer.content.decode()
        assert 'value="can my' not in answer.content.decode()
    else:
        assert answer.url == f"/phones/#phone-{cast.phone.pk}"


def test_a_yes_on_the_wall_fills_the_opening(scene: Scene, cast: Cast, agent: Client) -> None:
    patient = scene.add_candidate()
    scene.free()
    agent.post(reply_url(phone_of(patient)), {"body": "YES"})
    scene.settle()
    assert scene.offer_to(patient).status == OfferStatus.WON


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize(
    ("body", "said"), [("  ", "Type a text first."), ("x" * 1531, "at most 1530 characters")]
)
def test_refuses_no_text_and_too_much_of_it(
    cast: Cast, agent: Client, headers: dict[str, str], body: str, said: str
) -> None:
    answer = agent.post(reply_url(cast.phone), {"body": body}, headers=headers)
    assert answer.status_code == 422
    assert said in words(answer)
    assert 'aria-invalid="true"' in answer.content.decode()
    assert ("<html" in answer.content.decode()) is not bool(headers)
    assert not Message.objects.exists()


def test_a_number_that_cannot_text_is_said(cast: Cast, agent: Client) -> None:
    Phone.objects.filter(pk=cast.phone.pk).update(number="+1602")
    answer = agent.post(reply_url(cast.phone), {"body": "YES"}, headers=HTMX)
    assert answer.status_code == 422
    assert "The sender is not a telephone number." in words(answer)
    assert not Message.objects.exists()


def test_there_is_no_answering_on_a_phone_that_is_not_there(agent: Client) -> None:
    assert agent.post("/phones/999999/reply/", {"body": "YES"}).status_code == 404


# --- a wall that is open ------------------------------------------------------------------


def seen(page: Any) -> list[str]:
    return re.findall(r'name="seen" value="([^"]+)"', page.content.decode())


def changes(agent: Client, versions: list[str], **query: str) -> Any:
    return agent.get("/phones/changes/", {"seen": versions, **query}, headers=HTMX)


def test_nothing_new_is_nothing_to_swap(cast: Cast, agent: Client) -> None:
    text_to(cast.patient)
    answer = changes(agent, seen(agent.get(WALL)))
    assert answer.status_code == 204


def test_only_the_phone_that_changed_is_renewed_and_its_new_text_glows(
    cast: Cast, agent: Client
) -> None:
    text_to(cast.patient, body="the first")
    text_to(reachable_patient(given_name="Else"))
    versions = seen(agent.get(WALL))
    text_to(cast.patient, body="the second")
    html = changes(agent, versions).content.decode()
    assert re.findall(r'id="thread-(\d+)" hx-swap-oob="true"', html) == [str(cast.phone.pk)]
    assert html.count('class="bubble changed"') == 1
    assert 'class="write"' not in html  # what somebody types stays


def test_a_text_that_arrives_changes_its_phone(cast: Cast, agent: Client) -> None:
    message = text_to(cast.patient, status=MessageStatus.SENT)
    versions = seen(agent.get(WALL))
    Message.objects.filter(pk=message.pk).update(status=MessageStatus.DELIVERED)
    assert "Delivered" in words(changes(agent, versions))


def test_a_new_phone_comes_first_and_the_others_stay_where_they_are(
    cast: Cast, agent: Client
) -> None:
    text_to(cast.patient)
    versions = seen(agent.get(WALL))
    text_to(reachable_patient(given_name="Newcomer"))
    html = changes(agent, versions).content.decode()
    assert 'hx-swap-oob="afterbegin:#wall"' in html
    assert "Newcomer" in html
    assert "no-phones" not in html
    assert f'id="phone-{cast.phone.pk}"' not in html


def test_the_first_phone_takes_the_place_of_the_empty_wall(cast: Cast, agent: Client) -> None:
    agent.get(WALL)
    text_to(cast.patient)
    assert '<div id="no-phones" hx-swap-oob="delete">' in changes(agent, []).content.decode()


def test_a_searched_wall_hears_of_its_own_phones_only(cast: Cast, agent: Client) -> None:
    text_to(cast.patient)
    versions = seen(agent.get(WALL, {"q": "rosa"}))
    text_to(reachable_patient(given_name="Newcomer"))
    assert changes(agent, versions, q="rosa").status_code == 204


def test_a_wall_open_for_long_drops_its_last_phones(db: None) -> None:
    phones = [PhoneFactory.create() for _ in range(MOST_PHONES + 1)]
    versions = [phone.version for phone in get_phones([p.pk for p in phones[1:]], at=NOW)]
    MessageFactory.create(phone=phones[0])
    found = find_changes(versions, search="", at=NOW)
    assert [phone.pk for phone in found.added] == [phones[0].pk]
    assert found.dropped == [phones[-1].pk]
    assert not found.changed


def test_a_phone_that_was_removed_meanwhile_is_left_alone(cast: Cast, agent: Client) -> None:
    assert changes(agent, ["999999:1:00000000"]).status_code == 204


@pytest.mark.parametrize("version", ["x", "1", "1:x:2", "", "1:2", "99999999999999999999:1:0"])
def test_refuses_versions_that_are_none(agent: Client, version: str) -> None:
    assert changes(agent, [version]).status_code == 400


# --- links in texts -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "links"),
    [
        ("no link", []),
        ("https://a.test/o/x-_1/", ["https://a.test/o/x-_1/"]),
        ("see http://a.test/o/x. Bye", ["http://a.test/o/x"]),
        ("(http://a.test/x) and https://b.test/y!", ["http://a.test/x", "https://b.test/y"]),
        ("javascript:alert(1) ftp://x", []),
        ('http://a.test/"onclick=', ["http://a.test/"]),
    ],
)
def test_finds_the_links_of_a_text(body: str, links: list[str]) -> None:
    parts = split_links(body)
    assert "".join(part.text for part in parts) == body
    assert [part.text for part in parts if part.is_link] == links
