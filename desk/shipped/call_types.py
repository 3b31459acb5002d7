"""The kinds of call. What is said on a voice mail is the least that works: who, and a number.

A message on a machine may give the name and a number and ask for a call back, and little more
(hhs.gov, HIPAA FAQ 198): no specialty, no reason, no result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from crm.states import Speaker
from desk.actions.call_types import CallTypeTerms, ExitTerms
from desk.states import Proof

VOICEMAIL: Final = (
    "This is {agent.name} calling for {patient.given_name}. "
    "Please call {organization.name} back at {organization.phone}. Thank you."
)
VOICEMAIL_ES: Final = (
    "Habla {agent.name}, con un mensaje para {patient.given_name}. "
    "Por favor llame a {organization.name} al {organization.phone}. Gracias."
)

_PEOPLE = (Speaker.PATIENT, Speaker.PROXY)
_HANDED = ExitTerms("handed-over", "Handed over to a colleague")
_CALL_BACK = ExitTerms("call-back", "We call back", resolves=False)
_DROPPED = ExitTerms("dropped", "The line dropped or they hung up", resolves=False)
_LEFT = ExitTerms("left-message", "Left a message, not reached", resolves=False)


@dataclass(frozen=True, slots=True)
class ShippedCallType:
    code: str
    terms: CallTypeTerms


def _patients(
    code: str,
    name: str,
    need: str,
    words: str,
    exits: tuple[ExitTerms, ...],
    *,
    rank: int,
    proof: Proof = Proof.TWO_IDENTIFIERS,
    **more: object,
) -> ShippedCallType:
    """A call of the patient's own, or of whoever may speak for them."""
    terms = CallTypeTerms(
        name=name,
        need=need,
        words=_list(words),
        speakers=_PEOPLE,
        proof=proof,
        exits=(*exits, _HANDED, _CALL_BACK, _LEFT, _DROPPED),
        callback_attempts=3,
        may_leave_voicemail=True,
        voicemail=VOICEMAIL,
        voicemail_es=VOICEMAIL_ES,
        rank=rank,
        **more,  # type: ignore[arg-type]
    )
    return ShippedCallType(code, terms)


def _others(
    code: str,
    name: str,
    need: str,
    words: str,
    exits: tuple[ExitTerms, ...],
    *,
    rank: int,
    speakers: tuple[Speaker, ...],
    proof: Proof,
    **more: object,
) -> ShippedCallType:
    """A call of somebody else. A message on their machine names no patient, so none is left."""
    terms = CallTypeTerms(
        name=name,
        need=need,
        words=_list(words),
        speakers=speakers,
        proof=proof,
        exits=exits,
        rank=rank,
        **more,  # type: ignore[arg-type]
    )
    return ShippedCallType(code, terms)


def _list(words: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in words.split(","))


