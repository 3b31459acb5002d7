"""Faults to survive, 4: kill -9 of PostgreSQL in mid-fill, with a fill's worth of open sessions.

The server is this test's own, started as `make up` starts it, and its settings are the kept
ones: what it has said to be committed is there after the crash.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from config.env import parse_database_url
from config.up import postgres as pg
from config.up import testservers
from outreach.models import Message
from tests.fakes.twilio_server import TwilioServer
from tests.faults.fill import SETTLED_WITHIN, Fill
from tests.faults.outside import Outside, environment, introduce
from tests.faults.processes import FILLING, Firstcall, wait_until
from tests.faults.web import LiveWeb
from tests.integrations.ehr_server import EhrServer
from waitlist.models import Offer
from waitlist.states import OfferStatus

pytestmark = [pytest.mark.faults, pytest.mark.long, pytest.mark.timeout(240)]


class OwnPostgres:
    """A server that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
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

    def _spawn(self) -> None:
        server, account = self._server, self._server.account
        who: dict[str, Any] = {"cwd": server.home}
        if account:
            who |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                server.command(*pg.KEPT), stdout=output, stderr=subprocess.STDOUT, **who
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


@pytest.fixture
def postgres(django_db_blocker: Any) -> Iterator[OwnPostgres]:
    """This process's connection goes to a server of its own for one test."""
    shared = dict(connection.settings_dict)
    with ExitStack() as stack:
        server = OwnPostgres(stack.enter_context(testservers.scratch()))
        stack.callback(server.kill)
        stack.enter_context(django_db_blocker.unblock())
        connection.close()
        connection.settings_dict.update(parse_database_url(server.url))
        try:
            call_command("migrate", verbosity=0)
            yield server
        finally:
            connection.close()
            connection.settings_dict.update(shared)


@pytest.fixture
def outside(
    postgres: OwnPostgres,
    practice_ehr: EhrServer,
    twilio: TwilioServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Outside:
    introduce(monkeypatch)
    practice_ehr.calm()
    return Outside(practice_ehr, twilio)


@pytest.fixture
def firstcall(
    postgres: OwnPostgres,
    practice_ehr: EhrServer,
    twilio: TwilioServer,
    redis_url: str,
    tmp_path: Path,
) -> Iterator[Firstcall]:
    env = environment(ehr=practice_ehr, carrier=twilio)
    made = Firstcall(tmp_path, {**env, "DATABASE_URL": postgres.url, "REDIS_URL": redis_url})
    yield made
    logs = made.logs()
    made.kill()
    print(logs)  # noqa: T201


def is_down() -> bool:
    connection.close()
    try:
        connection.ensure_connection()
    except OperationalError:
        return True
    return False


def test_killed_while_texts_are_out_and_again_while_the_ehr_is_asked(
    postgres: OwnPostgres, outside: Outside, firstcall: Firstcall, twilio: TwilioServer
) -> None:
    """The worst moments: the outside has done it, and nobody could write that down."""
    fill = Fill(outside, firstcall)
    outside.web = web = LiveWeb(firstcall)
    firstcall.start("web", *FILLING)
    web.wait()
    twilio.trouble.append("slow")
    fill.cancel()
    wait_until(lambda: not twilio.trouble, within=SETTLED_WITHIN)
    postgres.kill()
    assert is_down()
    assert outside.reply_from("+16025550199", "Yes") == 500  # not a 200 for what was not kept
    postgres.start()
    assert Message.objects.exists()
    fill.wait_for_texts()

    outside.ehr.set_switches(drop_next=1, hold_ms=6000, honors_if_none_exist=False)
    fill.say_yes()
    wait_until(outside.has_booking, within=SETTLED_WITHIN)
    postgres.kill()
    assert is_down()
    postgres.start()
    assert Offer.objects.filter(status=OfferStatus.ACCEPTED).exists()
    fill.check_comes_right()
