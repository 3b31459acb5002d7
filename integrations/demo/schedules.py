"""The one clinic of the demo that keeps its schedule in Firstcall; what the desk told others.

The practice EHR knows its clinicians and its site, so it takes visits there, without a slot.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from crm.engine import Actor
from crm.models import User
from crm.states import Role
from integrations.demo.dataset.system import BONES, FAMILY, HEART
from integrations.demo.inventory import Inventory
from scheduling.actions.feedback import answer_flag, flag_slot, flag_visit_type
from scheduling.actions.proposals import answer_proposal, propose_change
from scheduling.actions.schedule_ahead import note_made
from scheduling.actions.templates import apply_plan
from scheduling.models import (
    Absence,
    Clinic,
    PatternException,
    ProviderRole,
    ReleaseRule,
    SiteHoliday,
    Slot,
    VisitType,
    WeeklyPattern,
)
from scheduling.queries.schedules import scheduled_roles
from scheduling.rules.releasing import first_moment
from scheduling.states import (
    ExceptionKind,
    Holiday,
    OrphanChoice,
    ProposalKind,
    Restriction,
    SlotStatus,
)

AHEAD = dt.timedelta(weeks=8)
SPECIALTY = "Walk-in care"
TUESDAY, SATURDAY = 1, 5
KEPT = (
    Holiday.NEW_YEAR,
    Holiday.MEMORIAL,
    Holiday.INDEPENDENCE,
    Holiday.LABOR,
    Holiday.THANKSGIVING,
    Holiday.CHRISTMAS,
)
_A_DAY = dt.timedelta(days=1)


def add_own_clinic(inventory: Inventory, *, by: Actor, at: dt.datetime) -> int:
    """Evenings and Saturdays in Phoenix, from weekly patterns; returns how many slots they made."""
    site = inventory.locations["PHX"]
    kind = VisitType.objects.create(
        code="WALK-IN", name="Walk-in visit", specialty=SPECIALTY, minutes=20, lead_minutes=30
    )
    clinic = Clinic.objects.create(
        location=site, specialty=SPECIALTY, name=f"{SPECIALTY}, Phoenix", owns_schedule=True
    )
    clinic.visit_types.add(kind)
    today = at.astimezone(site.tz).date()
    reyes, delgado = (
        ProviderRole.objects.create(provider=inventory.providers[code], clinic=clinic)
        for code in ("P101", "P103")
    )
    patterns = WeeklyPattern.objects.bulk_create(_patterns(reyes, delgado, kind, today))
    SiteHoliday.objects.bulk_create(SiteHoliday(location=site, holiday=day) for day in KEPT)
    third = _next(SATURDAY, today) + dt.timedelta(weeks=2)
    Absence.objects.create(
        provider=reyes.provider,
        starts_at=first_moment(third, dt.time.min, site.tz),
        ends_at=first_moment(third + _A_DAY, dt.time.min, site.tz),
        reason="Leave",
    )
    PatternException.objects.create(
        pattern=patterns[0],
        on=_next(TUESDAY, today) + dt.timedelta(weeks=1),
        kind=ExceptionKind.CHANGED,
        starts_time=dt.time(18),
        ends_time=dt.time(20),
        reason="Late handover that evening",
    )
    role_ids, days = scheduled_roles(clinic.pk), (today, today + AHEAD)
    apply_plan(role_ids, first_on=days[0], last_on=days[1], orphans=OrphanChoice.KEEP, by=by, at=at)
    note_made(role_ids=role_ids, first_on=days[0], last_on=days[1], kept=False, by=by, at=at)
    return Slot.objects.filter(role__clinic=clinic).count()


def _patterns(
    reyes: ProviderRole, delgado: ProviderRole, kind: VisitType, today: dt.date
) -> Iterator[WeeklyPattern]:
    rule = ReleaseRule.objects.create(
        clinic=reyes.clinic, name="Open to all at 7:00 the day before", days_before=1,
        at_time=dt.time(7),
    )  # fmt: skip
    evening, morning = (dt.time(17), dt.time(19, 40)), (dt.time(8), dt.time(12))
    for role, weekday, hours, every, kept in (
        (reyes, TUESDAY, evening, 1, True),
        (reyes, SATURDAY, morning, 1, False),
        (delgado, SATURDAY, (dt.time(12, 40), dt.time(16)), 2, False),
    ):
        yield WeeklyPattern(
            role=role,
            valid_from_on=today - dt.timedelta(weeks=4),
            weekday=weekday,
            every_weeks=every,
            starts_time=hours[0],
            ends_time=hours[1],
            slot_minutes=20,
            visit_type=kind,
            restriction=Restriction.SAME_DAY if kept else Restriction.NONE,
            release_rule=rule if kept else None,
        )


def _next(weekday: int, today: dt.date) -> dt.date:
    return today + dt.timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def tell_clinics(inventory: Inventory, staff: dict[Role, User], *, at: dt.datetime) -> None:
    """Proposals to clinics whose EHR owns the schedule, and flags of what is mislabeled there."""
    agent, desk = staff[Role.AGENT], Actor.user(staff[Role.FRONT_DESK])
    day = dt.timedelta(days=1)
    propose_change(
        clinic=inventory.clinics[BONES, "PHX"],
        kind=ProposalKind.SCHEDULE,
        what="Dr. Delgado, Fridays: make 11:00 and 11:45 new-patient slots",
        why="Callers with new knee and shoulder pain wait four weeks; follow-ups stay unused then.",
        by=Actor.user(staff[Role.MANAGER]),
        at=at - 2 * day,
    )
    accepted = propose_change(
        clinic=inventory.clinics[FAMILY, "TUS"],
        kind=ProposalKind.RESTRICTION,
        what="Open the same-day slots of Tuesday to all from 7:00",
        why="A third of them pass unused.",
        by=Actor.user(staff[Role.MANAGER]),
        at=at - 9 * day,
    )
    answer_proposal(
        proposal=accepted, accept=True, answer="Yes, from the first of the month.", by=desk,
        at=at - 6 * day,
    )  # fmt: skip
    free = Slot.objects.filter(status=SlotStatus.FREE, starts_at__gt=at + 2 * day)
    slots = free.select_related("role__clinic", "visit_type").order_by("starts_at", "pk")
    heart, family = (
        slots.filter(role__clinic=inventory.clinics[HEART, "PHX"]).first(),
        slots.filter(role__clinic=inventory.clinics[FAMILY, "PHX"]).first(),
    )
    by = Actor.user(agent)
    if heart is not None:
        flag_slot(
            slot=heart, user=agent, should_be="New patient, 45 minutes", by=by, at=at - day / 4
        )
    flag_visit_type(
        visit_type=inventory.kinds["SKIN-CHECK"],
        user=agent,
        should_be="Callers take it for a cosmetic check: say “for cancer” in the name",
        by=by,
        at=at - 3 * day,
    )
    if family is not None:
        flag = flag_slot(slot=family, user=agent, should_be="Follow-up", by=by, at=at - 2 * day)
        answer_flag(
            feedback=flag, answer="You are right, it is corrected in the EHR.", by=desk, at=at - day
        )
