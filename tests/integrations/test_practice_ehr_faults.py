"""The practice EHR over HTTP. How the practice EHR misbehaves when told so."""

from __future__ import annotations

import json
import time

import httpx
import pytest

from tests.integrations.ehr_kit import Json, ids, key, new_slot, outcome, visit


def test_refuses_the_next_bookings_and_then_works_again(vendor: httpx.Client) -> None:
    vendor.put("/practice/switches", json={"refuse_next": 2, "refuse_status": 429})
    slot_id = new_slot(vendor)

    first, second, third = (vendor.post("/fhir/Appointment", json=visit(slot_id)) for _ in range(3))

    outcome(first, 429)
    assert outcome(second, 429)["code"] == "throttled"
    assert second.headers["Retry-After"] == "2"
    assert third.status_code == 201
    assert vendor.get("/practice/switches").json()["refuse_next"] == 0


def test_commits_and_then_never_answers_in_time(vendor: httpx.Client) -> None:
    vendor.put("/practice/switches", json={"drop_next": 1, "hold_ms": 2500})
    value, slot_id = key(), new_slot(vendor)
    body = visit(slot_id, identifier=[{"system": "urn:x", "value": value}])

    with pytest.raises(httpx.ReadTimeout):
        vendor.post("/fhir/Appointment", json=body, timeout=1.5)

    assert len(ids(vendor.get("/fhir/Appointment", params={"identifier": f"urn:x|{value}"}))) == 1
    patient = vendor.post("/fhir/Appointment", json=visit(new_slot(vendor)), timeout=10)
    assert patient.status_code == 201


def test_a_patient_client_gets_a_gateway_time_out(vendor: httpx.Client) -> None:
    vendor.put("/practice/switches", json={"drop_next": 1, "hold_ms": 100})
    response = vendor.post("/fhir/Appointment", json=visit(new_slot(vendor)))
    assert response.status_code == 504


def test_garbles_the_next_answer(vendor: httpx.Client) -> None:
    vendor.put("/practice/switches", json={"garble_next": 1})

    response = vendor.post("/fhir/Appointment", json=visit(new_slot(vendor)))

    assert response.status_code == 201
    with pytest.raises(json.JSONDecodeError):
        response.json()
    assert (
        vendor.post("/fhir/Appointment", json=visit(new_slot(vendor))).json()["status"] == "booked"
    )


def test_is_slow_when_told_so(vendor: httpx.Client) -> None:
    vendor.put("/practice/switches", json={"slow_ms": 300})
    started = time.monotonic()
    vendor.get("/fhir/Patient/p-1").raise_for_status()
    assert time.monotonic() - started >= 0.3


def test_one_request_can_bring_its_own_faults(vendor: httpx.Client) -> None:
    def read(faults: str) -> httpx.Response:
        return vendor.get("/fhir/Patient/p-1", headers={"X-Practice-Faults": faults})

    started = time.monotonic()
    whole = vendor.get("/fhir/Patient/p-1").content
    outcome(read("refuse=503"), 503)
    assert read("garble").content == whole[: len(whole) // 2]
    assert read("drop=10").status_code == 504
    assert read("drip=1").content == whole
    assert time.monotonic() - started < 10
    outcome(read("refuse=418"), 400)
    outcome(read("explode"), 400)
    outcome(read("slow=-1"), 400)


@pytest.mark.parametrize(
    "wanted",
    [
        {"speed": 1},
        {"slow_ms": "fast"},
        {"slow_ms": True},
        {"slow_ms": -1},
        {"slow_ms": 10**9},
        {"refuse_status": 418},
        {"honors_if_match": 1},
        {"refuse_next": 1, "speed": 1},
    ],
)
def test_refuses_a_switch_that_makes_no_sense(vendor: httpx.Client, wanted: Json) -> None:
    before = vendor.get("/practice/switches").json()

    outcome(vendor.put("/practice/switches", json=wanted), 422)

    assert vendor.get("/practice/switches").json() == before
