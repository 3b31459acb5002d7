"""Going past a rule with a reason: who may, and that the clinic hears of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from crm.actions import open_task, put_back_task
from crm.engine import Actor, record
from crm.engine.actors import ActorKind
from crm.models import User
from crm.states import Role, TaskKind, TaskStatus
from scheduling.actions.refusals import refusals
from scheduling.models import Appointment, Hold, RuleOverride, Slot
from scheduling.rules import Hidden, may_set_aside, still_stops

#: A clinic's manager looks at what was set aside within two days.
LOOK_WITHIN: Final = dt.timedelta(days=2)


@dataclass(frozen=True, slots=True)
class SetAside:
    """Rules by name that whoever books goes past, having read what they say, and why."""

    rules: frozenset[str]
    reason: str


def with_hold(set_aside: SetAside | None, hold: Hold | None) -> SetAside | None:
    """What is set aside now, and what was when the slot was held: that need not be said again."""
    if hold is None or not hold.aside:
        return set_aside
    named, reason = frozenset(hold.aside), hold.aside_reason
    if set_aside is None:
        return SetAside(named, reason)
    return SetAside(set_aside.rules | named, set_aside.reason.strip() or reason)


def pass_rules(
    found: Iterable[Hidden], *, set_aside: SetAside | None, by: Actor
) -> tuple[Hidden, ...]:
    """Those of the objections that `by` sets aside; nothing else is left that stops the booking.

    Only staff set rules aside, with a reason, and each by one of the rule's own roles.

    :raises BookingRefused: or its kinds, with everything that still stands against it.
    """
    objections = tuple(found)
    named = set_aside.rules if set_aside and set_aside.reason.strip() else frozenset()
    roles = roles_of(by) if named else frozenset()
    stops = still_stops(objections, aside=named, roles=roles)
    if stops:
        raise refusals(stops)
    return tuple(one for one in objections if one.stops and may_set_aside(one, roles))


def roles_of(by: Actor) -> frozenset[Role]:
    """Of a member of staff; nobody else has any."""
    if by.kind is not ActorKind.USER or by.id is None:
        return frozenset()
    user = User.objects.filter(pk=by.id, is_active=True).first()
    return frozenset(role for role in Role if user and user.has_role(role))


def report_overrides(
    appointment: Appointment,
    slot: Slot,
    passed: tuple[Hidden, ...],
    *,
    set_aside: SetAside | None,
    by: Actor,
    at: dt.datetime,
) -> None:
    """Keep what was set aside for this visit, in the trail and for the clinic, and have its
    manager look: one task for all of a clinic's day, opened again when more comes."""
    if not passed or set_aside is None:
        return
    clinic, reason = slot.role.clinic, set_aside.reason.strip()
    RuleOverride.objects.bulk_create(
        RuleOverride(
            clinic=clinic,
            appointment=appointment,
            rule=one.rule,
            sentence=one.sentence[:300],
            reason=reason[:300],
            user_id=by.id,
            by_label=by.label[:120],
            at=at,
        )
        for one in passed
    )
    rules = sorted({one.rule.value for one in passed})
    record(
        "scheduling.rules.set-aside",
        appointment,
        by=by,
        at=at,
        reason=reason,
        rules=rules,
        clinic=clinic.pk,
    )
    today = at.astimezone(ZoneInfo(clinic.location.zone)).date()
    task = open_task(
        kind=TaskKind.RULES_SET_ASIDE,
        title=f"Rules were set aside at {clinic.name}"[:200],
        why="Bookings of one day went past the clinic's rules, with a reason. See which, and "
        "whether the rule still says what the clinic means.",
        due_at=at + LOOK_WITHIN,
        cause_key=f"rules-set-aside:{clinic.pk}:{today.isoformat()}",
        by=by,
        at=at,
    )
    if task.status in {TaskStatus.DONE, TaskStatus.CANCELLED}:
        put_back_task(task=task, by=by, at=at)
