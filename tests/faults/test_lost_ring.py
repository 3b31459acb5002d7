"""A process dies between its commit and its ring; and everything that there are two of.

The rows are the queue, so a ring that nobody hears costs until the next sweep; and a row is
taken by compare-and-set, so it does not matter how many sweep and how many hear the ring.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from crm.engine.models import EventDelivery
from outreach.models import Message
from outreach.states import MessageStatus
from tests.crm.live_server import ROOT
from tests.factories import phone_of
from tests.faults.fill import SETTLED_WITHIN, Fill
from tests.faults.invariants import unsettled
from tests.faults.outside import OUR_NUMBER
from tests.faults.processes import FILLING, Firstcall, own_database_url, wait_until_none

pytestmark = [pytest.mark.faults, pytest.mark.fault(3), pytest.mark.django_db(transaction=True)]

#: In which workers that had been rung for would have done it (seconds).
LONG_ENOUGH = 3
#: A web process that takes a text, and is gone when the commit has returned: its own hook is the
#: first of those that run then, ahead of every ring.
TAKES_A_TEXT_AND_DIES = """
import os, sys
import django
django.setup()
from django.db import transaction
from django.utils import timezone
from outreach.actions import receive_text
with transaction.atomic():
    transaction.on_commit(lambda: os._exit(9))
    receive_text(from_number=sys.argv[1], to_number=sys.argv[2], body="Yes",
                 carrier_id="SMlost", at=timezone.now())
"""


def test_a_process_that_dies_between_commit_and_ring(fill: Fill, redis_url: str) -> None:
    fill.cancel()
    fill.wait_for_texts()
    fill.firstcall.kill()
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
        number = str(phone_of(fill.winner()).number)
        died = subprocess.run(
            [sys.executable, "-c", TAKES_A_TEXT_AND_DIES, number, OUR_NUMBER],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": own_database_url(), "REDIS_URL": redis_url},
            check=False,
        )
        assert died.returncode == 9
        assert not client.llen("fill"), "somebody rang"
    assert Message.objects.get(carrier_id="SMlost").status == MessageStatus.READ
    assert EventDelivery.objects.exists()
    fill.restart()
    fill.firstcall.wait_for_workers()
    time.sleep(LONG_ENOUGH)
    assert EventDelivery.objects.exists(), "workers alone know of nothing: it is the sweep's work"
    fill.firstcall.start("beat")
    wait_until_none(unsettled, within=SETTLED_WITHIN)
    fill.check_comes_right()


@pytest.mark.long
def test_two_machines_with_all_of_it_double_nothing(fill: Fill, tmp_path: Path) -> None:
    """Two beats that sweep, two of each worker that hear both; and the EHR tells it often."""
    other = Firstcall(tmp_path / "other", fill.firstcall.env)
    try:
        other.start(*FILLING)
        fill.cancel()
        fill.wait_for_texts()
        for _ in range(3):
            assert fill.outside.notify() == 202
        fill.say_yes()
        fill.check_comes_right()
        assert all(running.is_alive for running in [*fill.firstcall.running, *other.running])
    finally:
        other.kill()
