"""Steps of scheduling: telling the EHR, and asking it about slots.

Each EHR call is made outside any transaction, after its intent was written. A call without an
answer may have worked: the next try looks for our identifier before it asks again.
"""

from __future__ import annotations

import datetime as dt
import math

from django.conf import settings
from django.db import transaction
from django.db.models import F

from crm.engine import Actor, step, wake
from crm.engine.steps import LEASE_SECONDS
from scheduling.actions import (
    apply_slot_report,
    confirm_booking,
    lapse_hold,
    refuse_booking,
    release_slot,
)
from scheduling.actions.booking import EHR_WRITE, queue_ehr_write
from scheduling.actions.demand import CLOSE_SEARCH, close_quiet_search
from scheduling.actions.holds import LAPSE_HOLD
from scheduling.actions.requests import (
    ask_about_twice,
    has_lapsed,
    has_taker,
    lapse_request,
    needs_a_person,
    was_booked_by_hand,
)
from scheduling.actions.seats import SETTLE_SLOT, free_our_own
from scheduling.actions.self_service import CLOSE_SESSION, close_quiet_session
from scheduling.actions.writes import (
    ask_a_person,
    ask_to_tell,
    say_things,
    settle_write,
    start_write,
)
from scheduling.drafts import draft_of, untold_of
from scheduling.gateways import get_ehr
from scheduling.marking import tell_mark
from scheduling.models import (
    Appointment,
    EhrWrite,
    Hold,
    SearchRecord,
    SelfServiceSession,
    Slot,
)
from scheduling.ports import (
    EhrAppointment,
    EhrGateway,
    EhrRefused,
    EhrUnavailable,
    EhrUnknown,
)
from scheduling.states import (
    AppointmentStatus,
    CancelledBy,
    EhrOperation,
    EhrWriteStatus,
    SlotStatus,
)

BY = Actor.system("booking")
#: After a call without an answer, how long the EHR gets to finish before we look.
SETTLING = dt.timedelta(seconds=3)
#: After so many tries and looks a person is asked as well; we go on trying.
PATIENCE = 8
RETRY = dt.timedelta(seconds=15)
ASK_SLOT_AGAIN = dt.timedelta(seconds=60)
_OPEN = {EhrWriteStatus.PENDING, EhrWriteStatus.SENT, EhrWriteStatus.UNKNOWN}


def tell_ehr(pk: int, at: dt.datetime) -> dt.datetime | None:
    """One try at one write. Returns when to try again, None when it is settled."""
    write = EhrWrite.objects.select_related(
        "appointment__slot__role",
        "appointment__patient",
        "appointment__journey",
        "appointment__visit_type",
    ).get(pk=pk)
    if write.status not in _OPEN:
        return None
    ehr = get_ehr()
    if has_lapsed(write, at=at):
        _lapse(write, ehr, at)
        return None
    if _is_of_another(write.appointment, ehr):
        return needs_a_person(
            write, why="It stands in another EHR, to which we cannot write.", by=BY, at=at
        )
    return _try(write, ehr, at)


def _try(write: EhrWrite, ehr: EhrGateway, at: dt.datetime) -> dt.datetime | None:
    try:
        if write.operation == EhrOperation.BOOK:
            return _book(write, ehr, at)
        if write.operation == EhrOperation.CANCEL:
            return _cancel(write, ehr, at)
        return tell_mark(write, ehr, at)
    except EhrUnavailable as error:
        if write.status == EhrWriteStatus.SENT:
            settle_write(write, to=EhrWriteStatus.PENDING, answer=str(error), by=BY, at=at)
        return _again(write, str(error), at, error.retry_after or RETRY)
    except EhrUnknown as error:
        settle_write(write, to=EhrWriteStatus.UNKNOWN, answer=str(error), by=BY, at=at)
        return _again(write, str(error), at, SETTLING)


def _lapse(write: EhrWrite, ehr: EhrGateway, at: dt.datetime) -> None:
    slot = write.appointment.slot
    ours = not _is_of_another(write.appointment, ehr)
    is_free = _ask_if_free(ehr, slot) if slot and ours else None
    lapse_request(appointment_id=write.appointment_id, slot_is_free=is_free, by=BY, at=at)


def _is_of_another(appointment: Appointment, ehr: EhrGateway) -> bool:
    """Whether this EHR's keys mean nothing for the visit: the same number there is a stranger's."""
    slot_source = appointment.slot.source if appointment.slot else ""
    named = {appointment.source, slot_source if not appointment.source_id else ""}
    return bool(named - {"", ehr.source})


