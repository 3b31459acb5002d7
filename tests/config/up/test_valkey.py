from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from config.up import valkey as vk
from config.up.environment import MARK
from config.up.supervisor import leftovers
from config.up.testservers import running
from config.up.tree import Tree


@pytest.fixture
def server(tmp_path: Path) -> Iterator[vk.Valkey]:
    made = vk.remembered(tmp_path / "with space")
    made.prepare()
    with running(made.command(), log=tmp_path / "log", stop=signal.SIGTERM):
        made.wait(seconds=20)
        yield made


def test_answers_only_with_the_password(server: vk.Valkey) -> None:
    assert redis.Redis.from_url(server.url).ping()
    with pytest.raises(redis.exceptions.AuthenticationError):
        redis.Redis(port=server.port).ping()


def test_never_throws_messages_away(server: vk.Valkey) -> None:
    found = redis.Redis.from_url(server.url).config_get("maxmemory-policy")
    assert found == {"maxmemory-policy": "noeviction"}


def test_keeps_its_port_and_password_while_it_runs(server: vk.Valkey) -> None:
    assert vk.remembered(server.folder) == server


def test_only_its_owner_may_read_the_password(server: vk.Valkey) -> None:
    assert server.config.stat().st_mode & 0o777 == 0o600


def test_keeps_its_port_and_password_over_a_restart(tmp_path: Path) -> None:
    made = vk.remembered(tmp_path)
    made.prepare()
    assert vk.remembered(tmp_path) == made


def test_takes_another_port_when_its_own_is_taken(tmp_path: Path) -> None:
    made = vk.remembered(tmp_path)
    made.prepare()
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", made.port))
        stranger.listen()
        assert vk.remembered(tmp_path).port != made.port


def test_is_found_when_its_supervisor_was_killed(tmp_path: Path) -> None:
    made = vk.remembered(tmp_path / "data")
    made.prepare()
    environ = {**os.environ, MARK: str(tmp_path)}
    with running(made.command(), log=tmp_path / "log", stop=signal.SIGTERM, env=environ) as process:
        made.wait(seconds=20)
        assert [found.pid for found in leftovers(Tree(tmp_path))] == [process.pid]
