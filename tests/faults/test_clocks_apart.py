"""Faults to survive, 15: machines whose clocks differ from the database's by five minutes.

Real processes, each with a clock of its own. Everybody goes by the database's, so the fill takes
no longer than otherwise, and what is written down has the right time.
"""

from __future__ import annotations

import datetime as dt
import json

import httpx
import pytest
from django.utils import timezone

from crm.models import AuditEntry
from tests.faults.fill import SETTLED_WITHIN, Fill
from tests.faults.outside import Outside
from tests.faults.processes import Firstcall, wait_until
from tests.faults.web import LiveWeb

pytestmark = [
    pytest.mark.faults,
    pytest.mark.fault(15),
    pytest.mark.timeout(600),
    pytest.mark.django_db(transaction=True),
]

FIVE_MINUTES = 300.0


@pytest.mark.parametrize(
    "ahead", [1, pytest.param(-1, marks=pytest.mark.long)], ids=["ahead", "behind"]
)
def test_a_fill_over_three_machines_that_disagree(
    outside: Outside, firstcall: Firstcall, ahead: int
) -> None:
    """Web and workers are ten minutes apart, with the database between them."""
    began = timezone.now()
    outside.web = web = LiveWeb(firstcall)
    firstcall.start("web", clock_off_by=ahead * FIVE_MINUTES)
    firstcall.start("worker-fill", clock_off_by=-ahead * FIVE_MINUTES)
    firstcall.start("worker-io", "beat")
    web.wait()
    fill = Fill(outside, firstcall)
    fill.cancel()
    fill.check_comes_right()
    written = AuditEntry.objects.filter(verb__contains="moved").values_list("at", flat=True)
    a_moment = dt.timedelta(seconds=1)
    assert min(written) >= began - a_moment
    assert max(written) <= timezone.now() + a_moment
    check_probe_says(firstcall, off_by=ahead * FIVE_MINUTES)


def check_probe_says(firstcall: Firstcall, *, off_by: float) -> None:
    """The probe says how far apart the clocks are, and holds nothing against them."""

    def probe() -> bool:
        answer = httpx.get(
            f"http://127.0.0.1:{firstcall.web_port}/readyz", timeout=10, trust_env=False
        )
        said = json.loads(answer.text)
        assert abs(said["clock_is_off_by_seconds"] - off_by) < 1
        return answer.status_code == 200

    wait_until(probe, within=SETTLED_WITHIN)