def _again(write: EhrWrite, why: str, at: dt.datetime, wait: dt.timedelta) -> dt.datetime | None:
    EhrWrite.objects.filter(pk=write.pk).update(tries=F("tries") + 1)
    write.tries += 1
    if write.tries < PATIENCE:
        return at + wait
    lapses_at = needs_a_person(write, why=f"The EHR does not answer: {why}", by=BY, at=at)
    again_at = at + max(wait, RETRY * write.tries)
    if write.status == EhrWriteStatus.PENDING and lapses_at is not None:
        return min(again_at, max(lapses_at, at))
    return again_at if write.status in _OPEN else None


def _book(write: EhrWrite, ehr: EhrGateway, at: dt.datetime) -> dt.datetime | None:
    appointment = write.appointment
    wanted = appointment.status == AppointmentStatus.REQUESTED
    if write.status == EhrWriteStatus.SENT:
        # Its worker died while it asked. An EHR that is away now must not turn this into "never
        # asked": it would be asked a second time, and not all of them know If-None-Exist.
        why = "the worker that asked left no answer"
        settle_write(write, to=EhrWriteStatus.UNKNOWN, answer=why, by=BY, at=at)
    if write.status != EhrWriteStatus.PENDING:
        found = ehr.find(str(appointment.identifier))
        if found is not None:
            return _booked(write, found, ehr, at)
        settle_write(write, to=EhrWriteStatus.PENDING, answer="not found in the EHR", by=BY, at=at)
    if not wanted:
        answer = f"no longer wanted: {appointment.status}"
        settle_write(write, to=EhrWriteStatus.ABANDONED, answer=answer, by=BY, at=at)
        return None
    by_hand = _why_by_hand(appointment, ehr)
    if by_hand:
        things = say_things(untold_of(appointment, ehr))
        return needs_a_person(write, why=f"{by_hand} {things}".strip(), by=BY, at=at)
    if has_taker(appointment.pk):
        return write.lapses_at  # a person is at it: two bookings would be one too many
    start_write(write, by=BY, at=at)
    try:
        told = ehr.book(draft_of(appointment, ehr))
    except EhrRefused as error:
        return _refused(write, str(error), ehr, at)
    return _booked(write, told, ehr, at)


def _why_by_hand(appointment: Appointment, ehr: EhrGateway) -> str:
    """Why only a person can book it there; empty where we can."""
    if not ehr.capabilities.can_book:
        return "This EHR takes no bookings from outside."
    if not appointment.patient.identifiers.filter(system=ehr.source).exists():
        return "The patient is new, and has no record in this EHR: register them there, then book."
    return ""


def _booked(
    write: EhrWrite, told: EhrAppointment, ehr: EhrGateway, at: dt.datetime
) -> dt.datetime | None:
    """The EHR has it; but it is booked only if it stands there as a booking."""
    if told.status in {AppointmentStatus.CANCELLED, AppointmentStatus.ENTERED_IN_ERROR}:
        return _refused(write, f"it is {told.status} in the EHR", ehr, at)
    appointment = confirm_booking(
        appointment_id=write.appointment_id, told=told, source=ehr.source, by=BY, at=at
    )
    if appointment.source_id and appointment.source_id != told.appointment_id:
        ask_about_twice(appointment, by=BY, at=at)
    with transaction.atomic():  # a write that is done is not looked at again
        settle_write(write, to=EhrWriteStatus.DONE, answer="booked and read back", by=BY, at=at)
        ask_to_tell(write, untold_of(appointment, ehr), by=BY, at=at)
        if appointment.status in {AppointmentStatus.CANCELLED, AppointmentStatus.REFUSED}:
            queue_ehr_write(appointment, EhrOperation.CANCEL, at=at)
    return None


def _refused(write: EhrWrite, why: str, ehr: EhrGateway, at: dt.datetime) -> dt.datetime | None:
    if has_taker(write.appointment_id):
        # The person who has the task may have booked it: they say how it ends.
        settle_write(write, to=EhrWriteStatus.PENDING, answer=why, by=BY, at=at)
        return write.lapses_at
    slot = write.appointment.slot
    is_free = _ask_if_free(ehr, slot) if slot else None
    refuse_booking(
        appointment_id=write.appointment_id, reason=why, slot_is_free=is_free, by=BY, at=at
    )
    settle_write(write, to=EhrWriteStatus.REFUSED, answer=why, by=BY, at=at)
    return None


def _ask_if_free(ehr: EhrGateway, slot: Slot) -> bool | None:
    if not ehr.capabilities.reads_slots or not slot.source_id:
        return None
    try:
        report = ehr.read_slot(slot.source_id)
    except (EhrUnavailable, EhrUnknown):
        return None
    return report.status is SlotStatus.FREE if report else None


