"""Slots that a clinic blocks, frees again or restricts by hand.

Where the EHR owns the slot, nothing is changed here: the clinic gets it as a proposal.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from crm.engine import Actor, move, publish, record, ring
from scheduling import locks
from scheduling.actions.proposals import propose_change
from scheduling.actions.seats import SETTLE_SLOT, free_slot
from scheduling.models import ReleaseRule, Slot, TemplateProposal
from scheduling.rules.releasing import ReleaseTerms, release_at
from scheduling.states import FreedBy, ProposalKind, Restriction, SlotStatus


class CannotBlock(Exception):
    """The slot is not free to be blocked, or not blocked; the text says what it is, for staff."""


@dataclass(frozen=True, slots=True)
class Restricting:
    """What a slot is kept for. `owner` is who at the clinic can say more."""

    restriction: Restriction
    days: int = 0
    reason: str = ""
    owner: str = ""
    release_rule: ReleaseRule | None = None


def block_slot(
    *,
    slot_id: int,
    reason: str,
    owner: str = "",
    release_rule: ReleaseRule | None = None,
    by: Actor,
    at: dt.datetime,
) -> Slot | TemplateProposal:
    """Close a slot, for good or until `release_rule` drops the block.

    Locks the slot. Publishes `scheduling.slot-taken`. Returns the slot, or the proposal to the
    clinic whose EHR owns it.

    :raises CannotBlock: when it is booked, passed, or no longer on the schedule.
    :raises AlreadyProposed: when the clinic has that before it already.
    """
    with transaction.atomic():
        slot = locks.lock_slot(slot_id)
        if slot.status != SlotStatus.FREE or slot.taken or slot.starts_at <= at:
            raise CannotBlock("Only a slot that is free and still to come can be blocked.")
        if slot.source:
            what = f"Block {_name(slot)}{_until(release_rule)}"
            return _propose(slot, ProposalKind.BLOCK, what, reason, by=by, at=at)
        lifts_at = _lifts(release_rule, slot)
        move(
            slot,
            to=SlotStatus.BLOCKED,
            by=by,
            at=at,
            reason=reason,
            by_hand=True,
            restriction_reason=reason[:160],
            restriction_owner=owner[:120],
            release_rule=release_rule,
            release_at=lifts_at,
            due_at=lifts_at,
        )
        publish("scheduling.slot-taken", slot, at=at)
        _wake(slot)
    return slot


def unblock_slot(
    *, slot_id: int, reason: str, by: Actor, at: dt.datetime
) -> Slot | TemplateProposal:
    """Open a blocked slot again. Publishes `scheduling.slot-freed` when it is still to come.

    :raises CannotBlock: when it is not blocked, or has passed.
    :raises AlreadyProposed: when the clinic has that before it already.
    """
    with transaction.atomic():
        slot = locks.lock_slot(slot_id)
        if slot.status != SlotStatus.BLOCKED or slot.starts_at <= at:
            raise CannotBlock("Only a blocked slot that is still to come can be opened.")
        if slot.source:
            what = f"Open {_name(slot)}, which is blocked"
            return _propose(slot, ProposalKind.UNBLOCK, what, reason, by=by, at=at)
        _write(slot, Restricting(Restriction.NONE), lifts_at=None)
        free_slot(slot, cause=FreedBy.BLOCK_RELEASED, by=by, at=at, reason=reason)
    return slot


def restrict_slot(
    *, slot_id: int, to: Restricting, by: Actor, at: dt.datetime
) -> Slot | TemplateProposal:
    """Say by hand for whom, or from when, a slot is; its pattern does not say so any more.

    Locks the slot. Publishes `scheduling.slot-freed` when the restriction is lifted from a free
    slot, and `scheduling.slot-taken` when one is set on it: whoever offers it looks again.

    :raises CannotBlock: when it has passed or is no longer on the schedule.
    :raises AlreadyProposed: when the clinic has that before it already.
    """
    with transaction.atomic():
        slot = locks.lock_slot(slot_id)
        if slot.status == SlotStatus.WITHDRAWN or slot.starts_at <= at:
            raise CannotBlock("It has passed, or is no longer on the schedule.")
        if slot.source:
            what = f"Restriction of {_name(slot)}: {_say(to)}"
            return _propose(slot, ProposalKind.RESTRICTION, what, to.reason, by=by, at=at)
        was = slot.restriction
        _write(slot, to, lifts_at=_lifts(to.release_rule, slot))
        record(
            "scheduling.slot.restricted",
            slot,
            by=by,
            at=at,
            reason=to.reason,
            was=was,
            now=str(to.restriction),
        )
        if slot.status == SlotStatus.FREE and was != to.restriction:
            if to.restriction is Restriction.NONE:
                publish("scheduling.slot-freed", slot, at=at, cause=FreedBy.RELEASE_RULE)
            else:
                publish("scheduling.slot-taken", slot, at=at)
        _wake(slot)
    return slot


def _write(slot: Slot, to: Restricting, *, lifts_at: dt.datetime | None) -> None:
    slot.by_hand = True
    slot.restriction, slot.restriction_days = to.restriction, to.days
    slot.restriction_reason, slot.restriction_owner = to.reason[:160], to.owner[:120]
    slot.release_rule, slot.release_at, slot.due_at = to.release_rule, lifts_at, lifts_at
    slot.save(
        update_fields=[
            "by_hand",
            "restriction",
            "restriction_days",
            "restriction_reason",
            "restriction_owner",
            "release_rule",
            "release_at",
            "due_at",
        ]
    )


def _lifts(rule: ReleaseRule | None, slot: Slot) -> dt.datetime | None:
    if rule is None:
        return None
    terms = ReleaseTerms(
        days_before=rule.days_before, at_time=rule.at_time, hours_before=rule.hours_before
    )
    return release_at(terms, slot.starts_at, slot.role.clinic.location.zone)


def _wake(slot: Slot) -> None:
    """A rule that has come due already lifts at once."""
    if slot.due_at is not None:
        ring(SETTLE_SLOT, slot.pk)


def _propose(
    slot: Slot, kind: ProposalKind, what: str, why: str, *, by: Actor, at: dt.datetime
) -> TemplateProposal:
    return propose_change(
        clinic=slot.role.clinic, kind=kind, what=what, why=why, slot=slot, by=by, at=at
    )


def _name(slot: Slot) -> str:
    """ "Tue Dec 1, 9:00 AM, Dr. Lena Park"."""
    shown = slot.starts_at.astimezone(slot.role.clinic.location.tz)
    clock = f"{shown:%I:%M %p}".lstrip("0")
    return f"{shown:%a %b} {shown.day}, {clock}, {slot.role.provider}"


def _until(rule: ReleaseRule | None) -> str:
    return f" ({rule.name})" if rule else ""


def _say(to: Restricting) -> str:
    said = str(to.restriction).replace("-", " ")
    days = f" {to.days}" if to.restriction is Restriction.DAYS_BEFORE else ""
    return f"{said}{days}{_until(to.release_rule)}"
