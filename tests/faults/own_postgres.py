"""A PostgreSQL server of one test's own: fit to be killed, crowded out or filled up."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg2
from django.core.management import call_command
from django.db import connection

from config.env import parse_database_url
from config.up import postgres as pg
from config.up import testservers
from tests.faults.processes import wait_until


class OwnPostgres:
    """A server that can be killed and started again."""

    def __init__(self, folder: Path, *settings: str) -> None:
        """`settings` are added to the kept ones: "max_connections=20"."""
        self._settings = settings
        self._server = testservers.throwaway_postgres(folder)
        self._log = folder / "postgres.log"
        self.url = self._server.url()
        self.start()

    def start(self) -> None:
        """As under the supervisor: crash recovery included, and again where it ends at once."""
        self._server.prepare()
        self._spawn()
        wait_until(self._answers, within=90, what=self._log.read_text)
        self._server.wait()

    def kill(self) -> None:
        """kill -9 of the postmaster and every session, in the midst of whatever they do."""
        postmaster = psutil.Process(self._process.pid)
        everyone = [postmaster, *postmaster.children(recursive=True)]
        for process in everyone:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()
        psutil.wait_procs(everyone, timeout=10)

    def start_again_if_it_died(self) -> None:
        """A server that cannot write its log ends itself; its supervisor starts it again."""
        if self._process.poll() is not None:
            self.start()

    def _spawn(self) -> None:
        server, account = self._server, self._server.account
        who: dict[str, Any] = {"cwd": server.home}
        if account:
            who |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                server.command(*pg.KEPT, *self._settings),
                stdout=output,
                stderr=subprocess.STDOUT,
                **who,
            )

    def _answers(self) -> bool:
        """A session that outlives its postmaster for a moment keeps the next one from starting."""
        if self._process.poll() is not None:
            self._spawn()
        try:
            psycopg2.connect(self._server.url("postgres"), connect_timeout=5).close()
        except psycopg2.OperationalError:
            return False
        return True


@contextmanager
def own_postgres(blocker: Any, folder: Path | None = None, *settings: str) -> Iterator[OwnPostgres]:
    """This process's connection goes to a server of its own, migrated, until the block ends.

    `blocker` is pytest-django's; `folder` is where the server lives, else a fresh one in /tmp.
    """
    shared = dict(connection.settings_dict)
    with ExitStack() as stack:
        server = OwnPostgres(folder or stack.enter_context(testservers.scratch()), *settings)
        stack.callback(server.kill)
        stack.enter_context(blocker.unblock())
        connection.close()
        connection.settings_dict.update(parse_database_url(server.url))
        try:
            call_command("migrate", verbosity=0)
            yield server
        finally:
            connection.close()
            connection.settings_dict.update(shared)