def _cancel(write: EhrWrite, ehr: EhrGateway, at: dt.datetime) -> dt.datetime | None:
    appointment = write.appointment
    if not appointment.source_id:
        if was_booked_by_hand(appointment):
            why = "A person booked it there, and did not say under which number."
            return needs_a_person(write, why=why, by=BY, at=at)
        return _cancel_what_it_never_had(write, at)
    if not ehr.capabilities.can_cancel:
        ask_a_person(write, why="This EHR takes no cancellations from outside.", by=BY, at=at)
        return None
    if write.status != EhrWriteStatus.SENT:
        if write.status == EhrWriteStatus.UNKNOWN:
            settle_write(write, to=EhrWriteStatus.PENDING, answer="asking again", by=BY, at=at)
        start_write(write, by=BY, at=at)
    try:
        ehr.cancel(
            appointment_id=appointment.source_id,
            reason=CancelledBy(appointment.cancelled_by or CancelledBy.PATIENT),
        )
    except EhrRefused as error:
        with transaction.atomic():
            settle_write(write, to=EhrWriteStatus.REFUSED, answer=str(error), by=BY, at=at)
            ask_a_person(write, why=f"The EHR would not cancel it: {error}", by=BY, at=at)
        return None
    with transaction.atomic():  # dying in between would leave the slot vacated for good
        settle_write(write, to=EhrWriteStatus.DONE, answer="cancelled", by=BY, at=at)
        _ask_about(appointment.slot, at)
    return None


def _ask_about(slot: Slot | None, at: dt.datetime) -> None:
    """The EHR has heard of the cancel: now it can say whether the slot is free."""
    if slot is not None:
        wake(slot, SETTLE_SLOT, at=at)


def _cancel_what_it_never_had(write: EhrWrite, at: dt.datetime) -> dt.datetime | None:
    """The visit has no name in the EHR: wait while its creation is under way, else be done."""
    creating = EhrWrite.objects.filter(
        appointment=write.appointment_id, operation=EhrOperation.BOOK, status__in=_OPEN
    )
    if creating.exists():
        return at + SETTLING
    with transaction.atomic():
        why = "the EHR never had it"
        settle_write(write, to=EhrWriteStatus.ABANDONED, answer=why, by=BY, at=at)
        _ask_about(write.appointment.slot, at)
    return None


def settle_slot(pk: int, at: dt.datetime) -> dt.datetime | None:
    """Let a due release rule take effect, and ask the EHR about a vacated slot that is its own.

    Returns when to look again: the release rule's time, or a minute on while the EHR has not
    said whether the slot is free.
    """
    slot = Slot.objects.get(pk=pk)
    if slot.release_at is not None and slot.release_at <= at:
        release_slot(slot_id=pk, by=BY, at=at)
        slot.refresh_from_db()
    if slot.status != SlotStatus.VACATED:
        return slot.release_at
    if not free_our_own(slot_id=pk, by=BY, at=at):
        _settle(slot, get_ehr(), at)
    slot.refresh_from_db()
    if slot.status != SlotStatus.VACATED or slot.starts_at <= at:
        return slot.release_at
    return at + ASK_SLOT_AGAIN


def _settle(slot: Slot, ehr: EhrGateway, at: dt.datetime) -> None:
    if not slot.source_id or not ehr.capabilities.reads_slots or slot.source != ehr.source:
        return
    try:
        report = ehr.read_slot(slot.source_id)
    except (EhrUnavailable, EhrUnknown):
        return
    if report is not None:
        apply_slot_report(report, by=Actor.ehr(ehr.source), at=at)


def end_hold(pk: int, at: dt.datetime) -> dt.datetime | None:
    """Let a hold lapse when its time is up; returns when that is, if it was extended."""
    return lapse_hold(hold_id=pk, by=BY, at=at)


def close_session(pk: int, at: dt.datetime) -> dt.datetime | None:
    """Close a session online that nobody goes on with; returns when to look, if somebody did."""
    return close_quiet_session(session_id=pk, at=at)


def _lease_seconds() -> int:
    """Three calls in a row (look, book, read back), two seconds to connect each; and our part."""
    return max(LEASE_SECONDS, math.ceil(3 * (settings.FIRSTCALL.ehr_timeout_seconds + 2)) + 9)


def end_search(pk: int, at: dt.datetime) -> dt.datetime | None:
    """Nobody looked for half an hour: into the ledger of what was wanted and not had."""
    return close_quiet_search(search_id=pk, by=BY, at=at)


step(name=EHR_WRITE, model=EhrWrite, queue="ehr", lease_seconds=_lease_seconds())(tell_ehr)
step(name=SETTLE_SLOT, model=Slot, queue="ehr", lease_seconds=_lease_seconds())(settle_slot)
step(name=LAPSE_HOLD, model=Hold, queue="fill")(end_hold)
step(name=CLOSE_SESSION, model=SelfServiceSession, queue="bulk")(close_session)
step(name=CLOSE_SEARCH, model=SearchRecord, queue="bulk")(end_search)
