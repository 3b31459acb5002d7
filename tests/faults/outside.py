"""The world around one clinic: the practice EHR, the carrier, the patients; all over HTTP."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import uuid
from typing import Any, Protocol

import pytest
from django.conf import settings
from django.test import Client
from django.test.client import MULTIPART_CONTENT
from django.urls import reverse
from django.utils import timezone
from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from crm.models import Patient, PatientIdentifier
from integrations.fhir.client import Json
from integrations.fhir.mapping import CANCELLATION_SYSTEM, read_ehr_appointment
from outreach.rules.quiet_hours import is_quiet
from scheduling.models import Appointment, Slot
from scheduling.ports import EhrAppointment
from scheduling.states import SlotStatus
from tests.factories import (
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
from tests.fakes.twilio_server import ACCOUNT, TOKEN, TwilioServer
from tests.faults.worker_app import EHR_SECONDS
from tests.integrations.ehr_server import TOKEN as EHR_TOKEN
from tests.integrations.ehr_server import EhrServer

OUR_NUMBER = "+16025550100"
PUBLIC_URL = "http://localhost:8000"
#: Two zones that cover the day: it is time to text in one of them at any hour.
PLACES = (("America/Phoenix", "+1602555{:04d}"), ("Asia/Dubai", "+97150555{:04d}"))
_numbers = itertools.count(1000)


def awake(at: dt.datetime) -> tuple[str, str]:
    """A zone where it is daytime, for a while yet, and what numbers look like there."""
    open_now = [place for place in PLACES if not is_quiet(at, zone=place[0])]
    soon = at + dt.timedelta(minutes=10)
    return next((p for p in open_now if not is_quiet(soon, zone=p[0])), open_now[0])


class Web(Protocol):
    """POST to our web server: status, and how long the answer took (seconds)."""

    def __call__(self, path: str, *, data: Any, headers: dict[str, str]) -> int: ...


def in_this_process(path: str, *, data: Any, headers: dict[str, str]) -> int:
    """Our web server without a server: Django's test client."""
    kind = MULTIPART_CONTENT if isinstance(data, dict) else "application/fhir+json"
    response = Client().post(path, data, content_type=kind, headers=headers)
    return int(response.status_code)


def environment(*, ehr: EhrServer, carrier: TwilioServer) -> dict[str, str]:
    """Settings of a Firstcall that talks to these two."""
    return {
        "FIRSTCALL_DEMO": "1",
        "LOCK_WAIT_SECONDS": "0",  # tests stop processes by the locks that they need
        "IDLE_TRANSACTION_SECONDS": "0",
        "WORKER_STATEMENT_SECONDS": "0",
        "WEB_STATEMENT_SECONDS": "0",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PUBLIC_URL": PUBLIC_URL,
        "EHR_BASE_URL": ehr.fhir_url,
        "EHR_SOURCE": SOURCE,
        "EHR_TOKEN": EHR_TOKEN,
        "EHR_TIMEOUT_SECONDS": str(EHR_SECONDS),
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM": OUR_NUMBER,
        "TWILIO_API_BASE": carrier.url,
        "TWILIO_SEGMENTS_PER_SECOND": "1000",
        "NO_PROXY": "127.0.0.1,localhost",
    }


