"""Every role against every predicate, and visitors against all of them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from crm import permissions
from crm.states import Role
from tests.cast import Cast

R = Role
ALLOWED = {
    "crm.view_patients": {R.AGENT, R.NURSE, R.FRONT_DESK, R.MANAGER, R.ADMIN},
    "crm.view_openings": {R.AGENT, R.NURSE, R.FRONT_DESK, R.MANAGER, R.ADMIN},
    "crm.book_slots": {R.AGENT, R.NURSE, R.FRONT_DESK, R.MANAGER, R.ADMIN},
    "crm.view_demand": {R.AGENT, R.NURSE, R.FRONT_DESK, R.MANAGER, R.ADMIN},
    "crm.run_openings": {R.FRONT_DESK, R.MANAGER, R.ADMIN},
    "crm.set_rules_aside": {R.MANAGER, R.ADMIN},
    "crm.keep_patient_needs": {R.FRONT_DESK, R.MANAGER, R.ADMIN},
    "crm.view_rules": {R.AGENT, R.NURSE, R.FRONT_DESK, R.MANAGER, R.ADMIN},
    "crm.edit_rules": {R.MANAGER, R.ADMIN},
    "crm.view_overrides": {R.FRONT_DESK, R.MANAGER, R.ADMIN},
    "crm.change_visits": {R.AGENT, R.NURSE, R.FRONT_DESK, R.MANAGER, R.ADMIN},
    "crm.mark_visits": {R.NURSE, R.FRONT_DESK, R.MANAGER, R.ADMIN},
    "crm.approve_limits": {R.MANAGER, R.ADMIN},
    "crm.keep_booking_links": {R.MANAGER, R.ADMIN},
    "crm.view_catalog": {R.AGENT, R.NURSE, R.FRONT_DESK, R.MANAGER, R.ADMIN},
    "crm.edit_catalog": {R.MANAGER, R.ADMIN},
    "crm.work_tasks": {R.AGENT, R.NURSE, R.FRONT_DESK, R.MANAGER, R.ADMIN},
    "crm.take_calls": {R.AGENT, R.NURSE, R.FRONT_DESK, R.MANAGER, R.ADMIN},
    "crm.view_social_needs": {R.NURSE},
    "crm.oversee_desk": {R.MANAGER, R.ADMIN},
    "crm.view_knowledge": {R.AGENT, R.NURSE, R.FRONT_DESK, R.MANAGER, R.ADMIN},
    "crm.edit_knowledge": {R.MANAGER, R.ADMIN},
    "crm.sign_off": {R.MANAGER, R.ADMIN},
    "crm.merge_records": {R.FRONT_DESK, R.MANAGER, R.ADMIN},
    "crm.see_inbox": {R.MANAGER, R.ADMIN},
    "crm.manage_staff": {R.ADMIN},
}


def test_the_table_is_complete() -> None:
    assert set(ALLOWED) == set(permissions.PERMISSIONS)
    for name, check in permissions.PERMISSIONS.items():
        assert check.__name__ == name.replace("crm.", "can_")


@pytest.mark.parametrize("name", ALLOWED)
@pytest.mark.parametrize("role", Role)
def test_role(cast: Cast, role: Role, name: str) -> None:
    user = cast.staff(role)
    expected = role in ALLOWED[name]
    assert permissions.PERMISSIONS[name](user) is expected
    assert user.has_perm(name) is expected


@pytest.mark.parametrize("name", ALLOWED)
def test_nobody_without_a_role_or_an_active_account(cast: Cast, name: str) -> None:
    check = permissions.PERMISSIONS[name]
    assert not check(cast.outsider)
    assert not check(AnonymousUser())
    cast.admin.is_active = False
    assert not check(cast.admin)


def test_a_superuser_may_everything(cast: Cast) -> None:
    cast.outsider.is_superuser = True
    assert all(check(cast.outsider) for check in permissions.PERMISSIONS.values())
