"""A slot and its holds, between two hands at once; each with its race without the guard."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm.engine.models import Event
from scheduling.actions import (
    apply_slot_report,
    extend_hold,
    hold_slot,
    lapse_hold,
    release_hold,
    release_slot,
    request_booking,
)
from scheduling.actions.blocking import Restricting, block_slot, restrict_slot, unblock_slot
from scheduling.actions.releasing import set_release_rule
from scheduling.models import Appointment, Hold, Slot
from scheduling.ports import SlotReport
from scheduling.states import LIVE, HoldStatus, Restriction, SlotStatus
from tests.concurrency.meeting import (
    Act,
    Race,
    Scene,
    broken,
    kept,
    lock,
    with_guards,
    without_guards,
)
from tests.factories import (
    NOW,
    SOURCE,
    TEST,
    PatientFactory,
    ReleaseRuleFactory,
    SlotFactory,
    UserFactory,
)

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

SECOND = dt.timedelta(seconds=1)
OVER = NOW + dt.timedelta(minutes=5)
BUSY, FREE, BLOCKED = SlotStatus.BUSY, SlotStatus.FREE, SlotStatus.BLOCKED


def book(slot: Slot, *, at: dt.datetime = NOW, **said: Any) -> Act:
    patient = PatientFactory.create()
    return lambda: request_booking(slot_id=slot.pk, patient=patient, by=TEST, at=at, **said)


def held() -> Hold:
    """Until `OVER`."""
    return hold_slot(slot_id=SlotFactory.create().pk, by=TEST, at=NOW, owner="somebody")


def status_of(hold: Hold) -> Act:
    return lambda: HoldStatus(Hold.objects.get(pk=hold.pk).status)


def stands(slot: Slot) -> tuple[SlotStatus, int]:
    """The slot's status, and how many live visits are on it."""
    visits = Appointment.objects.filter(slot=slot, status__in=LIVE).count()
    return SlotStatus(Slot.objects.get(pk=slot.pk).status), visits


def own_slot(**said: Any) -> Slot:
    """Of a clinic that makes its own schedule, with two seats: one booking leaves it free."""
    slot: Slot = SlotFactory.create(**{"source": "", "source_id": "", "capacity": 2} | said)
    return slot


def kept_back(**said: Any) -> Slot:
    """For review, until its rule lifts that, now."""
    slot = own_slot(
        starts_at=NOW + dt.timedelta(days=5),
        restriction=Restriction.HELD_FOR_REVIEW,
        release_at=NOW,
        **said,
    )
    Slot.objects.filter(pk=slot.pk).update(
        release_rule=ReleaseRuleFactory.create(clinic=slot.role.clinic)
    )
    return slot


# --- holds -------------------------------------------------------------------------------


def booked_while_its_hold_lapses() -> Scene:
    hold = held()
    return Scene(
        first=book(hold.slot, hold_id=hold.pk, at=OVER - SECOND),
        second=lambda: lapse_hold(hold_id=hold.pk, by=TEST, at=OVER),
        look=status_of(hold),
    )


def booked_while_its_hold_is_given_back() -> Scene:
    hold = held()
    return Scene(
        first=book(hold.slot, hold_id=hold.pk),
        second=lambda: release_hold(hold_id=hold.pk, by=TEST, at=NOW),
        look=status_of(hold),
    )


def lapsed_while_it_is_extended() -> Scene:
    """Without the lock somebody reads "kept for five more minutes", and it is not."""
    hold = held()
    return Scene(
        first=lambda: lapse_hold(hold_id=hold.pk, by=TEST, at=OVER),
        second=lambda: extend_hold(hold_id=hold.pk, by=TEST, at=OVER - SECOND),
        look=status_of(hold),
    )


def held_by_two_presses() -> Scene:
    """Without the lock one agent keeps two of two seats for one patient."""
    slot, user = own_slot(), UserFactory.create()

    def press() -> Hold:
        return hold_slot(slot_id=slot.pk, by=TEST, at=NOW, owner="Dana", user=user)

    return Scene(press, press, look=lambda: Hold.objects.filter(slot=slot).count())


# --- the slot itself ---------------------------------------------------------------------


def blocked_while_it_is_booked() -> Scene:
    slot = own_slot()
    return Scene(
        first=lambda: block_slot(slot_id=slot.pk, reason="Meeting", by=TEST, at=NOW),
        second=book(slot),
        look=lambda: stands(slot),
    )


def blocked_anew_while_it_is_opened() -> Scene:
    """Whoever keeps a blocked slot for review is not undone by whoever opens it."""
    slot = own_slot(status=BLOCKED)
    review = Restricting(Restriction.HELD_FOR_REVIEW, reason="New kind of visit")
    return Scene(
        first=lambda: unblock_slot(slot_id=slot.pk, reason="Free after all", by=TEST, at=NOW),
        second=lambda: restrict_slot(slot_id=slot.pk, to=review, by=TEST, at=NOW),
        look=lambda: Restriction(Slot.objects.get(pk=slot.pk).restriction),
    )


