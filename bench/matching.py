"""Candidate matching: who comes first for a freed slot, out of any number of waiting patients.

`python -m bench matching --size 10000,100000,1000000 --worst 100000`

Measured at each size, for openings of every clinic and kind: the shortlist alone (one statement),
matching (shortlist, facts, rules, contact, ranking), and the whole step (matching, with candidates,
audit, survey and event written). The floor is what no matching can do without: one indexed
SELECT of 200 rows through Django, and the candidates' insert. The first twelve are compared with
the exact ranking of everybody who waits.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice

from django.db import transaction
from django.utils import timezone

from bench import stage  # noqa: F401 Django's settings come first
from bench.common import Report, Row, Spread, finish, say, say_so
from bench.crowd import SPECIALTIES, TYPES_EACH, Crowd, clear_crowd, gather_crowd
from crm.engine import Actor
from scheduling.models import Appointment, ProviderRole, Slot
from scheduling.queries import get_slot
from scheduling.states import AppointmentStatus, FreedBy, SlotStatus
from waitlist.actions import match_opening
from waitlist.models import Candidate, Opening
from waitlist.queries.claims import everybody
from waitlist.queries.judging import MARGIN, judge_shortlist, wanted
from waitlist.queries.people import people_of, slot_facts
from waitlist.queries.shortlist import find_shortlist
from waitlist.rules.ranking import rank
from waitlist.states import CandidateKind

AIM_MS, AIM_SIZE = 15.0, 100_000
AIM_GROWTH, GROWN_SIZE = 1.5, 1_000_000
OPENINGS, WARM_UP, COMPARED = 36, 4, 4
FIRST = 12
BY = Actor.system("bench")


@dataclass(slots=True)
class Measured:
    """Seconds of each opening; of the first twelve how many were found, and by how many points
    the twelfth found falls short."""

    crowd: Crowd
    shortlist: list[float] = field(default_factory=list)
    matching: list[float] = field(default_factory=list)
    step: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    found: list[int] = field(default_factory=list)
    short: list[float] = field(default_factory=list)

    @property
    def at(self) -> str:
        return f"{self.crowd.size:,} waiting" + (", all of one kind" if self._is_worst else "")

    @property
    def _is_worst(self) -> bool:
        return self.crowd.in_one_type


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    sizes = [(int(size), False) for size in options.size.split(",")]
    sizes += [(int(size), True) for size in options.worst.split(",") if size]
    report = Report("matching", max(size for size, _ in sizes))
    all_measured = []
    for size, worst in sizes:
        began = time.monotonic()
        crowd = gather_crowd(size, at=timezone.now(), in_one_type=worst)
        say_so(f"{size:,} waiting patients written in {time.monotonic() - began:.0f} s")
        all_measured.append(_measure(crowd, compared=options.compare))
        clear_crowd()
    for measured in all_measured:
        _report(report, measured)
    _report_growth(report, all_measured)
    return finish(report, as_json=options.json)


def _options(arguments: Sequence[str]) -> Namespace:
    made = ArgumentParser(prog="python -m bench matching")
    sizes = f"10000,{AIM_SIZE},{GROWN_SIZE}"
    made.add_argument("--size", default=sizes, help=f"waiting patients (default {sizes})")
    made.add_argument("--worst", default="", help="sizes with all patients of one kind")
    made.add_argument("--json", action="store_true", help="the report as JSON on standard output")
    made.add_argument("--compare", type=int, default=COMPARED, help="openings ranked exactly")
    return made.parse_args(arguments)


def _measure(crowd: Crowd, *, compared: int) -> Measured:
    measured = Measured(crowd)
    slots = list(islice(_slots(crowd), OPENINGS + WARM_UP))
    for number, slot in enumerate(slots):
        keep = number >= WARM_UP
        for seconds, work in (
            (measured.floor, _floor),
            (measured.shortlist, _shortlist),
            (measured.matching, _match),
            (measured.step, _step),
        ):
            began = time.perf_counter()
            work(slot, crowd)
            if keep:
                seconds.append(time.perf_counter() - began)
    for slot in slots[::9][:compared]:  # of each kind one
        found, short = _compare(slot, crowd)
        measured.found.append(found)
        measured.short.append(short)
    return measured


def _slots(crowd: Crowd) -> Iterator[Slot]:
    """Freed slots of every clinician and kind of visit, two to thirty days ahead."""
    days = cycle((2, 3, 5, 8, 13, 21, 30))
    for number, role in enumerate(cycle(_roles(crowd))):
        starts_at = crowd.at.replace(hour=17, minute=0) + dt.timedelta(days=next(days))
        yield Slot.objects.create(
            role=role,
            visit_type=crowd.visit_types[_kind(crowd, role, number)],
            starts_at=starts_at,
            ends_at=starts_at + dt.timedelta(minutes=30),
            status=SlotStatus.FREE,
            source="bench-ehr",
            source_id=f"freed-{number}",
        )


def _roles(crowd: Crowd) -> list[ProviderRole]:
    if not crowd.in_one_type:
        return crowd.roles
    return [role for role in crowd.roles if role.clinic.specialty == "Specialty 0"]


def _kind(crowd: Crowd, role: ProviderRole, number: int) -> int:
    if crowd.in_one_type:
        return 0
    specialty = int(role.clinic.specialty.rsplit(" ", 1)[1]) % SPECIALTIES
    return specialty * TYPES_EACH + number % TYPES_EACH


def _opening(slot: Slot, at: dt.datetime) -> Opening:
    return Opening(
        slot=slot,
        cause=FreedBy.CANCELLATION,
        opened_at=at,
        starts_at=slot.starts_at,
        deadline_at=slot.starts_at - dt.timedelta(hours=2),
    )


def _floor(slot: Slot, crowd: Crowd) -> None:
    """One index, one round trip, one insert: in a transaction that is then given up."""
    rows = Appointment.objects.filter(
        visit_type=slot.visit_type_id,
        status=AppointmentStatus.BOOKED,
        starts_at__gt=slot.starts_at,
    ).order_by("-starts_at")
    patients = dict.fromkeys(rows.values_list("patient_id", flat=True)[:200])
    with transaction.atomic():
        opening = _opening(slot, crowd.at)
        opening.save()
        Candidate.objects.bulk_create(
            Candidate(opening=opening, patient_id=pk, kind=CandidateKind.LATER_VISIT, rank=rank)
            for rank, pk in enumerate(islice(patients, 40), start=1)
        )
        transaction.set_rollback(True)


def _shortlist(slot: Slot, crowd: Crowd) -> None:
    loaded = _loaded(slot)
    find_shortlist(loaded, slot_facts(loaded, at=crowd.at), at=crowd.at)


def _loaded(slot: Slot) -> Slot:
    return get_slot(slot.pk)


def _match(slot: Slot, crowd: Crowd) -> None:
    loaded = _loaded(slot)
    facts = slot_facts(loaded, at=crowd.at)
    judge_shortlist(_opening(loaded, crowd.at), loaded, facts, at=crowd.at)


def _step(slot: Slot, crowd: Crowd) -> None:
    opening = _opening(slot, crowd.at)
    opening.save()
    match_opening(opening_id=opening.pk, by=BY, at=crowd.at)


def _compare(slot: Slot, crowd: Crowd) -> tuple[int, float]:
    """Of the first twelve of the exact ranking, how many are judged at once in matching; and by
    how many points the twelfth of these stays below the exact one."""
    loaded = _loaded(slot)
    opening = _opening(loaded, crowd.at)
    facts = slot_facts(loaded, at=crowd.at)
    ids = everybody(loaded, facts, at=crowd.at)
    people = people_of(ids, opening, loaded, facts, at=crowd.at)
    exact = rank(facts, [person.facts for person in people], at=crowd.at).ranked
    found = find_shortlist(loaded, facts, at=crowd.at).patient_ids[: wanted(loaded) + MARGIN]
    seen = [place for place in exact if place.person.patient_id in set(found)]
    both = {place.person.patient_id for place in exact[:FIRST]} & set(found)
    if len(exact) < FIRST or len(seen) < FIRST:
        return len(both), 0.0
    return len(both), exact[FIRST - 1].score.total - seen[FIRST - 1].score.total


def _report(report: Report, measured: Measured) -> None:
    floor = Spread.of(measured.floor)
    for name, seconds in (
        ("shortlist: one statement, with the slot read", measured.shortlist),
        ("matching: found, judged and ranked", measured.matching),
        ("matching, kept and announced", measured.step),
    ):
        spread = Spread.of(seconds)
        aimed = (
            name.startswith("matching:")
            and measured.crowd.size == AIM_SIZE
            and not measured.crowd.in_one_type
        )
        report.rows.append(
            Row(
                what=f"{name}, p50",
                at=measured.at,
                measured=f"{say(spread.p50)} (p95 {say(spread.p95)})",
                floor=say(floor.p50),
                ratio=spread.p50 / floor.p50,
                aim=f"at most {AIM_MS:g} ms" if aimed else "",
                met=spread.p50 <= AIM_MS if aimed else None,
            )
        )
        report.figures[f"{measured.at}: {name}"] = {"p50": spread.p50, "p95": spread.p95}
    if measured.found:
        share = sum(measured.found) / (FIRST * len(measured.found))
        short = f"the twelfth at most {max(measured.short):.1f} points short"
        report.rows.append(
            Row(
                what=f"of the first {FIRST} of the exact ranking, judged at once",
                at=measured.at,
                measured=f"{share:.0%}; {short}",
            )
        )
        report.figures[f"{measured.at}: first {FIRST} found"] = measured.found
        report.figures[f"{measured.at}: twelfth short by"] = measured.short


def _report_growth(report: Report, all_measured: Sequence[Measured]) -> None:
    """From a hundred thousand to a million, in the same run."""
    p50 = {m.crowd.size: Spread.of(m.matching).p50 for m in all_measured if not m.crowd.in_one_type}
    if AIM_SIZE in p50 and GROWN_SIZE in p50:
        growth = p50[GROWN_SIZE] / p50[AIM_SIZE]
        report.rows.append(
            Row(
                what="matching, growth",
                at=f"{AIM_SIZE:,} to {GROWN_SIZE:,}",
                measured=f"{growth:.2f} times",
                ratio=growth,
                aim=f"at most {AIM_GROWTH:g} times",
                met=growth <= AIM_GROWTH,
            )
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
