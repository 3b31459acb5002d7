"""The staff of the demo: one per role, signed in by one click, so nobody has a password."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password

from crm.models import User
from crm.states import Role

#: User name, given and family name, roles.
STAFF = (
    ("agent", "Alma", "Ortega", Role.AGENT),
    ("nurse", "Grace", "Donnelly", Role.NURSE),
    ("front-desk", "Samuel", "Yazzie", Role.FRONT_DESK),
    ("manager", "Renee", "Castillo", Role.MANAGER),
    ("marketing", "Theo", "Marsh", Role.MARKETING),
    ("admin", "Priya", "Nair", Role.ADMIN),
)


def hire() -> dict[Role, User]:
    """Make the staff; the administrator may use Django's admin.

    :raises django.db.IntegrityError: when one of the names is taken.
    """
    users = [
        User(
            username=name,
            first_name=given,
            last_name=family,
            email=f"{name}@example.org",
            password=make_password(None),  # unusable
            roles=[str(role)],
            is_staff=role is Role.ADMIN,
            is_superuser=role is Role.ADMIN,
        )
        for name, given, family, role in STAFF
    ]
    made = User.objects.bulk_create(users)
    return {role: user for (*_, role), user in zip(STAFF, made, strict=True)}
