"""What every `EhrGateway` must do: run against the fake and against the real adapter.

A test module subclasses `EhrContract` and gives it the fixture `ehr`, an `EhrBench`.
"""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from typing import Protocol

import pytest

from scheduling.ports import (
    BookingDraft,
    EhrAppointment,
    EhrError,
    EhrGateway,
    EhrRefused,
    EhrUnavailable,
    EhrUnknown,
    SlotReport,
)
from scheduling.states import AppointmentStatus, CancelledBy, SlotStatus

START = dt.datetime(2031, 3, 4, 15, 0, tzinfo=dt.UTC)
HALF_HOUR = dt.timedelta(minutes=30)


class EhrBench(Protocol):
    """An EHR on the test bench: its gateway, and hands inside the EHR itself."""

    @property
    def gateway(self) -> EhrGateway: ...

    def add_slot(self, slot_id: str, starts_at: dt.datetime, ends_at: dt.datetime) -> None:
        """A free slot of PRACTITIONER at LOCATION."""

    def take_slot(self, slot_id: str) -> None:
        """Somebody else gets the slot."""

    def touch(self, appointment_id: str) -> None:
        """The EHR changes the visit in a way that leaves its status alone."""

    def refuse_next(self, status: int) -> None:
        """The next booking is refused with an HTTP status, and not carried out."""

    def lose_next_answer(self) -> None:
        """The next write is carried out, but its answer never arrives."""

    def slow_down(self, seconds: float) -> None:
        """Each call takes so much longer."""


PATIENT, PRACTITIONER, LOCATION = "patient-1", "practitioner-1", "location-1"


def new_draft(ehr: EhrBench, *, slot_id: str = "", identifier: str = "") -> BookingDraft:
    """A draft for a slot that is free, a new one unless one is named."""
    if not slot_id:
        slot_id = f"slot-{uuid.uuid4()}"
        ehr.add_slot(slot_id, START, START + HALF_HOUR)
    return BookingDraft(
        identifier=identifier or str(uuid.uuid4()),
        patient_id=PATIENT,
        slot_id=slot_id,
        provider_id=PRACTITIONER,
        location_id=LOCATION,
        visit_type_code="colonoscopy",
        starts_at=START,
        ends_at=START + HALF_HOUR,
    )


def slot_now(ehr: EhrBench, slot_id: str) -> SlotReport:
    slot = ehr.gateway.read_slot(slot_id)
    assert slot is not None
    return slot


