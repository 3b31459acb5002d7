"""The practice EHR over HTTP. Batches and transactions."""

from __future__ import annotations

import json
import time
from pathlib import Path

import httpx
import pytest

from tests.integrations.ehr_kit import (
    Json,
    key,
    new_slot,
    outcome,
    post,
    post_bundle,
    put,
    slot,
    slot_status,
    visit,
)
from tests.integrations.ehr_server import EhrServer

SYNTHEA = Path(__file__).resolve().parents[3] / "shared" / "data" / "fhir" / "synthea"


def test_loads_thousands_of_entries_in_seconds(practice_ehr: EhrServer) -> None:
    slots = [slot() for _ in range(5000)]
    started = time.monotonic()

    with practice_ehr.http() as client:
        response = post_bundle(client, "transaction", *map(put, slots))

    assert response.status_code == 200
    answers = response.json()["entry"]
    assert {answer["response"]["status"] for answer in answers} == {"201 Created"}
    assert answers[7]["response"]["location"] == f"Slot/{slots[7]['id']}/_history/1"
    assert time.monotonic() - started < 30


def test_loading_the_same_again_keeps_the_versions(vendor: httpx.Client) -> None:
    same, changed = slot(), slot()
    post_bundle(vendor, "transaction", put(same), put(changed))

    again = post_bundle(vendor, "transaction", put(same), put({**changed, "comment": "New"}))

    etags = [answer["response"]["etag"] for answer in again.json()["entry"]]
    assert etags == ['W/"1"', 'W/"2"']
    assert {answer["response"]["status"] for answer in again.json()["entry"]} == {"200 OK"}


def test_a_loaded_visit_has_its_slot(vendor: httpx.Client) -> None:
    body = slot()

    post_bundle(vendor, "transaction", put(visit(body["id"], id=key())), put(body))
    assert slot_status(vendor, body["id"]) == "busy"

    post_bundle(vendor, "transaction", put(body))  # a schedule loaded again, behind the visit
    assert slot_status(vendor, body["id"]) == "busy"


def test_a_transaction_fails_whole(vendor: httpx.Client) -> None:
    fresh, taken = slot(), new_slot(vendor)
    vendor.post(f"/practice/slots/{taken}/take").raise_for_status()

    outcome(post_bundle(vendor, "transaction", put(fresh), post(visit(taken))), 409)

    assert vendor.get(f"/fhir/Slot/{fresh['id']}").status_code == 404


def test_each_entry_of_a_batch_stands_for_itself(vendor: httpx.Client) -> None:
    fresh, taken = slot(), new_slot(vendor)
    vendor.post(f"/practice/slots/{taken}/take").raise_for_status()
    odd = {"resource": {"resourceType": "Observation"}, "request": {"method": "PUT", "url": "X/1"}}

    response = post_bundle(vendor, "batch", put(fresh), odd, post(visit(taken)), {})

    answers = [answer["response"] for answer in response.json()["entry"]]
    assert [answer["status"] for answer in answers] == ["201 Created", "404", "409", "400"]
    assert answers[2]["outcome"]["resourceType"] == "OperationOutcome"
    assert vendor.get(f"/fhir/Slot/{fresh['id']}").status_code == 200


def test_a_transaction_links_what_it_creates(vendor: httpx.Client) -> None:
    patient, doctor = post({"resourceType": "Patient"}), post({"resourceType": "Practitioner"})
    body = visit()
    body["participant"][0]["actor"]["reference"] = patient["fullUrl"]
    body["participant"][1]["actor"]["reference"] = doctor["fullUrl"]

    response = post_bundle(vendor, "transaction", post(body), patient, doctor)

    links = [answer["response"]["location"] for answer in response.json()["entry"]]
    stored = vendor.get(f"/fhir/{links[0].partition('/_history')[0]}").json()
    actors = [each["actor"]["reference"] for each in stored["participant"]]
    assert actors == [link.partition("/_history")[0] for link in links[1:]]


def test_conditions_hold_within_a_bundle(vendor: httpx.Client) -> None:
    value, body = key(), slot()
    person = {"resourceType": "Patient", "identifier": [{"system": "urn:mrn", "value": value}]}
    condition = {"ifNoneExist": f"identifier=urn:mrn|{value}"}
    vendor.put(f"/fhir/Slot/{body['id']}", json=body).raise_for_status()
    stale = put(body)
    stale["request"]["ifMatch"] = 'W/"7"'

    response = post_bundle(
        vendor, "batch", post(person, **condition), post(person, **condition), stale
    )

    statuses = [answer["response"]["status"] for answer in response.json()["entry"]]
    assert statuses == ["201 Created", "200 OK", "412"]


@pytest.mark.parametrize(
    "bundle",
    [
        {"resourceType": "Patient"},
        {"resourceType": "Bundle", "type": "history"},
        {"resourceType": "Bundle", "type": "transaction", "entry": {}},
        {"resourceType": "Bundle", "type": "transaction", "entry": ["x"]},
        {"resourceType": "Bundle", "type": "transaction", "entry": [{}]},
        {"resourceType": "Bundle", "type": "transaction", "entry": [put(slot("twice"))] * 2},
    ],
)
def test_refuses_a_bundle_that_makes_no_sense(vendor: httpx.Client, bundle: Json) -> None:
    outcome(vendor.post("/fhir", json=bundle), 400)
    assert vendor.get("/fhir/Slot/twice").status_code == 404


@pytest.mark.skipif(not SYNTHEA.is_dir(), reason=f"SKIPPED: no synthetic patients at {SYNTHEA}")
def test_takes_in_synthetic_patients(vendor: httpx.Client) -> None:
    entries = [
        entry
        for path in sorted(SYNTHEA.glob("*.json"))
        for entry in json.loads(path.read_text())["entry"]
        if entry["resource"]["resourceType"] in {"Patient", "Practitioner", "Location"}
    ]
    for entry in entries:
        entry["request"].pop("ifNoneExist", None)  # they ask by parameters beyond identifier

    response = post_bundle(vendor, "transaction", *entries)

    assert response.status_code == 200, response.text
    assert len(response.json()["entry"]) == len(entries)
    assert {answer["response"]["status"] for answer in response.json()["entry"]} == {"201 Created"}
