"""Servers and processes of a test's own: fit to be killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.fakes.sms import carrier
from tests.fakes.twilio_server import TwilioServer, serve_twilio
from tests.faults.fill import Fill
from tests.faults.outside import Outside, environment, introduce
from tests.faults.processes import FILLING, Firstcall, own_database_url
from tests.integrations.conftest import practice_ehr
from tests.integrations.ehr_server import EhrServer
from tests.waitlist.conftest import scene

__all__ = ["carrier", "practice_ehr", "scene"]


#: Processes that start, die and start again, on a machine that may be busy with others (seconds).
PATIENCE = 600


def pytest_itemcollected(item: pytest.Item) -> None:
    """A fault test that hangs ends in time; one that is slow is let be."""
    if item.get_closest_marker("timeout") is None:
        item.add_marker(pytest.mark.timeout(PATIENCE))


@pytest.fixture
def twilio() -> Iterator[TwilioServer]:
    with serve_twilio() as server:
        server.slow_seconds = 6.0  # longer than anybody waits
        yield server


@pytest.fixture
def outside(
    transactional_db: None,
    practice_ehr: EhrServer,
    twilio: TwilioServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Outside:
    """One clinic in the database and in a calm practice EHR; the carrier takes texts."""
    practice_ehr.calm()
    introduce(monkeypatch)
    return Outside(practice_ehr, twilio)


@pytest.fixture
def firstcall(
    transactional_db: None,
    practice_ehr: EhrServer,
    twilio: TwilioServer,
    redis_url: str,
    tmp_path: Path,
) -> Iterator[Firstcall]:
    """Firstcall's processes on this test's database, none of them started yet."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()  # rings of the test before
    env = environment(ehr=practice_ehr, carrier=twilio)
    made = Firstcall(tmp_path, {**env, "DATABASE_URL": own_database_url(), "REDIS_URL": redis_url})
    yield made
    logs = made.logs()
    made.kill()
    print(logs)  # noqa: T201 pytest shows it where the test failed


@pytest.fixture
def fill(outside: Outside, firstcall: Firstcall) -> Fill:
    """A slot to fill, with the workers and beat started."""
    made = Fill(outside, firstcall)
    firstcall.start(*FILLING)
    return made
