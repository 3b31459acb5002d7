"""What visits need besides a time: orders, authorizations, what must come first, and who pays.

A minority of each clinic's patients, so that a story meets every rule and has enough people left.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from integrations.demo.dataset.panel import age_on
from integrations.demo.dataset.rows import (
    ClinicianRule,
    CoverageRow,
    OrderRow,
    PayerLimit,
    PayerTaken,
    Person,
    VisitRow,
)
from scheduling.states import AppointmentStatus

NEEDS_AUTHORIZATION = "HEART-ECHO"
NEEDS_PREPARATION = "BONES-INJ"

CLINICIAN_RULES = (
    ClinicianRule("P302", min_age=13, reason="Sees teenagers and adults"),
    ClinicianRule("P203", accepts_new=False, reason="Panel is full until January"),
)
LIMITS = (
    PayerLimit("FM-PHYS", months=12),
    PayerLimit("HEART-ECHO", payer="Medicare", months=6),
)
#: Dermatology in Phoenix has no contract for the Bronze plan; everybody else takes everything.
TAKEN = tuple(
    PayerTaken("Dermatology", "PHX", payer, plan)
    for payer, plan in (
        ("Medicare", ""),
        ("AHCCCS", ""),
        ("Saguaro Mutual", ""),
        ("Copper State Health", "Silver"),
        ("Copper State Health", "Medicare Advantage"),
    )
)
#: Over a weekend: what is asked on Friday stands on Monday.
INTERPRETER_HOURS, TRANSPORT_HOURS = 72, 72
RIDES_FROM_AGE, RIDES = 65, 0.08


def order(visits: Iterable[VisitRow], rng: random.Random, today: dt.date) -> Iterator[OrderRow]:
    """Orders for visits ahead. Most visits have none."""
    ahead: dict[str, list[VisitRow]] = defaultdict(list)
    for visit in visits:
        if visit.status is AppointmentStatus.BOOKED:
            ahead[visit.mrn].append(visit)
    for mine in ahead.values():
        mine.sort(key=lambda visit: visit.starts_at)
        for place, visit in enumerate(mine):
            found = _order(visit, mine[:place], rng, today)
            if found is not None:
                yield found


def _order(
    visit: VisitRow, before: list[VisitRow], rng: random.Random, today: dt.date
) -> OrderRow | None:
    bare = OrderRow(mrn=visit.mrn, kind=visit.kind, visit=visit.ehr_id)
    if visit.kind == NEEDS_AUTHORIZATION:
        return _authorized(bare, visit, rng, today)
    if visit.kind == NEEDS_PREPARATION:
        sent_on = today - dt.timedelta(days=rng.randrange(1, 10))
        return replace(bare, instructed_on=sent_on) if rng.random() < 0.6 else None
    if visit.kind == "BONES-FU" and rng.random() < 0.5:
        return _after(bare, visit, before, NEEDS_PREPARATION, days=14)
    if visit.kind == "HEART-FU" and any(v.kind == NEEDS_AUTHORIZATION for v in before):
        return _after(bare, visit, before, NEEDS_AUTHORIZATION, days=0)
    if rng.random() < 0.05:
        due_on = visit.starts_at.date() - dt.timedelta(days=rng.randrange(0, 10))
        return replace(bare, not_before_on=due_on)
    return None


def _authorized(
    bare: OrderRow, visit: VisitRow, rng: random.Random, today: dt.date
) -> OrderRow | None:
    """Nearly all have one; of some it begins shortly before the visit, or ends right after."""
    draw, day = rng.random(), visit.starts_at.date()
    number = f"A{rng.randrange(10**7, 10**8)}"
    if draw < 0.07:
        return None
    begins = today - dt.timedelta(days=rng.randrange(5, 40))
    if draw < 0.2:
        begins = day - dt.timedelta(days=rng.randrange(1, 8))
    return replace(
        bare,
        authorization=number,
        valid_from_on=begins,
        valid_until_on=max(begins, day) + dt.timedelta(days=rng.choice((30, 60, 90))),
        visits_allowed=1,
    )


def _after(
    bare: OrderRow, visit: VisitRow, before: list[VisitRow], kind: str, *, days: int
) -> OrderRow | None:
    """At least so many days after the last of that kind, or as many as the clinic has left."""
    first = [earlier for earlier in before if earlier.kind == kind]
    if not first:
        return None
    left = (visit.starts_at.date() - first[-1].ends_at.date()).days
    return replace(bare, follows=first[-1].ehr_id, follows_after_days=min(days, left))


def lapse(
    coverages: Iterable[CoverageRow], rng: random.Random, today: dt.date
) -> Iterator[CoverageRow]:
    """Some plans end within weeks: at the end of a month, as plans do."""
    for row in coverages:
        if rng.random() < 0.03:
            months = rng.randrange(0, 2)
            first = (today.replace(day=1) + dt.timedelta(days=32 * (months + 1))).replace(day=1)
            yield replace(row, ends_on=first - dt.timedelta(days=1))
        else:
            yield row


def rides(people: Iterable[Person], rng: random.Random, today: dt.date) -> frozenset[str]:
    """MRNs of those who come by a ride that somebody arranges."""
    old = [p.mrn for p in people if age_on(p.birth_on, today) >= RIDES_FROM_AGE]
    return frozenset(mrn for mrn in old if rng.random() < RIDES)
