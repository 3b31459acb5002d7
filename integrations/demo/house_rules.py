"""What the demo's clinics allow beyond their visit types: limits, audiences, releases, effects.

And some rules that were set aside in the last days, each with its reason, so that the pages of
rules have something to show. None of it stands in the way of the story that the demo tells.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from crm.models import Task, User
from crm.states import Role, TaskKind
from integrations.demo.dataset.system import BONES, FAMILY, HEART, SKIN
from integrations.demo.inventory import Inventory
from integrations.demo.tables import insert
from scheduling.models import (
    Appointment,
    ProviderRule,
    ReleaseRule,
    RuleOverride,
    RuleSetting,
    Slot,
    SlotAudience,
)
from scheduling.rules import HiddenBy
from scheduling.states import (
    AppointmentStatus,
    Audience,
    RuleEffect,
    RuleKind,
    RulePer,
    SlotStatus,
)

_DAY: Final = dt.timedelta(days=1)
#: Days ago, specialty and site, rule, what it said, why it was set aside, who did.
_ASIDE: Final = (
    (1, (HEART, "PHX"), HiddenBy.AUTHORIZATION, "The authorization has no visits left.",
     "The payer added two visits by phone, reference on file", Role.MANAGER),
    (1, (FAMILY, "PHX"), HiddenBy.HELD_FOR_REVIEW, "The clinic reviews who gets it.",
     "Dr. Reyes asked to see her this week", Role.FRONT_DESK),
    (2, (BONES, "TUS"), HiddenBy.PAIRING, "Dr. Daniel Park does not do two such visits in a row.",
     "Second room is free that morning", Role.MANAGER),
    (4, (FAMILY, "PHX"), HiddenBy.SAME_DAY, "It is kept for its own day.",
     "Travels from Show Low and cannot call on the day", Role.FRONT_DESK),
    (6, (SKIN, "AUH"), HiddenBy.PREPARATION, "Preparation takes 2 days; it starts in 30 h.",
     "Stopped the blood thinner already for the dentist", Role.MANAGER),
)  # fmt: skip


def add_house_rules(inventory: Inventory, staff: dict[Role, User], *, at: dt.datetime) -> None:
    """All of it."""
    insert(_limits(inventory))
    _keep(inventory, at=at)
    _set_effects(inventory)
    _set_aside(inventory, staff, at=at)


def _limits(inventory: Inventory) -> list[ProviderRule]:
    roles, kinds, clinics = inventory.roles, inventory.kinds, inventory.clinics
    return [
        ProviderRule(
            kind=RuleKind.DAILY_CAP,
            clinic=clinics[HEART, "AUH"],
            visit_type=kinds["HEART-ECHO"],
            number=6,
            reason="one machine",
        ),
        ProviderRule(
            kind=RuleKind.NEW_LIMIT,
            clinic=clinics[FAMILY, "AUH"],
            number=12,
            per=RulePer.WEEK,
            reason="panels are nearly full",
        ),
        ProviderRule(
            kind=RuleKind.PAIRING,
            role=roles["P203"],
            visit_type=kinds["BONES-INJ"],
            reason="the room is cleaned in between",
        ),
        ProviderRule(
            kind=RuleKind.GAP,
            role=roles["P305"],
            visit_type=kinds["SKIN-PROC"],
            number=15,
            reason="instruments",
        ),
        ProviderRule(
            kind=RuleKind.FIRST,
            provider=inventory.providers["P302"],
            visit_type=kinds["FM-NEW"],
            needs_records=True,
            reason="from the doctor before",
        ),
        ProviderRule(
            kind=RuleKind.NOT_DONE,
            role=roles["P302"],
            visit_type=kinds["FM-MAT"],
            reason="no waiver for such medicines",
        ),
    ]


def _keep(inventory: Inventory, *, at: dt.datetime) -> None:
    clinics = inventory.clinics
    SlotAudience.objects.create(
        clinic=clinics[HEART, "PHX"],
        name="New patients with a referral",
        audience=Audience.NEW,
        needs_referral=True,
    )
    seniors = SlotAudience.objects.create(
        clinic=clinics[FAMILY, "TUS"], name="Seniors", min_age=65, payers=["Medicare"]
    )
    free = Slot.objects.filter(
        role__clinic=seniors.clinic, status=SlotStatus.FREE, starts_at__gt=at + 5 * _DAY
    )
    some = free.order_by("starts_at").values_list("pk", flat=True)[::9]
    Slot.objects.filter(pk__in=some).update(audience=seniors)
    ReleaseRule.objects.create(
        clinic=clinics[FAMILY, "PHX"],
        name="Open to all at 7:00 on the day",
        days_before=0,
        at_time=dt.time(7),
    )
    ReleaseRule.objects.create(
        clinic=clinics[BONES, "PHX"], name="The surgeons' block drops 72 hours before",
        hours_before=72,
    )  # fmt: skip


def _set_effects(inventory: Inventory) -> None:
    clinics = inventory.clinics
    desk = [str(Role.AGENT), str(Role.FRONT_DESK), str(Role.MANAGER)]
    for clinic, rule, effect, roles in (
        (clinics[FAMILY, "PHX"], HiddenBy.SAME_DAY, RuleEffect.OVERRIDE, desk),
        (clinics[HEART, "TUS"], HiddenBy.TRANSPORT, RuleEffect.WARN, []),
        (clinics[BONES, "TUS"], HiddenBy.ORDER_DATE, RuleEffect.BLOCK, []),
    ):
        RuleSetting.objects.create(clinic=clinic, rule=rule, effect=effect, roles=roles)


def _set_aside(inventory: Inventory, staff: dict[Role, User], *, at: dt.datetime) -> None:
    for n, (days, where, rule, sentence, reason, role) in enumerate(_ASIDE):
        clinic, by = inventory.clinics[where], staff[role]
        visit = Appointment.objects.filter(
            role__clinic=clinic, status=AppointmentStatus.FULFILLED, starts_at__lt=at
        ).order_by("-starts_at")[n]
        RuleOverride.objects.create(
            clinic=clinic,
            appointment=visit,
            rule=rule,
            sentence=sentence,
            reason=reason,
            user=by,
            by_label=by.get_full_name(),
            at=at - days * _DAY,
        )
    clinic = inventory.clinics[HEART, "PHX"]
    day = (at - _DAY).date()
    Task.objects.create(
        kind=TaskKind.RULES_SET_ASIDE,
        title=f"Rules were set aside at {clinic.name}",
        why="Bookings of one day went past the clinic's rules, with a reason. See which, and "
        "whether the rule still says what the clinic means.",
        due_at=at + _DAY,
        created_at=at - _DAY,
        cause_key=f"rules-set-aside:{clinic.pk}:{day.isoformat()}",
    )
