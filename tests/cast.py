"""A small named cast, so that tests speak of people and not of rows."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from crm.models import Patient, Phone, User
from crm.states import Role
from tests.factories import UserFactory, phone_of, reachable_patient


@dataclass(frozen=True, slots=True)
class Cast:
    """One member of staff per role, an outsider who has none, and a patient who may be texted."""

    agent: User
    nurse: User
    front_desk: User
    manager: User
    marketing: User
    admin: User
    integration: User
    outsider: User
    patient: Patient
    phone: Phone

    def staff(self, role: Role) -> User:
        """The one who has `role` and no other."""
        user = getattr(self, role.value.replace("-", "_"))
        assert isinstance(user, User)
        return user


def _member(name: str, *roles: Role) -> User:
    return UserFactory.create(
        username=name, first_name=name.title(), last_name="Cast", roles=[str(r) for r in roles]
    )


@pytest.fixture
def cast(db: None) -> Cast:
    """Rows of the whole cast, made anew for each test."""
    patient = reachable_patient(given_name="Rosa", family_name="Delgado", number="+14805550142")
    return Cast(
        agent=_member("agent", Role.AGENT),
        nurse=_member("nurse", Role.NURSE),
        front_desk=_member("fiona", Role.FRONT_DESK),
        manager=_member("manager", Role.MANAGER),
        marketing=_member("marketing", Role.MARKETING),
        admin=_member("admin", Role.ADMIN),
        integration=_member("integration", Role.INTEGRATION),
        outsider=_member("outsider"),
        patient=patient,
        phone=phone_of(patient),
    )
