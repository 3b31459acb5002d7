"""Visits in words of the desk: states, reasons, what was done, and how far a move has come."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.utils.translation import gettext_noop

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
    AppointmentStatus.REQUESTED: Chip(gettext_noop("Requested"), "clock", "a-6h"),
    AppointmentStatus.BOOKED: Chip(gettext_noop("Booked"), "calendar-check", "good"),
    AppointmentStatus.ARRIVED: Chip(gettext_noop("Here"), "user-check", "accent"),
    AppointmentStatus.FULFILLED: Chip(gettext_noop("Took place"), "circle-check"),
    AppointmentStatus.NO_SHOW: Chip(gettext_noop("Did not come"), "user-x"),
    AppointmentStatus.CANCELLED: Chip(gettext_noop("Cancelled"), "calendar-cancel"),
    AppointmentStatus.REFUSED: Chip(gettext_noop("Refused by the EHR"), "ban"),
    AppointmentStatus.ENTERED_IN_ERROR: Chip(gettext_noop("Entered in error"), "circle-x"),
}

REASONS: Final[dict[CancelReason, str]] = {
    CancelReason.CANNOT_COME: gettext_noop("Cannot come then"),
    CancelReason.OTHER_TIME: gettext_noop("Wants another time"),
    CancelReason.EARLIER_TIME: gettext_noop("Took an earlier time"),
    CancelReason.SICK: gettext_noop("Sick"),
    CancelReason.FEELS_BETTER: gettext_noop("Feels better"),
    CancelReason.NO_RIDE: gettext_noop("No ride"),
    CancelReason.COST: gettext_noop("Cost or coverage"),
    CancelReason.WENT_ELSEWHERE: gettext_noop("Goes elsewhere"),
    CancelReason.MOVED_AWAY: gettext_noop("Moved away"),
    CancelReason.DECEASED: gettext_noop("Died"),
    CancelReason.PATIENT_OTHER: gettext_noop("Something else of the patient’s"),  # noqa: RUF001
    CancelReason.PATIENT_UNSAID: gettext_noop("No reason given"),
    CancelReason.CLINICIAN_AWAY: gettext_noop("Clinician away"),
    CancelReason.CLINICIAN_SICK: gettext_noop("Clinician sick"),
    CancelReason.NOT_READY: gettext_noop("Results or records not there"),
    CancelReason.CLINICIAN_OTHER: gettext_noop("Something else of the clinician’s"),  # noqa: RUF001
    CancelReason.CLINICIAN_UNSAID: gettext_noop("By the clinician, no reason given"),
    CancelReason.CLOSED: gettext_noop("Site closed, weather"),
    CancelReason.EQUIPMENT: gettext_noop("Equipment"),
    CancelReason.NO_ROOM: gettext_noop("No room"),
    CancelReason.NO_INTERPRETER: gettext_noop("No interpreter"),
    CancelReason.NOT_AUTHORIZED: gettext_noop("Not authorized"),
    CancelReason.BOOKED_IN_ERROR: gettext_noop("Booked in error"),
    CancelReason.CLINIC_OTHER: gettext_noop("Something else of the clinic’s"),  # noqa: RUF001
    CancelReason.CLINIC_UNSAID: gettext_noop("By the clinic, no reason given"),
    CancelReason.NOT_SAID: gettext_noop("Nobody said why"),
}
WHOSE: Final[dict[CancelledBy, str]] = {
    CancelledBy.PATIENT: gettext_noop("Patient"),
    CancelledBy.PROVIDER: gettext_noop("Clinician"),
    CancelledBy.ORGANIZATION: gettext_noop("Clinic"),
    CancelledBy.UNKNOWN: gettext_noop("Nobody said who"),
}
MISSED: Final[dict[MissedBecause, str]] = {
    MissedBecause.TECHNICAL_FAILURE: gettext_noop("Video or phone did not work"),
    MissedBecause.NO_INTERPRETER: gettext_noop("Our interpreter did not come"),
    MissedBecause.HOSPITAL_STAY: gettext_noop("In the hospital"),
    MissedBecause.TRANSPORT_FAILURE: gettext_noop("A ride that was arranged did not come"),
    MissedBecause.CLINIC_ERROR: gettext_noop("We told a wrong time or place"),
    MissedBecause.WEATHER: gettext_noop("Weather"),
    MissedBecause.BEREAVEMENT: gettext_noop("A death in the family"),
}
LATE: Final[dict[LateOutcome, str]] = {
    LateOutcome.ON_TIME: gettext_noop("On time"),
    LateOutcome.SEEN: gettext_noop("Late, still seen"),
    LateOutcome.SQUEEZED_IN: gettext_noop("Late, squeezed in"),
    LateOutcome.MOVE: gettext_noop("Too late, another time"),
}
LIMITS: Final[dict[PatientLimit, str]] = {
    PatientLimit.SAME_DAY: gettext_noop("Books on the day itself only"),
    PatientLimit.BY_PHONE: gettext_noop("Books by phone only, not online"),
    PatientLimit.ASK_MANAGER: gettext_noop("A manager looks at each booking"),
}
STAGES: Final[dict[MoveStage, str]] = {
    MoveStage.ASKED: gettext_noop(
        "The EHR is asked for the new time; the old visit stands until it has it."
    ),
    MoveStage.BOTH_STAND: gettext_noop("The new visit is booked and the old one not yet given up."),
    MoveStage.GIVING_UP: gettext_noop("The old visit is given up here; the EHR is being told."),
    MoveStage.OLD_LEFT: gettext_noop(
        "The old visit is given up here, but still stands in the EHR."
    ),
    MoveStage.DONE: gettext_noop("Moved."),
    MoveStage.NOT_MOVED: gettext_noop("Not moved: the old visit stands."),
    MoveStage.LOST: gettext_noop("Neither visit stands."),
}
CLEARANCES: Final[dict[ClearanceState, Chip]] = {
    ClearanceState.NEEDED: Chip(gettext_noop("Needed"), "circle-dashed", "a-6h"),
    ClearanceState.ASKED: Chip(gettext_noop("Asked for"), "send"),
    ClearanceState.RECEIVED: Chip(gettext_noop("Received"), "circle-check", "good"),
    ClearanceState.EXPIRED: Chip(gettext_noop("Does not cover the day"), "calendar-x", "a-2h"),
    ClearanceState.NOT_NEEDED: Chip(gettext_noop("Not needed"), "x"),
}
KINDS: Final[dict[ClearanceKind, str]] = {
    ClearanceKind.REFERRAL: gettext_noop("Referral"),
    ClearanceKind.AUTHORIZATION: gettext_noop("Authorization"),
}
TELLING: Final[dict[EhrOperation, str]] = {
    EhrOperation.BOOK: gettext_noop("the booking"),
    EhrOperation.CANCEL: gettext_noop("the cancellation"),
    EhrOperation.ARRIVE: gettext_noop("the check-in"),
    EhrOperation.NO_SHOW: gettext_noop("the no-show"),
    EhrOperation.RESTORE: gettext_noop("that it was taken back"),
}
#: Verbs of the trail; what is not here tells by its state.
DONE: Final[dict[str, str]] = {
    "scheduling.appointment.requested": gettext_noop("Asked for"),
    "scheduling.appointment.move-asked": gettext_noop("Another time was asked for"),
    "scheduling.appointment.move-finished": gettext_noop("The move was finished by hand"),
    "scheduling.appointment.move-taken-back": gettext_noop("The move was taken back"),
    "scheduling.appointment.rescheduled": gettext_noop("The EHR gave it a new time"),
    "scheduling.appointment.took-over": gettext_noop("Took the old visit’s place in the EHR"),  # noqa: RUF001
    "scheduling.appointment.excused": gettext_noop("Excused"),
    "scheduling.rules.set-aside": gettext_noop("Rules were set aside"),
}
