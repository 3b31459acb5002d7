"""Fifty yeses at once on one opening, again and again: one wins, and how soon it knows.

From the moment when the yes is read to the committed claim (a visit requested, the slot taken, the
write to the EHR queued, an answer to the patient). The floor is the barest claim there is, raced
by as many over as many connections, in turn with ours: `UPDATE … WHERE status = 'open' RETURNING`.
"""

from __future__ import annotations

import datetime as dt
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

from bench import stage  # noqa: F401 Django, on a database of this script's own
from bench.common import Report, Row, Spread, compare, finish, parser, say, say_so
from bench.population import Population, add_booked_slots, populate
from crm import clock
from crm.engine import Actor
from scheduling.models import Appointment, Slot
from scheduling.states import FreedBy, Origin, SlotStatus
from waitlist.actions import accept_offer
from waitlist.models import Candidate, Offer, Opening, Wave
from waitlist.states import CandidateKind, OfferStatus, OpeningStatus

AT_ONCE = 50
MOST_P99 = 10
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


@dataclass(frozen=True, slots=True)
class Try:
    """One of the crowd: how long it took (seconds), whether it won, what it raised."""

    seconds: float
    won: bool
    error: Exception | None = None


class Crowd:
    """Threads with a database connection each, that all start at the same moment."""

    def __init__(self, size: int, pool: ThreadPoolExecutor) -> None:
        self._size, self._pool = size, pool
        self._gate = threading.Barrier(size)
        list(pool.map(lambda _: self._connect(), range(size)))

    def _connect(self) -> None:
        connection.ensure_connection()
        self._gate.wait(timeout=60)  # so that every thread does it, not the first one for all

    def race(self, job: Callable[[int], bool]) -> list[Try]:
        """`job(0)`, `job(1)`, … at once; each says whether it won."""
        return list(self._pool.map(lambda number: self._run(job, number), range(self._size)))

    def _run(self, job: Callable[[int], bool], number: int) -> Try:
        self._gate.wait(timeout=60)
        began = time.perf_counter()
        try:
            won = job(number)
        except Exception as error:  # noqa: BLE001 what was raised is a finding
            return Try(time.perf_counter() - began, False, error)
        return Try(time.perf_counter() - began, won)

    def hang_up(self) -> None:
        def close(_: int) -> None:
            connection.close()
            self._gate.wait(timeout=60)

        list(self._pool.map(close, range(self._size)))


@contextmanager
def crowd(size: int) -> Iterator[Crowd]:
    with ThreadPoolExecutor(size) as pool:
        made = Crowd(size, pool)
        yield made
        made.hang_up()


def main() -> int:
    arguments = parser("races", size=200, of=f"openings, with {AT_ONCE} yeses each")
    chosen = arguments.parse_args()
    return finish(measure(chosen.size), as_json=chosen.json)


def measure(size: int) -> Report:
    """Race for `size` openings."""
    at = clock.now()
    say_so(f"  {size} openings with {AT_ONCE} offers each …")
    population = populate(size * AT_ONCE, at=at)
    openings = offered(population, size, at=at)
    claims = bare_claims(size)
    before = deadlocks()
    ours: list[list[Try]] = []
    bare: list[list[Try]] = []
    say_so(f"  {size * AT_ONCE:,} yeses …")
    with crowd(AT_ONCE) as everybody:
        for opening, claim in zip(openings, claims, strict=True):
            bare.append(everybody.race(lambda _, pk=claim: claim_barely(pk)))  # type: ignore[misc]
            offers = list(opening.offers.order_by("pk").select_related("patient"))
            ours.append(everybody.race(lambda n, asked=offers: say_yes(asked[n])))  # type: ignore[misc]
    made = report(size, ours, bare)
    made.failures += wrongs(openings)
    if fallen := deadlocks() - before:
        made.failures.append(f"{fallen} deadlocks")
    return made


def say_yes(offer: Offer) -> bool:
    """One patient's yes by text, from its reading on; whether it took the time."""
    patient = Actor.patient(offer.patient, channel="sms")
    answered = accept_offer(offer_id=offer.pk, channel="sms", by=patient, at=clock.now())
    return answered.status == OfferStatus.ACCEPTED


