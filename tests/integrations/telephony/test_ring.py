"""`manage.py ring`: calls that are made up, told as a telephone system tells them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from crm.models import Call, Interaction
from crm.states import Aid, CallStatus
from tests.cast import Cast
from tests.crm.center import agent, line, queue


@pytest.fixture(autouse=True)
def web(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own web server, without a wire in between."""

    def post(url: str, *, content: bytes, headers: dict[str, str], **_: Any) -> httpx.Response:
        kind = headers.pop("Content-Type")
        answer = Client().post(urlsplit(url).path, content, content_type=kind, headers=headers)
        return httpx.Response(answer.status_code, content=answer.content)

    monkeypatch.setattr(httpx, "post", post)
    line(queue())


def ring(*words: str, capsys: pytest.CaptureFixture[str] | None = None) -> str:
    call_command("ring", *words)
    return capsys.readouterr().out if capsys else ""


def test_a_whole_call_in_three_commands(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    user = agent(extension="201", username="dana")
    rings = ("--patient", str(cast.patient.pk), "--at", "dana", "--press", "2", "--aid", "relay")
    out = ring(*rings, capsys=capsys)
    call = Call.objects.get()
    assert call.rings_at == ["201"]
    assert (call.phone, call.pressed, call.aid) == (cast.phone, ["2"], Aid.RELAY)
    key = re.search(r"--call (\w+)", out)
    assert key
    ring("--call", key[1], "--answer", "dana", "--hold")
    assert Call.objects.get().status == CallStatus.ON_HOLD
    assert Interaction.objects.get().agent == user
    ring("--call", key[1], "--resume", "--hang-up")
    assert Call.objects.get().status == CallStatus.ENDED


def test_a_number_a_line_and_nobody(db: None) -> None:
    other = line(queue("other"), number="+16025550101", name="Tucson line")
    ring("--from", "anonymous", "--line", "tucson")
    ring("--from", "+14805550177")
    ring()
    assert [str(call.phone or "") for call in Call.objects.order_by("pk")] == [
        *("", "+14805550177", ""),
    ]
    assert Call.objects.earliest("pk").line == other


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--line", "Mars"], "no such line. Lines: General line"),
        (["--answer", "nobody"], "nobody has no extension"),
        (["--patient", "999999"], "has no phone"),
    ],
)
def test_says_what_is_missing(words: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        ring(*words)


def test_says_when_it_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(httpx, "post", lambda *_, **__: httpx.Response(401, text="no"))
    with pytest.raises(CommandError, match="answered 401: no"):
        ring()

    def fail(*_: object, **__: object) -> httpx.Response:
        raise httpx.ConnectError("refused")

    monkeypatch.setattr(httpx, "post", fail)
    with pytest.raises(CommandError, match="Nobody answers at http"):
        ring()


def test_rings_in_a_demo_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.FIRSTCALL, "firstcall_demo", False)
    with pytest.raises(CommandError, match="demo mode only"):
        ring()
    assert not Call.objects.exists()
