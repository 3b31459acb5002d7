"""Why a visit was cancelled, by the codes that FHIR and HL7 feeds share."""

from __future__ import annotations

from scheduling.ports import CodeReport
from scheduling.states import CancelReason

#: http://hl7.org/fhir/R4/valueset-appointment-cancellation-reason.html. HL7 v2 has no table of its
#: own for SCH-6, so senders use these there, too. Local codes and words say nothing here.
CODES: dict[str, CancelReason] = {
    "pat": CancelReason.PATIENT_OTHER,
    "pat-crs": CancelReason.PATIENT_OTHER,  # by an automatic reminder
    "pat-cpp": CancelReason.PATIENT_OTHER,  # by a portal
    "pat-dec": CancelReason.DECEASED,
    "pat-fb": CancelReason.FEELS_BETTER,
    "pat-lt": CancelReason.NO_RIDE,
    "pat-mt": CancelReason.COST,  # the member's plan ended
    "pat-mv": CancelReason.MOVED_AWAY,
    "pat-preg": CancelReason.PATIENT_OTHER,
    "pat-swl": CancelReason.EARLIER_TIME,  # scheduled from the waitlist
    "pat-uwp": CancelReason.WENT_ELSEWHERE,
    "prov": CancelReason.CLINICIAN_OTHER,
    "prov-pers": CancelReason.CLINICIAN_AWAY,
    "prov-edu": CancelReason.CLINICIAN_AWAY,
    "prov-hosp": CancelReason.CLINICIAN_SICK,
    "prov-dch": CancelReason.CLINICIAN_OTHER,
    "prov-labs": CancelReason.NOT_READY,
    "maint": CancelReason.EQUIPMENT,
    "meds-inc": CancelReason.CLINIC_OTHER,  # preparation or medicine incomplete
    "other": CancelReason.CLINIC_OTHER,
    "oth-cms": CancelReason.NOT_AUTHORIZED,
    "oth-err": CancelReason.BOOKED_IN_ERROR,
    "oth-oerr": CancelReason.BOOKED_IN_ERROR,
    "oth-fin": CancelReason.CLINIC_OTHER,
    "oth-int": CancelReason.NO_INTERPRETER,
    "oth-room": CancelReason.NO_ROOM,
    "oth-weath": CancelReason.CLOSED,
}


def find_reason(code: CodeReport | None) -> CancelReason | None:
    """Our word for a sender's code; None where it has said nothing that everybody knows."""
    return CODES.get(code.code.strip().lower()) if code is not None else None