def claim_barely(pk: int) -> bool:
    """The least that a claim can be."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bench_claim SET status = 'claimed' WHERE id = %s AND status = 'open' "
            "RETURNING id",
            [pk],
        )
        return cursor.fetchone() is not None


def bare_claims(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_claim (id bigint PRIMARY KEY, status varchar(24))")
        cursor.execute(
            "INSERT INTO bench_claim SELECT n, 'open' FROM generate_series(1, %s) n", [count]
        )
    return list(range(1, count + 1))


def deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute(DEADLOCKS)
        return int(cursor.fetchall()[0][0])


def offered(population: Population, count: int, *, at: dt.datetime) -> list[Opening]:
    """Free slots, each offered to fifty patients of their own."""
    visits = add_booked_slots(population, count, at=at)
    slots = [visit.slot for visit in visits if visit.slot is not None]
    Appointment.objects.filter(pk__in=[visit.pk for visit in visits]).delete()
    Slot.objects.filter(pk__in=[slot.pk for slot in slots]).update(status=SlotStatus.FREE, taken=0)
    openings = Opening.objects.bulk_create(
        Opening(
            slot=slot,
            status=OpeningStatus.OFFERING,
            cause=FreedBy.CANCELLATION,
            opened_at=at,
            matched_at=at,
            starts_at=slot.starts_at,
            deadline_at=slot.starts_at - dt.timedelta(hours=2),
        )
        for slot in slots
    )
    for number, opening in enumerate(openings):
        _offer(opening, range(number * AT_ONCE + 1, (number + 1) * AT_ONCE + 1), at)
    return openings


def _offer(opening: Opening, patients: range, at: dt.datetime) -> None:
    later = dict(Appointment.objects.filter(patient__in=patients).values_list("patient_id", "pk"))
    entries = dict(
        opening.slot.visit_type.waitlistentry_set.filter(patient__in=patients).values_list(
            "patient_id", "pk"
        )
    )
    wave = Wave.objects.create(opening=opening, number=1, size=AT_ONCE, sent_at=at, why="bench")
    candidates = Candidate.objects.bulk_create(
        Candidate(
            opening=opening,
            patient_id=pk,
            kind=CandidateKind.LATER_VISIT if pk in later else CandidateKind.WAITLIST,
            appointment_id=later.get(pk),
            entry_id=entries.get(pk),
            rank=rank,
        )
        for rank, pk in enumerate(patients, start=1)
    )
    Offer.objects.bulk_create(
        Offer(
            opening=opening,
            slot=opening.slot,
            wave=wave,
            candidate=candidate,
            patient_id=candidate.patient_id,
            phone_id=candidate.patient_id,  # the population's keys are the same
            gives_up_id=candidate.appointment_id,
            offered_at=at,
            expires_at=opening.deadline_at,
        )
        for candidate in candidates
    )


def wrongs(openings: list[Opening]) -> Iterator[str]:
    """What must not be: another number of winners than one, somebody without an answer."""
    for opening in openings:
        statuses = Counter(opening.offers.values_list("status", flat=True))
        booked = Appointment.objects.filter(slot=opening.slot, origin=Origin.FIRSTCALL).count()
        wanted = {OfferStatus.ACCEPTED: 1, OfferStatus.NEXT_IN_LINE: AT_ONCE - 1}
        if statuses != wanted or booked != 1:
            yield f"opening {opening.pk}: {dict(statuses)}, {booked} visits"


def report(size: int, ours: list[list[Try]], bare: list[list[Try]]) -> Report:
    """The winners' quantiles over the floor's, and those of everybody who said yes."""
    made = Report("races", size)
    errors = Counter(type(one.error).__name__ for race in ours for one in race if one.error)
    made.failures += [f"{count} times {name}" for name, count in errors.items()]
    at = f"{AT_ONCE} at once, {size} openings"
    what = "yes read to claimed and committed"
    won, floor = _winners(ours), _winners(bare)
    everybody = Spread.of(one.seconds for race in ours for one in race)
    bare_all = Spread.of(one.seconds for race in bare for one in race)
    made.rows = [
        compare(what, at, won.p99, floor.p99, most=MOST_P99, name="p99"),
        Row(
            what="the same, until all fifty have their answer, p99",
            at=at,
            measured=say(everybody.p99),
            floor=say(bare_all.p99),
            ratio=everybody.p99 / bare_all.p99,
        ),
    ]
    made.figures = {
        "races": size * AT_ONCE,
        "winner_ms": {"p50": won.p50, "p99": won.p99},
        "bare_winner_ms": {"p50": floor.p50, "p99": floor.p99},
        "everybody_ms": {"p50": everybody.p50, "p99": everybody.p99},
        "bare_everybody_ms": {"p50": bare_all.p50, "p99": bare_all.p99},
        "deadlocks": 0,
    }
    return made


def _winners(races: list[list[Try]]) -> Spread:
    return Spread.of(one.seconds for race in races for one in race if one.won)


if __name__ == "__main__":
    sys.exit(main())
