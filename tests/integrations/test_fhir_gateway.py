"""The EHR contract: the real adapter against the practice EHR over HTTP, and the fake."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from integrations.fhir.gateway import FhirGateway
from tests.fakes.ehr import FakeEhr
from tests.integrations.ehr_contract import LOCATION, PATIENT, PRACTITIONER, EhrBench, EhrContract
from tests.integrations.ehr_server import EhrServer


class PracticeEhrBench:
    """The practice EHR, reached by our gateway, with the vendor's own hands on its API."""

    def __init__(self, server: EhrServer) -> None:
        self.server = server
        self.client = server.client()
        self.gateway = FhirGateway(self.client, source="practice-ehr")

    def add_slot(self, slot_id: str, starts_at: dt.datetime, ends_at: dt.datetime) -> None:
        self.server.put(
            {
                "resourceType": "Slot",
                "id": slot_id,
                "schedule": {"reference": "Schedule/schedule-1"},
                "status": "free",
                "start": starts_at.isoformat(),
                "end": ends_at.isoformat(),
            }
        )

    def take_slot(self, slot_id: str) -> None:
        with self.server.http() as http:
            http.post(f"/practice/slots/{slot_id}/take").raise_for_status()

    def touch(self, appointment_id: str) -> None:
        with self.server.http() as http:
            body = http.get(f"/fhir/Appointment/{appointment_id}").raise_for_status().json()
            body["comment"] = "Bring the referral."
            http.put(f"/fhir/Appointment/{appointment_id}", json=body).raise_for_status()

    def refuse_next(self, status: int) -> None:
        self.server.set_switches(refuse_next=1, refuse_status=status)

    def lose_next_answer(self) -> None:
        self.server.set_switches(drop_next=1)

    def slow_down(self, seconds: float) -> None:
        self.server.set_switches(slow_ms=int(seconds * 1000))


@pytest.fixture
def practice_bench(practice_ehr: EhrServer) -> Iterator[PracticeEhrBench]:
    practice_ehr.calm()
    practice_ehr.put(
        {"resourceType": "Patient", "id": PATIENT},
        {"resourceType": "Practitioner", "id": PRACTITIONER},
        {"resourceType": "Location", "id": LOCATION},
    )
    bench = PracticeEhrBench(practice_ehr)
    yield bench
    practice_ehr.calm()
    bench.client.close()


class TestFhirGateway(EhrContract):
    @pytest.fixture
    def ehr(self, practice_bench: PracticeEhrBench) -> EhrBench:
        return practice_bench


class TestFakeEhr(EhrContract):
    @pytest.fixture
    def ehr(self) -> EhrBench:
        return FakeBench()


class FakeBench(FakeEhr):
    """The fake is its own bench."""

    @property
    def gateway(self) -> FakeEhr:
        return self
