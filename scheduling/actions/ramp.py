"""Setting how a clinician's panel is to grow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from crm.engine import Actor, record
from scheduling import locks
from scheduling.models import ProviderRamp, ProviderRole, RampShare


def set_ramp(
    *,
    role_id: int,
    started_on: dt.date,
    target_panel: int,
    weekly_start: int,
    weekly_growth: int,
    weekly_most: int,
    mix: Mapping[int, int],
    is_active: bool,
    by: Actor,
    at: dt.datetime,
) -> ProviderRamp:
    """Let a clinician take turns for new patients, or change how.

    Locks the clinic, so that two managers do not mix two mixes.

    :param mix: visit type id to weight; empty for every kind without a mix. Zero leaves it out.
    :raises ProviderRole.DoesNotExist:
    :raises django.db.IntegrityError: where `weekly_most` is below `weekly_start`, or the panel 0.
    """
    with transaction.atomic():
        role = ProviderRole.objects.get(pk=role_id)
        locks.lock_clinic(role.clinic_id)
        fields = {
            "started_on": started_on,
            "target_panel": target_panel,
            "weekly_start": weekly_start,
            "weekly_growth": weekly_growth,
            "weekly_most": weekly_most,
            "is_active": is_active,
        }
        ramp, _ = ProviderRamp.objects.update_or_create(role=role, defaults=fields)
        ramp.shares.all().delete()
        RampShare.objects.bulk_create(
            RampShare(ramp=ramp, visit_type_id=kind, weight=weight)
            for kind, weight in mix.items()
            if weight > 0
        )
        said = {name: str(value) for name, value in fields.items()}
        record("scheduling.providerramp.set", ramp, by=by, at=at, **said, mix=dict(mix))
    return ramp
