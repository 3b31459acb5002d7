"""The practice EHR over HTTP. Reading, creating and updating, and who may."""

from __future__ import annotations

import json
import threading

import httpx
import pytest

from tests.integrations.ehr_kit import ids, key, outcome, visit
from tests.integrations.ehr_server import EhrServer


def test_creates_under_an_id_of_its_own_and_reads_it(vendor: httpx.Client) -> None:
    body = {"resourceType": "Patient", "id": "mine", "name": [{"family": "Núñez"}]}

    created = vendor.post("/fhir/Patient", json=body)

    assert created.status_code == 201
    stored = created.json()
    assert stored["id"] != "mine"
    assert stored["meta"]["versionId"] == "1"
    assert created.headers["ETag"] == 'W/"1"'
    assert created.headers["Location"].endswith(f"/fhir/Patient/{stored['id']}/_history/1")
    assert vendor.get(f"/fhir/Patient/{stored['id']}").json() == stored
    assert stored["name"] == [{"family": "Núñez"}]


def test_answers_without_a_body_when_so_preferred(vendor: httpx.Client) -> None:
    created = vendor.post(
        "/fhir/Patient", json={"resourceType": "Patient"}, headers={"Prefer": "return=minimal"}
    )

    assert (created.status_code, created.content) == (201, b"")
    assert "/fhir/Patient/" in created.headers["Location"]


def test_each_update_is_a_new_version(vendor: httpx.Client) -> None:
    body = {"resourceType": "Location", "id": key(), "name": "North"}
    url = f"/fhir/Location/{body['id']}"

    assert vendor.put(url, json=body).status_code == 201
    again = vendor.put(url, json={**body, "name": "South"})

    assert again.status_code == 200
    assert again.json()["meta"]["versionId"] == "2"
    assert vendor.get(url).json()["name"] == "South"


def test_refuses_an_outdated_if_match_and_changes_nothing(vendor: httpx.Client) -> None:
    body = {"resourceType": "Location", "id": key(), "name": "North"}
    url = f"/fhir/Location/{body['id']}"
    vendor.put(url, json=body)
    vendor.put(url, json={**body, "name": "South"}, headers={"If-Match": 'W/"1"'})

    stale = vendor.put(url, json={**body, "name": "East"}, headers={"If-Match": 'W/"1"'})

    outcome(stale, 412)
    assert vendor.get(url).json()["name"] == "South"
    outcome(vendor.put(url, json=body, headers={"If-Match": "new"}), 400)


def test_can_be_one_that_ignores_if_match(vendor: httpx.Client, practice_ehr: EhrServer) -> None:
    practice_ehr.set_switches(honors_if_match=False)
    body = {"resourceType": "Location", "id": key()}
    url = f"/fhir/Location/{body['id']}"
    vendor.put(url, json=body)

    assert vendor.put(url, json=body, headers={"If-Match": 'W/"9"'}).status_code == 200


def test_if_none_exist_returns_what_is_there(vendor: httpx.Client) -> None:
    value = key()
    body = {"resourceType": "Patient", "identifier": [{"system": "urn:mrn", "value": value}]}
    condition = {"If-None-Exist": f"identifier=urn:mrn|{value}"}

    first = vendor.post("/fhir/Patient", json=body, headers=condition)
    second = vendor.post("/fhir/Patient", json=body, headers=condition)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()
    outcome(vendor.post("/fhir/Patient", json=body, headers={"If-None-Exist": "name=x"}), 400)


def test_if_none_exist_refuses_to_choose_between_several(vendor: httpx.Client) -> None:
    value = key()
    body = {"resourceType": "Patient", "identifier": [{"system": "urn:mrn", "value": value}]}
    vendor.post("/fhir/Patient", json=body)
    vendor.post("/fhir/Patient", json=body)

    condition = {"If-None-Exist": f"identifier=urn:mrn|{value}"}
    outcome(vendor.post("/fhir/Patient", json=body, headers=condition), 412)


