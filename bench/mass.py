"""Mass rescheduling: the dry run of thousands of visits onto ten times as many free times.

`python -m bench mass --size 2000`

A storm shuts four of twelve sites for three days. By `plan_job`, as the job's step calls it:
reading, judging by the rules, solving, arithmetic; `Item` rows are not written. The floor is the
bare solver on the very same matrix: the sparse assignment once, nothing read and nothing judged.
Then small cases, where the plan is held against the exact optimum of all pairs
(`linear_sum_assignment`), in points.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
import time
from collections.abc import Sequence
from functools import partial
from unittest.mock import patch
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from bench import stage  # noqa: F401 Django's settings come first
from bench.common import Report, Row, finish, parser, say_so
from bench.processor import here
from crm.models import Coverage, Patient, User
from scheduling.models import (
    AcceptedCoverage,
    Appointment,
    Clinic,
    Location,
    MassMove,
    Provider,
    ProviderRole,
    ProviderRule,
    Slot,
    VisitType,
)
from scheduling.queries.mass_planning import plan_job
from scheduling.solving import Cell, Market, Shortlists
from scheduling.states import AppointmentStatus, CancelReason, Origin, SlotStatus

VISITS, SLOTS_EACH = 2000, 10
AIM, AIM_SHARE = 10.0, 0.95
SITES, SHUT, CLINICIANS, KINDS = 12, 4, 240, 8
ZONES = ("America/Chicago", "America/Phoenix", "America/New_York", "America/Denver")
SMALL_CASES, SMALL = 20, (40, 400)
#: Beyond what is solved exactly: more visits than places on each one's shortlist.
LARGE = (600, 3000)


def main(arguments: Sequence[str]) -> int:
    options = parser("mass", size=VISITS, of="visits to move").parse_args(arguments)
    at = timezone.now()
    job = _populate(options.size, at)
    say_so(f"{options.size:,} visits, {Slot.objects.filter(status='free').count():,} free slots")
    kept: list[Market] = []
    with patch("scheduling.queries.mass_planning.Shortlists", partial(_kept, kept)):
        began, processor_s = time.perf_counter(), here()
        plan = plan_job(job, at=at)
        took_s, processor_s = time.perf_counter() - began, here() - processor_s
    floor_s = _floor(kept[0])
    figures = plan.figures
    say_so(f"planned in {took_s:.1f} s: {figures}")
    report = Report("mass", options.size)
    taken = [proposal.slot.pk for proposal in plan.proposals if proposal.slot]
    if len(taken) != len(set(taken)):
        report.failures.append("two visits on one seat")
    small, large = _shares(SMALL, SMALL_CASES), _shares(LARGE, 1)
    at_size = f"{options.size:,} visits onto {figures['slots']:,} free slots"
    report.rows += [
        Row(
            what="mass rescheduling, dry run",
            at=at_size,
            measured=f"{took_s:.1f} s",
            floor=f"{floor_s:.1f} s",
            ratio=took_s / floor_s,
            aim=f"under {AIM:.0f} s",
            met=took_s < AIM,
        ),
        _share_row(f"{SMALL_CASES} small plans", SMALL, min(small)),
        _share_row("one plan beyond the exact ones", LARGE, min(large)),
    ]
    report.figures = {
        "took_s": took_s,
        "processor_s": processor_s,
        "floor_s": floor_s,
        **figures,
        "small_share": min(small),
        "large_share": min(large),
    }
    return finish(report, as_json=options.json)


def _share_row(what: str, size: tuple[int, int], share: float) -> Row:
    return Row(
        what=f"{what}: share of the exact optimum",
        at=f"{size[0]:,} visits, {size[1]:,} places",
        measured=f"{share:.1%}",
        aim=f"at least {AIM_SHARE:.0%}",
        met=share >= AIM_SHARE,
    )


def _kept(markets: list[Market], market: Market) -> Shortlists:
    """The matrix that the plan is made from, kept for the floor."""
    markets.append(market)
    return Shortlists(market)


def _floor(market: Market) -> float:
    """Seconds of the bare assignment on the same matrix, without what the rules said of pairs."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    bare = Market(
        market.where_points, market.when_points, market.kinds, market.left_out, market.cells
    )
    rows, columns, weights, shape = Shortlists(bare).matrix()
    graph = csr_matrix((weights, (rows, columns)), shape=shape)
    began = time.perf_counter()
    min_weight_full_bipartite_matching(graph)
    return time.perf_counter() - began


