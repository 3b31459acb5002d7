"""Every write of scheduling, and the exceptions it raises."""

from scheduling.actions.booking import (
    cancel_appointment,
    confirm_booking,
    give_up_later_visit,
    refuse_booking,
    request_booking,
)
from scheduling.actions.demand import (
    SearchOver,
    close_booked,
    close_search,
    keep_search,
    note_waiting,
)
from scheduling.actions.holds import (
    HeldByAnother,
    HoldEnded,
    extend_hold,
    hold_slot,
    lapse_hold,
    release_hold,
)
from scheduling.actions.modes import set_fill_mode
from scheduling.actions.overrides import SetAside
from scheduling.actions.persons import apply_patient_report
from scheduling.actions.refusals import BookingRefused, PatientBusy, SlotHeld, SlotTaken
from scheduling.actions.reports import (
    ReportOutcome,
    ReportRefused,
    UnknownVisit,
    apply_appointment_report,
)
from scheduling.actions.requests import (
    NotPossible,
    NumberTaken,
    RequestSettled,
    confirm_by_hand,
    refuse_by_hand,
    settle_request,
)
from scheduling.actions.slots import apply_slot_report, free_slot, release_slot

__all__ = [
    "BookingRefused",
    "HeldByAnother",
    "HoldEnded",
    "NotPossible",
    "NumberTaken",
    "PatientBusy",
    "ReportOutcome",
    "ReportRefused",
    "RequestSettled",
    "SearchOver",
    "SetAside",
    "SlotHeld",
    "SlotTaken",
    "UnknownVisit",
    "apply_appointment_report",
    "apply_patient_report",
    "apply_slot_report",
    "cancel_appointment",
    "close_booked",
    "close_search",
    "confirm_booking",
    "confirm_by_hand",
    "extend_hold",
    "free_slot",
    "give_up_later_visit",
    "hold_slot",
    "keep_search",
    "lapse_hold",
    "note_waiting",
    "refuse_booking",
    "refuse_by_hand",
    "release_hold",
    "release_slot",
    "request_booking",
    "set_fill_mode",
    "settle_request",
]
