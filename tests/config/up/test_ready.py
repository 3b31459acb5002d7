from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from config.up import ready
from config.up.ports import Port
from config.up.supervisor import State
from config.up.tree import LaunchError, Tree
from config.up.valkey import free_port


class Answers(BaseHTTPRequestHandler):
    status = 503

    def do_GET(self) -> None:
        self.send_response(type(self).status)
        self.end_headers()
        self.wfile.write(b'{"checks": {"sweep": "fails: no sweep has run yet"}}')

    def log_message(self, *_arguments: Any) -> None:
        pass


class Programs:
    """A supervisor with one program in the given state."""

    def __init__(self, state: str) -> None:
        self.state = state

    def states(self) -> list[State]:
        return [State(name="web", state=self.state, pid=1, description="as told")]


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(Answers, "status", 503)
    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def wait(tmp_path: Path, port: int, state: str = "RUNNING") -> None:
    ready.wait(Tree(tmp_path), Programs(state), port=port, seconds=0.3)  # type: ignore[arg-type]


def test_is_ready_when_the_web_process_says_so(tmp_path: Path, port: int) -> None:
    Answers.status = 200
    wait(tmp_path, port)


def test_says_what_is_missing_and_shows_the_log(tmp_path: Path, port: int) -> None:
    tree = Tree(tmp_path)
    tree.make()
    (tree.log / "web.log").write_text("the last words\n")
    with pytest.raises(LaunchError, match=r"no sweep has run yet[\s\S]*the last words"):
        wait(tmp_path, port)


def test_is_not_ready_while_a_program_keeps_dying(tmp_path: Path, port: int) -> None:
    Answers.status = 200
    with pytest.raises(LaunchError, match="web is BACKOFF"):
        wait(tmp_path, port, "BACKOFF")


def test_is_not_ready_while_nobody_listens_for_messages(tmp_path: Path, port: int) -> None:
    Answers.status = 200
    silent = Port(free_port(), "HL7 messages (MLLP)", "MLLP_PORT")
    with pytest.raises(LaunchError, match=f"Nobody listens on port {silent.number}, for HL7"):
        ready.wait(
            Tree(tmp_path),
            Programs("RUNNING"),  # type: ignore[arg-type]
            port=port,
            ports=[silent],
            seconds=0.3,
        )


def test_is_not_ready_while_nothing_answers(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match="answered nothing"):
        wait(tmp_path, 1)