def test_many_conditional_creates_at_once_make_one(practice_ehr: EhrServer) -> None:
    value = key()
    body = {"resourceType": "Patient", "identifier": [{"system": "urn:mrn", "value": value}]}
    start = threading.Barrier(6)
    made: list[int] = []

    def create() -> None:
        with practice_ehr.http() as client:
            start.wait()
            condition = {"If-None-Exist": f"identifier=urn:mrn|{value}"}
            made.append(client.post("/fhir/Patient", json=body, headers=condition).status_code)

    threads = [threading.Thread(target=create) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(made) == [200] * 5 + [201]


def test_can_be_one_that_ignores_if_none_exist(
    vendor: httpx.Client, practice_ehr: EhrServer
) -> None:
    practice_ehr.set_switches(honors_if_none_exist=False)
    value = key()
    body = {"resourceType": "Patient", "identifier": [{"system": "urn:mrn", "value": value}]}
    condition = {"If-None-Exist": f"identifier=urn:mrn|{value}"}

    first = vendor.post("/fhir/Patient", json=body, headers=condition)
    second = vendor.post("/fhir/Patient", json=body, headers=condition)

    assert (first.status_code, second.status_code) == (201, 201)
    assert len(ids(vendor.get("/fhir/Patient", params={"identifier": f"urn:mrn|{value}"}))) == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"\xff", 400),
        (b"[" * 50_000, 400),
        (json.dumps({"resourceType": "Patient"}).encode(), 400),
        (json.dumps(visit(status="someday")).encode(), 422),
        (json.dumps(visit(status=["booked"])).encode(), 422),
        (json.dumps(visit(participant=[])).encode(), 422),
        (json.dumps(visit(start=None)).encode(), 422),
        (json.dumps(visit(end="2031-03-04T15:00:00Z")).encode(), 422),
        (json.dumps(visit(start="2031-03-04")).encode(), 422),
        (json.dumps(visit(start="0001-01-01T00:00:00+14:00")).encode(), 422),
        (json.dumps(visit(meta="x")).encode(), 400),
        (json.dumps(visit(comment="a\x00b")).encode(), 400),
        (json.dumps(visit(patient="stranger")).encode(), 422),
        (json.dumps(visit("no-such-slot")).encode(), 422),
    ],
)
def test_refuses_a_visit_that_makes_no_sense(
    vendor: httpx.Client, body: bytes, status: int
) -> None:
    before = vendor.get("/fhir/Appointment?_count=0").json()["total"]

    outcome(vendor.post("/fhir/Appointment", content=body), status)

    assert vendor.get("/fhir/Appointment?_count=0").json()["total"] == before


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/fhir/Patient/nobody", 404),
        ("GET", "/fhir/Observation", 404),
        ("GET", "/fhir/Observation/1", 404),
        ("POST", "/fhir/Observation", 404),
        ("DELETE", "/fhir/Patient/p-1", 405),
        ("PATCH", "/fhir/Patient/p-1", 405),
        ("PUT", "/fhir/Patient", 405),
        ("GET", "/fhir", 405),
        ("POST", "/fhir/metadata", 405),
        ("POST", "/practice/switches", 405),
        ("GET", "/practice/slots/1/take", 405),
        ("POST", "/practice/slots/nowhere/take", 404),
        ("GET", "/fhir/Patient/a%00b", 400),
    ],
)
def test_refuses_what_it_does_not_do(
    vendor: httpx.Client, method: str, path: str, status: int
) -> None:
    outcome(vendor.request(method, path, json={} if method != "GET" else None), status)


@pytest.mark.parametrize("path", ["/fhir/Patient/p-1", "/fhir/Slot", "/practice/switches"])
@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Basic a-token-for-tests"])
def test_answers_nobody_without_the_token(
    practice_ehr: EhrServer, path: str, header: str | None
) -> None:
    headers = {"Authorization": header} if header else {}

    response = httpx.get(f"{practice_ehr.url}{path}", headers=headers, trust_env=False)

    outcome(response, 401)
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_token_is_needed_to_change_anything(
    practice_ehr: EhrServer, vendor: httpx.Client
) -> None:
    before = vendor.get("/practice/switches").json()

    response = httpx.put(
        f"{practice_ehr.url}/practice/switches", json={"slow_ms": 500}, trust_env=False
    )

    outcome(response, 401)
    assert vendor.get("/practice/switches").json() == before
