"""Every write of scheduling, and the exceptions it raises."""

from scheduling.actions.attending import (
    NotNow,
    TooLate,
    check_in,
    mark_no_show,
    undo_check_in,
    undo_no_show,
)
from scheduling.actions.booking import confirm_booking, refuse_booking, request_booking
from scheduling.actions.cancelling import CannotTakeBack, cancel_appointment, take_back_cancel
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
from scheduling.actions.merged import apply_merge_report
from scheduling.actions.modes import set_fill_mode
from scheduling.actions.moving import (
    CannotMove,
    MoveSettled,
    cancelled_by_hand,
    finish_move,
    give_up_later_visit,
    reschedule_appointment,
    take_back_move,
    tell_cancel_again,
)
from scheduling.actions.overrides import SetAside
from scheduling.actions.papers import (
    Claim,
    PaperRefused,
    Received,
    carry_papers,
    drop_papers,
    give_estimate,
    keep_workers_comp,
    open_papers,
    set_clearance,
    start_estimate,
    void_estimate,
)
from scheduling.actions.persons import apply_patient_report
from scheduling.actions.policies import (
    AlreadyDecided,
    approve_restriction,
    decline_restriction,
    lift_restriction,
    review_missed,
)
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
from scheduling.actions.seats import free_slot
from scheduling.actions.slots import apply_slot_report, release_slot

__all__ = [
    "AlreadyDecided",
    "BookingRefused",
    "CannotMove",
    "CannotTakeBack",
    "Claim",
    "HeldByAnother",
    "HoldEnded",
    "MoveSettled",
    "NotNow",
    "NotPossible",
    "NumberTaken",
    "PaperRefused",
    "PatientBusy",
    "Received",
    "ReportOutcome",
    "ReportRefused",
    "RequestSettled",
    "SearchOver",
    "SetAside",
    "SlotHeld",
    "SlotTaken",
    "TooLate",
    "UnknownVisit",
    "apply_appointment_report",
    "apply_merge_report",
    "apply_patient_report",
    "apply_slot_report",
    "approve_restriction",
    "cancel_appointment",
    "cancelled_by_hand",
    "carry_papers",
    "check_in",
    "close_booked",
    "close_search",
    "confirm_booking",
    "confirm_by_hand",
    "decline_restriction",
    "drop_papers",
    "extend_hold",
    "finish_move",
    "free_slot",
    "give_estimate",
    "give_up_later_visit",
    "hold_slot",
    "keep_search",
    "keep_workers_comp",
    "lapse_hold",
    "lift_restriction",
    "mark_no_show",
    "note_waiting",
    "open_papers",
    "refuse_booking",
    "refuse_by_hand",
    "release_hold",
    "release_slot",
    "request_booking",
    "reschedule_appointment",
    "review_missed",
    "set_clearance",
    "set_fill_mode",
    "settle_request",
    "start_estimate",
    "take_back_cancel",
    "take_back_move",
    "tell_cancel_again",
    "undo_check_in",
    "undo_no_show",
    "void_estimate",
]
