"""Faults to survive, 30 and 31: no connection left, and no room on the disk.

The server is the test's own. Whoever cannot be served hears 503 and when to ask again; nothing
is half done; and when there is room again, it all goes on by itself.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from config.up import testservers
from integrations.models import InboxMessage
from tests.fakes.twilio_server import TwilioServer
from tests.faults.fill import SETTLED_WITHIN, Fill
from tests.faults.outside import Outside, environment, introduce
from tests.faults.own_postgres import OwnPostgres, own_postgres
from tests.faults.processes import FILLING, Firstcall, wait_until
from tests.faults.web import LiveWeb
from tests.integrations.ehr_server import EhrServer

pytestmark = [pytest.mark.faults, pytest.mark.long, pytest.mark.timeout(600)]

CONNECTIONS = 30
DISK_MB = 192
#: Of 200 KB each.
MOST_MESSAGES = 1000
END_THE_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@dataclass
class Place:
    """Where Firstcall is put: its vendors, its broker, and a database server to come."""

    blocker: Any
    ehr: EhrServer
    carrier: TwilioServer
    redis_url: str
    folder: Path

    @contextmanager
    def firstcall_on(self, server: OwnPostgres) -> Iterator[tuple[Firstcall, Fill]]:
        env = environment(ehr=self.ehr, carrier=self.carrier)
        servers = {"DATABASE_URL": server.url, "REDIS_URL": self.redis_url}
        made = Firstcall(self.folder, {**env, **servers})
        outside = Outside(self.ehr, self.carrier)
        outside.web = web = LiveWeb(made)
        try:
            made.start("web")
            web.wait()
            yield made, Fill(outside, made)
        finally:
            print(made.logs())  # noqa: T201
            made.kill()


@pytest.fixture
def place(
    django_db_blocker: Any,
    practice_ehr: EhrServer,
    twilio: TwilioServer,
    redis_url: str,
    tmp_path: Path,
) -> Place:
    practice_ehr.calm()
    return Place(django_db_blocker, practice_ehr, twilio, redis_url, tmp_path)


@pytest.fixture(autouse=True)
def acquainted(monkeypatch: pytest.MonkeyPatch) -> None:
    introduce(monkeypatch)


def probe(firstcall: Firstcall) -> int:
    url = f"http://127.0.0.1:{firstcall.web_port}/readyz"
    return httpx.get(url, timeout=30, trust_env=False).status_code


def open_the_desk(firstcall: Firstcall) -> httpx.Response:
    """As a member of staff does: with a session, that is, which is read before the page."""
    url = f"http://127.0.0.1:{firstcall.web_port}/desk/"
    session = {settings.SESSION_COOKIE_NAME: "k" * 32}
    return httpx.get(url, cookies=session, timeout=30, trust_env=False)


@pytest.mark.fault(30)
def test_out_of_connections(place: Place) -> None:
    with (
        own_postgres(place.blocker, None, f"max_connections={CONNECTIONS}") as server,
        place.firstcall_on(server) as (firstcall, fill),
    ):
        outside = fill.outside
        with every_connection(server):
            assert probe(firstcall) == 503
            desk = open_the_desk(firstcall)
            assert (desk.status_code, desk.headers.get("Retry-After")) == (503, "5")
            outside.cancel()
            assert outside.notify() == 503
            assert outside.reply_from("+16025550199", "Yes") == 503
        firstcall.start(*FILLING)
        assert outside.notify() == 202  # the EHR tells us again
        fill.check_comes_right()
        wait_until(lambda: probe(firstcall) == 200, within=SETTLED_WITHIN)


@contextmanager
def every_connection(server: OwnPostgres) -> Iterator[None]:
    """Hold every connection that there is; those of others are ended first."""
    connection.close()
    with ExitStack() as held:
        mine = held.enter_context(closing(psycopg2.connect(server.url)))
        mine.autocommit = True
        with mine.cursor() as cursor:
            cursor.execute(END_THE_OTHERS)
        with pytest.raises(psycopg2.OperationalError, match="too many clients"):
            take_what_is_left(server, held)
        yield


def take_what_is_left(server: OwnPostgres, held: ExitStack) -> None:
    for _ in range(2 * CONNECTIONS):
        held.enter_context(closing(psycopg2.connect(server.url)))


@pytest.mark.fault(31)
def test_the_disk_is_full(place: Place) -> None:
    with (
        small_disk() as disk,
        own_postgres(place.blocker, disk, "max_wal_size=64MB", "min_wal_size=32MB") as server,
        place.firstcall_on(server) as (firstcall, fill),
    ):
        outside = fill.outside
        firstcall.start(*FILLING)
        outside.cancel()
        with no_room_on(disk):
            answers = tell_until_refused(outside)
        assert answers[-1] == 503
        assert set(answers) <= {202, 503}, answers
        server.start_again_if_it_died()
        wait_until(lambda: outside.notify() == 202, within=SETTLED_WITHIN)
        fill.check_comes_right()
        assert InboxMessage.objects.count() >= answers.count(202), "what was accepted is kept"


@contextmanager
def no_room_on(disk: Path) -> Iterator[None]:
    """Fill the file system to the last block, until the block ends."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as out:
        for size in (1_000_000, 4096):
            with suppress(OSError):
                while True:
                    out.write(bytes(size))
    yield
    ballast.unlink()


def tell_until_refused(outside: Outside) -> list[int]:
    """The EHR tells us of long visits; what there was room for in the files is used up soon."""
    answers = []
    for _ in range(MOST_MESSAGES):
        answers.append(outside.notify(padding=secrets.token_hex(100_000)))
        if answers[-1] != 202:
            break
    return answers


def mount(disk: Path) -> bool:
    options = f"size={DISK_MB}m,mode=755"
    if sys.platform != "linux":
        return False
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of its own, in memory. Skips, aloud, where nobody may mount one."""
    with testservers.scratch() as folder:
        disk = folder / "disk"
        disk.mkdir()
        if not mount(disk):
            pytest.skip("THE FULL DISK IS NOT TESTED: a small file system cannot be mounted here.")
        try:
            yield disk
        finally:
            subprocess.run(["umount", "--lazy", str(disk)], check=True)
