"""What an EHR says of its slots, and what a release rule does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm.engine.models import Event
from scheduling import queries
from scheduling.actions import (
    ReportRefused,
    SlotTaken,
    apply_slot_report,
    cancel_appointment,
    refuse_booking,
    release_slot,
    request_booking,
)
from scheduling.models import Appointment, Clinic, Slot, SourceCode
from scheduling.ports import CodeReport, ProviderReport, SlotReport
from scheduling.queries.inventory import By, Supply, slots_behind
from scheduling.rules import HiddenBy
from scheduling.rules.inventory import Figure
from scheduling.states import CancelledBy, FreedBy, Origin, Restriction, SlotStatus
from scheduling.tasks import settle_slot
from tests.factories import (
    NOW,
    SOURCE,
    AppointmentFactory,
    PatientFactory,
    ProviderRoleFactory,
    RoomFactory,
    SlotFactory,
)
from tests.scheduling.told import (
    EHR,
    FREED,
    MINUTE,
    TAKEN,
    about,
    apply,
    apply_slot,
    booked_slot,
    cancelled,
    events,
    known_as,
    told,
)

pytestmark = pytest.mark.django_db
FREE, BUSY, VACATED = SlotStatus.FREE, SlotStatus.BUSY, SlotStatus.VACATED


def state_of(slot: Slot) -> SlotStatus:
    slot.refresh_from_db()
    return SlotStatus(slot.status)


def cause_of(event_name: str) -> str:
    return str(Event.objects.get(name=event_name).payload["cause"])


# --- ours ----------------------------------------------------------------------------


def own_booked_slot(**fields: Any) -> tuple[Slot, Appointment]:
    """Of a clinic that makes its own schedule: no EHR has the slot."""
    role = ProviderRoleFactory.create(clinic__owns_schedule=True)
    return booked_slot(role=role, source="", source_id="", **fields)


@pytest.mark.parametrize(
    ("who", "offered"), [(CancelledBy.PATIENT, True), (CancelledBy.PROVIDER, False)]
)
def test_our_own_slot_is_free_as_soon_as_its_visit_is_off(
    who: CancelledBy, *, offered: bool
) -> None:
    slot, visit = own_booked_slot(release_at=NOW + 9 * MINUTE)
    cancel_appointment(appointment_id=visit.pk, cancelled_by=who, by=EHR, at=NOW)
    assert (state_of(slot), slot.taken, slot.vacated_appointment) == (FREE, 0, None)
    assert slot.due_at == slot.release_at
    assert events(FREED) == ([slot.pk] if offered else [])
    if offered:
        assert cause_of(FREED) == FreedBy.CANCELLATION


def test_our_own_slot_is_free_when_the_ehr_tells_of_the_end_of_its_visit() -> None:
    slot, visit = own_booked_slot()
    apply(about(visit, cancelled(cancelled_by=CancelledBy.PATIENT)))
    assert (state_of(slot), events(FREED)) == (FREE, [slot.pk])


def test_our_own_slot_is_free_when_the_ehr_would_not_have_the_visit() -> None:
    role = ProviderRoleFactory.create(clinic__owns_schedule=True)
    slot = SlotFactory.create(role=role, source="", source_id="")
    visit = request_booking(slot_id=slot.pk, patient=PatientFactory.create(), by=EHR, at=NOW)
    refuse_booking(appointment_id=visit.pk, reason="no", slot_is_free=None, by=EHR, at=NOW)
    assert (state_of(slot), slot.taken) == (FREE, 0)


def test_our_own_slot_that_stood_vacated_is_freed_without_asking_an_ehr() -> None:
    slot, visit = own_booked_slot()
    Clinic.objects.update(owns_schedule=False)
    cancel_appointment(appointment_id=visit.pk, cancelled_by=CancelledBy.PATIENT, by=EHR, at=NOW)
    assert state_of(slot) is VACATED  # without an EHR of its own, nobody says that it is free
    Clinic.objects.update(owns_schedule=True)
    assert settle_slot(slot.pk, NOW) is None
    assert (state_of(slot), events(FREED)) == (FREE, [slot.pk])


def test_a_room_is_busy_with_visits_that_the_ehr_told_of() -> None:
    role = ProviderRoleFactory.create(clinic__owns_schedule=True)
    room = RoomFactory.create(location=role.clinic.location)
    slot = SlotFactory.create(role=role, room=room, source="", source_id="")
    SourceCode.objects.create(source=SOURCE, kind="room", code="OR/1", room=room)
    elsewhere: dict[str, Any] = {"starts_at": slot.starts_at + 10 * MINUTE}
    elsewhere["ends_at"] = slot.ends_at + 10 * MINUTE
    visit = AppointmentFactory.create(source_sent_at=NOW, **elsewhere)
    booked = told(patient=None, room=CodeReport("OR/1"), sent_at=NOW + MINUTE, **elsewhere)
    assert figure_of(slot) is Figure.OPEN
    apply(about(visit, booked))
    visit.refresh_from_db()
    assert (visit.room, visit.origin) == (room, Origin.EHR)
    hidden = queries.why_not(queries.get_slot(slot.pk), at=NOW)
    assert hidden is not None
    assert hidden.rule is HiddenBy.ROOM_BUSY
    assert figure_of(slot) is Figure.KEPT
    with pytest.raises(SlotTaken, match="Its room is in use"):
        request_booking(slot_id=slot.pk, patient=PatientFactory.create(), by=EHR, at=NOW)
    apply(about(visit, cancelled(sent_at=NOW + 2 * MINUTE)))
    assert figure_of(slot) is Figure.OPEN


def figure_of(slot: Slot) -> Figure:
    day = slot.starts_at.date()
    return slots_behind(Supply(day, day), by=By.SITE, at=NOW)[slot.pk]


# --- free ----------------------------------------------------------------------------


def test_a_vacated_slot_is_freed_when_the_ehr_says_so() -> None:
    slot, visit = booked_slot()
    apply(about(visit, cancelled(cancelled_by=CancelledBy.PATIENT)))
    outcome = apply_slot(slot, FREE)
    assert (state_of(slot), slot.taken, slot.vacated_cause) == (FREE, 0, "")
    assert events(FREED) == [slot.pk]
    assert cause_of(FREED) == FreedBy.CANCELLATION
    assert outcome.sentence == "Slot is free now; it was vacated."


@pytest.mark.parametrize("who", [CancelledBy.PROVIDER, CancelledBy.ORGANIZATION])
def test_time_that_the_clinic_took_back_is_free_but_never_offered(who: CancelledBy) -> None:
    slot, visit = booked_slot()
    apply(about(visit, cancelled(cancelled_by=who)))
    apply_slot(slot, FREE)
    assert state_of(slot) == FREE
    assert not events(FREED)


def test_a_slot_stays_busy_while_a_visit_stands_on_it() -> None:
    slot, _ = booked_slot()
    outcome = apply_slot(slot, FREE)
    assert state_of(slot) == BUSY
    assert "still stands" in outcome.sentence
    assert not events(FREED)
    assert slot.source_status == FREE, "what the EHR said is kept all the same"


def test_free_that_came_before_the_cancel_counts_once_the_cancel_is_here() -> None:
    """The EHR told of the slot first, or its news changed places on the way."""
    slot, visit = booked_slot()
    visit.source_sent_at = NOW - MINUTE
    visit.save()
    apply_slot(slot, FREE, sent_at=NOW + MINUTE)
    apply(about(visit, cancelled(sent_at=NOW + 2 * MINUTE)))
    assert state_of(slot) == FREE
    assert events(FREED) == [slot.pk]


def test_free_from_before_the_visit_was_last_told_of_says_nothing_of_its_end() -> None:
    slot, visit = booked_slot()
    visit.source_sent_at = NOW
    visit.save()
    apply_slot(slot, FREE, sent_at=NOW - MINUTE)
    apply(about(visit, cancelled(sent_at=NOW + 2 * MINUTE)))
    assert state_of(slot) == VACATED
    assert slot.due_at is not None, "the EHR is asked"
    assert not events(FREED)


def test_our_own_booking_keeps_a_slot_busy_that_the_ehr_still_calls_free() -> None:
    slot = SlotFactory.create()
    request_booking(slot_id=slot.pk, patient=PatientFactory.create(), by=EHR, at=NOW)
    apply_slot(slot, FREE)
    assert state_of(slot) == BUSY


def test_one_of_two_seats_given_up_frees_the_slot() -> None:
    slot, visit = booked_slot(capacity=2, taken=2)
    second_visit_on(slot)
    apply(about(visit, cancelled(cancelled_by=CancelledBy.PATIENT)))
    assert (state_of(slot), slot.taken) == (VACATED, 1)
    apply_slot(slot, FREE, sent_at=NOW + 2 * MINUTE)
    assert (state_of(slot), slot.taken) == (FREE, 1)


def second_visit_on(slot: Slot) -> None:
    AppointmentFactory.create(
        slot=slot, role=slot.role, starts_at=slot.starts_at, ends_at=slot.ends_at, seat=2
    )


def test_a_block_that_the_ehr_lifts_frees_the_slot() -> None:
    slot = SlotFactory.create(status=SlotStatus.BLOCKED)
    apply_slot(slot, FREE)
    assert events(FREED) == [slot.pk]
    assert cause_of(FREED) == FreedBy.BLOCK_RELEASED


@pytest.mark.parametrize("was", [SlotStatus.BLOCKED, SlotStatus.WITHDRAWN])
def test_a_block_lifted_over_a_visit_makes_the_slot_busy(was: SlotStatus) -> None:
    slot, _ = booked_slot(status=was)
    apply_slot(slot, FREE)
    assert state_of(slot) == BUSY
    assert not events(FREED)


def test_time_that_has_begun_is_not_offered() -> None:
    slot = SlotFactory.create(status=SlotStatus.BLOCKED, starts_at=NOW)
    apply_slot(slot, FREE)
    assert state_of(slot) == FREE
    assert not events(FREED)


# --- not free ------------------------------------------------------------------------


@pytest.mark.parametrize("status", [BUSY, SlotStatus.BLOCKED, SlotStatus.WITHDRAWN])
def test_a_free_slot_that_the_ehr_takes_is_said_to_be_taken(status: SlotStatus) -> None:
    slot = SlotFactory.create()
    apply_slot(slot, status)
    assert state_of(slot) == status
    assert events(TAKEN) == [slot.pk]


def test_a_slot_sold_in_the_ehr_forgets_who_gave_it_up() -> None:
    slot, visit = booked_slot()
    apply(about(visit, cancelled(cancelled_by=CancelledBy.PROVIDER)))
    apply_slot(slot, BUSY, sent_at=NOW + 2 * MINUTE)
    assert (state_of(slot), slot.vacated_appointment) == (BUSY, None)
    apply_slot(slot, FREE, sent_at=NOW + 3 * MINUTE)
    assert events(FREED) == [slot.pk]


def test_the_ehrs_word_from_before_the_cancel_does_not_sell_the_slot() -> None:
    slot, visit = booked_slot()
    apply(about(visit, cancelled(cancelled_by=CancelledBy.PROVIDER)))
    outcome = apply_slot(slot, BUSY, sent_at=NOW + MINUTE / 2)
    assert (state_of(slot), slot.vacated_appointment) == (VACATED, visit)
    assert "stays vacated" in outcome.sentence


def test_the_ehrs_word_from_before_our_own_cancel_does_not_sell_the_slot() -> None:
    slot, visit = booked_slot()
    cancel_appointment(
        appointment_id=visit.pk,
        cancelled_by=CancelledBy.PATIENT,
        reason="asked by text",
        by=EHR,
        at=NOW + MINUTE,
    )
    apply_slot(slot, BUSY, sent_at=NOW + MINUTE / 2)
    assert state_of(slot) == VACATED


# --- order ---------------------------------------------------------------------------


def test_ignores_a_statement_older_than_the_newest() -> None:
    slot = SlotFactory.create()
    apply_slot(slot, BUSY, sent_at=NOW + MINUTE)
    outcome = apply_slot(slot, FREE, sent_at=NOW)
    assert not outcome.was_applied
    assert state_of(slot) == BUSY


def test_says_when_nothing_changed() -> None:
    slot = SlotFactory.create()
    assert apply_slot(slot, FREE).sentence == "Slot is free, as we knew."
    assert not events(FREED)


def test_refuses_news_from_the_future() -> None:
    slot = SlotFactory.create()
    with pytest.raises(ReportRefused) as caught:
        apply_slot(slot, BUSY, sent_at=NOW + dt.timedelta(days=2))
    assert caught.value.field == "sent_at"
    assert state_of(slot) == FREE


# --- time ----------------------------------------------------------------------------


def test_a_free_slot_that_is_moved_is_no_longer_what_was_offered() -> None:
    slot = SlotFactory.create()
    later = slot.starts_at + dt.timedelta(hours=1)
    apply_slot(slot, FREE, starts_at=later, ends_at=later + 30 * MINUTE)
    slot.refresh_from_db()
    assert (slot.starts_at, slot.ends_at) == (later, later + 30 * MINUTE)
    assert events(TAKEN) == [slot.pk]


# --- new slots -----------------------------------------------------------------------


def new_slot(**changes: Any) -> SlotReport:
    """A free slot that is new to us, of a clinician and a type that are known."""
    known = SlotFactory.create()
    names = known_as(known)
    SourceCode.objects.create(
        source=SOURCE, kind="visit-type", code="T1", visit_type=known.visit_type
    )
    said: dict[str, Any] = {
        "source": SOURCE,
        "slot_id": "N1",
        "status": FREE,
        "sent_at": NOW,
        "starts_at": NOW + dt.timedelta(days=5),
        "ends_at": NOW + dt.timedelta(days=5, minutes=30),
        "provider": names["providers"][0],
        "location": names["location"],
        "visit_type": CodeReport("T1"),
    }
    return SlotReport(**{**said, **changes})


def test_new_template_time_is_a_slot_that_may_be_filled() -> None:
    outcome = apply_slot_report(new_slot(), by=EHR, at=NOW)
    assert outcome.slot is not None
    assert events(FREED) == [outcome.slot.pk]
    assert cause_of(FREED) == FreedBy.NEW_TIME
    assert outcome.sentence == "New slot, free."


def test_a_new_slot_that_is_busy_is_only_stored() -> None:
    apply_slot_report(new_slot(status=BUSY), by=EHR, at=NOW)
    assert Slot.objects.get(source_id="N1").status == BUSY
    assert not events(FREED)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"starts_at": None}, "starts_at"),
        ({"provider": None}, "provider"),
        ({"provider": ProviderReport("nobody")}, "provider"),
        ({"visit_type": CodeReport("unknown")}, "visit_type"),
        ({"slot_id": "x" * 121}, "slot_id"),
    ],
)
def test_refuses_a_new_slot_that_it_cannot_place(change: dict[str, Any], field: str) -> None:
    report = new_slot(**change)
    with pytest.raises(ReportRefused) as caught:
        apply_slot_report(report, by=EHR, at=NOW)
    assert caught.value.field == field
    assert not Slot.objects.filter(source_id=report.slot_id).exists()


# --- release rules -------------------------------------------------------------------


def test_a_release_rule_that_comes_due_lifts_the_restriction() -> None:
    slot = SlotFactory.create(restriction=Restriction.SAME_DAY, release_at=NOW)
    release_slot(slot_id=slot.pk, by=EHR, at=NOW)
    slot.refresh_from_db()
    assert (slot.restriction, slot.release_at) == (Restriction.NONE, None)
    assert cause_of(FREED) == FreedBy.RELEASE_RULE


def test_a_release_rule_drops_a_block() -> None:
    slot = SlotFactory.create(status=SlotStatus.BLOCKED, release_at=NOW)
    release_slot(slot_id=slot.pk, by=EHR, at=NOW)
    assert state_of(slot) == FREE
    assert cause_of(FREED) == FreedBy.BLOCK_RELEASED


@pytest.mark.parametrize("at", [NOW - MINUTE, NOW])
def test_a_release_rule_does_nothing_before_its_time_or_to_a_sold_slot(at: dt.datetime) -> None:
    status = FREE if at < NOW else BUSY
    slot = SlotFactory.create(
        status=status, restriction=Restriction.SAME_DAY, release_at=NOW, taken=int(status is BUSY)
    )
    release_slot(slot_id=slot.pk, by=EHR, at=at)
    assert state_of(slot) == status
    assert not events(FREED)
