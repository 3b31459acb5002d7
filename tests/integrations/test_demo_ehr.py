"""The demo in the practice EHR: valid FHIR, whole transactions, and a load that can go on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from django.conf import settings
from pydantic import SecretStr

from integrations.demo import ehr
from integrations.demo.dataset import Dataset, build
from integrations.demo.resources import Json, resources
from integrations.fhir.client import Answer, FhirClient
from integrations.fhir.mapping import read_appointment, read_ehr_appointment, read_slot
from integrations.fhir.patients import read_patient
from scheduling.states import AppointmentStatus, CancelledBy, SlotStatus
from tests.integrations.ehr_server import TOKEN, EhrServer, run_practice_ehr

TODAY = dt.date(2026, 11, 20)
NOW = dt.datetime(2026, 11, 20, 17, tzinfo=dt.UTC)
SEED = 7


@pytest.fixture(scope="module")
def whole() -> Dataset:
    return build(SEED, TODAY)


@pytest.fixture(scope="module")
def one_doctor(whole: Dataset) -> Dataset:
    """The part of the demo that one clinician sees: small enough for a test."""
    code = whole.clinicians[-1].code
    visits = tuple(visit for visit in whole.visits if visit.clinician == code)
    seen = {visit.mrn for visit in visits}
    return replace(
        whole,
        people=tuple(person for person in whole.people if person.mrn in seen),
        phones=tuple(phone for phone in whole.phones if phone.mrn in seen),
        coverages=tuple(row for row in whole.coverages if row.mrn in seen),
        slots=tuple(slot for slot in whole.slots if slot.clinician == code),
        visits=visits,
    )


@pytest.fixture(scope="module")
def server() -> Iterator[EhrServer]:
    """One of its own: what other tests put into theirs would look like another demo."""
    with run_practice_ehr() as started:
        yield started


class CountingClient(FhirClient):
    """Counts what it stores."""

    stored = 0

    def write(
        self, method: str, path: str, body: Json, *, headers: dict[str, str] | None = None
    ) -> Answer:
        answer = super().write(method, path, body, headers=headers)
        self.stored += len(body["entry"])
        return answer


@contextmanager
def client_of(server: EhrServer) -> Iterator[CountingClient]:
    client = CountingClient(server.fhir_url, TOKEN, read_seconds=60)
    with closing(client):
        yield client


def no_progress(_done: int, _of: int) -> None:
    """For those who do not wait."""


def of_kind(dataset: Dataset, kind: str) -> list[Json]:
    return [resource for resource in resources(dataset) if resource["resourceType"] == kind]


def test_every_resource_has_a_key_of_its_own(whole: Dataset) -> None:
    keys = [(resource["resourceType"], resource["id"]) for resource in resources(whole)]
    assert len(set(keys)) == len(keys)


def test_nothing_refers_to_what_comes_later_or_never(whole: Dataset) -> None:
    known: set[str] = set()
    for resource in resources(whole):
        if resource["resourceType"] == "Appointment":
            named = [p["actor"] for p in resource["participant"]] + resource.get("slot", [])
            assert {one["reference"] for one in named} <= known
        known.add(f"{resource['resourceType']}/{resource['id']}")


def test_slots_read_as_we_wrote_them(whole: Dataset) -> None:
    rows = {slot.ehr_id: slot for slot in whole.slots}
    for resource in of_kind(whole, "Slot"):
        report = read_slot(resource, source="here", sent_at=NOW)
        row = rows[report.slot_id]
        assert (report.status, report.starts_at, report.ends_at) == (
            row.status,
            row.starts_at,
            row.ends_at,
        )
        assert report.visit_type is not None
        assert report.visit_type.code == row.kind


def test_visits_read_as_we_wrote_them(whole: Dataset) -> None:
    rows = {visit.ehr_id: visit for visit in whole.visits}
    people = {person.mrn: person for person in whole.people}
    for resource in of_kind(whole, "Appointment"):
        report = read_appointment(resource, source="here", sent_at=NOW)
        row = rows[report.appointment_id]
        assert (report.status, report.starts_at, report.slot_id) == (
            row.status,
            row.starts_at,
            row.slot,
        )
        assert report.cancelled_by == (row.cancelled_by or CancelledBy.UNKNOWN)
        assert report.providers[0].identifier == row.clinician
        assert report.patient is not None
        assert report.patient.identifiers[0].value == people[row.mrn].ehr_id


def test_patients_read_as_we_wrote_them(whole: Dataset) -> None:
    people = {person.ehr_id: person for person in whole.people}
    for resource in of_kind(whole, "Patient"):
        report = read_patient(resource, source="here")
        person = people[resource["id"]]
        assert (report.family_name, report.given_name, report.birth_on, report.sex) == (
            person.family_name,
            person.given_name,
            person.birth_on,
            person.sex,
        )
        assert [i.value for i in report.identifiers] == [person.ehr_id, person.mrn]


def test_fills_the_ehr_once(server: EhrServer, one_doctor: Dataset) -> None:
    told: list[tuple[int, int]] = []
    with client_of(server) as client:
        assert not ehr.is_filled(client, seed=SEED, today=TODAY)

        total = ehr.fill(client, one_doctor, progress=lambda done, of: told.append((done, of)))

        assert client.stored == total == told[-1][0] == told[-1][1]
        assert ehr.is_filled(client, seed=SEED, today=TODAY)
        _check_held(client, one_doctor)
        ehr.fill(client, one_doctor, progress=no_progress)
        assert client.stored == total, "a second time stores nothing"
        with pytest.raises(ehr.EhrHoldsAnotherDemo, match="make reset"):
            ehr.is_filled(client, seed=SEED + 1, today=TODAY)


def _check_held(client: FhirClient, dataset: Dataset) -> None:
    """The EHR agrees with the dataset on slots and visits, the versions included."""
    busy = next(slot for slot in dataset.slots if slot.status is SlotStatus.BUSY)
    free = next(slot for slot in dataset.slots if slot.status is SlotStatus.FREE)
    for slot in (busy, free):
        body = client.read(f"Slot/{slot.ehr_id}").body
        assert body is not None
        assert read_slot(body, source="here").status is slot.status
    visit = next(v for v in dataset.visits if v.slot == busy.ehr_id)
    held = read_ehr_appointment(client.read(f"Appointment/{visit.ehr_id}").body)
    assert (held.status, held.slot_id, held.version) == (
        AppointmentStatus.BOOKED,
        busy.ehr_id,
        "1",
    )


def test_goes_on_where_it_stopped(one_doctor: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ehr, "CHUNK", 100)
    with run_practice_ehr() as fresh, client_of(fresh) as client:

        def break_off(done: int, _of: int) -> None:
            if done >= 300:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            ehr.fill(client, one_doctor, progress=break_off)
        assert client.stored == 300
        assert not ehr.is_filled(client, seed=SEED, today=TODAY)

        total = ehr.fill(client, one_doctor, progress=no_progress)

        assert client.stored == total, "what was in is not sent again"
        assert ehr.is_filled(client, seed=SEED, today=TODAY)


def test_says_what_to_do_when_nobody_answers(
    one_doctor: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings.FIRSTCALL, "ehr_base_url", "http://127.0.0.1:9/fhir")
    monkeypatch.setattr(settings.FIRSTCALL, "ehr_token", SecretStr("any"))
    with (
        closing(ehr.ehr_client()) as client,
        pytest.raises(ehr.EhrLoadFailed, match=r"127\.0\.0\.1:9.*load_demo"),
    ):
        ehr.fill(client, one_doctor, progress=no_progress)
