from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from config.up import testservers, tree
from config.up.testservers import environ, run


def test_a_command_finds_servers_of_its_own(tmp_path: Path) -> None:
    script = (
        "import os, psycopg2, redis\n"
        "psycopg2.connect(os.environ['DATABASE_URL']).close()\n"
        "redis.Redis.from_url(os.environ['REDIS_URL']).ping()\n"
        f"open({str(tmp_path / 'urls')!r}, 'w').write(os.environ['DATABASE_URL'])\n"
        "raise SystemExit(3)"
    )
    given = {"PATH": os.environ["PATH"]}
    assert run([sys.executable, "-c", script], given) == 3
    folder = (tmp_path / "urls").read_text().split("%2F")[2]
    assert folder.startswith("firstcall-test-")
    assert not (tree.SHORT / folder).exists()


def test_servers_that_are_named_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_folder: Path) -> None:
        raise AssertionError("no server of our own is wanted")

    monkeypatch.setattr(testservers, "postgres", refuse)
    monkeypatch.setattr(testservers, "valkey", refuse)
    script = "import os; raise SystemExit(os.environ['DATABASE_URL'] != 'postgres://elsewhere')"
    given = {"DATABASE_URL": "postgres://elsewhere", "REDIS_URL": "redis://elsewhere"}
    assert run([sys.executable, "-c", script], given) == 0


def test_tests_do_not_see_the_persons_own_settings() -> None:
    given = {"TWILIO_AUTH_TOKEN": "secret", "FIRSTCALL_WEB_PORT": "1", "HOME": "/home/ann"}
    found = environ(given, database_url="postgres://x", redis_url="redis://x")
    assert "TWILIO_AUTH_TOKEN" not in found
    assert "FIRSTCALL_WEB_PORT" not in found
    assert found["HOME"] == "/home/ann"
