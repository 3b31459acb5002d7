"""From a cancellation to the first text: webhook sent to request at a loopback Twilio.

`--size` patients wait in the database; `--rate` cancellations come each second, while a sender of
100 segments a second takes the texts. The floor is measured before and after, at the same rate.
"""

from __future__ import annotations

import sys
import time

from bench import (
    processor,
    stage,  # noqa: F401 Django, on a database of this script's own
)
from bench.carrier import Taken, carrier
from bench.common import Report, Spread, compare, finish, parser, say_so
from bench.floor import Floor, floor
from bench.outside import at_rate, cancellation, paced, post
from bench.population import add_booked_slots, populate
from bench.processes import FILLING, Firstcall, firstcall, twilio
from crm import clock
from scheduling.models import Appointment
from waitlist.models import Offer

MOST_P50, MOST_P99 = 5, 8
#: Cancellations that warm caches, connections and plans first, and are not counted.
WARM_UP = 20
PATIENCE = 40.0
#: A patient is asked once a day, so each slot must find people whom no other slot has asked.
PATIENTS_EACH = 10


def main() -> int:
    arguments = parser("fill", size=100_000, of="waiting patients")
    arguments.add_argument("--count", type=int, default=200, help="cancellations")
    arguments.add_argument("--rate", type=float, default=5, help="cancellations a second")
    chosen = arguments.parse_args()
    count = min(chosen.count, max(1, chosen.size // PATIENTS_EACH - WARM_UP))
    report = measure(chosen.size, count=count, rate=chosen.rate)
    return finish(report, as_json=chosen.json)


def measure(size: int, *, count: int, rate: float) -> Report:
    """Fill `count` freed slots."""
    at = clock.now()
    say_so(f"  {size:,} patients …")
    population = populate(size, at=at)
    visits = add_booked_slots(population, count + WARM_UP, at=at)
    with (
        carrier() as taken,
        firstcall(*FILLING, "worker-bulk", environ=twilio(taken.url)) as ours,
        floor(ours.folder, taken.url) as bare,
    ):
        warm, measured = visits[:WARM_UP], visits[WARM_UP:]
        cancel_all(ours, taken, warm, rate=rate)
        before = floors(bare, count // 2, rate)
        idle = processor.spent(ours)
        sent = cancel_all(ours, taken, measured, rate=rate)
        busy = processor.spent(ours)
        after = floors(bare, count - count // 2, rate)
        first = first_texts(taken)
    made = report(size, rate, sent, first, [*before, *after])
    made.figures["processor_ms_a_fill"] = processor.each(idle, busy, count)
    return made


def floors(bare: Floor, count: int, rate: float) -> list[dict[str, float]]:
    say_so(f"  {count} times the floor …")
    return [bare.once() for _ in paced(count, rate)]


def cancel_all(
    ours: Firstcall, taken: Taken, visits: list[Appointment], *, rate: float
) -> dict[int, float]:
    """Cancel them at that rate and wait until each slot's first text has left.

    Returns when each webhook was sent, by slot (seconds since 1970).
    """
    say_so(f"  {len(visits)} cancellations …")

    def cancel(number: int) -> tuple[int, float]:
        visit = visits[number]
        body, headers = cancellation(visit)
        began = time.time()
        status = post(ours.web_port, "/webhooks/rest/appointments/", body, headers)
        assert status == 202, status
        assert visit.slot_id is not None
        return visit.slot_id, began

    sent = dict(at_rate(len(visits), rate, cancel, threads=16))
    until = time.monotonic() + PATIENCE
    while set(sent) - set(first_texts(taken)) and time.monotonic() < until:
        ours.check_alive()
        time.sleep(0.5)
    return sent


def first_texts(taken: Taken) -> dict[int, float]:
    """When the first text about each slot reached the carrier, by slot."""
    taken.read()
    slots = dict(Offer.objects.values_list("phone__number", "slot_id"))
    by_number = {str(number): slot for number, slot in slots.items()}
    first: dict[int, float] = {}
    for text in taken.texts:
        slot = by_number.get(text.to)
        if slot is not None:
            first.setdefault(slot, text.at)
    return first


def report(
    size: int,
    rate: float,
    sent: dict[int, float],
    first: dict[int, float],
    bare: list[dict[str, float]],
) -> Report:
    """The two quantiles, over the floor's."""
    made = Report("fill", size)
    missing = [slot for slot in sent if slot not in first]
    if missing:
        made.failures.append(f"{len(missing)} of {len(sent)} freed slots were offered to nobody")
    fills = Spread.of(first[slot] - began for slot, began in sent.items() if slot in first)
    whole = Spread.of(one["all"] for one in bare)
    at = f"{size:,} candidates, {rate:g} cancellations a second"
    what = "cancellation sent to first text at the carrier"
    made.rows = [
        compare(what, at, fills.p50, whole.p50, most=MOST_P50, name="p50"),
        compare(what, at, fills.p99, whole.p99, most=MOST_P99, name="p99"),
    ]
    made.figures = {
        "fills": fills.count,
        "fill_ms": {"p50": fills.p50, "p95": fills.p95, "p99": fills.p99, "max": fills.most},
        "floor_ms": {"p50": whole.p50, "p95": whole.p95, "p99": whole.p99, "max": whole.most},
        "floor_parts_ms": {name: Spread.of(one[name] for one in bare).p50 for name in bare[0]},
    }
    return made


if __name__ == "__main__":
    sys.exit(main())
