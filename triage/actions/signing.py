"""A clinician's signature under the list of red flags."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor, record
from crm.models import User
from triage.models import ListSignOff
from triage.permissions import can_sign_list
from triage.rules.red_flags import RedFlagList


class MayNotSign(PermissionError):
    """Only a clinician signs what a clinician is answerable for."""


@transaction.atomic
def sign_list(
    *, signed: RedFlagList, user: User, signed_as: str, by: Actor, at: dt.datetime
) -> ListSignOff:
    """Keep that `user` has read this very list and stands for it; once for each of them.

    :param signed_as: name and qualification as they sign, such as "Ana Ruiz, MD".
    :raises MayNotSign: when the account is no clinician's, or it says not as whom.
    """
    if not can_sign_list(user) or not signed_as.strip():
        raise MayNotSign("A clinician signs (role: nurse), with name and qualification.")
    kept, is_new = ListSignOff.objects.get_or_create(
        digest=signed.digest,
        user=user,
        defaults={
            "version": signed.version,
            "signed_as": signed_as.strip()[:120],
            "signed_at": at,
        },
    )
    if is_new:
        record("triage.list.signed", kept, by=by, at=at, version=signed.version)
    return kept