CALL_TYPES: Final = (
    _patients(
        "book",
        "Book a visit",
        "A visit",
        "appointment, make appointment, see doctor, same doctor, see dr, with dr, book, schedule, "
        "new visit, follow up, checkup, physical, opening, available, come in, first visit, "
        "new patient, cita, hacer cita, sacar cita, ver doctor, mismo doctor, turno, consulta, "
        "agendar, primera vez, revisión",
        (
            ExitTerms("booked", "Booked"),
            ExitTerms("waitlisted", "No time suits; will be offered the next one", resolves=False),
            ExitTerms("no-time", "No time suits; wants nothing now"),
            ExitTerms("declined", "Decided against a visit"),
        ),
        rank=10,
    ),
    _patients(
        "move",
        "Move a visit",
        "Move a visit",
        "reschedule, move appointment, move visit, change appointment, change date, change time, "
        "different day, another day, earlier appointment, later appointment, postpone, push back, "
        "cambiar cita, mover cita, reprogramar, otra fecha, otro día, más temprano, posponer",
        (
            ExitTerms("moved", "Moved"),
            ExitTerms("kept", "Kept as it was"),
            ExitTerms("cancelled", "Cancelled instead"),
            ExitTerms("no-time", "No time suits; kept, wants an earlier one", resolves=False),
        ),
        rank=20,
    ),
    _patients(
        "cancel",
        "Cancel a visit",
        "Cancel a visit",
        "cancel, cancel appointment, cancel visit, call off, not coming, cannot come, can't make, "
        "won't make, cancelar, cancelar cita, anular, no puedo ir, no voy",
        (
            ExitTerms("cancelled", "Cancelled"),
            ExitTerms("moved", "Moved instead"),
            ExitTerms("kept", "Kept after all"),
        ),
        rank=30,
    ),
    _patients(
        "late",
        "Running late",
        "Running late",
        "late, running late, late appointment, traffic, delayed, on my way, lost, behind, bus, "
        "tarde, llego tarde, tráfico, voy tarde, retrasado, en camino, perdido",
        (
            ExitTerms("still-seen", "Will still be seen"),
            ExitTerms("moved", "Moved to another time"),
            ExitTerms("cancelled", "Cancelled"),
            ExitTerms("clinic-asked", "The clinic decides and calls", resolves=False),
        ),
        rank=40,
    ),
    _patients(
        "results",
        "Test results",
        "Test results",
        "results, test results, lab results, labs, blood test, blood work, x-ray results, imaging, "
        "mri results, biopsy, resultados, laboratorio, análisis, examen de sangre, radiografía",
        (
            ExitTerms("told", "Told what may be told"),
            ExitTerms("link-sent", "Texted the link to the portal"),
            ExitTerms("not-ready", "Not ready; told when to expect them"),
            ExitTerms("nurse", "A nurse explains them", resolves=False),
        ),
        rank=50,
    ),
    _patients(
        "refill",
        "Refill",
        "A refill",
        "refill, prescription, medicine, medication, meds, pills, run out, ran out, insulin, "
        "inhaler, receta, medicina, medicamento, pastillas, resurtir, se me acabó, insulina",
        (
            ExitTerms("sent", "Request sent to the prescriber", resolves=False),
            ExitTerms("at-pharmacy", "Refills left; the pharmacy has it"),
            ExitTerms("visit-first", "A visit is needed first"),
            ExitTerms("nurse", "Handed to a nurse"),
        ),
        rank=60,
    ),
    _patients(
        "plan",
        "Treatment plan",
        "The next step of the plan",
        "treatment plan, next step, physical therapy, therapy, infusion, referral, order, "
        "prior authorization, authorization, series, doctor ordered, plan de tratamiento, "
        "siguiente paso, terapia, referido, orden, autorización",
        (
            ExitTerms("booked", "The next step is booked"),
            ExitTerms("told", "Told what is due and when"),
            ExitTerms("waits", "Waits for an order or an authorization", resolves=False),
        ),
        rank=70,
    ),
    _patients(
        "directions",
        "Directions and parking",
        "Directions",
        "directions, address, where are you, how do i get, parking, where park, park car, "
        "entrance, which building, hours, when open, dirección, dónde están, cómo llego, "
        "estacionamiento, estacionar, horario, entrada",
        (ExitTerms("told", "Told the way"), ExitTerms("link-sent", "Sent the way by text")),
        rank=80,
        proof=Proof.NONE,
    ),
    _patients(
        "bill",
        "Bill",
        "A question about a bill",
        "bill, my bill, charge, charged, payment, pay, copay, statement, balance, owe, "
        "financial assistance, cost, factura, cuenta, cobro, pago, pagar, copago, saldo, costo",
        (
            ExitTerms("told", "Told whom and how to ask"),
            ExitTerms("billing", "Handed to the billing office"),
        ),
        rank=90,
    ),
    _patients(
        "nurse",
        "Speak with a nurse",
        "A question for a nurse",
        "nurse, speak to nurse, talk to nurse, medical question, medical advice, side effect, "
        "symptoms, feel sick, enfermera, hablar con enfermera, pregunta médica, síntomas, "
        "me siento mal, efecto secundario",
        (ExitTerms("nurse", "Handed to a nurse"), ExitTerms("911", "Called 911")),
        rank=100,
    ),
    _others(
        "pharmacy",
        "Pharmacy",
        "A question of a pharmacy",
        "pharmacy, pharmacist, drugstore, cvs, walgreens, dose clarification, substitution, "
        "farmacia, farmacéutico",
        (
            ExitTerms("sent", "Sent to the prescriber", resolves=False),
            ExitTerms("nurse", "Handed to a nurse"),
            ExitTerms("answered", "Answered from what is on record"),
        ),
        rank=110,
        speakers=(Speaker.PHARMACY,),
        proof=Proof.CALLBACK_NUMBER,
        callback_attempts=2,
    ),
    _others(
        "clinician",
        "Another clinician",
        "A clinician asks",
        "doctor's office, physician calling, provider calling, peer to peer, consult, referring, "
        "emergency room calling, hospitalist, otro médico, consultorio",
        (
            ExitTerms("connected", "Connected with our clinician"),
            ExitTerms("paged", "Our clinician is paged", resolves=False),
            ExitTerms("referred", "Referral taken; the patient will be called", resolves=False),
        ),
        rank=120,
        speakers=(Speaker.CLINICIAN,),
        proof=Proof.CALLBACK_NUMBER,
        callback_attempts=2,
    ),
    _others(
        "critical-result",
        "Critical result",
        "A critical result",
        "critical, critical result, critical value, critical lab, panic value, stat result, "
        "laboratory calling, radiology calling, resultado crítico, valor crítico",
        (
            ExitTerms("connected", "A clinician took it from the laboratory"),
            ExitTerms("read-back", "Read back and handed over, with name and time"),
        ),
        rank=130,
        speakers=(Speaker.CLINICIAN,),
        proof=Proof.CALLBACK_NUMBER,
        needs_sign_off=True,
        callback_attempts=2,
    ),
    _others(
        "facility",
        "Hospital or care facility",
        "A facility asks",
        "nursing home, skilled nursing, facility, discharge, discharged, case manager, "
        "home health, hospice, rehab, asilo, centro de cuidado, alta del hospital",
        (
            ExitTerms("booked", "Follow-up booked"),
            ExitTerms("nurse", "Handed to a nurse"),
            ExitTerms("answered", "Answered"),
        ),
        rank=140,
        speakers=(Speaker.FACILITY,),
        proof=Proof.CALLBACK_NUMBER,
        callback_attempts=2,
    ),
    _others(
        "transport",
        "Ride",
        "A ride to a visit",
        "ride, transport, transportation, driver, pick up, pickup, wheelchair van, dispatch, "
        "transporte, chofer, recoger, silla de ruedas",
        (
            ExitTerms("confirmed", "Time and place confirmed"),
            ExitTerms("no-consent", "Nothing said: not on record as the patient’s ride"),  # noqa: RUF001
            ExitTerms("clinic-told", "The clinic is told of a late or missing ride"),
        ),
        rank=150,
        speakers=(Speaker.TRANSPORT,),
        proof=Proof.CALLBACK_NUMBER,
        callback_attempts=2,
    ),
    _others(
        "records",
        "Medical records",
        "Medical records",
        "records, medical records, copy of chart, chart, release of information, immunization "
        "record, disability form, fmla, paperwork, expediente, historial médico, formulario",
        (
            ExitTerms("form-sent", "Sent the request form"),
            ExitTerms("office", "Handed to the records office"),
        ),
        rank=160,
        speakers=(*_PEOPLE, Speaker.OTHER),
        proof=Proof.TWO_IDENTIFIERS,
        callback_attempts=2,
    ),
    _others(
        "billing",
        "Insurer or billing office",
        "A claim",
        "insurance company, claim, claims, payer, eligibility, billing office, attorney, "
        "aseguradora, reclamo de seguro, seguro",
        (
            ExitTerms("office", "Handed to the billing office"),
            ExitTerms("nothing-said", "Nothing said"),
        ),
        rank=170,
        speakers=(Speaker.OTHER,),
        proof=Proof.CALLBACK_NUMBER,
        callback_attempts=2,
    ),
    _others(
        "grievance",
        "Complaint",
        "A complaint",
        "complaint, complain, grievance, unhappy, upset, rude, manager, supervisor, patient "
        "advocate, queja, quejarme, molesto, grosero, gerente, supervisor",
        (
            ExitTerms("resolved", "Settled on the call, to their satisfaction"),
            ExitTerms("filed", "Filed; they get an answer in writing", resolves=False),
        ),
        rank=180,
        speakers=(*_PEOPLE, Speaker.OTHER),
        proof=Proof.NONE,
        needs_sign_off=True,
        callback_attempts=3,
        may_leave_voicemail=True,
        voicemail=VOICEMAIL,
        voicemail_es=VOICEMAIL_ES,
    ),
    _others(
        "police",
        "Police, court, government",
        "An official request",
        "police, officer, detective, sheriff, subpoena, warrant, court order, immigration, ice, "
        "probation, policía, oficial, orden judicial, citatorio, inmigración",
        (ExitTerms("privacy", "Handed to the privacy officer; nothing said"),),
        rank=190,
        speakers=(Speaker.OFFICIAL,),
        proof=Proof.NOTHING_SAID,
        needs_sign_off=True,
    ),
    _others(
        "threat",
        "Threat",
        "A threat",
        "threat, bomb, gun, weapon, shoot, kill, blow up, hurt somebody, burn down, amenaza, "
        "bomba, pistola, arma, matar, disparar",
        (ExitTerms("reported", "Reported to the supervisor and to 911"),),
        rank=200,
        speakers=(Speaker.OTHER,),
        proof=Proof.NOTHING_SAID,
        needs_sign_off=True,
    ),
    _others(
        "other",
        "Something else",
        "Something else",
        "wrong number, something else, operator, número equivocado, otra cosa",
        (
            ExitTerms("answered", "Answered"),
            _HANDED,
            ExitTerms("wrong-number", "Wrong number"),
            _DROPPED,
        ),
        rank=900,
        speakers=(Speaker.OTHER,),
        proof=Proof.NONE,
    ),
)