def introduce(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process know the carrier, as the others do by their environment."""
    monkeypatch.setattr(settings.FIRSTCALL, "twilio_auth_token", SecretStr(TOKEN))
    monkeypatch.setattr(settings.FIRSTCALL, "public_url", PUBLIC_URL)


class Outside:
    """A booked slot tomorrow, and people with the same kind of visit later, in both systems."""

    def __init__(self, ehr: EhrServer, carrier: TwilioServer, *, web: Web = in_this_process):
        self.ehr, self.carrier, self.web = ehr, carrier, web
        now = timezone.now().replace(second=0, microsecond=0)
        self.zone, self._number = awake(now)
        self._visit_type = VisitTypeFactory.create()
        self._role = ProviderRoleFactory.create(
            clinic=ClinicFactory.create(
                visit_types=[self._visit_type], location=LocationFactory.create(zone=self.zone)
            )
        )
        self._soon = now + dt.timedelta(hours=30)
        self.slot = self._slot(self._soon)
        self.visit = self._book(self._person(), self.slot)

    def add_candidate(self, *, days: int) -> Patient:
        """Somebody who may be texted, and whose visit of that kind is so many days later."""
        patient = self._person()
        self._book(patient, self._slot(self._soon + dt.timedelta(days=days)))
        return patient

    # --- what people do ----------------------------------------------------------------

    def cancel(self) -> None:
        """The clinic cancels the visit in its EHR for the patient."""
        with self.ehr.http() as http:
            body = http.get(f"/fhir/Appointment/{self.visit.source_id}").json()
            reason = {"coding": [{"system": CANCELLATION_SYSTEM, "code": "pat"}]}
            cancelled = {**body, "status": "cancelled", "cancelationReason": reason}
            http.put(f"/fhir/Appointment/{body['id']}", json=cancelled).raise_for_status()

    def notify(self, *, padding: str = "") -> int:
        """The EHR's Subscription tells us of the visit as it is now; returns our answer.

        :param padding: goes into the resource's narrative, to make it long, and another one.
        """
        with self.ehr.http() as http:
            body = http.get(f"/fhir/Appointment/{self.visit.source_id}").text
        if padding:
            body = json.dumps({**json.loads(body), "text": {"status": "empty", "div": padding}})
        token = settings.FIRSTCALL.fhir_webhook_token.get_secret_value()
        headers = {"Authorization": f"Bearer {token}"}
        return self.web(reverse("fhir:notify"), data=body, headers=headers)

    def reply(self, patient: Patient, text: str) -> int:
        """The patient texts us, by way of the carrier; returns our answer."""
        return self.reply_from(str(phone_of(patient).number), text)

    def reply_from(self, number: str, text: str) -> int:
        """Whoever has that number texts us."""
        form = {
            "MessageSid": f"SM{uuid.uuid4().hex}",
            "From": number,
            "To": OUR_NUMBER,
            "Body": text,
        }
        path = reverse("twilio:inbound")
        signature = RequestValidator(TOKEN).compute_signature(PUBLIC_URL + path, form)
        return self.web(path, data=form, headers={"X-Twilio-Signature": signature})

    # --- what is there -----------------------------------------------------------------

    def texts(self) -> list[tuple[str, str]]:
        """Every text that the carrier took."""
        return [(made["to"], made["body"]) for made in list(self.carrier.messages)]

    def texts_to(self, patient: Patient) -> list[str]:
        number = str(phone_of(patient).number)
        return [body for to, body in reversed(self.texts()) if to == number]

    def visits(self) -> list[EhrAppointment]:
        """Every visit that the EHR holds for this clinic's slots."""
        found: list[EhrAppointment] = []
        with self.ehr.http() as http:
            for slot_id in Slot.objects.values_list("source_id", flat=True):
                bundle = http.get("/fhir/Appointment", params={"slot": f"Slot/{slot_id}"}).json()
                found += [read_ehr_appointment(e["resource"]) for e in bundle.get("entry", [])]
        return found

    def has_booking(self) -> bool:
        """Whether the EHR holds a visit that Firstcall made."""
        return any(visit.identifier for visit in self.visits())

    # --- rows on both sides --------------------------------------------------------------

    def _person(self) -> Patient:
        number = self._number.format(next(_numbers) % 10_000)
        patient = reachable_patient(number=number, zone=self.zone)
        key = _key("patient")
        PatientIdentifier.objects.create(patient=patient, system=SOURCE, value=key)
        self.ehr.put({"resourceType": "Patient", "id": key})
        return patient

    def _slot(self, starts_at: dt.datetime) -> Slot:
        slot = SlotFactory.create(
            role=self._role,
            visit_type=self._visit_type,
            starts_at=starts_at,
            status=SlotStatus.BUSY,
            taken=1,
            source_id=_key("slot"),
        )
        self.ehr.put(_slot(slot))
        return slot

    def _book(self, patient: Patient, slot: Slot) -> Appointment:
        visit = AppointmentFactory.create(
            patient=patient,
            role=self._role,
            slot=slot,
            visit_type=self._visit_type,
            starts_at=slot.starts_at,
            source_id=_key("visit"),
            booked_at=timezone.now() - dt.timedelta(days=10),
        )
        key = patient.identifiers.get(system=SOURCE).value
        self.ehr.put(_visit(visit, slot, patient_key=key))
        return visit


def _key(kind: str) -> str:
    """The EHR is shared by the tests of a run: nothing in it has the same name twice."""
    return f"{kind}-{uuid.uuid4().hex[:12]}"


def _slot(slot: Slot) -> Json:
    return {
        "resourceType": "Slot",
        "id": slot.source_id,
        "schedule": {"reference": "Schedule/of-the-clinic"},
        "status": "free",
        "start": slot.starts_at.isoformat(),
        "end": slot.ends_at.isoformat(),
    }


def _visit(visit: Appointment, slot: Slot, *, patient_key: str) -> Json:
    actor = {"reference": f"Patient/{patient_key}"}
    return {
        "resourceType": "Appointment",
        "id": visit.source_id,
        "status": "booked",
        "start": visit.starts_at.isoformat(),
        "end": visit.ends_at.isoformat(),
        "slot": [{"reference": f"Slot/{slot.source_id}"}],
        "participant": [{"actor": actor, "status": "accepted"}],
    }
