"""Faults to survive, 4 and 5: the broker is flushed and killed, is down, or hangs.

It is a doorbell and nothing else: whatever it forgets is in PostgreSQL, and whoever rings it
must not wait for it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.crm.live_server import Bus
from tests.fakes.twilio_server import TwilioServer
from tests.faults.fill import SETTLED_WITHIN, Fill
from tests.faults.holding import DECISIONS_ABOUT_PHONES, holding
from tests.faults.outside import Outside, environment
from tests.faults.processes import FILLING, Firstcall, own_database_url, wait_until
from tests.faults.web import LiveWeb
from tests.integrations.ehr_server import EhrServer
from waitlist.models import Offer
from waitlist.states import OfferStatus

pytestmark = [
    pytest.mark.faults,
    pytest.mark.fault(4),
    pytest.mark.fault(5),
    pytest.mark.django_db(transaction=True),
]

#: A caller meets a dead broker once in five seconds, and leaves it after about one.
LONGEST_ANSWER = 5.0
#: In between, the breakers are open and nobody waits. (The machine may be busy.)
USUAL_ANSWER = 2.0


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bus]:
    """A Valkey of this test's own."""
    made = Bus(tmp_path / "valkey")
    made.start()
    yield made
    made.kill()


@pytest.fixture
def firstcall(
    transactional_db: None, practice_ehr: EhrServer, twilio: TwilioServer, bus: Bus, tmp_path: Path
) -> Iterator[Firstcall]:
    """As everywhere, but on that Valkey, and with the web server."""
    env = environment(ehr=practice_ehr, carrier=twilio)
    made = Firstcall(tmp_path, {**env, "DATABASE_URL": own_database_url(), "REDIS_URL": bus.url})
    yield made
    logs = made.logs()
    made.kill()
    print(logs)  # noqa: T201


@pytest.fixture
def web(outside: Outside, firstcall: Firstcall) -> LiveWeb:
    live = LiveWeb(firstcall)
    outside.web = live
    firstcall.start("web")
    live.wait()
    return live


def check_nobody_waited(web: LiveWeb) -> None:
    assert max(web.seconds) < LONGEST_ANSWER, web.seconds
    assert sorted(web.seconds)[len(web.seconds) // 2] < USUAL_ANSWER, web.seconds


def test_flushed_and_killed_in_mid_fill(
    outside: Outside, firstcall: Firstcall, web: LiveWeb, bus: Bus
) -> None:
    """Twice: while texts are on their way, and while the answer to them comes in."""
    fill = Fill(outside, firstcall)
    firstcall.start(*FILLING)
    with holding(DECISIONS_ABOUT_PHONES) as held:
        fill.cancel()
        held.wait_for_worker()
        with redis.Redis.from_url(bus.url) as client:
            client.flushall()
        bus.kill()
    bus.start()
    fill.wait_for_texts()
    bus.kill()
    web.seconds.clear()
    fill.say_yes()
    for _ in range(4):
        assert outside.notify() == 202  # again and again, as EHRs do
    check_nobody_waited(web)
    bus.start()
    fill.check_comes_right()


def test_hanging(outside: Outside, firstcall: Firstcall, web: LiveWeb, bus: Bus) -> None:
    """The worst kind of down: connections are taken, and nothing answers."""
    fill = Fill(outside, firstcall)
    assert outside.notify() == 202  # its connections to the broker are open now
    os.kill(bus.pid, signal.SIGSTOP)
    try:
        web.seconds.clear()
        fill.cancel()
        for _ in range(4):
            assert outside.notify() == 202
    finally:
        os.kill(bus.pid, signal.SIGCONT)
    check_nobody_waited(web)
    firstcall.start(*FILLING)
    fill.check_comes_right()


def test_down_from_the_start(
    outside: Outside, firstcall: Firstcall, web: LiveWeb, bus: Bus
) -> None:
    """Everything is started while there is no broker, and gets to work when there is one."""
    bus.kill()
    fill = Fill(outside, firstcall)
    firstcall.start(*FILLING)
    fill.cancel()
    assert not Offer.objects.filter(status=OfferStatus.SENT).exists()
    bus.start()
    wait_until(fill.asked, within=SETTLED_WITHIN)
    fill.check_comes_right()
