"""Topics, frames, notices and addresses: the parts of the stream that need nothing running."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import RequestFactory

from crm.live.channel import Notice
from crm.live.frames import BEAT, RESYNC, SIGNED_OUT, notice_frame, opening_frame
from crm.live.origins import is_own_host, live_url, may_read_across
from crm.live.topics import DemoOnlyTopic, UnknownTopic, prefixes_for

NOTICE = Notice(41, "waitlist.offer-accepted", "waitlist.opening", 7)


@pytest.mark.parametrize(
    "notice", [NOTICE, Notice(42, "crm.handoff-offered", "crm.handoff", 3, contact=7, agent=2)]
)
def test_a_notice_survives_the_channel(notice: Notice) -> None:
    assert Notice.from_json(notice.to_json().encode()) == notice


@pytest.mark.parametrize("raw", ["", "no json", "[]", "{}", '{"id": "x"}', "null"])
def test_refuses_what_is_no_notice(raw: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - JSON's own error is one too
        Notice.from_json(raw)


def test_a_frame_carries_ids_and_nothing_else() -> None:
    assert notice_frame(NOTICE) == (
        b"id: 41\nevent: notice\n"
        b'data: {"id":41,"name":"waitlist.offer-accepted",'
        b'"subject_type":"waitlist.opening","subject_id":7}\n\n'
    )


@pytest.mark.parametrize("frame", [BEAT, RESYNC, SIGNED_OUT])
def test_browsers_drop_events_without_data_so_each_has_some(frame: bytes) -> None:
    assert re.fullmatch(rb"event: [a-z-]+\ndata: 1\n\n", frame)


def test_browsers_come_back_spread_over_three_seconds() -> None:
    waits = {int(re.match(rb"retry: (\d+)\n\n", opening_frame())[1]) for _ in range(200)}  # type: ignore[index]
    assert min(waits) >= 1_000
    assert max(waits) <= 4_000
    assert len(waits) > 100


def test_a_page_that_names_no_topic_hears_everything() -> None:
    assert prefixes_for("", demo=False) == ("",)


def test_topics_add_up() -> None:
    found = prefixes_for("openings, phones", demo=True)
    assert found == ("waitlist.", "scheduling.", "outreach.", "triage.", "crm.call-")


def test_the_phone_wall_is_for_demos() -> None:
    with pytest.raises(DemoOnlyTopic, match="demo mode only"):
        prefixes_for("phones", demo=False)


def test_an_unknown_topic_is_answered_with_those_that_exist() -> None:
    with pytest.raises(UnknownTopic, match="openings"):
        prefixes_for("opening", demo=True)


@pytest.mark.parametrize(
    ("origin", "host", "may"),
    [
        ("http://localhost:8000", "localhost:8001", True),
        ("http://127.0.0.1:8000", "127.0.0.1:8001", True),
        ("http://[::1]:8000", "[::1]:8001", True),
        ("http://localhost:8000", "127.0.0.1:8001", True),  # the public address, wherever asked
        ("http://127.0.0.1:8000", "localhost:8001", False),  # other host, other cookie
        ("http://localhost:9999", "localhost:8001", False),
        ("https://localhost:8000", "localhost:8001", False),
        ("http://evil.example:8000", "localhost:8001", False),
        ("http://evil.example:8000", "evil.example:8001", False),
        ("http://localhost.evil.example:8000", "localhost:8001", False),
        ("null", "localhost:8001", False),
    ],
)
def test_only_our_own_pages_may_read_the_stream(origin: str, host: str, may: bool) -> None:
    assert may_read_across(origin, host=host) is may


@pytest.mark.parametrize("origin", ["http://[", "http://localhost:port", "http://localhost:99999"])
def test_an_origin_that_is_no_address_is_not_ours(origin: str) -> None:
    assert may_read_across(origin, host="localhost:8001") is False


@pytest.mark.parametrize(
    ("host", "own"), [("localhost:8001", True), ("evil.example", False), ("", False)]
)
def test_answers_for_allowed_hosts_only(host: str, own: bool, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    assert is_own_host(host) is own


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_a_page_finds_the_stream_at_its_own_host(host: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    request = RequestFactory().get("/", headers={"host": host})
    assert live_url(request) == f"http://{host.replace('8000', '8001')}/live"


def test_a_deployment_may_name_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.FIRSTCALL, "live_url", "https://desk.example.org/live")
    assert live_url(RequestFactory().get("/")) == "https://desk.example.org/live"