def restricted_while_it_is_released() -> Scene:
    """Without the lock a person's word is wiped out by a rule that was before it."""
    slot = kept_back()
    review = Restricting(Restriction.HELD_FOR_REVIEW, reason="Not yet")
    return Scene(
        first=lambda: release_slot(slot_id=slot.pk, by=TEST, at=NOW),
        second=lambda: restrict_slot(slot_id=slot.pk, to=review, by=TEST, at=NOW),
        look=lambda: Restriction(Slot.objects.get(pk=slot.pk).restriction),
    )


def booked_while_it_is_released() -> Scene:
    """Without the lock the last that is told of a slot that is booked is that it is free."""
    slot = kept_back(capacity=1)
    told = Event.objects.filter(subject_type="scheduling.slot", subject_id=slot.pk)
    return Scene(
        first=lambda: release_slot(slot_id=slot.pk, by=TEST, at=NOW),
        second=book(slot),
        look=lambda: list(told.order_by("pk").values_list("name", flat=True)),
    )


def released_while_its_rule_is_changed() -> Scene:
    """Without the lock it is open to all, and closed again until the new rule's time."""
    slot = kept_back()
    later = ReleaseRuleFactory.create(clinic=slot.role.clinic, hours_before=24)

    def look() -> tuple[Restriction, bool]:
        found = Slot.objects.get(pk=slot.pk)
        return Restriction(found.restriction), found.release_at is not None

    return Scene(
        first=lambda: set_release_rule(slot_ids=[slot.pk], rule=later, by=TEST, at=NOW),
        second=lambda: release_slot(slot_id=slot.pk, by=TEST, at=NOW),
        look=look,
    )


def booked_while_the_ehr_says_busy() -> Scene:
    slot = SlotFactory.create()
    report = SlotReport(source=SOURCE, slot_id=slot.source_id, status=BUSY, sent_at=NOW)
    return Scene(
        first=lambda: apply_slot_report(report, by=TEST, at=NOW),
        second=book(slot),
        look=lambda: stands(slot),
    )


SLOT, SLOTS = lock("lock_slot"), lock("lock_slots")
OWN_HOLD = "scheduling.actions.booking.own_hold"
LOCKED = "scheduling.locks.lock_slot"
FREED, TAKEN = "scheduling.slot-freed", "scheduling.slot-taken"
REVIEW, NONE = Restriction.HELD_FOR_REVIEW, Restriction.NONE
RACES = (
    Race(
        booked_while_its_hold_lapses,
        stops=OWN_HOLD,
        guards=[SLOT],
        kept=("done", "done", HoldStatus.USED),
        broken=("MovedMeanwhile", "done", HoldStatus.LAPSED),
    ),
    Race(
        booked_while_its_hold_is_given_back,
        stops=OWN_HOLD,
        guards=[SLOT],
        kept=("done", "done", HoldStatus.USED),
        broken=("MovedMeanwhile", "done", HoldStatus.RELEASED),
    ),
    Race(
        lapsed_while_it_is_extended,
        stops="scheduling.actions.holds._lock_hold",
        guards=[SLOT],
        kept=("done", "HoldEnded", HoldStatus.LAPSED),
        broken=("done", "done", HoldStatus.LAPSED),
    ),
    Race(
        held_by_two_presses,
        stops="scheduling.actions.holds._found_again",
        guards=[SLOT],
        kept=("done", "done", 1),
        broken=("done", "done", 2),
    ),
    Race(
        blocked_while_it_is_booked,
        stops=LOCKED,
        guards=[SLOT],
        kept=("done", "SlotTaken", (BLOCKED, 0)),
        broken=("done", "done", (BLOCKED, 1)),
    ),
    Race(
        blocked_anew_while_it_is_opened,
        stops=LOCKED,
        guards=[SLOT],
        kept=("done", "done", REVIEW),
        broken=("done", "done", NONE),
    ),
    Race(
        restricted_while_it_is_released,
        stops=LOCKED,
        guards=[SLOT],
        kept=("done", "done", REVIEW),
        broken=("done", "done", NONE),
    ),
    Race(
        booked_while_it_is_released,
        stops=LOCKED,
        guards=[SLOT],
        kept=("done", "done", [FREED, TAKEN]),
        broken=("done", "done", [TAKEN, FREED]),
    ),
    Race(
        released_while_its_rule_is_changed,
        stops="scheduling.actions.releasing._give",
        guards=[SLOTS],
        kept=("done", "done", (REVIEW, True)),
        broken=("done", "done", (NONE, True)),
    ),
    Race(
        booked_while_the_ehr_says_busy,
        stops=LOCKED,
        guards=[SLOT],
        kept=("done", "SlotTaken", (BUSY, 0)),
        broken=("MovedMeanwhile", "done", (BUSY, 1)),
    ),
)


def test_who_comes_second_waits_for_the_slot() -> None:
    assert with_guards(RACES) == kept(RACES)


def test_without_the_slots_lock_each_goes_wrong() -> None:
    """The races are real: what the test above shows is the lock at work."""
    assert without_guards(RACES) == broken(RACES)
