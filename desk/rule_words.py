"""Rules in words: what each is called, what it says, and what it does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final

from crm.states import Role
from scheduling.models import ProviderRule, ReleaseRule, SlotAudience
from scheduling.rules import Effect, HiddenBy
from scheduling.rules.words import say_ages, say_clock, say_exact_days, say_list, say_minutes
from scheduling.states import Audience, RuleEffect, RuleKind

KINDS: Final[Mapping[RuleKind, str]] = {
    RuleKind.WHOM: "Whom they see",
    RuleKind.NOT_DONE: "Visits they do not do",
    RuleKind.ONLY: "Visits they do, and no others",
    RuleKind.FIRST: "What must come first",
    RuleKind.NEW_LIMIT: "New patients at most",
    RuleKind.DAILY_CAP: "Visits at most",
    RuleKind.GAP: "Time between visits",
    RuleKind.PAIRING: "Not two in a row",
}
RULES: Final[Mapping[HiddenBy, str]] = {
    HiddenBy.TOO_SOON: "Too little notice",
    HiddenBy.SAME_DAY: "Kept for its own day",
    HiddenBy.SAME_WEEK: "Kept for its own week",
    HiddenBy.DAYS_BEFORE: "Opens some days before",
    HiddenBy.HELD_FOR_REVIEW: "Held for review",
    HiddenBy.VISIT_TYPE: "Another kind of visit",
    HiddenBy.MODALITY: "Another way to meet",
    HiddenBy.NEW_PATIENTS: "Kept for new patients",
    HiddenBy.ESTABLISHED: "Kept for established patients",
    HiddenBy.AGE: "Ages of the visit type",
    HiddenBy.LIMITED: "Limits after missed visits",
    HiddenBy.KEPT_FOR: "Kept for an audience",
    HiddenBy.PROVIDER_RULE: "Whom and what a clinician takes",
    HiddenBy.NEEDED_FIRST: "Referral, records or test first",
    HiddenBy.NEW_OR_ESTABLISHED: "Visit type for new or established",
    HiddenBy.COVERAGE: "Coverage",
    HiddenBy.ORDER_DATE: "Date of the order",
    HiddenBy.AUTHORIZATION: "Referral or authorization",
    HiddenBy.FREQUENCY: "Paid for again too soon",
    HiddenBy.LINKED_VISIT: "Before or after another visit",
    HiddenBy.PREPARATION: "Time to prepare",
    HiddenBy.INTERPRETER: "Time to arrange an interpreter",
    HiddenBy.TRANSPORT: "Time to arrange a ride",
    HiddenBy.DAILY_CAP: "Visits at most",
    HiddenBy.NEW_LIMIT: "New patients at most",
    HiddenBy.GAP: "Time between visits",
    HiddenBy.PAIRING: "Not two in a row",
}
_ANY_DAY: Final = dt.date(2000, 1, 1)
ROLES: Final[Mapping[Role, str]] = {
    Role.AGENT: "agents",
    Role.NURSE: "nurses",
    Role.FRONT_DESK: "front desk",
    Role.MANAGER: "managers",
    Role.ADMIN: "administrators",
}


def say_effect(effect: Effect) -> str:
    """ "Stops everybody", "Managers and administrators may go past it, with a reason"."""
    match effect.effect:
        case RuleEffect.BLOCK:
            return "Stops everybody"
        case RuleEffect.WARN:
            return "Warns only"
    who = say_list(word for role, word in ROLES.items() if role in effect.roles)
    return f"{who[0].upper()}{who[1:]} may go past it, with a reason"


def rule_name(rule: str) -> str:
    """What a rule is called, by its key in a stored override."""
    return RULES.get(HiddenBy(rule), rule) if rule in set(HiddenBy) else rule


def say_rule(rule: ProviderRule) -> str:
    """What the rule says, in one sentence."""
    said: dict[str, Callable[[], str]] = {
        RuleKind.WHOM: lambda: _whom(rule),
        RuleKind.NOT_DONE: lambda: "Does not do these visits",
        RuleKind.ONLY: lambda: "Does these visits, and no others",
        RuleKind.FIRST: lambda: f"Needs {say_list(_first(rule))} first",
        RuleKind.GAP: lambda: f"At least {say_minutes(rule.number)} between two such visits",
        RuleKind.PAIRING: lambda: "Not two such visits in a row",
        RuleKind.NEW_LIMIT: lambda: f"At most {rule.number} new patients a {rule.per}",
        RuleKind.DAILY_CAP: lambda: f"At most {rule.number} such visits a {rule.per}",
    }
    return said[rule.kind]()


def _whom(rule: ProviderRule) -> str:
    if not rule.is_offered:
        return "Does not do these visits"
    parts = []
    if rule.min_age is not None or rule.max_age is not None:
        parts.append(f"Sees {say_ages(rule.min_age, rule.max_age)}")
    if not rule.accepts_new:
        parts.append("takes no new patients" if parts else "Takes no new patients")
    return "; ".join(parts) or "Sees everybody"


def _first(rule: ProviderRule) -> list[str]:
    needed = ["a referral"] if rule.needs_referral else []
    needed += ["the outside records"] if rule.needs_records else []
    if rule.test:
        days = rule.test_within_days
        needed.append(rule.test.name + (f" within {say_exact_days(days)}" if days else ""))
    return needed


def say_who(rule: ProviderRule) -> str:
    """Whom the rule is for."""
    if rule.role:
        return f"{rule.role.provider} at {rule.role.clinic.name}"
    if rule.clinic:
        return f"Each clinician of {rule.clinic.name}"
    return f"{rule.provider}, everywhere"


def say_audience(audience: SlotAudience) -> str:
    """Whom it names: "established; ages 65 and over; Medicare; with a referral"."""
    parts = [str(audience.audience)] if audience.audience != Audience.ANY else []
    if audience.min_age is not None or audience.max_age is not None:
        parts.append(say_ages(audience.min_age, audience.max_age))
    parts += [str(audience.sex)] if audience.sex else []
    parts += [say_list(audience.payers, last="or")] if audience.payers else []
    parts += ["with a referral"] if audience.needs_referral else []
    return "; ".join(parts) or "everybody"


def say_release(rule: ReleaseRule) -> str:
    """ "At 7:00 AM on the day", "at 4:30 PM, 2 days before", "72 hours before"."""
    if rule.hours_before is not None:
        return f"{rule.hours_before} hours before it starts"
    at = say_clock(dt.datetime.combine(_ANY_DAY, rule.at_time or dt.time()))
    days = rule.days_before or 0
    return f"At {at} on the day" if not days else f"At {at}, {say_exact_days(days)} before"
