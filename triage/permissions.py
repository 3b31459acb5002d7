"""Who may read what a safety check found. Principle 6: agents are never asked to judge it."""

from __future__ import annotations

from rules.permissions import set_perm
from rules.predicates import predicate

from crm.permissions import CARE_TEAM
from crm.states import Role


def _has(user: object, *roles: Role) -> bool:
    has_role = getattr(user, "has_role", None)
    return bool(has_role and getattr(user, "is_active", False) and has_role(*roles))


def can_work_alerts(user: object) -> bool:
    """Read the texts behind an alert, take it, and say how it ended: nurses."""
    return _has(user, Role.NURSE)


def can_hear_escalations(user: object) -> bool:
    """Be told that nobody has taken an alert, without its text."""
    return _has(user, Role.NURSE, Role.MANAGER, Role.ADMIN)


def can_carry_out_texts(user: object) -> bool:
    """Carry out what a held text also asked for, once a nurse is at it."""
    return _has(user, *CARE_TEAM)


def can_sign_list(user: object) -> bool:
    """Sign the list of red flags: a clinician."""
    return _has(user, Role.NURSE)


PERMISSIONS = {
    "triage.work_alerts": can_work_alerts,
    "triage.hear_escalations": can_hear_escalations,
    "triage.carry_out_texts": can_carry_out_texts,
    "triage.sign_list": can_sign_list,
}
for _name, _test in PERMISSIONS.items():
    set_perm(_name, predicate(_test))  # type: ignore[no-untyped-call]
