"""Rules as a clinic's manager edits them. What they change counts from the next look on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import transaction

from crm.engine import Actor, record
from crm.states import Role
from scheduling.models import Clinic, ProviderRule, RuleSetting, Slot, SlotAudience
from scheduling.rules import HiddenBy
from scheduling.states import RuleEffect


class AudienceInUse(Exception):
    """Slots to come are still kept for it; the text says how many, for staff."""


def save_provider_rule(*, rule: ProviderRule, by: Actor, at: dt.datetime) -> ProviderRule:
    """Keep a rule that its form has checked; the trail has what it says."""
    with transaction.atomic():
        is_new = rule._state.adding
        rule.save()
        verb = "made" if is_new else "changed"
        record(f"scheduling.providerrule.{verb}", rule, by=by, at=at, **_said(rule))
    return rule


def end_provider_rule(*, rule: ProviderRule, by: Actor, at: dt.datetime) -> ProviderRule:
    """It holds no more; it stays on file."""
    with transaction.atomic():
        rule.is_active = False
        rule.save(update_fields=["is_active"])
        record("scheduling.providerrule.ended", rule, by=by, at=at)
    return rule


def save_audience(*, audience: SlotAudience, by: Actor, at: dt.datetime) -> SlotAudience:
    """Keep an audience; slots that are kept for it are kept for what it says now."""
    with transaction.atomic():
        verb = "made" if audience._state.adding else "changed"
        audience.save()
        record(f"scheduling.slotaudience.{verb}", audience, by=by, at=at)
    return audience


def end_audience(*, audience: SlotAudience, by: Actor, at: dt.datetime) -> SlotAudience:
    """No more slots are kept for it.

    :raises AudienceInUse: while slots to come are: they would be open to all without a word.
    """
    with transaction.atomic():
        kept = Slot.objects.filter(audience=audience, starts_at__gt=at).count()
        if kept:
            many = "1 slot to come is" if kept == 1 else f"{kept} slots to come are"
            raise AudienceInUse(f"{many} still kept for it. Open them, or change whom it names.")
        audience.is_active = False
        audience.save(update_fields=["is_active"])
        record("scheduling.slotaudience.ended", audience, by=by, at=at)
    return audience


def set_rule_effect(
    *,
    clinic: Clinic,
    rule: HiddenBy,
    effect: RuleEffect | None,
    roles: Collection[Role] = (),
    by: Actor,
    at: dt.datetime,
) -> None:
    """Say what a kind of rule does at a clinic; None goes back to what it does by default."""
    told = sorted(str(role) for role in roles) if effect is RuleEffect.OVERRIDE else []
    with transaction.atomic():
        if effect is None:
            RuleSetting.objects.filter(clinic=clinic, rule=rule).delete()
        else:
            RuleSetting.objects.update_or_create(
                clinic=clinic, rule=rule, defaults={"effect": effect, "roles": told}
            )
        record(
            "scheduling.rule.effect-set",
            clinic,
            by=by,
            at=at,
            rule=rule.value,
            effect=effect.value if effect else "default",
            roles=told,
        )


def _said(rule: ProviderRule) -> dict[str, Any]:
    names = (
        *("kind", "provider_id", "role_id", "clinic_id", "min_age", "max_age", "accepts_new"),
        *("number", "per", "needs_referral", "needs_records", "test_id", "test_within_days"),
    )
    return {name: getattr(rule, name) for name in names} | {"visit_types": rule.type_ids}
