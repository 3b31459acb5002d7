"""The embedded PostgreSQL, for real: each test here starts one."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from config.up import postgres as pg
from config.up.postgres import Postgres
from config.up.testservers import running, scratch, throwaway_postgres

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run it as another account")


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """Made once: `initdb` is the slow part. Each test starts and stops it."""
    with scratch() as folder:
        made = throwaway_postgres(folder)
        made.prepare()
        yield made


def serve(server: Postgres, *, stop: signal.Signals = signal.SIGINT):  # type: ignore[no-untyped-def]
    account = server.account
    who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    return running(
        server.command(*pg.KEPT), log=server.home.parent / "log", stop=stop, cwd="/", **who
    )


def ask(server: Postgres, sql: str) -> object:
    """The one value that `sql` gives, or None for a command that gives nothing."""
    with closing(psycopg2.connect(server.url())) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(sql)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def test_keeps_its_data_when_it_is_killed_and_started_again(server: Postgres) -> None:
    with serve(server, stop=signal.SIGKILL):
        server.wait()
        ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    server.prepare()
    with serve(server):
        server.wait()
        assert ask(server, "SELECT answer FROM kept") == 42
        assert ask(server, "SELECT lower('ÄÉÑ')") == "äéñ"


def test_starts_although_its_old_number_belongs_to_another_process(server: Postgres) -> None:
    lock = server.data / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{server.data}\n")
    if server.account:
        os.chown(lock, server.account.pw_uid, server.account.pw_gid)
    server.prepare()
    with serve(server):
        server.wait()
        assert ask(server, "SELECT 1") == 1


def test_listens_on_no_network_port(server: Postgres) -> None:
    with serve(server):
        server.wait()
        assert ask(server, "SHOW listen_addresses") == ""


def test_only_its_own_account_can_enter_its_folder(server: Postgres) -> None:
    assert server.home.stat().st_mode & 0o777 == 0o700


def test_begins_anew_after_an_interrupted_initdb() -> None:
    with scratch() as folder:
        made = throwaway_postgres(folder)
        (made.data / "base").mkdir(parents=True)  # without PG_VERSION, which comes late
        made.prepare()
        assert (made.data / "PG_VERSION").exists()


@as_root
def test_runs_as_an_account_that_was_there_before(tmp_path: Path) -> None:
    account = pg.unprivileged_account(tmp_path / "not-there")
    assert account is not None
    assert account.pw_name in pg.UNPRIVILEGED
    assert account.pw_uid != 0


@as_root
def test_keeps_the_account_that_owns_the_data(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    account = pg.unprivileged_account(tmp_path)
    assert account is not None
    assert account.pw_uid == 65534


@as_root
def test_moves_out_of_a_checkout_that_the_account_cannot_reach(tmp_path: Path) -> None:
    closed = tmp_path / "root"
    closed.mkdir(mode=0o700)
    account = pg.unprivileged_account(closed)
    assert not pg.can_reach(account, programs=pg.wheel_programs(), folder=closed)
    assert closed.stat().st_mode & 0o777 == 0o700, "nobody's folder is opened for it"


@pytest.mark.parametrize("program", ["postgres", "initdb"])
def test_copied_programs_find_their_libraries(program: str) -> None:
    with scratch() as folder:
        copied = pg.copy_programs(pg.wheel_programs(), folder / "programs")
        account = pg.unprivileged_account(folder)
        version = pg.run_as(account, [str(copied / "bin" / program), "--version"], cwd=folder)
        assert "PostgreSQL" in version.stdout, version.stderr
