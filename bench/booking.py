"""A hundred clients after the same thousand slots: nobody is booked twice, and how fast it goes.

Each client tries fifty slots that it picks by chance, each for another patient, through
`request_booking`: every rule asked, the visit requested, the slot taken, the write to the EHR
queued, audit and events written. The floor is the same constraint in bare SQL, on the same tables:
as many tries by as many, on as many other slots, lock the slot's row, insert the visit with ON
CONFLICT DO NOTHING, mark the slot, and commit. A second floor does so on tables that have nothing
but two exclusion constraints: no keys to others, no indexes for pages, no triggers. All run in as
many processes, one after the other.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from django.db import connection, connections

from bench import stage  # noqa: F401 Django, on a database of this script's own
from bench.booking_floors import TABLES, book_alone, book_barely, visit_statement
from bench.common import Report, Row, Spread, finish, parser, say, say_so
from bench.population import add_booked_slots, populate
from crm import clock
from crm.engine import Actor
from crm.models import Patient
from scheduling.actions import BookingRefused, request_booking
from scheduling.models import Appointment, Slot
from scheduling.states import LIVE, SlotStatus

CLIENTS, TRIES = 100, 50
#: Threads of one process take turns; the clients are dealt out to so many.
PROCESSES = max(2, min(8, os.cpu_count() or 2))
LEAST_SHARE = 0.25
BY = Actor.system("bench")
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt: how long it took (seconds), whether it booked, and what else was raised."""

    seconds: float
    booked: bool
    error: str = ""


Job = Callable[[int, Patient], bool]
#: How long all of it took (seconds), and each try.
Run = tuple[float, list[Try]]


def main() -> int:
    arguments = parser("booking", size=1000, of=f"slots that {CLIENTS} clients are after")
    chosen = arguments.parse_args()
    return finish(measure(chosen.size), as_json=chosen.json)


