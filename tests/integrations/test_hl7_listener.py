"""The MLLP listener over real sockets, with peers that are slow, silent, rude or many."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from integrations.hl7v2.ack import read_acks
from integrations.hl7v2.client import MllpFailed, MllpRefused, send
from integrations.hl7v2.framing import FrameDecoder, frame
from integrations.hl7v2.listener import (
    Handler,
    Limits,
    MllpListener,
    PeerInfo,
    TooLongHandler,
)
from tests.integrations.hl7 import lines

HOST = "127.0.0.1"


def echo(raw: bytes, peer: PeerInfo) -> bytes:
    """Answers with what it got."""
    return raw


class Running:
    """A listener in a thread of its own."""

    def __init__(
        self,
        handle: Handler,
        limits: Limits,
        note_too_long: TooLongHandler | None = None,
        port: int = 0,
    ) -> None:
        self.listener = MllpListener(
            handle=handle, host=HOST, port=port, limits=limits, note_too_long=note_too_long
        )
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run)
        self.ready = threading.Event()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.listener.start())
        self.ready.set()
        self.loop.run_forever()
        self.loop.close()

    def start(self) -> int:
        self.thread.start()
        assert self.ready.wait(5)
        return self.listener.port

    def stop(self) -> None:
        if self.thread.is_alive():
            asyncio.run_coroutine_threadsafe(self.listener.stop(), self.loop).result(20)
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join(5)


Listen = Callable[..., int]


@pytest.fixture
def listen() -> Iterator[Listen]:
    """Starts a listener on a free port; `listen(handle, idle_timeout=1)` gives the port."""
    started: list[Running] = []

    def start(
        handle: Handler = echo, note_too_long: TooLongHandler | None = None, **limits: float
    ) -> int:
        running = Running(handle, Limits(**limits), note_too_long)  # type: ignore[arg-type]
        started.append(running)
        return running.start()

    yield start
    for running in started:
        running.stop()


@contextmanager
def connected(port: int, timeout: float = 5) -> Iterator[socket.socket]:
    with socket.create_connection((HOST, port), timeout=timeout) as connection:
        yield connection


def receive(connection: socket.socket, count: int = 1) -> list[bytes]:
    """The next messages, or those before the other side hung up."""
    decoder = FrameDecoder()
    got: list[bytes] = []
    while len(got) < count and (data := connection.recv(65536)):
        got += list(decoder.feed(data))
    return got


def test_answers_messages_of_one_connection_in_order(listen: Listen) -> None:
    with connected(listen()) as connection:
        connection.sendall(b"".join(frame(b"m%d" % number) for number in range(50)))
        assert receive(connection, 50) == [b"m%d" % number for number in range(50)]


def test_tells_the_handler_who_sends(listen: Listen) -> None:
    peers: list[PeerInfo] = []

    def handle(raw: bytes, peer: PeerInfo) -> bytes:
        peers.append(peer)
        return raw

    with connected(listen(handle)) as connection:
        connection.sendall(frame(b"x"))
        receive(connection)
        assert str(peers[0]) == f"{HOST}:{connection.getsockname()[1]}"


def test_takes_a_message_longer_than_64_kib(listen: Listen) -> None:
    payload = b"MSH|" + b"x" * 700_000
    assert send(HOST, listen(), payload, 10) == payload


@pytest.mark.fault(28)
def test_waits_for_the_rest_of_a_half_frame(listen: Listen) -> None:
    with connected(listen()) as connection:
        for byte in frame(b"MSH|slow"):
            connection.sendall(bytes([byte]))
        assert receive(connection) == [b"MSH|slow"]


def test_answers_only_after_the_handler_has_returned(listen: Listen) -> None:
    may_return, called = threading.Event(), threading.Event()

    def handle(raw: bytes, peer: PeerInfo) -> bytes:
        called.set()
        assert may_return.wait(5)
        return b"done"

    with connected(listen(handle), timeout=0.3) as connection:
        connection.sendall(frame(b"x"))
        assert called.wait(5)
        with pytest.raises(TimeoutError):
            connection.recv(100)
        may_return.set()
        assert receive(connection) == [b"done"]


def test_answers_nothing_when_the_handler_fails_and_serves_the_next(listen: Listen) -> None:
    def handle(raw: bytes, peer: PeerInfo) -> bytes:
        if raw == b"bad":
            raise RuntimeError("the database is down")
        return raw

    port = listen(handle)
    with pytest.raises(MllpFailed, match="hung up"):
        send(HOST, port, b"bad", 5)
    assert send(HOST, port, b"good", 5) == b"good"


def test_one_stuck_connection_holds_no_other(listen: Listen) -> None:
    stuck = threading.Event()

    def handle(raw: bytes, peer: PeerInfo) -> bytes:
        if raw == b"stuck":
            assert stuck.wait(10)
        return raw

    port = listen(handle, max_handlers=2)
    with connected(port) as slow, connected(port) as half, connected(port):
        slow.sendall(frame(b"stuck"))
        half.sendall(b"\x0bMSH|and then nothi")
        assert [send(HOST, port, b"m", 5) for _ in range(20)] == [b"m"] * 20
        stuck.set()
        assert receive(slow) == [b"stuck"]


def test_runs_no_more_handlers_at_once_than_allowed(listen: Listen) -> None:
    lock, running, most = threading.Lock(), 0, 0

    def handle(raw: bytes, peer: PeerInfo) -> bytes:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.05)
        with lock:
            running -= 1
        return raw

    port = listen(handle, max_handlers=3)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: send(HOST, port, b"m", 10), range(12)))
    assert answers == [b"m"] * 12
    assert most == 3


def test_hangs_up_on_a_silent_peer(listen: Listen) -> None:
    with connected(listen(idle_timeout=0.2)) as connection:
        assert connection.recv(1) == b""


@pytest.mark.fault(28)
def test_hangs_up_on_a_frame_that_drips(listen: Listen) -> None:
    with connected(listen(frame_timeout=0.3, idle_timeout=60)) as connection:
        connection.sendall(b"\x0bMSH|")
        began = time.monotonic()
        with pytest.raises(ConnectionError):  # noqa: PT012 - it may take several writes to notice
            while time.monotonic() - began < 5:
                connection.sendall(b"x")
                time.sleep(0.02)
        assert time.monotonic() - began < 2


def test_keeps_a_connection_that_speaks_now_and_then(listen: Listen) -> None:
    with connected(listen(idle_timeout=0.5)) as connection:
        for _ in range(4):
            time.sleep(0.3)
            connection.sendall(frame(b"x"))
            assert receive(connection) == [b"x"]


def test_hangs_up_on_noise_without_a_frame(listen: Listen) -> None:
    with connected(listen(idle_timeout=0.2)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert connection.recv(1) == b""


def test_rejects_a_message_past_the_cap_with_a_sentence(listen: Listen) -> None:
    port = listen(max_bytes=20_000)
    answer = read_acks(send(HOST, port, lines() + b"NTE|1||" + b"x" * 3_000_000, 10))[0]
    assert (answer.code, answer.control_id) == ("AR", "M1")
    assert answer.sentence == "The message is longer than 20,000 bytes."
    assert send(HOST, port, b"small", 5) == b"small"


@pytest.mark.skipif(sys.platform != "linux", reason="others do not deal connections out")
def test_two_listeners_share_a_port_and_each_serves_its_connections() -> None:
    limits = Limits(share_port=True)
    first = Running(lambda _, __: b"one", limits)
    port = first.start()
    second = Running(lambda _, __: b"two", limits, port=port)
    try:
        assert second.start() == port
        answers = {send(HOST, port, lines(), 5) for _ in range(40)}
        assert answers == {b"one", b"two"}, "the kernel deals them out by their addresses"
        first.stop()
        assert send(HOST, port, lines(), 5) == b"two"
    finally:
        first.stop()
        second.stop()


def test_refuses_connections_past_its_limit_and_frees_them_again(listen: Listen) -> None:
    port = listen(max_connections=2)
    with connected(port) as first, connected(port) as second:
        for connection in (first, second):
            connection.sendall(frame(b"x"))
            assert receive(connection) == [b"x"]
        with pytest.raises(MllpFailed):
            send(HOST, port, b"one too many", 2)
    deadline = time.monotonic() + 5
    while True:
        try:
            assert send(HOST, port, b"x", 2) == b"x"
            break
        except MllpFailed:
            assert time.monotonic() < deadline


def test_survives_a_peer_that_vanishes_while_its_message_is_handled(listen: Listen) -> None:
    handled = threading.Event()

    def handle(raw: bytes, peer: PeerInfo) -> bytes:
        time.sleep(0.1)
        handled.set()
        return raw

    port = listen(handle)
    with connected(port) as connection:
        connection.sendall(frame(b"x"))
    assert handled.wait(5)
    assert send(HOST, port, b"y", 5) == b"y"


def test_finishes_and_answers_what_it_holds_before_it_stops() -> None:
    called, may_return = threading.Event(), threading.Event()

    def handle(raw: bytes, peer: PeerInfo) -> bytes:
        called.set()
        assert may_return.wait(5)
        return b"done"

    running = Running(handle, Limits())
    port = running.start()
    with connected(port) as connection, connected(port) as idle:
        connection.sendall(frame(b"x"))
        assert called.wait(5)
        stopping = threading.Thread(target=running.stop)
        stopping.start()
        assert idle.recv(1) == b""  # an idle peer is let go at once
        may_return.set()
        assert receive(connection) == [b"done"]
        assert connection.recv(1) == b""
        stopping.join(5)
    with pytest.raises(MllpRefused):
        send(HOST, port, b"late", 1)


def test_gives_up_on_a_handler_that_does_not_finish_in_time() -> None:
    release = threading.Event()

    def handle(raw: bytes, peer: PeerInfo) -> bytes:
        assert release.wait(20)
        return raw

    running = Running(handle, Limits(stop_timeout=0.2))
    with connected(running.start()) as connection:
        connection.sendall(frame(b"x"))
        time.sleep(0.1)
        began = time.monotonic()
        running.stop()
        assert time.monotonic() - began < 3
        assert connection.recv(100) == b""  # no answer for what was not finished
    release.set()


PROGRAM = """
import time
from integrations.hl7v2.listener import run

def handle(raw, peer):
    time.sleep(0.5)
    return b"done"

run(handle=handle, host="127.0.0.1", port=0, on_ready=lambda port: print(port, flush=True))
print("stopped", flush=True)
"""


def test_stops_on_sigterm_after_answering() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": "."},
    )
    assert process.stdout is not None
    try:
        with connected(int(process.stdout.readline())) as connection:
            connection.sendall(frame(b"x"))
            time.sleep(0.2)
            process.send_signal(signal.SIGTERM)
            assert receive(connection) == [b"done"]
        assert "stopped" in process.stdout.read()
        assert process.wait(5) == 0
    finally:
        process.kill()
        process.stdout.close()
        process.wait(5)


def test_says_when_nobody_listens() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(MllpRefused, match="No connection"):
        send(HOST, port, b"x", 1)


def test_says_when_no_answer_comes() -> None:
    with socket.create_server((HOST, 0)) as silent:
        with pytest.raises(MllpFailed, match="timed out") as caught:
            send(HOST, silent.getsockname()[1], b"x", 0.2)
        assert not isinstance(caught.value, MllpRefused)
