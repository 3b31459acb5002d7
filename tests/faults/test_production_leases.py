"""The same as in `test_killed_worker`, once, with nothing made shorter: it takes half a minute."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.models import AuditEntry
from scheduling.models import EhrWrite
from scheduling.states import EhrWriteStatus
from tests.fakes.twilio_server import TwilioServer
from tests.faults.fill import SETTLED_WITHIN, Fill
from tests.faults.outside import Outside, environment
from tests.faults.processes import FILLING, Firstcall, own_database_url, wait_until
from tests.integrations.ehr_server import EhrServer

pytestmark = [
    pytest.mark.fault(3),
    pytest.mark.faults,
    pytest.mark.long,
    pytest.mark.timeout(600),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def firstcall(
    transactional_db: None,
    practice_ehr: EhrServer,
    twilio: TwilioServer,
    redis_url: str,
    tmp_path: Path,
) -> Iterator[Firstcall]:
    env = environment(ehr=practice_ehr, carrier=twilio)
    servers = {"DATABASE_URL": own_database_url(), "REDIS_URL": redis_url}
    made = Firstcall(tmp_path, {**env, **servers}, celery_app="config")
    yield made
    made.kill()


def test_a_worker_killed_while_it_books_is_missed_when_its_lease_ends(
    outside: Outside, firstcall: Firstcall
) -> None:
    fill = Fill(outside, firstcall)
    firstcall.start(*FILLING)
    fill.cancel()
    fill.wait_for_texts()
    outside.ehr.set_switches(drop_next=1, hold_ms=6000)
    fill.say_yes()
    wait_until(outside.has_booking, within=SETTLED_WITHIN)
    fill.kill_workers()
    held_until = EhrWrite.objects.get(status=EhrWriteStatus.SENT).due_at
    assert held_until is not None
    fill.restart()
    booked = EhrWrite.objects.filter(operation="book", status=EhrWriteStatus.DONE)
    wait_until(booked.exists, within=SETTLED_WITHIN)
    looked = AuditEntry.objects.filter(subject_type="scheduling.ehrwrite", to_status="unknown")
    assert looked.earliest("pk").at >= held_until
    fill.check_comes_right()
