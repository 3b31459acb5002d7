"""Ways in: one click for each role in a demo, a one-time link for the first administrator."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import signing
from django.db import transaction
from django.utils.translation import gettext_noop as _

from crm.engine import Actor, record
from crm.models import User
from crm.states import Role

_SALT = "firstcall.first-admin"
#: How long the link to make the first administrator works (seconds).
LINK_AGE = 3600


@dataclass(frozen=True, slots=True)
class DemoRole:
    """A button on the demo's sign-in page. `key` is the role and the user's name.

    What it says is translated where it is shown.
    """

    key: str
    label: str
    blurb: str


DEMO_ROLES = (
    DemoRole(Role.AGENT, _("Contact-center agent"), _("Answers calls and texts at the desk.")),
    DemoRole(Role.NURSE, _("Triage nurse"), _("Sees what an agent sees, and clinical tasks.")),
    DemoRole(Role.FRONT_DESK, _("Front desk"), _("Pauses, withdraws and books openings by hand.")),
    DemoRole(Role.MANAGER, _("Operations manager"), _("The live board, openings, the inbox.")),
    DemoRole(Role.MARKETING, _("Marketing manager"), _("No single patients: figures only.")),
    DemoRole(Role.ADMIN, _("Administrator"), _("Everything, the admin pages included.")),
)


def demo_roles() -> tuple[DemoRole, ...]:
    """The one-click roles; none outside demo mode."""
    return DEMO_ROLES if settings.FIRSTCALL.firstcall_demo else ()


def find_demo_user(key: str) -> User | None:
    """The demo user of a role; None outside demo mode and for anything that is no role."""
    if key not in {role.key for role in demo_roles()}:
        return None
    return User.objects.filter(username=key, is_active=True).first()


def needs_first_admin() -> bool:
    """Whether nobody can administer this installation yet."""
    return not User.objects.filter(is_superuser=True, is_active=True).exists()


def make_first_admin_token() -> str:
    """A token for the one-time link; it works for an hour, and only while it is needed."""
    return signing.dumps("first-admin", salt=_SALT)


def is_first_admin_token(token: str) -> bool:
    """Whether the token is ours, fresh, and still needed."""
    try:
        signing.loads(token, salt=_SALT, max_age=LINK_AGE)
    except signing.BadSignature:
        return False
    return needs_first_admin()


def make_first_admin(*, username: str, password: str, at: dt.datetime) -> User | None:
    """Make the first administrator; None when somebody was faster."""
    with transaction.atomic():
        if not needs_first_admin():
            return None
        user = User.objects.create(
            username=username,
            password=make_password(password),
            is_staff=True,
            is_superuser=True,
            roles=[Role.ADMIN],
        )
        record("crm.user.first-admin-made", user, by=Actor.user(user), at=at)
    return user
