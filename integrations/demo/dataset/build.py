"""The whole demo health system from a seed and a day."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

from integrations.demo.dataset.consents import insure, sign_forms
from integrations.demo.dataset.needs import (
    CLINICIAN_RULES,
    LIMITS,
    TAKEN,
    lapse,
    order,
    rides,
)
from integrations.demo.dataset.panel import Panel
from integrations.demo.dataset.people import take_census
from integrations.demo.dataset.rows import Dataset
from integrations.demo.dataset.schedule import make_slots
from integrations.demo.dataset.system import CLINICIANS, KINDS, SITES
from integrations.demo.dataset.visits import book_ahead, given_back, look_back
from integrations.demo.dataset.waiting import wait
from scheduling.states import AppointmentStatus, SlotStatus


def build(seed: int, today: dt.date) -> Dataset:
    """Everything, dated from `today`; the same seed and day give the same rows.

    Each part draws from a stream of its own, so that a change to one leaves the others alone.
    """

    def stream(part: str) -> random.Random:
        return random.Random(f"{seed}:{part}")  # noqa: S311 nothing secret hangs on it

    census = take_census(stream("people"), today)
    panel = Panel(census.people, stream("panel"), today)
    made = make_slots(stream("slots"), today)
    held = list(book_ahead(made, panel, stream("visits"), today))
    free = [
        (piece, slot)
        for (piece, _), (slot, visit) in zip(made, held, strict=True)
        if visit is None and slot.status is SlotStatus.FREE
    ]
    visits = [
        *look_back(panel, stream("history"), today),
        *(visit for _, visit in held if visit is not None),
        *given_back(free, panel, stream("given-back"), today),
    ]
    insured = insure(census.people, stream("coverages"), today)
    return Dataset(
        seed=seed,
        today=today,
        sites=SITES,
        kinds=KINDS,
        clinicians=CLINICIANS,
        people=census.people,
        lines=census.lines,
        phones=census.phones,
        proxies=census.proxies,
        consents=tuple(sign_forms(census, stream("consents"), today)),
        coverages=tuple(lapse(insured, stream("lapses"), today)),
        slots=tuple(slot for slot, _ in held),
        visits=tuple(visits),
        waiting=tuple(wait(visits, panel, stream("waiting"), today)),
        orders=tuple(order(visits, stream("orders"), today)),
        rides=rides(census.people, stream("rides"), today),
        clinician_rules=CLINICIAN_RULES,
        payers_taken=TAKEN,
        limits=LIMITS,
    )


def as_of(dataset: Dataset, at: dt.datetime) -> Dataset:
    """The same system later on its first day: visits that have ended took place."""
    visits = tuple(
        replace(visit, status=AppointmentStatus.FULFILLED)
        if visit.status is AppointmentStatus.BOOKED and visit.ends_at <= at
        else visit
        for visit in dataset.visits
    )
    return replace(dataset, visits=visits)
