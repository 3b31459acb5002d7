"""Life of a visit, and of what its EHR must be told."""

from __future__ import annotations

from enum import StrEnum


class AppointmentStatus(StrEnum):
    """FHIR Appointment.status, in the words that staff use where they differ."""

    REQUESTED = "requested"  # ours, the EHR has not confirmed it (FHIR proposed)
    BOOKED = "booked"
    ARRIVED = "arrived"
    FULFILLED = "fulfilled"
    NO_SHOW = "noshow"
    CANCELLED = "cancelled"
    REFUSED = "refused"  # the EHR said no; it never was a visit
    ENTERED_IN_ERROR = "entered-in-error"


#: A visit in one of these takes a seat.
LIVE = frozenset({AppointmentStatus.REQUESTED, AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED})


#: The EHR has it, or had it take place.
STANDS = frozenset(
    {AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED}
)


#: What an EHR may say of a visit that has been made, in whatever order its news arrive.
_TOLD = frozenset(
    {
        AppointmentStatus.BOOKED,
        AppointmentStatus.ARRIVED,
        AppointmentStatus.FULFILLED,
        AppointmentStatus.NO_SHOW,
        AppointmentStatus.CANCELLED,
        AppointmentStatus.ENTERED_IN_ERROR,
    }
)


#: Everything that is told may follow everything: the EHR corrects itself (a check-in, a cancel,
#: a no-show taken back), and a feed that lost a message goes on with the next.
APPOINTMENT_MOVES: dict[AppointmentStatus, frozenset[AppointmentStatus]] = {
    AppointmentStatus.REQUESTED: _TOLD | {AppointmentStatus.REFUSED},
    **{status: _TOLD - {status} for status in AppointmentStatus if status in _TOLD},
    AppointmentStatus.REFUSED: _TOLD,
}


class Origin(StrEnum):
    """Who made the booking. Only ours are under the no-double-booking constraints."""

    FIRSTCALL = "firstcall"
    EHR = "ehr"


class EhrOperation(StrEnum):
    BOOK = "book"
    CANCEL = "cancel"
    ARRIVE = "arrive"
    NO_SHOW = "no-show"
    RESTORE = "restore"  # a check-in or a no-show taken back: booked again


class CancelledBy(StrEnum):
    """Who gave the visit up. Wasted-appointment figures and fills depend on it."""

    PATIENT = "patient"
    PROVIDER = "provider"
    ORGANIZATION = "organization"
    UNKNOWN = "unknown"


class EhrWriteStatus(StrEnum):
    """Life of one write to an EHR. `UNKNOWN` means sent, answer lost: read back first."""

    PENDING = "pending"
    SENT = "sent"
    UNKNOWN = "unknown"
    DONE = "done"
    REFUSED = "refused"
    ABANDONED = "abandoned"  # no longer wanted, or a person took it over


EHR_WRITE_MOVES: dict[EhrWriteStatus, frozenset[EhrWriteStatus]] = {
    EhrWriteStatus.PENDING: frozenset(
        {EhrWriteStatus.SENT, EhrWriteStatus.DONE, EhrWriteStatus.ABANDONED}
    ),
    EhrWriteStatus.SENT: frozenset(
        {
            EhrWriteStatus.DONE,
            EhrWriteStatus.REFUSED,
            EhrWriteStatus.UNKNOWN,
            EhrWriteStatus.PENDING,
            EhrWriteStatus.ABANDONED,
        }
    ),
    EhrWriteStatus.UNKNOWN: frozenset(
        {
            EhrWriteStatus.DONE,
            EhrWriteStatus.REFUSED,
            EhrWriteStatus.PENDING,
            EhrWriteStatus.ABANDONED,
        }
    ),
    EhrWriteStatus.DONE: frozenset(),
    EhrWriteStatus.REFUSED: frozenset({EhrWriteStatus.DONE}),  # a person did it there
    EhrWriteStatus.ABANDONED: frozenset({EhrWriteStatus.DONE}),
}


class CancelReason(StrEnum):
    """Why a visit was given up, in the words that staff choose from.

    Each is somebody's doing (`who`): wasted-appointment figures and fills depend on that. Where
    the reason was not said, that is a class of its own, so that no figure guesses.
    """

    CANNOT_COME = "cannot-come"
    OTHER_TIME = "other-time"  # moved, at the patient's wish
    EARLIER_TIME = "earlier-time"  # took an earlier one that was offered
    SICK = "sick"
    FEELS_BETTER = "feels-better"
    NO_RIDE = "no-ride"
    COST = "cost"
    WENT_ELSEWHERE = "went-elsewhere"
    MOVED_AWAY = "moved-away"
    DECEASED = "deceased"
    PATIENT_OTHER = "patient-other"
    PATIENT_UNSAID = "patient-unsaid"  # by the patient, no reason given
    CLINICIAN_AWAY = "clinician-away"
    CLINICIAN_SICK = "clinician-sick"
    NOT_READY = "not-ready"  # results or records were not there
    CLINICIAN_OTHER = "clinician-other"
    CLINICIAN_UNSAID = "clinician-unsaid"
    CLOSED = "closed"  # weather, power, a closed site
    EQUIPMENT = "equipment"
    NO_ROOM = "no-room"
    NO_INTERPRETER = "no-interpreter"
    NOT_AUTHORIZED = "not-authorized"
    BOOKED_IN_ERROR = "booked-in-error"
    CLINIC_OTHER = "clinic-other"
    CLINIC_UNSAID = "clinic-unsaid"
    NOT_SAID = "not-said"  # neither why nor by whom

    @property
    def who(self) -> CancelledBy:
        """Whose doing it is; unknown where nobody has said even that."""
        if self is CancelReason.NOT_SAID:
            return CancelledBy.UNKNOWN
        if self in _PATIENTS_OWN:
            return CancelledBy.PATIENT
        return CancelledBy.PROVIDER if self in _CLINICIANS_OWN else CancelledBy.ORGANIZATION


_PATIENTS_OWN = frozenset(
    {
        CancelReason.CANNOT_COME,
        CancelReason.OTHER_TIME,
        CancelReason.EARLIER_TIME,
        CancelReason.SICK,
        CancelReason.FEELS_BETTER,
        CancelReason.NO_RIDE,
        CancelReason.COST,
        CancelReason.WENT_ELSEWHERE,
        CancelReason.MOVED_AWAY,
        CancelReason.DECEASED,
        CancelReason.PATIENT_OTHER,
        CancelReason.PATIENT_UNSAID,
    }
)


_CLINICIANS_OWN = frozenset(
    {
        CancelReason.CLINICIAN_AWAY,
        CancelReason.CLINICIAN_SICK,
        CancelReason.NOT_READY,
        CancelReason.CLINICIAN_OTHER,
        CancelReason.CLINICIAN_UNSAID,
    }
)
#: What a feed leaves open. Whoever cancels here knows at least whose doing it is, and why.
TOLD_ONLY = frozenset(
    {CancelReason.CLINICIAN_UNSAID, CancelReason.CLINIC_UNSAID, CancelReason.NOT_SAID}
)
