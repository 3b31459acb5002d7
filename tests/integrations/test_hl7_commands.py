"""`hl7_send` and `mllp_listen` from the command line's side."""

from __future__ import annotations

import datetime as dt
import io
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from integrations.hl7v2.ack import accept, build_batch_ack, refuse
from integrations.hl7v2.errors import Hl7Error
from integrations.hl7v2.listener import PeerInfo
from integrations.hl7v2.mapping import map_siu
from integrations.hl7v2.parse import read_header, read_message, split_batch
from integrations.management.commands import mllp_listen
from tests.integrations.hl7 import CHICAGO, HERE, SMALL, lines
from tests.integrations.test_hl7_listener import HOST, Listen
from tests.integrations.test_hl7_listener import listen as listen  # noqa: PLC0414 - a fixture

NOW = dt.datetime(2026, 3, 2, 18, 0, tzinfo=dt.UTC)


@pytest.fixture
def engine(listen: Listen) -> tuple[int, list[bytes]]:
    """A port that answers as Firstcall would, and what came in."""
    received: list[bytes] = []

    def answer(raw: bytes) -> bytes:
        header = read_header(raw)
        try:
            map_siu(read_message(raw), CHICAGO)
        except Hl7Error as error:
            return refuse(header, error, at=NOW)
        return accept(header, at=NOW)

    def handle(raw: bytes, peer: PeerInfo) -> bytes:
        received.append(raw)
        batch = split_batch(raw)
        acks = [answer(message) for message in batch.messages]
        return build_batch_ack(acks, at=NOW) if batch.is_batch else acks[0]

    return listen(handle), received


Engine = tuple[int, list[bytes]]


def run(port: int, file: Path | str) -> str:
    out = io.StringIO()
    call_command("hl7_send", str(file), host=HOST, port=port, stdout=out)
    return out.getvalue()


def test_sends_a_file_with_carriage_returns(engine: Engine) -> None:
    port, received = engine
    assert run(port, HERE / "SIU-S15-01.hl7") == "AA  MSG00015  accepted\n"
    assert b"\n" not in received[0]
    assert received[0].count(b"\r") == len(received[0].splitlines())


def test_shows_a_refusal_and_fails(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "bad.hl7"
    file.write_bytes(lines(SCH=None).replace(b"\r", b"\r\n"))
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 message"):
        call_command("hl7_send", str(file), host=HOST, port=engine[0], stdout=out)
    assert out.getvalue() == "AE  M1  SCH: The message has no SCH segment, so it names no visit.\n"


def test_sends_messages_that_follow_each_other_one_by_one(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "two.hl7"
    file.write_bytes(lines() + b"\n" + lines(MSH=SMALL["MSH"].replace("M1", "M2")))
    assert run(engine[0], file) == "AA  M1  accepted\nAA  M2  accepted\n"
    assert len(engine[1]) == 2


def test_sends_a_batch_whole_and_fails_when_one_of_it_is_refused(
    engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "batch.hl7"
    file.write_bytes(b"BHS|^~\\&|A\n" + lines() + lines(SCH=None) + b"BTS|2\n")
    with pytest.raises(CommandError):
        run(engine[0], file)
    assert len(engine[1]) == 1


def test_reads_standard_input(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(lines())))
    assert run(engine[0], "-") == "AA  M1  accepted\n"


def test_says_that_a_file_is_missing(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        run(engine[0], tmp_path / "none.hl7")


def test_says_that_an_answer_is_no_answer(listen: Listen, tmp_path: Path) -> None:
    port = listen(lambda raw, peer: b"HTTP/1.1 400 Bad Request")
    with pytest.raises(CommandError, match="MSH"):
        run(port, HERE / "SIU-S12-01.hl7")


def test_says_that_nobody_listens(listen: Listen, unused_port: int) -> None:
    with pytest.raises(CommandError, match="No connection"):
        run(unused_port, HERE / "SIU-S12-01.hl7")


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.create_server((HOST, 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.mark.django_db
def test_hands_messages_to_the_inbox_with_peer_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[bytes, str, dt.datetime]] = []

    def receive_hl7(raw: bytes, *, peer: str, at: dt.datetime) -> bytes:
        seen.append((raw, peer, at))
        return b"ack"

    find: Callable[[str], object] = {mllp_listen.RECEIVER: receive_hl7}.__getitem__
    monkeypatch.setattr(mllp_listen, "import_string", find)
    assert mllp_listen.receiver()(b"MSH", PeerInfo("10.0.0.9", 4711)) == b"ack"
    assert seen[0][:2] == (b"MSH", "10.0.0.9:4711")
    assert seen[0][2].tzinfo is not None


def test_says_that_the_port_is_taken(listen: Listen, monkeypatch: pytest.MonkeyPatch) -> None:
    port = listen()
    monkeypatch.setattr(mllp_listen, "import_string", lambda path: None)
    with pytest.raises(CommandError, match=f"Cannot listen on {HOST}:{port}"):
        call_command("mllp_listen", host=HOST, port=port)
