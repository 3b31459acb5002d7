"""Loading the demo health system, once: into our tables, then into the practice EHR."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from crm.engine import Actor, record
from crm.models import Installation, Patient
from crm.states import Role
from integrations.demo import (
    center,
    contacts,
    demand,
    ehr,
    house_rules,
    mass,
    needs,
    on_call,
    online,
    plans,
    records,
    schedules,
    tables,
    trees,
    visit_work,
)
from integrations.demo.dataset import Dataset, as_of, build
from integrations.demo.inventory import add_inventory
from integrations.demo.staff import hire

#: Takes a line for the person who waits.
Say = Callable[[str], None]


class DemoRefused(Exception):
    """The demo may not be loaded here."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What stands in the database now. `is_new` tells whether this call put it there."""

    seed: int
    at: dt.datetime
    is_new: bool
    counts: dict[str, int]


def load(*, seed: int, at: dt.datetime, with_ehr: bool = True, say: Say) -> Loaded:
    """Load the demo, or what is missing of it; a demo that is loaded is left as it is.

    Our tables are filled in one transaction, the practice EHR after it over HTTP. When that
    half fails, call it again: it goes on where it stopped, from the seed and the day of the
    first time, whatever `seed` and `at` say. Publishes nothing, so no slot that is free from
    the start becomes an opening.

    :param at: aware; the demo is dated from its UTC day.
    :raises DemoRefused: outside demo mode, and in a database that holds patients already.
    :raises integrations.demo.ehr.EhrLoadFailed: when the practice EHR cannot be filled.
    :raises integrations.demo.ehr.EhrHoldsAnotherDemo:
    """
    if not settings.FIRSTCALL.firstcall_demo:
        raise DemoRefused(
            "Demo data is loaded in demo mode only. Set FIRSTCALL_DEMO=1 if no real patient is "
            "or will be in this database."
        )
    loaded = _load_tables(seed=seed, at=at, say=say)
    if with_ehr:
        _load_ehr(loaded, say=say)
    return loaded


def _load_tables(*, seed: int, at: dt.datetime, say: Say) -> Loaded:
    with transaction.atomic():
        installation, _ = Installation.objects.get_or_create(pk=1)
        # The update waits for anybody who is loading right now, and then finds it done.
        mine = Installation.objects.filter(pk=1, demo_loaded_at__isnull=True).update(
            demo_loaded_at=at, demo_seed=seed
        )
        installation.refresh_from_db()
        if not mine:
            return Loaded(installation.demo_seed or 0, _loaded_at(installation), False, {})
        if Patient.objects.exists():
            raise DemoRefused(
                "This database holds patients already, and none of them are of the demo. The "
                "demo is loaded into an empty database only."
            )
        say("Making up Sonora Health: three sites, a dozen clinicians, 2,000 patients …")
        dataset = as_of(build(seed, at.date()), at)
        say("Storing them …")
        counts = _store(dataset, at=at)
        record("crm.installation.demo-loaded", installation, by=_BY, at=at, seed=seed)
    return Loaded(seed, at, True, counts)


_BY = Actor.system("demo")


def _loaded_at(installation: Installation) -> dt.datetime:
    if installation.demo_loaded_at is None:
        raise DemoRefused("The demo was taken out of this database while it was being loaded.")
    return installation.demo_loaded_at


def _store(dataset: Dataset, *, at: dt.datetime) -> dict[str, int]:
    source = settings.FIRSTCALL.ehr_source
    staff = hire()
    inventory = add_inventory(dataset, signed_by=staff[Role.MANAGER], at=at, source=source)
    patients = tables.add_people(dataset, source=source)
    slots = tables.add_slots(dataset, inventory, source=source)
    visits = tables.add_visits(dataset, inventory, patients, slots, source=source)
    needs.add_rules(dataset, inventory)
    needs.add_orders(dataset, inventory, patients, visits)
    tables.add_waiting(dataset, inventory, patients)
    house_rules.add_house_rules(inventory, staff, at=at)
    trees.add_trees(by=staff[Role.MANAGER], at=at, seed=dataset.seed)
    trees.add_catalog(inventory, by=staff[Role.MANAGER], at=at)
    trees.add_ramps(inventory, at=at)
    online.add_online(inventory, by=staff[Role.MANAGER], at=at)
    mass.add_mass(inventory, by=staff[Role.MANAGER], at=at)
    plans.add_plans(inventory, at=at)
    lines = center.add_center(inventory, staff, at=at)
    own_slots = schedules.add_own_clinic(inventory, by=_BY, at=at)
    schedules.tell_clinics(inventory, staff, at=at)
    searches = demand.add_searches(
        inventory, patients, by=staff[Role.AGENT], at=at, seed=dataset.seed
    )
    past = contacts.add_contacts(list(patients.values()), at=at, seed=dataset.seed)
    visit_work.add_visit_work(inventory, by=staff[Role.MANAGER], at=at)
    on_call_ones = on_call.add_on_call(dataset.clinicians, staff[Role.NURSE], at=at)
    second = records.add_records(list(patients.values()), staff, at=at)
    tables.analyze()
    return {
        "sites": len(dataset.sites),
        "clinicians": len(dataset.clinicians),
        "patients": len(patients),
        "phones": len(dataset.lines),
        "consent entries": len(dataset.consents),
        "slots": len(slots) + own_slots,
        "visits": len(dataset.visits),
        "waiting": len(dataset.waiting),
        "orders": len(dataset.orders),
        "searches": searches,
        "past calls": past,
        "staff": len(staff),
        "on call": on_call_ones,
        "second records": second,
        "telephone lines": lines,
    }


def _load_ehr(loaded: Loaded, *, say: Say) -> None:
    today = loaded.at.date()
    client = ehr.ehr_client()
    try:
        if ehr.is_filled(client, seed=loaded.seed, today=today):
            return
        dataset = as_of(build(loaded.seed, today), loaded.at)
        total = ehr.fill(client, dataset, progress=_tell_each_fifth(say))
    finally:
        client.close()
    loaded.counts["resources in the practice EHR"] = total


def _tell_each_fifth(say: Say) -> ehr.Progress:
    told = 0

    def progress(done: int, of: int) -> None:
        nonlocal told
        fifth = done * 5 // of
        if fifth > told:
            told = fifth
            say(f"Practice EHR: {done:,} of {of:,} resources …")

    return progress
