"""Who may take which kind of call alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm.models import Interaction, User
from crm.permissions import can_sign_off
from crm.saying import translated
from crm.states import Role
from desk.models import CallType, ScriptVersion, SignOff
from desk.states import VersionStatus


class NotSignedOff(Exception):
    """Nobody has said yet that this person may take such calls alone."""


@dataclass(frozen=True, slots=True)
class SignedOff:
    """One person and one kind of call. `version` is what they were signed off for last."""

    user: User
    call_type: CallType
    sign_off: SignOff | None
    is_current: bool


def check_signed_off(user: User, call_type: str) -> None:
    """Whether `user` may close a contact of this kind alone. At most three statements.

    Whoever signs others off needs none. Reading the script is never refused.

    :param call_type: its code; one that is unknown or empty asks for nothing.
    :raises NotSignedOff: with what to do instead.
    """
    if can_sign_off(user):
        return
    found = CallType.objects.filter(code=call_type, needs_sign_off=True).first()
    if found is None or _is_current(newest_sign_off(user, found), needed_version(found)):
        return
    raise NotSignedOff(
        _(
            "“%(name)s” needs a sign-off for the present script. Go on with the script, and have "
            "your supervisor or a signed-off colleague close it."
        )
        % {"name": translated(found.name)}
    )


def is_signed_off(user: User, call_type: str) -> bool:
    try:
        check_signed_off(user, call_type)
    except NotSignedOff:
        return False
    return True


def needed_version(call_type: CallType) -> ScriptVersion | None:
    """The newest version in force, now or before, that agents had to learn anew."""
    rows = ScriptVersion.objects.filter(
        script__call_type=call_type,
        script__line=None,
        script__location=None,
        asks_sign_off=True,
        published_at__isnull=False,
    )
    return rows.order_by("-number").first()


def newest_sign_off(user: User, call_type: CallType) -> SignOff | None:
    rows = SignOff.objects.filter(user=user, call_type=call_type).select_related("version", "by")
    return rows.order_by("-at", "-pk").first()


def present_version(call_type: CallType) -> ScriptVersion | None:
    """The general script of this kind as it is in force: what a sign-off is given for."""
    rows = ScriptVersion.objects.filter(
        script__call_type=call_type, script__line=None, script__location=None
    )
    return rows.filter(status=VersionStatus.PUBLISHED).first()


def sign_off_table() -> list[tuple[User, list[SignedOff]]]:
    """Everybody of the care team who takes calls, with each kind of call that needs a sign-off."""
    kinds = list(CallType.objects.filter(needs_sign_off=True, is_active=True))
    needed = {kind.pk: needed_version(kind) for kind in kinds}
    newest: dict[tuple[int, int], SignOff] = {}
    for row in SignOff.objects.select_related("version", "by").order_by("at", "pk"):
        newest[row.user_id, row.call_type_id] = row
    table = []
    for user in _people():
        found = [(kind, newest.get((user.pk, kind.pk))) for kind in kinds]
        table.append(
            (user, [SignedOff(user, k, s, _is_current(s, needed[k.pk])) for k, s in found])
        )
    return table


def training_contacts(*, since: dt.datetime) -> QuerySet[Interaction]:
    """Contacts of training, newest first, with whose they were and what was written down."""
    rows = Interaction.objects.filter(is_training=True, started_at__gte=since)
    return rows.select_related("agent", "wrap_up").order_by("-started_at")


def _people() -> QuerySet[User]:
    roles = [str(role) for role in (Role.AGENT, Role.NURSE, Role.FRONT_DESK)]
    rows = User.objects.filter(is_active=True, roles__overlap=roles)
    return rows.order_by("last_name", "first_name", "pk")


def _is_current(sign_off: SignOff | None, needed: ScriptVersion | None) -> bool:
    if sign_off is None or needed is None:
        return sign_off is not None
    version = sign_off.version
    return version is not None and (
        version.script_id != needed.script_id or version.number >= needed.number
    )