class EhrContract:
    """The contract. `ehr` comes from the subclass."""

    def test_books_a_free_slot_and_returns_what_the_ehr_holds(self, ehr: EhrBench) -> None:
        draft = new_draft(ehr)

        visit = ehr.gateway.book(draft)

        assert visit == EhrAppointment(
            appointment_id=visit.appointment_id,
            status=AppointmentStatus.BOOKED,
            starts_at=draft.starts_at,
            ends_at=draft.ends_at,
            version=visit.version,
            identifier=draft.identifier,
            slot_id=draft.slot_id,
        )
        assert visit.appointment_id
        assert visit.version
        assert ehr.gateway.read(visit.appointment_id) == visit

    def test_reads_a_slot_with_its_times(self, ehr: EhrBench) -> None:
        draft = new_draft(ehr)

        slot = slot_now(ehr, draft.slot_id)

        assert slot.slot_id == draft.slot_id
        assert slot.source == ehr.gateway.source
        assert slot.status is SlotStatus.FREE
        assert (slot.starts_at, slot.ends_at) == (draft.starts_at, draft.ends_at)
        assert slot.sent_at.tzinfo is not None

    def test_a_booked_slot_is_busy_from_then_on(self, ehr: EhrBench) -> None:
        draft = new_draft(ehr)
        before = slot_now(ehr, draft.slot_id)

        ehr.gateway.book(draft)

        after = slot_now(ehr, draft.slot_id)
        assert after.status is SlotStatus.BUSY
        assert after.version != before.version
        assert after.sent_at >= before.sent_at

    def test_booking_again_under_one_identifier_returns_the_first_visit(
        self, ehr: EhrBench
    ) -> None:
        draft = new_draft(ehr)

        first = ehr.gateway.book(draft)

        assert ehr.gateway.book(draft) == first

    def test_refuses_a_slot_that_is_taken_and_changes_nothing(self, ehr: EhrBench) -> None:
        draft = new_draft(ehr)
        ehr.take_slot(draft.slot_id)

        with pytest.raises(EhrRefused):
            ehr.gateway.book(draft)

        assert ehr.gateway.find(draft.identifier) is None
        assert slot_now(ehr, draft.slot_id).status is SlotStatus.BUSY

    def test_refuses_a_slot_that_does_not_exist(self, ehr: EhrBench) -> None:
        draft = new_draft(ehr, slot_id="no-such-slot")

        with pytest.raises(EhrRefused):
            ehr.gateway.book(draft)

        assert ehr.gateway.find(draft.identifier) is None

    def test_gives_a_slot_to_one_of_many_who_want_it_at_once(self, ehr: EhrBench) -> None:
        draft = new_draft(ehr)
        drafts = [new_draft(ehr, slot_id=draft.slot_id) for _ in range(5)]
        start = threading.Barrier(len(drafts))
        booked: list[EhrAppointment] = []
        refused: list[EhrError] = []

        def try_to_book(wanted: BookingDraft) -> None:
            start.wait()
            try:
                booked.append(ehr.gateway.book(wanted))
            except EhrRefused as error:
                refused.append(error)

        threads = [threading.Thread(target=try_to_book, args=(each,)) for each in drafts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert (len(booked), len(refused)) == (1, len(drafts) - 1)
        held = [visit for each in drafts if (visit := ehr.gateway.find(each.identifier))]
        assert held == booked

    @pytest.mark.parametrize("status", [409, 412, 422])
    def test_tells_a_refusal(self, ehr: EhrBench, status: int) -> None:
        draft = new_draft(ehr)
        ehr.refuse_next(status)

        with pytest.raises(EhrRefused):
            ehr.gateway.book(draft)

        assert ehr.gateway.find(draft.identifier) is None
        assert slot_now(ehr, draft.slot_id).status is SlotStatus.FREE

    @pytest.mark.parametrize("status", [429, 503])
    def test_tells_that_the_ehr_asks_us_to_wait(self, ehr: EhrBench, status: int) -> None:
        draft = new_draft(ehr)
        ehr.refuse_next(status)

        with pytest.raises(EhrUnavailable) as caught:
            ehr.gateway.book(draft)

        assert caught.value.retry_after == dt.timedelta(seconds=2)
        assert ehr.gateway.find(draft.identifier) is None
        assert ehr.gateway.book(draft).status is AppointmentStatus.BOOKED

    def test_tells_that_a_failure_may_have_worked(self, ehr: EhrBench) -> None:
        draft = new_draft(ehr)
        ehr.refuse_next(500)

        with pytest.raises(EhrUnknown):
            ehr.gateway.book(draft)

        assert ehr.gateway.find(draft.identifier) is None

    def test_finds_the_visit_whose_answer_was_lost(self, ehr: EhrBench) -> None:
        draft = new_draft(ehr)
        ehr.lose_next_answer()

        with pytest.raises(EhrUnknown):
            ehr.gateway.book(draft)

        found = ehr.gateway.find(draft.identifier)
        assert found is not None
        assert found.status is AppointmentStatus.BOOKED
        assert found.slot_id == draft.slot_id
        assert ehr.gateway.book(draft) == found

    def test_waits_for_a_slow_ehr(self, ehr: EhrBench) -> None:
        draft = new_draft(ehr)
        ehr.slow_down(0.2)

        assert ehr.gateway.book(draft).status is AppointmentStatus.BOOKED

    @pytest.mark.parametrize("reason", list(CancelledBy))
    def test_cancelling_frees_the_slot(self, ehr: EhrBench, reason: CancelledBy) -> None:
        draft = new_draft(ehr)
        visit = ehr.gateway.book(draft)

        cancelled = ehr.gateway.cancel(appointment_id=visit.appointment_id, reason=reason)

        assert cancelled.status is AppointmentStatus.CANCELLED
        assert cancelled.appointment_id == visit.appointment_id
        assert cancelled.identifier == draft.identifier
        assert cancelled.version != visit.version
        assert slot_now(ehr, draft.slot_id).status is SlotStatus.FREE

    def test_a_freed_slot_can_be_booked_again(self, ehr: EhrBench) -> None:
        first = new_draft(ehr)
        visit = ehr.gateway.book(first)
        ehr.gateway.cancel(appointment_id=visit.appointment_id, reason=CancelledBy.PATIENT)

        again = ehr.gateway.book(new_draft(ehr, slot_id=first.slot_id))

        assert again.status is AppointmentStatus.BOOKED
        assert again.appointment_id != visit.appointment_id

    def test_cancelling_twice_is_a_success_and_frees_nothing_again(self, ehr: EhrBench) -> None:
        draft = new_draft(ehr)
        visit = ehr.gateway.book(draft)
        first = ehr.gateway.cancel(appointment_id=visit.appointment_id, reason=CancelledBy.PATIENT)
        ehr.gateway.book(new_draft(ehr, slot_id=draft.slot_id))

        again = ehr.gateway.cancel(appointment_id=visit.appointment_id, reason=CancelledBy.PATIENT)

        assert again == first
        assert slot_now(ehr, draft.slot_id).status is SlotStatus.BUSY

    def test_refuses_to_cancel_an_outdated_version(self, ehr: EhrBench) -> None:
        visit = ehr.gateway.book(new_draft(ehr))
        ehr.touch(visit.appointment_id)

        with pytest.raises(EhrRefused):
            ehr.gateway.cancel(
                appointment_id=visit.appointment_id,
                reason=CancelledBy.PATIENT,
                version=visit.version,
            )

        now = ehr.gateway.read(visit.appointment_id)
        assert now is not None
        assert now.status is AppointmentStatus.BOOKED

    def test_cancels_the_version_asked_for(self, ehr: EhrBench) -> None:
        visit = ehr.gateway.book(new_draft(ehr))

        cancelled = ehr.gateway.cancel(
            appointment_id=visit.appointment_id,
            reason=CancelledBy.PROVIDER,
            version=visit.version,
        )

        assert cancelled.status is AppointmentStatus.CANCELLED

    def test_refuses_to_cancel_a_visit_that_is_not_there(self, ehr: EhrBench) -> None:
        with pytest.raises(EhrRefused):
            ehr.gateway.cancel(appointment_id="nobody", reason=CancelledBy.PATIENT)

    def test_a_cancellation_whose_answer_was_lost_can_be_read(self, ehr: EhrBench) -> None:
        visit = ehr.gateway.book(new_draft(ehr))
        ehr.lose_next_answer()

        with pytest.raises(EhrUnknown):
            ehr.gateway.cancel(appointment_id=visit.appointment_id, reason=CancelledBy.PATIENT)

        now = ehr.gateway.read(visit.appointment_id)
        assert now is not None
        assert now.status is AppointmentStatus.CANCELLED

    @pytest.mark.parametrize("status", [AppointmentStatus.ARRIVED, AppointmentStatus.NO_SHOW])
    def test_marks_who_came_and_takes_it_back(
        self, ehr: EhrBench, status: AppointmentStatus
    ) -> None:
        visit = ehr.gateway.book(new_draft(ehr))

        marked = ehr.gateway.mark(appointment_id=visit.appointment_id, status=status)
        again = ehr.gateway.mark(appointment_id=visit.appointment_id, status=status)
        back = ehr.gateway.mark(
            appointment_id=visit.appointment_id, status=AppointmentStatus.BOOKED
        )

        assert (marked.status, again, back.status) == (status, marked, AppointmentStatus.BOOKED)
        assert len({visit.version, marked.version, back.version}) == 3
        assert back.identifier == visit.identifier

    def test_refuses_to_mark_an_outdated_version_or_a_cancelled_visit(self, ehr: EhrBench) -> None:
        visit = ehr.gateway.book(new_draft(ehr))
        ehr.touch(visit.appointment_id)
        arrived = AppointmentStatus.ARRIVED

        with pytest.raises(EhrRefused):
            ehr.gateway.mark(
                appointment_id=visit.appointment_id, status=arrived, version=visit.version
            )
        ehr.gateway.cancel(appointment_id=visit.appointment_id, reason=CancelledBy.PATIENT)
        for key in (visit.appointment_id, "nobody"):
            with pytest.raises(EhrRefused):
                ehr.gateway.mark(appointment_id=key, status=arrived)

    def test_a_mark_whose_answer_was_lost_can_be_told_again(self, ehr: EhrBench) -> None:
        visit = ehr.gateway.book(new_draft(ehr))
        ehr.lose_next_answer()
        arrived = AppointmentStatus.ARRIVED

        with pytest.raises(EhrUnknown):
            ehr.gateway.mark(appointment_id=visit.appointment_id, status=arrived)

        now = ehr.gateway.read(visit.appointment_id)
        assert now is not None
        assert now.status is arrived
        assert ehr.gateway.mark(appointment_id=visit.appointment_id, status=arrived) == now

    def test_knows_nothing_of_what_is_not_there(self, ehr: EhrBench) -> None:
        assert ehr.gateway.read("nobody") is None
        assert ehr.gateway.find("nothing") is None
        assert ehr.gateway.read_slot("nowhere") is None

    def test_states_what_the_ehr_can_do(self, ehr: EhrBench) -> None:
        assert ehr.gateway.source
        assert ehr.gateway.capabilities.can_book
        assert ehr.gateway.capabilities.can_cancel
        assert ehr.gateway.capabilities.reads_slots
        assert ehr.gateway.capabilities.honors_if_match
