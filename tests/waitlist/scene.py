"""A clinic with a slot to fill, people who could take it, and an EHR that knows them all."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from crm.engine import Actor
from crm.models import Patient, PatientIdentifier
from outreach.actions import receive_text
from outreach.models import Message
from scheduling.actions import apply_appointment_report, apply_slot_report
from scheduling.models import Appointment, Slot
from scheduling.ports import (
    AppointmentReport,
    EhrAppointment,
    ReportKind,
    SlotReport,
)
from scheduling.states import AppointmentStatus, CancelledBy, SlotStatus
from tests.drive import settle
from tests.factories import (
    NOW,
    SOURCE,
    AppointmentFactory,
    ClinicFactory,
    LocationFactory,
    ProviderRoleFactory,
    SlotFactory,
    VisitTypeFactory,
    phone_of,
    reachable_patient,
)
from tests.fakes.ehr import FakeEhr
from waitlist.models import Offer, Opening

EHR = Actor.ehr(SOURCE)
OUR_NUMBER = "+16025550100"
_sids = count(1)


@dataclass
class Scene:
    """One clinic, one clinician, a booked slot; `at` is the clock, moved by hand."""

    at: dt.datetime = NOW
    zone: str = "America/Phoenix"
    ehr: FakeEhr = field(init=False)
    slot: Slot = field(init=False)
    visit: Appointment = field(init=False)

    def __post_init__(self) -> None:
        self.ehr = FakeEhr(source=SOURCE, clock=lambda: self.at)
        visit_type = VisitTypeFactory.create()
        self.role = ProviderRoleFactory.create(
            clinic=ClinicFactory.create(
                visit_types=[visit_type], location=LocationFactory.create(zone=self.zone)
            )
        )
        self.visit_type = visit_type
        self.slot = self._slot(self.at + dt.timedelta(days=2, hours=23))
        self.visit = self._visit(_known_patient(), self.slot)

    def _slot(self, starts_at: dt.datetime) -> Slot:
        slot = SlotFactory.create(
            role=self.role,
            visit_type=self.visit_type,
            starts_at=starts_at,
            status=SlotStatus.BUSY,
            taken=1,
        )
        self.ehr.add_slot(slot.source_id, slot.starts_at, slot.ends_at, SlotStatus.BUSY)
        return slot

    def _visit(self, patient: Patient, slot: Slot) -> Appointment:
        visit = AppointmentFactory.create(
            patient=patient,
            role=self.role,
            slot=slot,
            visit_type=self.visit_type,
            starts_at=slot.starts_at,
        )
        self.ehr.add_visit(
            EhrAppointment(
                appointment_id=visit.source_id,
                status=AppointmentStatus.BOOKED,
                starts_at=visit.starts_at,
                ends_at=visit.ends_at,
                slot_id=slot.source_id,
            )
        )
        return visit

    def add_candidate(self, *, days: int = 42, **about: Any) -> Patient:
        """Somebody who may be texted and has a visit of the same type so many days later."""
        patient = _known_patient(**about)
        hours = Appointment.objects.count()  # no two at one time
        self._visit(patient, self._slot(self.slot.starts_at + dt.timedelta(days=days, hours=hours)))
        return patient

    def later_visit(self, patient: Patient) -> Appointment:
        return Appointment.objects.get(patient=patient, origin="ehr")

    def free(self) -> Opening:
        """The patient cancels at the clinic; the opening matches and sends its first wave."""
        self.cancel_in_ehr(self.visit)
        self.settle()
        return Opening.objects.get(slot=self.slot)

    def cancel_in_ehr(self, visit: Appointment, *, by: CancelledBy = CancelledBy.PATIENT) -> None:
        """The EHR cancels a visit and tells us so."""
        self.ehr.set_status(visit.source_id, AppointmentStatus.CANCELLED)
        report = AppointmentReport(
            source=SOURCE,
            kind=ReportKind.STATE,
            appointment_id=visit.source_id,
            status=AppointmentStatus.CANCELLED,
            sent_at=self.at,
            tells_slots=True,
            cancelled_by=by,
        )
        apply_appointment_report(report, by=EHR, at=self.at)

    def ehr_says(self, slot: Slot, status: SlotStatus) -> None:
        """The EHR tells us of a slot."""
        report = SlotReport(SOURCE, slot.source_id, status, self.at)
        apply_slot_report(report, by=EHR, at=self.at)

    def settle(self, **passed: float) -> None:
        """Let time go by, and run what is due."""
        self.at += dt.timedelta(**passed)
        settle(self.at)

    def reply(self, patient: Patient, text: str, *, work: bool = True) -> Message:
        """The patient texts us; with `work`, it is acted on."""
        message = receive_text(
            from_number=str(phone_of(patient).number),
            to_number=OUR_NUMBER,
            body=text,
            carrier_id=f"SM{next(_sids):032x}",
            at=self.at,
        )
        if work:
            self.settle()
        return message

    def offer_to(self, patient: Patient) -> Offer:
        return Offer.objects.get(patient=patient, slot=self.slot)

    def texts_to(self, patient: Patient) -> list[str]:
        """Keys of the texts that left for this patient, in order."""
        gone = Message.objects.filter(patient=patient, direction="out", sent_at__isnull=False)
        return [m.text_version.key for m in gone.order_by("pk") if m.text_version]


def _known_patient(**about: Any) -> Patient:
    patient = reachable_patient(**about)
    PatientIdentifier.objects.create(patient=patient, system=SOURCE, value=f"ehr-{patient.pk}")
    return patient
