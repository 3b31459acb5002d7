"""Visits in words of the desk: states, reasons, what was done, and how far a move has come."""

from __future__ import annotations

from typing import Final, NamedTuple

from scheduling.rules.moving import MoveStage
from scheduling.rules.papers import ClearanceState
from scheduling.states import (
    AppointmentStatus,
    CancelledBy,
    CancelReason,
    ClearanceKind,
    EhrOperation,
    LateOutcome,
    MissedBecause,
    PatientLimit,
)


class Chip(NamedTuple):
    """A state in a word, with its icon and the look of `app.css`."""

    word: str
    icon: str
    look: str = ""


STATUS: Final[dict[AppointmentStatus, Chip]] = {
    AppointmentStatus.REQUESTED: Chip("Requested", "clock", "a-6h"),
    AppointmentStatus.BOOKED: Chip("Booked", "calendar-check", "good"),
    AppointmentStatus.ARRIVED: Chip("Here", "user-check", "accent"),
    AppointmentStatus.FULFILLED: Chip("Took place", "circle-check"),
    AppointmentStatus.NO_SHOW: Chip("Did not come", "user-x"),
    AppointmentStatus.CANCELLED: Chip("Cancelled", "calendar-cancel"),
    AppointmentStatus.REFUSED: Chip("Refused by the EHR", "ban"),
    AppointmentStatus.ENTERED_IN_ERROR: Chip("Entered in error", "circle-x"),
}

REASONS: Final[dict[CancelReason, str]] = {
    CancelReason.CANNOT_COME: "Cannot come then",
    CancelReason.OTHER_TIME: "Wants another time",
    CancelReason.EARLIER_TIME: "Took an earlier time",
    CancelReason.SICK: "Sick",
    CancelReason.FEELS_BETTER: "Feels better",
    CancelReason.NO_RIDE: "No ride",
    CancelReason.COST: "Cost or coverage",
    CancelReason.WENT_ELSEWHERE: "Goes elsewhere",
    CancelReason.MOVED_AWAY: "Moved away",
    CancelReason.DECEASED: "Died",
    CancelReason.PATIENT_OTHER: "Something else of the patient’s",  # noqa: RUF001
    CancelReason.PATIENT_UNSAID: "No reason given",
    CancelReason.CLINICIAN_AWAY: "Clinician away",
    CancelReason.CLINICIAN_SICK: "Clinician sick",
    CancelReason.NOT_READY: "Results or records not there",
    CancelReason.CLINICIAN_OTHER: "Something else of the clinician’s",  # noqa: RUF001
    CancelReason.CLINICIAN_UNSAID: "By the clinician, no reason given",
    CancelReason.CLOSED: "Site closed, weather",
    CancelReason.EQUIPMENT: "Equipment",
    CancelReason.NO_ROOM: "No room",
    CancelReason.NO_INTERPRETER: "No interpreter",
    CancelReason.NOT_AUTHORIZED: "Not authorized",
    CancelReason.BOOKED_IN_ERROR: "Booked in error",
    CancelReason.CLINIC_OTHER: "Something else of the clinic’s",  # noqa: RUF001
    CancelReason.CLINIC_UNSAID: "By the clinic, no reason given",
    CancelReason.NOT_SAID: "Nobody said why",
}
WHOSE: Final[dict[CancelledBy, str]] = {
    CancelledBy.PATIENT: "Patient",
    CancelledBy.PROVIDER: "Clinician",
    CancelledBy.ORGANIZATION: "Clinic",
    CancelledBy.UNKNOWN: "Nobody said who",
}
MISSED: Final[dict[MissedBecause, str]] = {
    MissedBecause.TECHNICAL_FAILURE: "Video or phone did not work",
    MissedBecause.NO_INTERPRETER: "Our interpreter did not come",
    MissedBecause.HOSPITAL_STAY: "In the hospital",
    MissedBecause.TRANSPORT_FAILURE: "A ride that was arranged did not come",
    MissedBecause.CLINIC_ERROR: "We told a wrong time or place",
    MissedBecause.WEATHER: "Weather",
    MissedBecause.BEREAVEMENT: "A death in the family",
}
LATE: Final[dict[LateOutcome, str]] = {
    LateOutcome.ON_TIME: "On time",
    LateOutcome.SEEN: "Late, still seen",
    LateOutcome.SQUEEZED_IN: "Late, squeezed in",
    LateOutcome.MOVE: "Too late, another time",
}
LIMITS: Final[dict[PatientLimit, str]] = {
    PatientLimit.SAME_DAY: "Books on the day itself only",
    PatientLimit.BY_PHONE: "Books by phone only, not online",
    PatientLimit.ASK_MANAGER: "A manager looks at each booking",
}
STAGES: Final[dict[MoveStage, str]] = {
    MoveStage.ASKED: "The EHR is asked for the new time; the old visit stands until it has it.",
    MoveStage.BOTH_STAND: "The new visit is booked and the old one not yet given up.",
    MoveStage.GIVING_UP: "The old visit is given up here; the EHR is being told.",
    MoveStage.OLD_LEFT: "The old visit is given up here, but still stands in the EHR.",
    MoveStage.DONE: "Moved.",
    MoveStage.NOT_MOVED: "Not moved: the old visit stands.",
    MoveStage.LOST: "Neither visit stands.",
}
CLEARANCES: Final[dict[ClearanceState, Chip]] = {
    ClearanceState.NEEDED: Chip("Needed", "circle-dashed", "a-6h"),
    ClearanceState.ASKED: Chip("Asked for", "send"),
    ClearanceState.RECEIVED: Chip("Received", "circle-check", "good"),
    ClearanceState.EXPIRED: Chip("Does not cover the day", "calendar-x", "a-2h"),
    ClearanceState.NOT_NEEDED: Chip("Not needed", "x"),
}
KINDS: Final[dict[ClearanceKind, str]] = {
    ClearanceKind.REFERRAL: "Referral",
    ClearanceKind.AUTHORIZATION: "Authorization",
}
TELLING: Final[dict[EhrOperation, str]] = {
    EhrOperation.BOOK: "the booking",
    EhrOperation.CANCEL: "the cancellation",
    EhrOperation.ARRIVE: "the check-in",
    EhrOperation.NO_SHOW: "the no-show",
    EhrOperation.RESTORE: "that it was taken back",
}
#: Verbs of the trail; what is not here tells by its state.
DONE: Final[dict[str, str]] = {
    "scheduling.appointment.requested": "Asked for",
    "scheduling.appointment.move-asked": "Another time was asked for",
    "scheduling.appointment.move-finished": "The move was finished by hand",
    "scheduling.appointment.move-taken-back": "The move was taken back",
    "scheduling.appointment.rescheduled": "The EHR gave it a new time",
    "scheduling.appointment.took-over": "Took the old visit’s place in the EHR",  # noqa: RUF001
    "scheduling.appointment.excused": "Excused",
    "scheduling.rules.set-aside": "Rules were set aside",
}