def _shares(size: tuple[int, int], cases: int) -> list[float]:
    """By case: the exact optimum's points over ours, with every place to be had."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    found = []
    for seed in range(cases):
        market, exact = _random_market(random.Random(seed), *size)
        ours = Shortlists(market).solve()
        matrix = np.array(exact, dtype=float)
        rows, columns = linear_sum_assignment(matrix)
        best = matrix[rows, columns].sum()
        got = sum(
            exact[visit][ours[visit]] if visit in ours else market.left_out[visit]
            for visit in range(size[0])
        )
        found.append(float(best / got) if got else 1.0)
    return found


def _random_market(draw: random.Random, visits: int, places: int) -> tuple[Market, list[list[int]]]:
    """Everybody wants the soonest, with weights of their own, as after a storm."""
    wheres, whens = 20, 60
    cells: dict[tuple[int, int], list[int]] = {}
    for place in range(places):
        cells.setdefault((draw.randrange(wheres), draw.randrange(whens)), []).append(place)
    weights = [draw.choice([10, 10, 10, 40, 80, 200]) for _ in range(visits)]
    where = [[draw.choice([0, 600, 680, 1000]) for _ in range(wheres)] for _ in range(visits)]
    when = [[day // 2 * weight + 40 * (day % 2) for day in range(whens)] for weight in weights]
    made = [Cell(w, t, each, frozenset({1})) for (w, t), each in cells.items()]
    market = Market(where, when, [1] * visits, [10**7] * visits, made)
    exact = [[0] * places for _ in range(visits)]
    for (w, t), each in cells.items():
        for visit in range(visits):
            cost = where[visit][w] + when[visit][t]
            for place in each:
                exact[visit][place] = cost
    return market, exact


def _populate(size: int, at: dt.datetime) -> MassMove:
    draw = random.Random(4)
    sites = Location.objects.bulk_create(
        Location(
            name=f"Site {n}",
            short_name=f"Site {n}",
            zone=ZONES[n % len(ZONES)],
            latitude=33 + n / 8,
            longitude=-112 + n / 8,
        )
        for n in range(SITES)
    )
    clinics = Clinic.objects.bulk_create(
        Clinic(location=site, specialty="General", name=f"General, {site.name}") for site in sites
    )
    kinds = VisitType.objects.bulk_create(
        VisitType(code=f"K{n}", name=f"Kind {n}", specialty="General", minutes=30)
        for n in range(KINDS)
    )
    providers = Provider.objects.bulk_create(
        Provider(family_name=f"Clinician {n}") for n in range(CLINICIANS)
    )
    roles = ProviderRole.objects.bulk_create(
        ProviderRole(provider=provider, clinic=clinics[n % SITES])
        for n, provider in enumerate(providers)
    )
    for clinic in clinics:
        clinic.visit_types.set(kinds)
    AcceptedCoverage.objects.bulk_create(
        AcceptedCoverage(clinic=clinic, payer=f"Payer {n}")
        for number, clinic in enumerate(clinics)
        for n in range(4)
        if n != number % 6
    )
    ProviderRule.objects.bulk_create(
        ProviderRule(role=role, kind="daily-cap", number=12, per="day") for role in roles[::3]
    )
    patients = Patient.objects.bulk_create(
        Patient(
            family_name=f"Patient {n}",
            birth_on=dt.date(1950 + n % 60, 5, 3),
            latitude=33 + draw.random(),
            longitude=-112 + draw.random(),
            prefers_parts_of_day=draw.choice([[], [], ["morning"], ["afternoon"]]),
        )
        for n in range(size)
    )
    Coverage.objects.bulk_create(
        Coverage(patient=patient, payer=f"Payer {n % 4 if n % 50 else 9}")  # a few have no place
        for n, patient in enumerate(patients)
    )
    first = at.date() + dt.timedelta(days=2)
    _book(patients, roles, kinds, first=first, draw=draw, at=at)
    _open_slots(size * SLOTS_EACH, roles, kinds, first=first, draw=draw)
    user = User.objects.create(username="bench", roles=["manager"])
    job = MassMove.objects.create(
        name="Storm",
        reason=CancelReason.CLOSED,
        starts_at=dt.datetime.combine(first, dt.time.min, dt.UTC),
        ends_at=dt.datetime.combine(first + dt.timedelta(days=4), dt.time.min, dt.UTC),
        days_after=42,
        created_at=at,
        created_by=user,
    )
    job.locations.set(sites[:SHUT])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return job


def _book(
    patients: list[Patient],
    roles: list[ProviderRole],
    kinds: list[VisitType],
    *,
    first: dt.date,
    draw: random.Random,
    at: dt.datetime,
) -> None:
    shut = [role for n, role in enumerate(roles) if n % SITES < SHUT]
    visits = []
    for n, patient in enumerate(patients):
        role = shut[n % len(shut)]
        location = role.clinic.location
        turn = n // len(shut)
        starts = dt.datetime.combine(
            first + dt.timedelta(days=turn % 3),
            dt.time(9 + turn // 3 % 8, 30 * (turn // 24 % 2)),
            ZoneInfo(location.zone),
        )
        visits.append(
            Appointment(
                patient=patient,
                role=role,
                provider=role.provider,
                location=location,
                visit_type=kinds[n % KINDS],
                starts_at=starts,
                ends_at=starts + dt.timedelta(minutes=30),
                status=AppointmentStatus.BOOKED,
                origin=Origin.EHR,
                booked_at=at - dt.timedelta(days=draw.choice([1, 20, 40, 60])),
                source="bench",
                source_id=f"v{n}",
            )
        )
    Appointment.objects.bulk_create(visits, batch_size=1000)


def _open_slots(
    count: int,
    roles: list[ProviderRole],
    kinds: list[VisitType],
    first: dt.date,
    draw: random.Random,
) -> None:
    open_roles = [(n, role) for n, role in enumerate(roles) if n % SITES >= SHUT]
    slots = []
    for n in range(count):
        number, role = open_roles[n % len(open_roles)]
        turn = n // len(open_roles)
        day = first + dt.timedelta(days=turn // 5)
        starts = dt.datetime.combine(
            day, dt.time(8 + 2 * (turn % 5)), ZoneInfo(role.clinic.location.zone)
        )
        slots.append(
            Slot(
                role=role,
                visit_type=kinds[(number + turn) % KINDS],
                starts_at=starts,
                ends_at=starts + dt.timedelta(minutes=30),
                status=SlotStatus.FREE,
                restriction="held-for-review" if draw.random() < 0.1 else "none",
                source="bench",
                source_id=f"s{n}",
            )
        )
    Slot.objects.bulk_create(slots, batch_size=1000)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
