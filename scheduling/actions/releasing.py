"""Release rules as a clinic edits them, and the slots that they lift."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet

from crm.engine import Actor, record
from crm.engine.audit import entry, record_many
from crm.models import AuditEntry
from scheduling import locks
from scheduling.models import Clinic, ReleaseRule, Slot
from scheduling.rules import ReleaseTerms, release_at
from scheduling.states import Restriction, SlotStatus

#: Slots that are written in one statement.
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Released:
    """What a change of rule did: the rule, and how many slots to come open at another time."""

    rule: ReleaseRule
    slots: int


def lifts_at(rule: ReleaseRule | None, starts_at: dt.datetime, zone: str) -> dt.datetime | None:
    """When the rule lifts what keeps a slot back; None without a rule that is in use."""
    if rule is None or not rule.is_active:
        return None
    return release_at(terms_of(rule), starts_at, zone)


def terms_of(rule: ReleaseRule) -> ReleaseTerms:
    """The rule as the pure function takes it."""
    return ReleaseTerms(
        days_before=rule.days_before, at_time=rule.at_time, hours_before=rule.hours_before
    )


def save_release_rule(
    *,
    clinic: Clinic,
    name: str,
    terms: ReleaseTerms,
    by: Actor,
    at: dt.datetime,
    rule: ReleaseRule | None = None,
) -> Released:
    """Make a release rule, or change one: then its slots to come open by the new one.

    Locks these slots by key. One entry of the trail for the rule, one for each slot.
    """
    with transaction.atomic():
        made = rule or ReleaseRule(clinic=clinic)
        made.name = name
        made.days_before, made.at_time = terms.days_before, terms.at_time
        made.hours_before = terms.hours_before
        made.save()
        verb = "changed" if rule else "made"
        record(f"scheduling.releaserule.{verb}", made, by=by, at=at, clinic=clinic.pk)
        return Released(made, _give_all(_slots_of(made, at), made, by=by, at=at))


def end_release_rule(*, rule: ReleaseRule, by: Actor, at: dt.datetime) -> Released:
    """Stop a rule. What it would have lifted stays as it is until somebody opens it."""
    with transaction.atomic():
        rule.is_active = False
        rule.save(update_fields=["is_active"])
        record("scheduling.releaserule.ended", rule, by=by, at=at)
        return Released(rule, _give_all(_slots_of(rule, at), rule, by=by, at=at))


def set_release_rule(
    *, slot_ids: Collection[int], rule: ReleaseRule | None, by: Actor, at: dt.datetime
) -> int:
    """Give these slots a release rule, or take theirs away; those to come that are kept back for
    a reason or for somebody, or blocked. Returns how many were changed. Locks them by key."""
    with transaction.atomic():
        return _give_all(_kept_back(at).filter(pk__in=slot_ids), rule, by=by, at=at)


def _slots_of(rule: ReleaseRule, at: dt.datetime) -> QuerySet[Slot]:
    return _kept_back(at).filter(release_rule=rule)


def _kept_back(at: dt.datetime) -> QuerySet[Slot]:
    """Slots to come that a release would change; one that was released is left alone."""
    is_kept = (
        ~Q(restriction=Restriction.NONE) | Q(status=SlotStatus.BLOCKED) | Q(audience__isnull=False)
    )
    return Slot.objects.filter(is_kept, starts_at__gt=at)


def _give_all(
    slots: QuerySet[Slot], rule: ReleaseRule | None, *, by: Actor, at: dt.datetime
) -> int:
    locks.lock_slots(slots.values_list("pk", flat=True))
    found = slots.select_related("role__clinic__location")  # as they are now that they are held
    changed = [slot for slot in found if _give(slot, rule)]
    Slot.objects.bulk_update(changed, ["release_rule", "release_at", "due_at"], batch_size=_PAGE)
    record_many(_told(changed, by=by, at=at))
    return len(changed)


def _give(slot: Slot, rule: ReleaseRule | None) -> bool:
    """Whether anything changes. A vacated slot is looked at when its EHR is asked, too."""
    opens = lifts_at(rule, slot.starts_at, slot.role.clinic.location.zone)
    given = (rule.pk if rule and rule.is_active else None, opens)
    if (slot.release_rule_id, slot.release_at) == given:
        return False
    slot.release_rule_id, slot.release_at = given
    if slot.status != SlotStatus.VACATED:
        slot.due_at = opens
    return True


def _told(slots: Iterable[Slot], *, by: Actor, at: dt.datetime) -> Iterator[AuditEntry]:
    for slot in slots:
        opens = slot.release_at.isoformat() if slot.release_at else None
        yield entry(
            "scheduling.slot.release-set",
            slot,
            by=by,
            at=at,
            rule=slot.release_rule_id,
            opens=opens,
        )
