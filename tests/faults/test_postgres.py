"""Faults to survive, 4: kill -9 of PostgreSQL in mid-fill, with a fill's worth of open sessions.

The server is this test's own, started as `make up` starts it, and its settings are the kept
ones: what it has said to be committed is there after the crash.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from outreach.models import Message
from tests.fakes.twilio_server import TwilioServer
from tests.faults.fill import SETTLED_WITHIN, Fill
from tests.faults.outside import Outside, environment, introduce
from tests.faults.own_postgres import OwnPostgres, own_postgres
from tests.faults.processes import FILLING, Firstcall, wait_until
from tests.faults.web import LiveWeb
from tests.integrations.ehr_server import EhrServer
from waitlist.models import Offer
from waitlist.states import OfferStatus

pytestmark = [pytest.mark.fault(4), pytest.mark.faults, pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture
def postgres(django_db_blocker: Any) -> Iterator[OwnPostgres]:
    """This process's connection goes to a server of its own for one test."""
    with own_postgres(django_db_blocker) as server:
        yield server


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
    assert outside.reply_from("+16025550199", "Yes") == 503  # not a 200 for what was not kept
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
