"""Whole fills, one after the other, through every process of Firstcall and a practice EHR.

A visit is cancelled by webhook, one patient of the waitlist is asked, says yes by text at once, is
booked in the EHR and told so. So one fill is a webhook, three texts, a reply and two calls to the
EHR, with everything that Firstcall does in between.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from bench.carrier import Taken, carrier
from bench.common import say_so
from bench.outside import cancellation, post, reply
from bench.population import SOURCE, Population, add_booked_slots, populate
from bench.processes import EVERYTHING, Firstcall, firstcall, twilio
from bench.servers import ROOT
from config.env import DEMO_EHR_TOKEN
from config.up.programs import PRACTICE_EHR_SETTINGS
from config.up.valkey import free_port
from crm import clock
from outreach.models import Message
from scheduling.models import Appointment, Clinic, EhrWrite
from waitlist.models import Opening
from waitlist.states import OpeningStatus

#: Fills under way at once.
AT_ONCE = 16
#: Without a further fill for so long, those under way are stuck (seconds). Longer than any wait
#: that a fill may take by itself: an EHR that is asked again, a second wave.
PATIENCE = 300.0
#: So begins what is asked of whoever an offer goes to.
ASKS = "Reply YES"


class Filling:
    """A running Firstcall, and slots to fill."""

    def __init__(self, ours: Firstcall, taken: Taken, visits: list[Appointment]) -> None:
        self.ours = ours
        self._taken, self._visits = taken, visits
        self._cancelled = 0

    def fill(self, count: int, *, per_second: float = 1e6) -> None:
        """Fill so many more slots, at most `AT_ONCE` at a time and no faster than that.

        :raises RuntimeError: when fills stop coming.
        """
        wanted, began = self.filled() + count, time.monotonic()
        first, last_news = self._cancelled, time.monotonic()
        filled = wanted - count
        while filled < wanted:
            due = first + min(count, int((time.monotonic() - began) * per_second) + 1)
            while self._cancelled < min(due, filled + AT_ONCE, first + count):
                self._cancel()
            self._say_yes()
            before, filled = filled, self.filled()
            if filled > before:
                last_news = time.monotonic()
            elif time.monotonic() - last_news > PATIENCE and self._cancelled > filled:
                raise RuntimeError(f"{self._cancelled - filled} fills are stuck. {_stuck()}")
            self.ours.check_alive()
            time.sleep(0.05)

    def filled(self) -> int:
        return Opening.objects.filter(status=OpeningStatus.FILLED).count()

    def _cancel(self) -> None:
        body, headers = cancellation(self._visits[self._cancelled])
        self._cancelled += 1
        assert post(self.ours.web_port, "/webhooks/rest/appointments/", body, headers) == 202

    def _say_yes(self) -> None:
        """Whoever is asked takes it, once for each time that they are asked."""
        for text in self._taken.read():
            if ASKS in text.body:
                body, headers = reply(text.to, "Yes")
                assert post(self.ours.web_port, "/webhooks/twilio/inbound/", body, headers) == 200


def _stuck() -> str:
    """How those stand that are not filled: openings, their offers, and writes to the EHR."""
    rows = Opening.objects.exclude(status=OpeningStatus.FILLED).order_by("pk")[:5]
    return "; ".join(
        f"opening {row.pk} {row.status} until {row.due_at}, offers "
        f"{list(row.offers.values_list('status', 'patient', 'answered_at'))}, writes "
        f"{list(_writes(row))}, texts {list(_texts(row))}, error {row.last_error!r}"
        for row in rows
    )


def _writes(opening: Opening) -> Iterable[tuple[object, ...]]:
    rows = EhrWrite.objects.filter(appointment__slot=opening.slot_id)
    return rows.values_list("operation", "status", "due_at", "tries", "answer")


def _texts(opening: Opening) -> Iterable[tuple[object, ...]]:
    """Both ways, with the phones that were asked: how each stands, and how it was read."""
    rows = Message.objects.filter(phone__in=opening.offers.values("phone")).order_by("pk")
    return rows.values_list("direction", "status", "reading", "created_at", "asked_at", "sent_at")


@contextmanager
def filling(count: int) -> Iterator[Filling]:
    """Everything that `make up` runs, with `count` slots to fill and as many who wait."""
    at = clock.now()
    say_so(f"  {count:,} slots and patients here and in the EHR …")
    population = populate(count + count // 10 + AT_ONCE, at=at, share_later=0.0, worst_case=True)
    # One at a time: the first who is asked takes it.
    Clinic.objects.filter(pk=population.clinic.pk).update(max_disappointed=0)
    visits = add_booked_slots(population, count, at=at)
    port = free_port()
    with (
        carrier() as taken,
        firstcall(*EVERYTHING, "practice-ehr", environ=_environ(taken.url, port)) as ours,
    ):
        _introduce(f"http://127.0.0.1:{port}", population, visits)
        yield Filling(ours, taken, visits)


def _environ(carrier_url: str, ehr_port: int) -> dict[str, str]:
    environ = {
        **twilio(carrier_url),
        "TWILIO_SEGMENTS_PER_SECOND": "1000",
        "EHR_SOURCE": SOURCE,
        "EHR_BASE_URL": f"http://127.0.0.1:{ehr_port}/fhir",
        "FIRSTCALL_EHR_PORT": str(ehr_port),
    }
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env={**os.environ, **environ, "DJANGO_SETTINGS_MODULE": PRACTICE_EHR_SETTINGS},
        check=True,
    )
    return environ


def _introduce(url: str, population: Population, visits: list[Appointment]) -> None:
    """Put patients, clinicians and slots into the EHR; the slots are free there already."""
    resources: list[dict[str, Any]] = [{"resourceType": "Location", "id": "site"}]
    resources += [
        {"resourceType": "Practitioner", "id": f"provider-{n}"}
        for n in range(len(population.roles))
    ]
    resources += [
        {"resourceType": "Patient", "id": f"patient-{n}"} for n in range(1, population.patients + 1)
    ]
    resources += [_slot(visit) for visit in visits]
    headers = {"Authorization": f"Bearer {DEMO_EHR_TOKEN}"}
    with httpx.Client(base_url=url, headers=headers, timeout=120, trust_env=False) as http:
        for some in _batches(resources, 2_000):
            entries = [
                {
                    "resource": one,
                    "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"},
                }
                for one in some
            ]
            bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
            http.post("/fhir", json=bundle).raise_for_status()


def _slot(visit: Appointment) -> dict[str, Any]:
    assert visit.slot is not None
    return {
        "resourceType": "Slot",
        "id": visit.slot.source_id,
        "schedule": {"reference": "Schedule/bench"},
        "status": "free",
        "start": visit.starts_at.isoformat(),
        "end": visit.ends_at.isoformat(),
    }


def _batches(rows: list[dict[str, Any]], size: int) -> Iterable[list[dict[str, Any]]]:
    return (rows[first : first + size] for first in range(0, len(rows), size))
