"""`python -m config.up.testservers -- COMMAND …`: servers of the tests' own, for one command.

Everything is made in a fresh folder under /tmp and deleted afterward; what `make up` holds is
never touched. Settings of the person's own environment are not passed on, so that the tests see
the defaults; DATABASE_URL and REDIS_URL are, and no server is started in place of those.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from config.env import Env
from config.up import postgres as pg
from config.up import tree
from config.up import valkey as vk
from config.up.tree import checkout

SECONDS_TO_STOP = 10


@contextmanager
def running(
    command: list[str], *, log: Path, stop: signal.Signals, **how: object
) -> Iterator[subprocess.Popen[bytes]]:
    """One server process, out of reach of the terminal's Ctrl-C, stopped at the end."""
    with log.open("wb") as output:
        process: subprocess.Popen[bytes] = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **how,  # type: ignore[call-overload]
        )
    try:
        yield process
    finally:
        process.send_signal(stop)
        try:
            process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def throwaway_postgres(folder: Path) -> pg.Postgres:
    """A server in `folder`, as an account that can reach it."""
    account = pg.unprivileged_account(folder / "pg" / "data")
    programs = pg.wheel_programs()
    if not pg.can_reach(account, programs=programs, folder=folder):
        programs = pg.copy_programs(programs, folder / "programs")
    home = folder / "pg"
    return pg.Postgres(programs=programs, home=home, sockets=home, account=account)


@contextmanager
def postgres(folder: Path) -> Iterator[pg.Postgres]:
    """PostgreSQL with empty databases, until the block ends."""
    server = throwaway_postgres(folder)
    server.prepare()
    account = server.account
    who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    with running(
        server.command(*pg.THROWAWAY),
        log=folder / "postgres.log",
        stop=signal.SIGQUIT,  # nothing here is worth an orderly end
        cwd=server.home,
        **who,
    ):
        server.wait(seconds=30)
        yield server


@contextmanager
def valkey(folder: Path) -> Iterator[vk.Valkey]:
    """Valkey with nothing in it, until the block ends."""
    server = vk.remembered(folder / "valkey")
    server.prepare(saving=vk.THROWAWAY)
    with running(server.command(), log=folder / "valkey.log", stop=signal.SIGTERM):
        server.wait(seconds=30)
        yield server


@contextmanager
def scratch() -> Iterator[Path]:
    """A short path that PostgreSQL's account can enter, whatever the umask."""
    folder = Path(tempfile.mkdtemp(prefix="firstcall-test-", dir=tree.SHORT))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def environ(given: Mapping[str, str], *, database_url: str, redis_url: str) -> dict[str, str]:
    """The tests' environment: the person's own, without any setting of Firstcall's."""
    settings = {name.upper() for name in Env.model_fields}
    return {
        **{name: value for name, value in given.items() if name.upper() not in settings},
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "FIRSTCALL_DEMO": "1",
        "FIRSTCALL_ENV_FILE": os.devnull,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PYTHONUTF8": "1",
    }


def run(command: list[str], given: Mapping[str, str]) -> int:
    """Run `command` with servers; returns its exit code."""
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        database_url = given.get("DATABASE_URL") or stack.enter_context(postgres(folder)).url()
        redis_url = given.get("REDIS_URL") or stack.enter_context(valkey(folder)).url
        process = subprocess.Popen(
            command,
            cwd=checkout().root,
            env=environ(given, database_url=database_url, redis_url=redis_url),
        )
        return wait(process)


def wait(process: subprocess.Popen[bytes]) -> int:
    """Its exit code; a signal to us is passed on, and the servers still stop."""

    def pass_on(number: int, _frame: object) -> None:
        process.send_signal(number)

    signal.signal(signal.SIGTERM, pass_on)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the terminal has told the command, too


def main(arguments: list[str]) -> int:
    if len(arguments) < 2 or arguments[0] != "--":
        print("usage: python -m config.up.testservers -- COMMAND …", file=sys.stderr)
        return 2
    return run(arguments[1:], dict(os.environ))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
