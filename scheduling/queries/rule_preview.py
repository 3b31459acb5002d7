"""What a provider rule would have done to the visits of the last month, as they were booked."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from django.db.models import Q

from crm.models import Patient
from scheduling.models import Appointment, ProviderRule, ServiceRequest
from scheduling.queries.requirement_rows import TAKES_PLACE
from scheduling.queries.visits import ESTABLISHED_FOR
from scheduling.rules.day import LIMITS, DayFacts, DayLimit, DayVisit, what_the_day_hides
from scheduling.rules.needs import needed_first, provider_rule
from scheduling.rules.requirements import Order, ProviderTerms, Requirements, Terms, Test
from scheduling.states import AppointmentStatus, RuleKind, RulePer

#: Visits that began in so many days before now are looked at.
LOOK_BACK: Final = dt.timedelta(days=30)
#: At most so many of them, the latest first: a rule for a large clinic is judged by these.
MOST: Final = 5000


@dataclass(frozen=True, slots=True)
class Stopped:
    """A visit that the rule would have stopped, and what it would have said."""

    visit: Appointment
    sentence: str


@dataclass(frozen=True, slots=True)
class Preview:
    """How many visits were looked at, and those that would not have been booked."""

    looked_at: int
    stopped: tuple[Stopped, ...]

    @property
    def patient_ids(self) -> frozenset[int]:
        return frozenset(one.visit.patient_id for one in self.stopped)


def preview_rule(rule: ProviderRule, *, at: dt.datetime) -> Preview:
    """`rule` need not be stored. Five queries at most.

    Each visit is judged as its booking would have been: with what the clinician had been booked
    for by then, and whether the patient had been seen by then. Orders are those on file now.
    """
    judged = list(_visits_of(rule, at))
    judge = _by_the_day if rule.kind in LIMITS else _by_the_needs
    return Preview(len(judged), tuple(judge(rule, judged)))


def _visits_of(rule: ProviderRule, at: dt.datetime) -> Iterable[Appointment]:
    who = Q(role_id=rule.role_id) if rule.role_id else Q(provider_id=rule.provider_id)
    if rule.clinic_id:
        who = Q(role__clinic_id=rule.clinic_id)
    kept = {*TAKES_PLACE, AppointmentStatus.NO_SHOW}
    rows = Appointment.objects.filter(
        who, status__in=kept, starts_at__gte=at - LOOK_BACK, starts_at__lt=at, role__isnull=False
    )
    if rule.type_ids and rule.kind != RuleKind.ONLY:
        rows = rows.filter(visit_type__in=rule.type_ids)
    beside = ("patient", "provider", "visit_type", "role__clinic__location", "role__provider")
    return rows.select_related(*beside).order_by("-starts_at")[:MOST]


# --- ages, new patients, kinds of visit, and what must come first ---------------------------


def _by_the_needs(rule: ProviderRule, visits: list[Appointment]) -> Iterable[Stopped]:
    patients = {visit.patient_id for visit in visits}
    seen = _seen(patients)
    orders = _orders(patients) if rule.kind == RuleKind.FIRST else {}
    tests = _tests(patients, rule.test_id) if rule.test_id else {}
    terms = terms_of(rule)
    for visit in visits:
        needs = Requirements(
            terms=_terms(visit, terms),
            birth_on=visit.patient.birth_on,
            is_established=_is_established(visit, seen),
            orders=tuple(orders.get(visit.patient_id, ())),
            tests=tuple(tests.get(visit.patient_id, ())),
        )
        said = provider_rule(needs, visit.booked_at) or needed_first(needs, visit.booked_at)
        if said:
            yield Stopped(visit, f"{said}.")


def terms_of(rule: ProviderRule) -> ProviderTerms:
    """The rule as the pure functions take it."""
    return ProviderTerms(
        is_offered=rule.is_offered and rule.kind != RuleKind.NOT_DONE,
        min_age=rule.min_age,
        max_age=rule.max_age,
        accepts_new=rule.accepts_new,
        reason=rule.reason,
        only=frozenset(rule.type_ids) if rule.kind == RuleKind.ONLY else frozenset(),
        needs_referral=rule.needs_referral,
        needs_records=rule.needs_records,
        test_id=rule.test_id,
        test=rule.test.name if rule.test else "",
        test_within_days=rule.test_within_days,
    )


def _terms(visit: Appointment, rule: ProviderTerms) -> Terms:
    assert visit.role is not None  # noqa: S101 filtered by
    return Terms(
        starts_at=visit.starts_at,
        zone=visit.role.clinic.location.zone,
        visit_type=visit.visit_type.name if visit.visit_type else "",
        clinic=visit.role.clinic.name,
        provider=str(visit.role.provider),
        visit_type_id=visit.visit_type_id or 0,
        provider_rules=(rule,),
    )


#: By patient and specialty, in order: when they were seen.
Seen = dict[tuple[int, str], list[dt.datetime]]


def _seen(patients: set[int]) -> Seen:
    rows = Appointment.objects.filter(patient__in=patients, status=AppointmentStatus.FULFILLED)
    found: Seen = defaultdict(list)
    for patient, specialty, starts_at in rows.order_by("starts_at").values_list(
        "patient", "role__clinic__specialty", "starts_at"
    ):
        found[patient, specialty].append(starts_at)
    return found


def _is_established(visit: Appointment, seen: Seen) -> bool:
    """As of its booking."""
    assert visit.role is not None  # noqa: S101 filtered by
    times = seen.get((visit.patient_id, visit.role.clinic.specialty), [])
    before = bisect_left(times, min(visit.booked_at, visit.starts_at))
    return before > 0 and times[before - 1] > visit.booked_at - ESTABLISHED_FOR


def _orders(patients: set[int]) -> dict[int, list[Order]]:
    found: dict[int, list[Order]] = defaultdict(list)
    for row in ServiceRequest.objects.filter(patient__in=patients):
        order = Order(
            valid_from_on=row.valid_from_on,
            valid_until_on=row.valid_until_on,
            has_records=row.records_at is not None,
        )
        found[row.patient_id].append(order)
    return found


def _tests(patients: set[int], kind: int) -> dict[int, list[Test]]:
    found: dict[int, list[Test]] = defaultdict(list)
    rows = Appointment.objects.filter(patient__in=patients, visit_type=kind, status__in=TAKES_PLACE)
    for row in rows:
        test = Test(visit_type_id=kind, starts_at=row.starts_at, ends_at=row.ends_at)
        found[row.patient_id].append(test)
    return found


# --- limits of a day or week ----------------------------------------------------------------


def _by_the_day(rule: ProviderRule, visits: list[Appointment]) -> Iterable[Stopped]:
    seen = _seen({visit.patient_id for visit in visits})
    limit = DayLimit(
        kind=RuleKind(rule.kind),
        number=rule.number,
        per=RulePer(rule.per),
        visit_types=frozenset(rule.type_ids),
        here=rule.provider_id is None,
        reason=rule.reason,
    )
    weeks = _weeks(rule, visits)
    for visit in visits:
        day = _day(visit, weeks.get(visit.provider_id or 0, []), seen)
        found = what_the_day_hides(replace(day, limits=(limit,)))
        if found:
            yield Stopped(visit, found[0].sentence)


def _weeks(rule: ProviderRule, visits: list[Appointment]) -> dict[int, list[Appointment]]:
    """What else the clinicians had, also of kinds that the rule is not about, by clinician."""
    if not visits:
        return {}
    week = dt.timedelta(days=8)
    rows = Appointment.objects.filter(
        provider__in={visit.provider_id for visit in visits},
        starts_at__gte=visits[-1].starts_at - week,
        starts_at__lt=visits[0].starts_at + week,
        status__in={*TAKES_PLACE, AppointmentStatus.NO_SHOW},
    ).select_related("role__clinic")
    found: dict[int, list[Appointment]] = defaultdict(list)
    for row in rows:
        found[row.provider_id or 0].append(row)
    return found


def _day(visit: Appointment, others: list[Appointment], seen: Seen) -> DayFacts:
    assert visit.role is not None  # noqa: S101 filtered by
    mine = (visit.booked_at, visit.pk)
    return DayFacts(
        provider=str(visit.role.provider),
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        zone=visit.role.clinic.location.zone,
        visit_type_id=visit.visit_type_id or 0,
        is_new=not _is_established(visit, seen),
        visits=tuple(
            DayVisit(
                pk=other.pk,
                starts_at=other.starts_at,
                ends_at=other.ends_at,
                visit_type_id=other.visit_type_id,
                here=other.role_id == visit.role_id,
                in_slot=other.slot_id is not None and other.slot_id == visit.slot_id,
                is_new=other.role is not None and not _is_established(other, seen),
            )
            for other in others
            if (other.booked_at, other.pk) < mine
            and abs(other.starts_at - visit.starts_at) < dt.timedelta(days=8)
        ),
    )


def initials(patient: Patient) -> str:
    """ "M. A.": enough for staff who know the day, and for nobody else."""
    names = (patient.given_name, patient.family_name)
    return " ".join(f"{name[0]}." for name in names if name)