def measure(size: int) -> Report:
    """Book `size` slots, and twice as many in bare SQL."""
    at = clock.now()
    clients, tries = min(CLIENTS, size), max(1, min(TRIES, size // 10))
    say_so(f"  {size:,} slots, {clients} clients with {tries} tries each …")
    population = populate(2 * clients * tries, at=at)
    slots = free_slots(population, 2 * size, at=at)
    patients = list(Patient.objects.order_by("pk")[: 2 * clients * tries])
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
    before = deadlocks()
    how = {"clients": clients, "tries": tries}
    alone = run(book_alone, slots[::2], patients[::2], **how)
    bare = run(partial(book_barely, visit_statement()), slots[1::2], patients[1::2], **how)
    ours = run(book, slots[::2], patients[::2], **how)
    made = report(size, clients, ours, bare, alone)
    made.failures += wrongs(slots[::2], ours[1])
    if fallen := deadlocks() - before:
        made.failures.append(f"{fallen} deadlocks")
    return made


def free_slots(population: object, count: int, *, at: dt.datetime) -> list[int]:
    """Slots that stand free, at times when the patients have nothing else."""
    visits = add_booked_slots(population, count, at=at)  # type: ignore[arg-type]
    keys = [visit.slot_id for visit in visits if visit.slot_id is not None]
    Appointment.objects.filter(pk__in=[visit.pk for visit in visits]).delete()
    Slot.objects.filter(pk__in=keys).update(taken=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE scheduling_slot SET status = %s WHERE id = ANY(%s)", [SlotStatus.FREE, keys]
        )
    return keys


def run(job: Job, slots: list[int], patients: list[Patient], *, clients: int, tries: int) -> Run:
    """All clients at once."""
    connections.close_all()  # no process inherits a line of another
    shares = [range(n, clients, PROCESSES) for n in range(PROCESSES)]
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        pool.map(_ready, range(PROCESSES))
        began = time.perf_counter()
        found = pool.starmap(
            _clients, [(job, list(share), slots, patients, tries) for share in shares], chunksize=1
        )
        took = time.perf_counter() - began
        pool.close()  # terminated, one may die with the lock that another waits for
        pool.join()
    return took, [each for part in found for each in part]


def _ready(_: int) -> None:
    connection.ensure_connection()


def _clients(
    job: Job, share: list[int], slots: list[int], patients: list[Patient], tries: int
) -> list[Try]:
    """The clients of one process, a thread and a connection each."""
    with ThreadPoolExecutor(max(1, len(share))) as pool:
        parts = pool.map(lambda n: _client(job, n, slots, patients, tries), share)
        return [each for part in parts for each in part]


def _client(
    job: Job, number: int, slots: list[int], patients: list[Patient], tries: int
) -> list[Try]:
    chance = random.Random(number)
    mine = patients[number * tries : (number + 1) * tries]
    try:
        return [_try(job, chance.choice(slots), patient) for patient in mine]
    finally:
        connection.close()


def _try(job: Job, slot_id: int, patient: Patient) -> Try:
    began = time.perf_counter()
    try:
        booked = job(slot_id, patient)
    except Exception as error:  # noqa: BLE001 what was raised is a finding
        return Try(time.perf_counter() - began, False, f"{type(error).__name__}: {error}")
    return Try(time.perf_counter() - began, booked)


def book(slot_id: int, patient: Patient) -> bool:
    """As a person books whom the page has; whether it was theirs."""
    try:
        request_booking(slot_id=slot_id, patient=patient, by=BY, at=clock.now())
    except BookingRefused:
        return False
    return True


def report(size: int, clients: int, ours: Run, bare: Run, alone: Run) -> Report:
    """Tries a second, and how long a booking took that came about."""
    took, tries = ours
    rate, floor, least = (len(found) / seconds for seconds, found in (ours, bare, alone))
    booked = Spread.of(each.seconds for each in tries if each.booked)
    refused = [each.seconds for each in tries if not each.booked and not each.error]
    at = f"{clients} clients, {size:,} slots"
    made = Report("booking", size)
    made.rows = [
        Row(
            what="book under contention",
            at=at,
            measured=f"{rate:,.0f} tries/s",
            floor=f"{floor:,.0f} tries/s",
            ratio=rate / floor,
            aim=f"at least {LEAST_SHARE:g} of bare SQL",
            met=rate / floor >= LEAST_SHARE,
        ),
        Row(
            what="the same, beside tables that have nothing but the constraint",
            at=at,
            measured=f"{rate:,.0f} tries/s",
            floor=f"{least:,.0f} tries/s",
            ratio=rate / least,
        ),
        Row("a booking, from the press to the commit", at, str(booked)),
    ]
    if refused:
        made.rows.append(Row("a refusal", at, str(Spread.of(refused))))
    made.figures = {
        "tries": len(tries),
        "booked": booked.count,
        "booked_barely": sum(each.booked for each in bare[1]),
        "seconds": took,
        "bare_seconds": bare[0],
        "alone_seconds": alone[0],
        "processes": PROCESSES,
        "p99_ms": booked.p99,
    }
    made.failures += [f"in bare SQL: {e.error[:200]}" for e in (*bare[1], *alone[1]) if e.error][:1]
    say_so(f"  {booked.count:,} booked; {say(booked.p50)} each")
    return made


def wrongs(slots: list[int], ours: list[Try]) -> list[str]:
    """What must not be: a slot sold twice, a patient in two places, a booking that was lost."""
    live = Appointment.objects.filter(slot__in=slots, status__in=LIVE)
    per_slot = Counter(live.values_list("slot_id", flat=True))
    twice = sum(1 for count in per_slot.values() if count > 1)
    found = [f"{twice} slots were booked twice"] if twice else []
    told = sum(each.booked for each in ours)
    if live.count() != told:
        found.append(f"{told} were told that they have it, {live.count()} have")
    free = Slot.objects.filter(pk__in=per_slot).exclude(status=SlotStatus.BUSY).count()
    if free:
        found.append(f"{free} booked slots still say free")
    errors = Counter(each.error for each in ours if each.error)
    found += [f"{count} times {error[:200]}" for error, count in errors.most_common(3)]
    return found


def deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute(DEADLOCKS)
        return int(cursor.fetchall()[0][0])


if __name__ == "__main__":
    sys.exit(main())
