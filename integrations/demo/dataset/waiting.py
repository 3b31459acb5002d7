"""People who wait without a later visit: on the list, or sent away without an answer."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

from integrations.demo.dataset.panel import Panel
from integrations.demo.dataset.rows import Kind, VisitRow, WaitingRow
from integrations.demo.dataset.system import CLINICIANS, KINDS, clinics
from scheduling.states import AppointmentStatus
from waitlist.states import EntryKind, Urgency

SHARE = 0.12  # of a clinic's patients without a visit ahead, for each visit type
_URGENCIES = (Urgency.ROUTINE,) * 15 + (Urgency.SOON,) * 4 + (Urgency.URGENT,)


def wait(
    visits: list[VisitRow], panel: Panel, rng: random.Random, today: dt.date
) -> Iterator[WaitingRow]:
    """Waitlist entries and unmet requests; nobody waits for what they have booked."""
    booked = {(v.mrn, v.kind) for v in visits if v.status is AppointmentStatus.BOOKED}
    for specialty, site in clinics():
        for kind in (k for k in KINDS if k.specialty == specialty and not k.is_sensitive):
            for person in panel.members(site.code, kind):
                if (person.mrn, kind.code) not in booked and rng.random() < SHARE / 4:
                    yield _waiting(person.mrn, kind, site.code, rng, today)


def _waiting(mrn: str, kind: Kind, site: str, rng: random.Random, today: dt.date) -> WaitingRow:
    created_on = today - dt.timedelta(days=rng.randrange(1, 80))
    clinicians = [c.code for c in CLINICIANS if (c.site, c.specialty) == (site, kind.specialty)]
    wants_one = rng.random() < 0.4
    asks_from = rng.random() < 0.15
    return WaitingRow(
        mrn=mrn,
        entry=EntryKind.UNMET_REQUEST if rng.random() < 0.4 else EntryKind.WAITLIST,
        kind=kind.code,
        site=site,
        clinician=rng.choice(clinicians) if wants_one else "",
        urgency=rng.choice(_URGENCIES),
        created_at=dt.datetime.combine(created_on, dt.time(16, rng.randrange(60)), dt.UTC),
        not_before_on=today + dt.timedelta(days=rng.randrange(3, 15)) if asks_from else None,
        not_after_on=today + dt.timedelta(days=rng.randrange(40, 90)) if asks_from else None,
    )
