"""An EHR in memory, which keeps to the contract in `tests/integrations/ehr_contract.py`."""

from __future__ import annotations

import datetime as dt
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from django.utils import timezone

from scheduling.ports import (
    BookingDraft,
    EhrAppointment,
    EhrCapabilities,
    EhrRefused,
    EhrUnavailable,
    EhrUnknown,
    SlotReport,
)
from scheduling.states import LIVE, AppointmentStatus, CancelledBy, SlotStatus

RETRY_AFTER = dt.timedelta(seconds=2)
_GONE = frozenset({AppointmentStatus.CANCELLED, AppointmentStatus.ENTERED_IN_ERROR})
_MARKED = frozenset(
    {AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.NO_SHOW}
)
_OVER = frozenset({AppointmentStatus.FULFILLED, AppointmentStatus.NO_SHOW})


class FakeEhr:
    """One EHR with its slots and visits. Safe in threads.

    `calls` counts what was asked of it, by method name, so that a test can say "never a second
    create". The hands inside the EHR (`add_slot`, `take_slot`, …) are not counted.
    """

    def __init__(
        self, *, source: str = "fake-ehr", clock: Callable[[], dt.datetime] = timezone.now
    ) -> None:
        self.source = source
        self.capabilities = EhrCapabilities(
            can_book=True,
            can_cancel=True,
            reads_slots=True,
            honors_if_match=True,
            can_arrive=True,
            can_no_show=True,
            takes_resources=True,
        )
        self.drafts: list[BookingDraft] = []
        self.slots: dict[str, SlotReport] = {}
        self.visits: dict[str, EhrAppointment] = {}
        self.calls: dict[str, int] = {}
        self.reasons: dict[str, CancelledBy] = {}
        self._clock = clock
        self._ids = itertools.count(1)
        self._lock = threading.RLock()
        self._refusals: list[int] = []
        self._answers_to_lose = 0
        self._slow_seconds = 0.0
        self._is_unreachable = False

    # --- EhrGateway ------------------------------------------------------------------

    def book(self, draft: BookingDraft) -> EhrAppointment:
        self._answer("book")
        self._refuse_if_told()
        with self._lock:
            self.drafts.append(draft)
            visit = self._find(draft.identifier) or self._book(draft)
        self._lose_answer_if_told()
        return visit

    def cancel(
        self, *, appointment_id: str, reason: CancelledBy, version: str = ""
    ) -> EhrAppointment:
        self._answer("cancel")
        with self._lock:
            visit = self.visits.get(appointment_id)
            if visit is None:
                raise EhrRefused("The EHR has no such visit.")
            if visit.status in _GONE:
                return visit
            if visit.status in _OVER:
                raise EhrRefused("The visit is over, so it cannot be cancelled.")
            if version and version != visit.version:
                raise EhrRefused("The visit was changed in the EHR in the meantime.")
            self.reasons[appointment_id] = reason
            visit = self.set_status(appointment_id, AppointmentStatus.CANCELLED)
        self._lose_answer_if_told()
        return visit

    def mark(
        self, *, appointment_id: str, status: AppointmentStatus, version: str = ""
    ) -> EhrAppointment:
        self._answer("mark")
        with self._lock:
            visit = self.visits.get(appointment_id)
            if visit is None:
                raise EhrRefused("The EHR has no such visit.")
            if visit.status is status:
                return visit
            if visit.status not in _MARKED:
                raise EhrRefused(f"The visit is {visit.status} in the EHR.")
            if version and version != visit.version:
                raise EhrRefused("The visit was changed in the EHR in the meantime.")
            visit = self.set_status(appointment_id, status)
        self._lose_answer_if_told()
        return visit

    def read(self, appointment_id: str) -> EhrAppointment | None:
        self._answer("read")
        return self.visits.get(appointment_id)

    def find(self, identifier: str) -> EhrAppointment | None:
        self._answer("find")
        with self._lock:
            return self._find(identifier)

    def read_slot(self, slot_id: str) -> SlotReport | None:
        self._answer("read_slot")
        return self.slots.get(slot_id)

    # --- hands inside the EHR --------------------------------------------------------

    def add_slot(
        self,
        slot_id: str,
        starts_at: dt.datetime,
        ends_at: dt.datetime,
        status: SlotStatus = SlotStatus.FREE,
    ) -> None:
        """Put a slot onto the schedule."""
        self.slots[slot_id] = SlotReport(
            source=self.source,
            slot_id=slot_id,
            status=status,
            sent_at=self._clock(),
            starts_at=starts_at,
            ends_at=ends_at,
            version="1",
        )

    def take_slot(self, slot_id: str) -> None:
        """Give the slot to somebody on the phone: busy, behind our back."""
        with self._lock:
            self._set_slot(slot_id, SlotStatus.BUSY)

    def add_visit(self, visit: EhrAppointment) -> None:
        """A visit that the EHR has from elsewhere; its slot, if known, turns busy."""
        with self._lock:
            self.visits[visit.appointment_id] = visit
            if visit.slot_id in self.slots and visit.status in LIVE:
                self._set_slot(visit.slot_id, SlotStatus.BUSY)

    def set_status(self, appointment_id: str, status: AppointmentStatus) -> EhrAppointment:
        """Change a visit from within the EHR; cancelling it frees its slot."""
        with self._lock:
            visit = self.visits[appointment_id]
            changed = replace(visit, status=status, version=str(int(visit.version or 0) + 1))
            self.visits[appointment_id] = changed
            if status in _GONE and visit.status in LIVE and visit.slot_id in self.slots:
                self._set_slot(visit.slot_id, SlotStatus.FREE)
            return changed

    def touch(self, appointment_id: str) -> None:
        """Give the visit a new version without changing what we see of it."""
        self.set_status(appointment_id, self.visits[appointment_id].status)

    # --- faults ----------------------------------------------------------------------

    def refuse_next(self, status: int, *, times: int = 1) -> None:
        """The next bookings are refused with this HTTP status and not carried out."""
        self._refusals += [status] * times

    def lose_next_answer(self, *, times: int = 1) -> None:
        """The next writes are carried out, but raise EhrUnknown: a time-out after commit."""
        self._answers_to_lose += times

    def slow_down(self, seconds: float) -> None:
        """Every call from now on takes so long."""
        self._slow_seconds = seconds

    def go_away(self) -> None:
        """Nothing answers until `come_back`."""
        self._is_unreachable = True

    def come_back(self) -> None:
        self._is_unreachable = False

    # --- inside ----------------------------------------------------------------------

    def _answer(self, method: str) -> None:
        with self._lock:
            self.calls[method] = self.calls.get(method, 0) + 1
        time.sleep(self._slow_seconds)
        if self._is_unreachable:
            raise EhrUnavailable("The EHR cannot be reached.")

    def _refuse_if_told(self) -> None:
        with self._lock:
            status = self._refusals.pop(0) if self._refusals else 0
        if status in {429, 503}:
            raise EhrUnavailable("The EHR asks us to wait.", retry_after=RETRY_AFTER)
        if status >= 500:
            raise EhrUnknown(f"The EHR failed (HTTP {status}).")
        if status:
            raise EhrRefused(f"The EHR refused (HTTP {status}).")

    def _lose_answer_if_told(self) -> None:
        with self._lock:
            if not self._answers_to_lose:
                return
            self._answers_to_lose -= 1
        raise EhrUnknown("The EHR did not answer in time.")

    def _find(self, identifier: str) -> EhrAppointment | None:
        found = [visit for visit in self.visits.values() if visit.identifier == identifier]
        standing = [visit for visit in found if visit.status in LIVE]
        return next(iter(standing or found), None)

    def _book(self, draft: BookingDraft) -> EhrAppointment:
        if draft.slot_id:
            slot = self.slots.get(draft.slot_id)
            if slot is None:
                raise EhrRefused("There is no such slot.")
            if slot.status is not SlotStatus.FREE:
                raise EhrRefused("The slot is not free any more.")
            self._set_slot(draft.slot_id, SlotStatus.BUSY)
        visit = EhrAppointment(
            appointment_id=f"visit-{next(self._ids)}",
            status=AppointmentStatus.BOOKED,
            starts_at=draft.starts_at,
            ends_at=draft.ends_at,
            version="1",
            identifier=draft.identifier,
            slot_id=draft.slot_id,
        )
        self.visits[visit.appointment_id] = visit
        return visit

    def _set_slot(self, slot_id: str, status: SlotStatus) -> None:
        slot = self.slots[slot_id]
        self.slots[slot_id] = replace(
            slot, status=status, sent_at=self._clock(), version=str(int(slot.version) + 1)
        )
