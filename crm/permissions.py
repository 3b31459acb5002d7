"""What each role may do, as predicates: `can_view_openings(user)`.

They are registered as permissions, too, so `user.has_perm("crm.view_openings")` says the same.
Marketing sees nothing about single patients (principle 11), nor do accounts of
integrations, until an account is tied to the sender whose messages are its own.
"""

from __future__ import annotations

from rules.permissions import set_perm
from rules.predicates import predicate

from crm.states import Role

CARE_TEAM = (Role.AGENT, Role.NURSE, Role.FRONT_DESK, Role.MANAGER, Role.ADMIN)
#: The clinic owns its schedule (principle 7); agents offer what it lets them.
SCHEDULE_OWNERS = (Role.FRONT_DESK, Role.MANAGER, Role.ADMIN)


def _has(user: object, *roles: Role) -> bool:
    """Whether `user` is an active member of staff with one of `roles`; never for a visitor."""
    has_role = getattr(user, "has_role", None)
    return bool(has_role and getattr(user, "is_active", False) and has_role(*roles))


def can_view_patients(user: object) -> bool:
    """Names, phones, visits and texts of single patients."""
    return _has(user, *CARE_TEAM)


def can_view_openings(user: object) -> bool:
    """The openings page with its candidates and texts."""
    return _has(user, *CARE_TEAM)


def can_book_slots(user: object) -> bool:
    """Find times, hold them, and book them as far as the rules let the role."""
    return _has(user, *CARE_TEAM)


def can_view_demand(user: object) -> bool:
    """What was looked for and not had, down to the single searches."""
    return _has(user, *CARE_TEAM)


def can_run_openings(user: object) -> bool:
    """Pause and withdraw openings, and book one by hand."""
    return _has(user, *SCHEDULE_OWNERS)


def can_set_rules_aside(user: object) -> bool:
    """Book by hand what an authorization, a preparation or another need stands against."""
    return _has(user, Role.MANAGER, Role.ADMIN)


def can_keep_patient_needs(user: object) -> bool:
    """Orders, authorizations and coverage of patients, and who needs an interpreter or a ride."""
    return _has(user, *SCHEDULE_OWNERS)


def can_view_rules(user: object) -> bool:
    """What clinics and clinicians allow."""
    return _has(user, *CARE_TEAM)


def can_edit_rules(user: object) -> bool:
    """Change them, with a look at what they would have done to the last month's visits."""
    return _has(user, Role.MANAGER, Role.ADMIN)


def can_view_overrides(user: object) -> bool:
    """Which rules were set aside, by whom and why."""
    return _has(user, *SCHEDULE_OWNERS)


def can_change_visits(user: object) -> bool:
    """Move and cancel visits, and take that back."""
    return _has(user, *CARE_TEAM)


def can_mark_visits(user: object) -> bool:
    """Say who came and who did not: whoever can see it."""
    return _has(user, Role.NURSE, *SCHEDULE_OWNERS)


def can_approve_limits(user: object) -> bool:
    """Decide whether a patient who missed visits may book less freely."""
    return _has(user, Role.MANAGER, Role.ADMIN)


def can_view_catalog(user: object) -> bool:
    """Decision trees, visit types and whose turn it is: to read them, and to walk a tree."""
    return _has(user, *CARE_TEAM)


def can_edit_catalog(user: object) -> bool:
    """Write and publish trees, keep the catalog of visit types, set how panels grow."""
    return _has(user, Role.MANAGER, Role.ADMIN)


def can_keep_booking_links(user: object) -> bool:
    """Links, QR codes and kinds of visit for patients who book by themselves."""
    return _has(user, Role.MANAGER, Role.ADMIN)


def can_work_tasks(user: object) -> bool:
    """Claim and close tasks."""
    return _has(user, *CARE_TEAM)


def can_take_calls(user: object) -> bool:
    """Answer calls and texts at the desk, and take what waits in the queues of their skills."""
    return _has(user, *CARE_TEAM)


def can_view_social_needs(user: object) -> bool:
    """What patients said of their home, food, money and safety, and what follows from it.

    Nurses alone, who call about it and refer: whoever asks hears the answers once and needs no
    record of them, front desks and managers work on the task without them, and administrators,
    who give roles, should not have to read them (45 CFR 164.502(b), minimum necessary).
    """
    return _has(user, Role.NURSE)


def can_oversee_desk(user: object) -> bool:
    """The live board of queues and agents, listening to contacts, staffing, and where time goes."""
    return _has(user, Role.MANAGER, Role.ADMIN)


def can_view_knowledge(user: object) -> bool:
    """Articles, scripts and kinds of call, to read; and to say whether an article helped."""
    return _has(user, *CARE_TEAM)


def can_edit_knowledge(user: object) -> bool:
    """Write and publish articles and scripts, and keep the kinds of call."""
    return _has(user, Role.MANAGER, Role.ADMIN)


def can_sign_off(user: object) -> bool:
    """Say who may take a kind of call alone, and see how they did in training."""
    return _has(user, Role.MANAGER, Role.ADMIN)


def can_merge_records(user: object) -> bool:
    """Say whether two records are one person, merge them, and take that back."""
    return _has(user, *SCHEDULE_OWNERS)


def can_see_inbox(user: object) -> bool:
    """What other systems sent us, with its outcome; and replay it."""
    return _has(user, Role.MANAGER, Role.ADMIN)


def can_manage_staff(user: object) -> bool:
    """Users, roles, and the settings of the clinics."""
    return _has(user, Role.ADMIN)


PERMISSIONS = {
    "crm.view_patients": can_view_patients,
    "crm.view_openings": can_view_openings,
    "crm.book_slots": can_book_slots,
    "crm.view_demand": can_view_demand,
    "crm.run_openings": can_run_openings,
    "crm.set_rules_aside": can_set_rules_aside,
    "crm.keep_patient_needs": can_keep_patient_needs,
    "crm.view_rules": can_view_rules,
    "crm.edit_rules": can_edit_rules,
    "crm.view_overrides": can_view_overrides,
    "crm.change_visits": can_change_visits,
    "crm.mark_visits": can_mark_visits,
    "crm.approve_limits": can_approve_limits,
    "crm.view_catalog": can_view_catalog,
    "crm.edit_catalog": can_edit_catalog,
    "crm.keep_booking_links": can_keep_booking_links,
    "crm.work_tasks": can_work_tasks,
    "crm.take_calls": can_take_calls,
    "crm.view_social_needs": can_view_social_needs,
    "crm.oversee_desk": can_oversee_desk,
    "crm.view_knowledge": can_view_knowledge,
    "crm.edit_knowledge": can_edit_knowledge,
    "crm.sign_off": can_sign_off,
    "crm.merge_records": can_merge_records,
    "crm.see_inbox": can_see_inbox,
    "crm.manage_staff": can_manage_staff,
}
for _name, _test in PERMISSIONS.items():
    set_perm(_name, predicate(_test))  # type: ignore[no-untyped-call]
