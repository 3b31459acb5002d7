"""Why a visit was cancelled, by the codes that FHIR and HL7 feeds share."""

from __future__ import annotations

from scheduling.ports import CodeReport
from scheduling.states import CancelledBy, CancelReason

#: What a sender's own code may stand for: a reason, or no more than whose doing it was.
CancelMeaning = CancelReason | CancelledBy
MEANINGS: tuple[CancelMeaning, ...] = (*CancelledBy, *CancelReason)

#: http://hl7.org/fhir/R4/valueset-appointment-cancellation-reason.html, whole. HL7 v2 has no table
#: of its own for SCH-6, so senders use these there, too. A code that names no more than somebody,
#: or the way they said it, is one without a reason. Local codes and words say nothing here.
CODES: dict[str, CancelReason] = {
    "pat": CancelReason.PATIENT_UNSAID,
    "pat-crs": CancelReason.PATIENT_UNSAID,  # by an automatic reminder
    "pat-cpp": CancelReason.PATIENT_UNSAID,  # by a portal
    "pat-dec": CancelReason.DECEASED,
    "pat-fb": CancelReason.FEELS_BETTER,
    "pat-lt": CancelReason.NO_RIDE,
    "pat-mt": CancelReason.COST,  # the member's plan ended
    "pat-mv": CancelReason.MOVED_AWAY,
    "pat-preg": CancelReason.PATIENT_OTHER,
    "pat-swl": CancelReason.EARLIER_TIME,  # scheduled from the waitlist
    "pat-ucp": CancelReason.WENT_ELSEWHERE,  # changed provider
    "prov": CancelReason.CLINICIAN_UNSAID,
    "prov-pers": CancelReason.CLINICIAN_AWAY,
    "prov-edu": CancelReason.CLINICIAN_AWAY,
    "prov-hosp": CancelReason.CLINICIAN_SICK,
    "prov-dch": CancelReason.CLINICIAN_OTHER,  # discharged
    "prov-labs": CancelReason.NOT_READY,
    "prov-mri": CancelReason.CLINICIAN_OTHER,  # the screening form says no
    "prov-onc": CancelReason.CLINICIAN_OTHER,  # the treatment plan changed
    "maint": CancelReason.EQUIPMENT,
    "meds-inc": CancelReason.CLINIC_OTHER,  # preparation or medicine incomplete
    "other": CancelReason.CLINIC_UNSAID,
    "oth-cms": CancelReason.NOT_AUTHORIZED,
    "oth-err": CancelReason.BOOKED_IN_ERROR,
    "oth-fin": CancelReason.CLINIC_OTHER,
    "oth-iv": CancelReason.CLINIC_OTHER,
    "oth-int": CancelReason.NO_INTERPRETER,
    "oth-mu": CancelReason.CLINIC_OTHER,  # preparation, medicine or results are not there
    "oth-room": CancelReason.NO_ROOM,
    "oth-oerr": CancelReason.BOOKED_IN_ERROR,
    "oth-swie": CancelReason.BOOKED_IN_ERROR,  # a walk-in kept by mistake
    "oth-weath": CancelReason.CLOSED,
}


def find_reason(code: CodeReport | None) -> CancelReason | None:
    """Our word for a sender's code; None where it has said nothing that everybody knows."""
    return CODES.get(code.code.strip().lower()) if code is not None else None


def read_meaning(name: str) -> CancelMeaning:
    """What a registration says of a code, as it is stored.

    :raises ValueError: when it is neither.
    """
    return CancelledBy(name) if name in set(CancelledBy) else CancelReason(name)
