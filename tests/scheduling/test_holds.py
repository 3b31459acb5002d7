"""A slot that is kept for somebody for minutes: theirs alone, seen by all, and never for long."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm.engine import Actor, run_step
from crm.models import AuditEntry, Event, User
from crm.states import Role
from scheduling import queries
from scheduling.actions import (
    BookingRefused,
    HeldByAnother,
    HoldEnded,
    SetAside,
    SlotHeld,
    SlotTaken,
    extend_hold,
    hold_slot,
    release_hold,
    request_booking,
)
from scheduling.actions.holds import LAPSE_HOLD, LONGEST_HOLD
from scheduling.models import Hold, RuleOverride, Slot
from scheduling.rules import HiddenBy
from scheduling.states import HoldStatus
from tests.factories import NOW, PatientFactory, SlotFactory, UserFactory, VisitTypeFactory

pytestmark = pytest.mark.django_db

BY = Actor.system("test")
LATER = NOW + dt.timedelta(minutes=6)


def hold(slot: Slot, **fields: Any) -> Hold:
    said: dict[str, Any] = {"slot_id": slot.pk, "by": BY, "at": NOW, "owner": "Dana Ruiz"}
    return hold_slot(**said | fields)


def rule_against(slot: Slot, **asked: Any) -> HiddenBy | None:
    when: dict[str, Any] = {"at": NOW}
    found = queries.why_not(queries.get_slot(slot.pk), **when | asked)
    return found.rule if found else None


def test_everybody_sees_who_holds_it_and_until_when() -> None:
    slot = SlotFactory.create()
    held = hold(slot)
    hidden = queries.why_not(queries.get_slot(slot.pk), at=NOW)
    assert hidden is not None
    assert (hidden.rule, hidden.sentence) == (HiddenBy.HELD, "Held by Dana Ruiz until 10:05 AM.")
    assert rule_against(slot, own_hold_ids=[held.pk]) is None
    assert Event.objects.filter(name="scheduling.slot-held", subject_id=slot.pk).count() == 1
    assert AuditEntry.objects.filter(verb="scheduling.hold.made", subject_id=held.pk).exists()


def test_nobody_else_can_hold_or_book_it() -> None:
    slot = SlotFactory.create()
    hold(slot)
    with pytest.raises(SlotHeld):
        hold(slot, owner="Kai Moss")
    with pytest.raises(SlotHeld):
        request_booking(slot_id=slot.pk, patient=PatientFactory.create(), by=BY, at=NOW)
    assert Hold.objects.count() == 1
    assert not slot.appointments.exists()


def test_booking_uses_the_hold_up() -> None:
    slot = SlotFactory.create()
    held = hold(slot)
    visit = request_booking(
        slot_id=slot.pk, patient=PatientFactory.create(), hold_id=held.pk, by=BY, at=NOW
    )
    held.refresh_from_db()
    assert (held.status, held.due_at, visit.seat) == (HoldStatus.USED, None, held.seat)


def test_a_hold_for_somebody_else_or_of_a_colleague_does_not_help() -> None:
    slot, mine, theirs = SlotFactory.create(), *UserFactory.create_batch(2)
    patient = PatientFactory.create()
    held = hold(slot, user=mine, patient=patient, by=Actor.user(mine))
    for who, by in ((patient, theirs), (PatientFactory.create(), mine)):
        with pytest.raises(SlotHeld):
            request_booking(
                slot_id=slot.pk, patient=who, hold_id=held.pk, by=Actor.user(by), at=NOW
            )
    with pytest.raises(HeldByAnother):
        release_hold(hold_id=held.pk, by=Actor.user(theirs), at=NOW)
    held.refresh_from_db()
    assert held.status == HoldStatus.HELD


def test_one_of_two_seats_held_leaves_one_for_others() -> None:
    slot = SlotFactory.create(capacity=2)
    hold(slot)
    visit = request_booking(slot_id=slot.pk, patient=PatientFactory.create(), by=BY, at=NOW)
    assert visit.seat == 2
    assert rule_against(slot) == HiddenBy.HELD


def test_it_keeps_the_clinicians_other_slots_of_that_time_too() -> None:
    slot = SlotFactory.create()
    beside = SlotFactory.create(role=slot.role, starts_at=slot.starts_at, ends_at=slot.ends_at)
    held = hold(slot)
    assert rule_against(beside) == HiddenBy.HELD
    assert rule_against(beside, own_hold_ids=[held.pk]) is None


def test_pressing_twice_holds_once_and_extends_it() -> None:
    slot, user = SlotFactory.create(), UserFactory.create()
    first = hold(slot, user=user)
    again = hold(slot, user=user, at=NOW + dt.timedelta(minutes=2))
    assert again.pk == first.pk
    assert again.expires_at == NOW + dt.timedelta(minutes=7)


def test_it_is_extended_but_never_for_long() -> None:
    held = hold(SlotFactory.create())
    for minute in range(4, 60, 4):
        at = NOW + dt.timedelta(minutes=minute)
        if at >= NOW + LONGEST_HOLD:
            break
        held = extend_hold(hold_id=held.pk, by=BY, at=at)
    assert held.expires_at == NOW + LONGEST_HOLD
    with pytest.raises(HoldEnded):
        extend_hold(hold_id=held.pk, by=BY, at=held.expires_at)


def test_released_it_is_free_at_once() -> None:
    slot = SlotFactory.create()
    held = hold(slot)
    release_hold(hold_id=held.pk, by=BY, at=NOW)
    release_hold(hold_id=held.pk, by=BY, at=NOW)  # twice is once
    assert rule_against(slot) is None
    assert Event.objects.filter(name="scheduling.hold-ended", subject_id=slot.pk).count() == 1


def test_its_step_lets_it_lapse_when_its_time_is_up() -> None:
    slot = SlotFactory.create()
    held = hold(slot)
    assert run_step(LAPSE_HOLD, held.pk, at=NOW) is False  # not due
    extend_hold(hold_id=held.pk, by=BY, at=NOW, minutes=8)
    Hold.objects.filter(pk=held.pk).update(due_at=LATER)
    assert run_step(LAPSE_HOLD, held.pk, at=LATER)
    held.refresh_from_db()
    assert (held.status, held.due_at) == (HoldStatus.HELD, NOW + dt.timedelta(minutes=8))
    assert run_step(LAPSE_HOLD, held.pk, at=held.expires_at)
    held.refresh_from_db()
    assert (held.status, held.due_at) == (HoldStatus.LAPSED, None)


def test_one_that_is_over_stands_in_nobodys_way_before_the_sweep_comes() -> None:
    slot = SlotFactory.create()
    held = hold(slot)
    assert rule_against(slot, at=LATER) is None
    again = hold(slot, owner="Kai Moss", at=LATER)
    held.refresh_from_db()
    assert (held.status, again.seat) == (HoldStatus.LAPSED, held.seat)


def test_over_it_does_not_keep_its_owner_from_booking_what_is_still_free() -> None:
    slot = SlotFactory.create()
    held = hold(slot)
    patient = PatientFactory.create()
    visit = request_booking(slot_id=slot.pk, patient=patient, hold_id=held.pk, by=BY, at=LATER)
    assert visit.slot == slot


def test_a_slot_serves_what_it_says_and_nothing_else() -> None:
    serves, other = VisitTypeFactory.create_batch(2)
    slot = SlotFactory.create(also_serves=[serves.pk])
    patient = PatientFactory.create()
    with pytest.raises(BookingRefused, match="not for"):
        request_booking(slot_id=slot.pk, patient=patient, visit_type=other, by=BY, at=NOW)
    visit = request_booking(slot_id=slot.pk, patient=patient, visit_type=serves, by=BY, at=NOW)
    assert visit.visit_type == serves


# --- past a rule ----------------------------------------------------------------------


def manager() -> tuple[User, Actor]:
    user = UserFactory.create(roles=[str(Role.MANAGER)])
    return user, Actor.user(user)


REVIEWED = SetAside(frozenset({"held-for-review"}), "The clinic agreed by phone")


def test_what_is_set_aside_to_hold_need_not_be_said_again_to_book() -> None:
    slot, patient = SlotFactory.create(restriction="held-for-review"), PatientFactory.create()
    user, by = manager()
    held = hold(slot, user=user, by=by, patient=patient, set_aside=REVIEWED)
    assert (held.aside, held.aside_reason) == (["held-for-review"], REVIEWED.reason)
    entry = AuditEntry.objects.get(verb="scheduling.rules.set-aside")
    assert (entry.subject_id, entry.reason, entry.actor_id) == (held.pk, REVIEWED.reason, user.pk)
    assert not RuleOverride.objects.exists()
    visit = request_booking(slot_id=slot.pk, patient=patient, hold_id=held.pk, by=by, at=NOW)
    told = RuleOverride.objects.get()
    assert (told.appointment, told.rule, told.reason, told.user) == (
        visit,
        "held-for-review",
        REVIEWED.reason,
        user,
    )


def test_a_hold_helps_nobody_past_a_rule_that_it_does_not_name() -> None:
    slot = SlotFactory.create(restriction="held-for-review", visit_type__lead_minutes=60 * 24 * 9)
    patient = PatientFactory.create()
    user, by = manager()
    with pytest.raises(BookingRefused, match="notice"):
        hold(slot, user=user, by=by, patient=patient, set_aside=REVIEWED)
    held = hold(slot, user=user, by=by, patient=patient)  # without a reason, the booking asks
    assert held.aside == []
    both = SetAside(frozenset({"held-for-review", "too-soon"}), "Both agreed")
    again = hold(slot, user=user, by=by, patient=patient, set_aside=both)
    assert (again.pk, again.aside) == (held.pk, ["held-for-review", "too-soon"])
    other, theirs = manager()
    with pytest.raises(SlotTaken):
        request_booking(slot_id=slot.pk, patient=patient, hold_id=held.pk, by=theirs, at=NOW)
    assert other.pk != user.pk
    request_booking(slot_id=slot.pk, patient=patient, hold_id=held.pk, by=by, at=NOW)
    assert RuleOverride.objects.count() == 2


def test_who_may_not_set_it_aside_cannot_hold_past_it() -> None:
    slot = SlotFactory.create(restriction="held-for-review")
    with pytest.raises(BookingRefused):
        hold(slot, set_aside=REVIEWED)  # a machine
    marketing = UserFactory.create(roles=[str(Role.MARKETING)])
    with pytest.raises(BookingRefused):
        hold(slot, user=marketing, by=Actor.user(marketing), set_aside=REVIEWED)
    assert not Hold.objects.exists()
