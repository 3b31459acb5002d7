"""The practice EHR as a vendor's FHIR server: everything over HTTP, against its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import pytest

from tests.integrations.ehr_server import ROOT, EhrServer, run_practice_ehr, scratch_database

SYNTHEA = Path(__file__).resolve().parents[3] / "shared" / "data" / "fhir" / "synthea"
Json = dict[str, Any]


@pytest.fixture
def http(practice_ehr: EhrServer) -> Iterator[httpx.Client]:
    practice_ehr.calm()
    practice_ehr.put(
        {"resourceType": "Patient", "id": "p-1"},
        {"resourceType": "Patient", "id": "p-2"},
        {"resourceType": "Practitioner", "id": "d-1"},
    )
    with practice_ehr.http() as client:
        yield client
    practice_ehr.calm()


def key() -> str:
    return uuid.uuid4().hex


def slot(slot_id: str = "", status: str = "free", day: str = "2031-03-04") -> Json:
    return {
        "resourceType": "Slot",
        "id": slot_id or key(),
        "schedule": {"reference": "Schedule/s-1"},
        "status": status,
        "start": f"{day}T15:00:00Z",
        "end": f"{day}T15:30:00Z",
    }


def visit(slot_id: str = "", patient: str = "p-1", **changes: Any) -> Json:
    body: Json = {
        "resourceType": "Appointment",
        "status": "booked",
        "start": "2031-03-04T15:00:00Z",
        "end": "2031-03-04T15:30:00Z",
        "participant": [
            {"actor": {"reference": f"Patient/{patient}"}, "status": "accepted"},
            {"actor": {"reference": "Practitioner/d-1"}, "status": "accepted"},
        ],
    }
    if slot_id:
        body["slot"] = [{"reference": f"Slot/{slot_id}"}]
    return {**body, **changes}


def new_slot(http: httpx.Client) -> str:
    body = slot()
    http.put(f"/fhir/Slot/{body['id']}", json=body).raise_for_status()
    return str(body["id"])


def slot_status(http: httpx.Client, slot_id: str) -> str:
    return str(http.get(f"/fhir/Slot/{slot_id}").json()["status"])


def outcome(response: httpx.Response, status: int) -> Json:
    """The one issue of the OperationOutcome that a refusal comes with."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/fhir+json"
    body = response.json()
    assert body["resourceType"] == "OperationOutcome"
    (issue,) = body["issue"]
    assert issue["severity"] == "error"
    assert issue["diagnostics"]
    return dict(issue)


def ids(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [entry["resource"]["id"] for entry in response.json().get("entry", [])]


# --- read, create, update ------------------------------------------------------------


def test_creates_under_an_id_of_its_own_and_reads_it(http: httpx.Client) -> None:
    body = {"resourceType": "Patient", "id": "mine", "name": [{"family": "Núñez"}]}

    created = http.post("/fhir/Patient", json=body)

    assert created.status_code == 201
    stored = created.json()
    assert stored["id"] != "mine"
    assert stored["meta"]["versionId"] == "1"
    assert created.headers["ETag"] == 'W/"1"'
    assert created.headers["Location"].endswith(f"/fhir/Patient/{stored['id']}/_history/1")
    assert http.get(f"/fhir/Patient/{stored['id']}").json() == stored
    assert stored["name"] == [{"family": "Núñez"}]


def test_answers_without_a_body_when_so_preferred(http: httpx.Client) -> None:
    created = http.post(
        "/fhir/Patient", json={"resourceType": "Patient"}, headers={"Prefer": "return=minimal"}
    )

    assert (created.status_code, created.content) == (201, b"")
    assert "/fhir/Patient/" in created.headers["Location"]


def test_each_update_is_a_new_version(http: httpx.Client) -> None:
    body = {"resourceType": "Location", "id": key(), "name": "North"}
    url = f"/fhir/Location/{body['id']}"

    assert http.put(url, json=body).status_code == 201
    again = http.put(url, json={**body, "name": "South"})

    assert again.status_code == 200
    assert again.json()["meta"]["versionId"] == "2"
    assert http.get(url).json()["name"] == "South"


def test_refuses_an_outdated_if_match_and_changes_nothing(http: httpx.Client) -> None:
    body = {"resourceType": "Location", "id": key(), "name": "North"}
    url = f"/fhir/Location/{body['id']}"
    http.put(url, json=body)
    http.put(url, json={**body, "name": "South"}, headers={"If-Match": 'W/"1"'})

    stale = http.put(url, json={**body, "name": "East"}, headers={"If-Match": 'W/"1"'})

    outcome(stale, 412)
    assert http.get(url).json()["name"] == "South"
    outcome(http.put(url, json=body, headers={"If-Match": "new"}), 400)


def test_can_be_one_that_ignores_if_match(http: httpx.Client, practice_ehr: EhrServer) -> None:
    practice_ehr.set_switches(honors_if_match=False)
    body = {"resourceType": "Location", "id": key()}
    url = f"/fhir/Location/{body['id']}"
    http.put(url, json=body)

    assert http.put(url, json=body, headers={"If-Match": 'W/"9"'}).status_code == 200


def test_if_none_exist_returns_what_is_there(http: httpx.Client) -> None:
    value = key()
    body = {"resourceType": "Patient", "identifier": [{"system": "urn:mrn", "value": value}]}
    condition = {"If-None-Exist": f"identifier=urn:mrn|{value}"}

    first = http.post("/fhir/Patient", json=body, headers=condition)
    second = http.post("/fhir/Patient", json=body, headers=condition)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()
    outcome(http.post("/fhir/Patient", json=body, headers={"If-None-Exist": "name=x"}), 400)


def test_if_none_exist_refuses_to_choose_between_several(http: httpx.Client) -> None:
    value = key()
    body = {"resourceType": "Patient", "identifier": [{"system": "urn:mrn", "value": value}]}
    http.post("/fhir/Patient", json=body)
    http.post("/fhir/Patient", json=body)

    condition = {"If-None-Exist": f"identifier=urn:mrn|{value}"}
    outcome(http.post("/fhir/Patient", json=body, headers=condition), 412)


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


def test_can_be_one_that_ignores_if_none_exist(http: httpx.Client, practice_ehr: EhrServer) -> None:
    practice_ehr.set_switches(honors_if_none_exist=False)
    value = key()
    body = {"resourceType": "Patient", "identifier": [{"system": "urn:mrn", "value": value}]}
    condition = {"If-None-Exist": f"identifier=urn:mrn|{value}"}

    first = http.post("/fhir/Patient", json=body, headers=condition)
    second = http.post("/fhir/Patient", json=body, headers=condition)

    assert (first.status_code, second.status_code) == (201, 201)
    assert len(ids(http.get("/fhir/Patient", params={"identifier": f"urn:mrn|{value}"}))) == 2


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
def test_refuses_a_visit_that_makes_no_sense(http: httpx.Client, body: bytes, status: int) -> None:
    before = http.get("/fhir/Appointment?_count=0").json()["total"]

    outcome(http.post("/fhir/Appointment", content=body), status)

    assert http.get("/fhir/Appointment?_count=0").json()["total"] == before


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
    http: httpx.Client, method: str, path: str, status: int
) -> None:
    outcome(http.request(method, path, json={} if method != "GET" else None), status)


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
    practice_ehr: EhrServer, http: httpx.Client
) -> None:
    before = http.get("/practice/switches").json()

    response = httpx.put(
        f"{practice_ehr.url}/practice/switches", json={"slow_ms": 500}, trust_env=False
    )

    outcome(response, 401)
    assert http.get("/practice/switches").json() == before


# --- visits and their slots ----------------------------------------------------------


def test_a_booking_takes_its_slot_and_a_second_one_is_refused(http: httpx.Client) -> None:
    slot_id = new_slot(http)

    booked = http.post("/fhir/Appointment", json=visit(slot_id))
    second = http.post("/fhir/Appointment", json=visit(slot_id, patient="p-2"))

    assert booked.status_code == 201
    assert outcome(second, 409)["code"] == "conflict"
    assert slot_status(http, slot_id) == "busy"
    assert ids(http.get(f"/fhir/Appointment?slot={slot_id}")) == [booked.json()["id"]]


@pytest.mark.parametrize("status", ["proposed", "waitlist", "cancelled"])
def test_a_visit_that_is_not_booked_takes_no_slot(http: httpx.Client, status: str) -> None:
    slot_id = new_slot(http)
    http.post("/fhir/Appointment", json=visit(slot_id, status=status)).raise_for_status()
    assert slot_status(http, slot_id) == "free"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("cancelled", "free"),
        ("entered-in-error", "free"),
        ("arrived", "busy"),
        ("noshow", "busy"),
        ("fulfilled", "busy"),
    ],
)
def test_only_giving_a_visit_up_frees_its_slot(
    http: httpx.Client, status: str, expected: str
) -> None:
    slot_id = new_slot(http)
    body = http.post("/fhir/Appointment", json=visit(slot_id)).json()

    http.put(f"/fhir/Appointment/{body['id']}", json={**body, "status": status}).raise_for_status()

    assert slot_status(http, slot_id) == expected


def test_moving_a_visit_takes_the_new_slot_and_frees_the_old(http: httpx.Client) -> None:
    old, new = new_slot(http), new_slot(http)
    body = http.post("/fhir/Appointment", json=visit(old)).json()

    moved = {**body, "slot": [{"reference": f"Slot/{new}"}]}
    http.put(f"/fhir/Appointment/{body['id']}", json=moved).raise_for_status()

    assert (slot_status(http, old), slot_status(http, new)) == ("free", "busy")


def test_moving_into_a_taken_slot_is_refused_and_changes_nothing(http: httpx.Client) -> None:
    old, taken = new_slot(http), new_slot(http)
    body = http.post("/fhir/Appointment", json=visit(old)).json()
    http.post("/fhir/Appointment", json=visit(taken, patient="p-2")).raise_for_status()

    moved = {**body, "slot": [{"reference": f"Slot/{taken}"}]}
    outcome(http.put(f"/fhir/Appointment/{body['id']}", json=moved), 409)

    assert (slot_status(http, old), slot_status(http, taken)) == ("busy", "busy")
    assert http.get(f"/fhir/Appointment/{body['id']}").json() == body


def test_taking_a_cancellation_back_takes_the_slot_again(http: httpx.Client) -> None:
    slot_id = new_slot(http)
    body = http.post("/fhir/Appointment", json=visit(slot_id)).json()
    url = f"/fhir/Appointment/{body['id']}"
    http.put(url, json={**body, "status": "cancelled"}).raise_for_status()

    http.put(url, json=body).raise_for_status()
    assert slot_status(http, slot_id) == "busy"

    http.put(url, json={**body, "status": "cancelled"}).raise_for_status()
    http.post("/fhir/Appointment", json=visit(slot_id, patient="p-2")).raise_for_status()
    outcome(http.put(url, json=body), 409)


def test_an_overbooked_slot_is_free_when_the_last_visit_is_gone(
    http: httpx.Client, practice_ehr: EhrServer
) -> None:
    slot_id = new_slot(http)
    first, second = visit(slot_id, id=key()), visit(slot_id, patient="p-2", id=key())
    practice_ehr.put(first, second)  # as the clinic's own desk overbooks
    assert slot_status(http, slot_id) == "busy"

    http.put(f"/fhir/Appointment/{first['id']}", json={**first, "status": "cancelled"})
    assert slot_status(http, slot_id) == "busy"
    http.put(f"/fhir/Appointment/{second['id']}", json={**second, "status": "cancelled"})
    assert slot_status(http, slot_id) == "free"


def test_two_visits_given_up_at_once_leave_their_slot_free(
    http: httpx.Client, practice_ehr: EhrServer
) -> None:
    for _ in range(10):
        slot_id = new_slot(http)
        visits = [visit(slot_id, id=key()), visit(slot_id, patient="p-2", id=key())]
        practice_ehr.put(*visits)
        together(practice_ehr, [{**each, "status": "cancelled"} for each in visits])
        assert slot_status(http, slot_id) == "free"


def together(practice_ehr: EhrServer, visits: list[Json]) -> None:
    """PUT these visits at the same moment."""
    start = threading.Barrier(len(visits))

    def change(body: Json) -> None:
        with practice_ehr.http() as client:
            client.get("/healthz")  # the connection is there before the start
            start.wait()
            client.put(f"/fhir/Appointment/{body['id']}", json=body)

    threads = [threading.Thread(target=change, args=(body,)) for body in visits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_visit_must_start_within_its_slot(http: httpx.Client) -> None:
    slot_id = new_slot(http)
    late = visit(slot_id, start="2031-03-04T15:30:00Z", end="2031-03-04T16:00:00Z")

    outcome(http.post("/fhir/Appointment", json=late), 422)

    assert slot_status(http, slot_id) == "free"


def test_one_of_many_bookings_at_once_gets_the_slot(
    http: httpx.Client, practice_ehr: EhrServer
) -> None:
    slot_id = new_slot(http)
    start = threading.Barrier(8)
    codes: list[int] = []

    def book() -> None:
        with practice_ehr.http() as client:
            start.wait()
            codes.append(client.post("/fhir/Appointment", json=visit(slot_id)).status_code)

    threads = [threading.Thread(target=book) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(codes) == [201] + [409] * 7
    assert len(ids(http.get(f"/fhir/Appointment?slot={slot_id}"))) == 1


def test_a_slot_can_be_taken_behind_our_back(http: httpx.Client) -> None:
    slot_id = new_slot(http)

    taken = http.post(f"/practice/slots/{slot_id}/take")

    assert taken.json()["status"] == "busy"
    assert taken.json()["meta"]["versionId"] == "2"
    outcome(http.post(f"/practice/slots/{slot_id}/take"), 409)
    outcome(http.post("/fhir/Appointment", json=visit(slot_id)), 409)


# --- search --------------------------------------------------------------------------


def test_searches_visits_by_whom_and_what_they_are_about(http: httpx.Client) -> None:
    value, slot_id = key(), new_slot(http)
    identifier = [{"system": "urn:firstcall:appointment", "value": value}]
    found = http.post("/fhir/Appointment", json=visit(slot_id, identifier=identifier)).json()["id"]

    for query in (
        {"identifier": f"urn:firstcall:appointment|{value}"},
        {"identifier": value},
        {"slot": slot_id, "patient": "p-1"},
        {"slot": f"Slot/{slot_id}", "patient": "Patient/p-1", "status": "booked"},
        {"slot": slot_id, "actor": "Practitioner/d-1"},
        {"slot": slot_id, "practitioner": "d-1", "status": "cancelled,booked"},
        {"slot": slot_id, "date": "2031-03-04"},
        {"slot": slot_id, "date": "2031-03-04T15:00:00Z"},
        {"slot": slot_id, "date": "ge2031-03-04"},
        {"slot": slot_id, "date": "le2031-03-04"},
        {"_id": found},
    ):
        assert ids(http.get("/fhir/Appointment", params=query)) == [found], query
    for query in (
        {"identifier": f"urn:other|{value}"},
        {"slot": slot_id, "patient": "p-2"},
        {"slot": slot_id, "status": "cancelled"},
        {"slot": slot_id, "date": "gt2031-03-04"},
        {"slot": slot_id, "date": "lt2031-03-04"},
        {"slot": slot_id, "date": "2031-03-04T15:00:01Z"},
        {"slot": slot_id, "_lastUpdated": "lt2020-01-01"},
    ):
        assert ids(http.get("/fhir/Appointment", params=query)) == [], query


def test_searches_slots_by_schedule_status_and_start(
    http: httpx.Client, practice_ehr: EhrServer
) -> None:
    schedule = {"reference": f"Schedule/{key()}"}
    days = ["2031-05-01", "2031-05-02", "2031-05-03"]
    slots = [{**slot(day=day), "schedule": schedule} for day in days]
    slots[1]["status"] = "busy"
    practice_ehr.put(*slots)

    query = {"schedule": schedule["reference"], "status": "free", "start": "ge2031-05-01"}
    found = ids(http.get("/fhir/Slot", params=query))
    assert sorted(found) == sorted([slots[0]["id"], slots[2]["id"]])

    two = {"schedule": schedule["reference"], "start": ["ge2031-05-02", "lt2031-05-03"]}
    assert ids(http.get("/fhir/Slot", params=two)) == [slots[1]["id"]]


def test_searches_patients_by_phone_and_birth_date(http: httpx.Client) -> None:
    phone = str(uuid.uuid4().int)[:10]
    body = {
        "resourceType": "Patient",
        "birthDate": "1974-12-25",
        "telecom": [{"system": "phone", "value": f"{phone[:3]}-{phone[3:]}"}, {"system": "email"}],
    }
    found = http.post("/fhir/Patient", json=body).json()["id"]

    assert ids(http.get("/fhir/Patient", params={"phone": phone})) == [found]
    both = {"phone": phone, "birthdate": "1974-12-25"}
    assert ids(http.get("/fhir/Patient", params=both)) == [found]
    assert ids(http.get("/fhir/Patient", params={**both, "birthdate": "1974-12-24"})) == []


def test_pages_by_links_and_misses_nothing(http: httpx.Client, practice_ehr: EhrServer) -> None:
    schedule = {"reference": f"Schedule/{key()}"}
    slots = [{**slot(), "schedule": schedule} for _ in range(7)]
    practice_ehr.put(*slots)
    seen: list[str] = []
    url: str | None = f"/fhir/Slot?schedule={schedule['reference']}&_count=3"
    sizes = []

    while url:
        page = http.get(url).json()
        assert page["total"] == 7
        sizes.append(len(page["entry"]))
        seen += [entry["resource"]["id"] for entry in page["entry"]]
        url = next((link["url"] for link in page["link"] if link["relation"] == "next"), None)

    assert sizes == [3, 3, 1]
    assert sorted(seen) == sorted(each["id"] for each in slots)


@pytest.mark.parametrize(
    "query",
    [
        "name=x",
        "date=today",
        "date=2031-03-04T15",
        "date=2031-02-30",
        "actor=5",
        "patient=../../x",
        "_count=many",
        "_count=-1",
        "_after=99999999999999999999",
        "_include=Appointment:slot",
        "identifier=a%00b",
    ],
)
def test_refuses_a_search_that_it_cannot_do(http: httpx.Client, query: str) -> None:
    outcome(http.get(f"/fhir/Appointment?{query}"), 400)


# --- bundles -------------------------------------------------------------------------


def post_bundle(http: httpx.Client, kind: str, *entries: Json) -> httpx.Response:
    bundle = {"resourceType": "Bundle", "type": kind, "entry": list(entries)}
    return http.post("/fhir", json=bundle)


def put(resource: Json) -> Json:
    url = f"{resource['resourceType']}/{resource['id']}"
    return {"resource": resource, "request": {"method": "PUT", "url": url}}


def post(resource: Json, **request: str) -> Json:
    request = {"method": "POST", "url": str(resource["resourceType"]), **request}
    return {"fullUrl": f"urn:uuid:{uuid.uuid4()}", "resource": resource, "request": request}


def test_loads_thousands_of_entries_in_seconds(practice_ehr: EhrServer) -> None:
    slots = [slot() for _ in range(5000)]
    started = time.monotonic()

    with practice_ehr.http() as client:
        response = post_bundle(client, "transaction", *map(put, slots))

    assert response.status_code == 200
    answers = response.json()["entry"]
    assert {answer["response"]["status"] for answer in answers} == {"201 Created"}
    assert answers[7]["response"]["location"] == f"Slot/{slots[7]['id']}/_history/1"
    assert time.monotonic() - started < 20


def test_loading_the_same_again_keeps_the_versions(http: httpx.Client) -> None:
    same, changed = slot(), slot()
    post_bundle(http, "transaction", put(same), put(changed))

    again = post_bundle(http, "transaction", put(same), put({**changed, "comment": "New"}))

    etags = [answer["response"]["etag"] for answer in again.json()["entry"]]
    assert etags == ['W/"1"', 'W/"2"']
    assert {answer["response"]["status"] for answer in again.json()["entry"]} == {"200 OK"}


def test_a_loaded_visit_has_its_slot(http: httpx.Client) -> None:
    body = slot()

    post_bundle(http, "transaction", put(visit(body["id"], id=key())), put(body))
    assert slot_status(http, body["id"]) == "busy"

    post_bundle(http, "transaction", put(body))  # a schedule loaded again, behind the visit
    assert slot_status(http, body["id"]) == "busy"


def test_a_transaction_fails_whole(http: httpx.Client) -> None:
    fresh, taken = slot(), new_slot(http)
    http.post(f"/practice/slots/{taken}/take").raise_for_status()

    outcome(post_bundle(http, "transaction", put(fresh), post(visit(taken))), 409)

    assert http.get(f"/fhir/Slot/{fresh['id']}").status_code == 404


def test_each_entry_of_a_batch_stands_for_itself(http: httpx.Client) -> None:
    fresh, taken = slot(), new_slot(http)
    http.post(f"/practice/slots/{taken}/take").raise_for_status()
    odd = {"resource": {"resourceType": "Observation"}, "request": {"method": "PUT", "url": "X/1"}}

    response = post_bundle(http, "batch", put(fresh), odd, post(visit(taken)), {})

    answers = [answer["response"] for answer in response.json()["entry"]]
    assert [answer["status"] for answer in answers] == ["201 Created", "404", "409", "400"]
    assert answers[2]["outcome"]["resourceType"] == "OperationOutcome"
    assert http.get(f"/fhir/Slot/{fresh['id']}").status_code == 200


def test_a_transaction_links_what_it_creates(http: httpx.Client) -> None:
    patient, doctor = post({"resourceType": "Patient"}), post({"resourceType": "Practitioner"})
    body = visit()
    body["participant"][0]["actor"]["reference"] = patient["fullUrl"]
    body["participant"][1]["actor"]["reference"] = doctor["fullUrl"]

    response = post_bundle(http, "transaction", post(body), patient, doctor)

    links = [answer["response"]["location"] for answer in response.json()["entry"]]
    stored = http.get(f"/fhir/{links[0].partition('/_history')[0]}").json()
    actors = [each["actor"]["reference"] for each in stored["participant"]]
    assert actors == [link.partition("/_history")[0] for link in links[1:]]


def test_conditions_hold_within_a_bundle(http: httpx.Client) -> None:
    value, body = key(), slot()
    person = {"resourceType": "Patient", "identifier": [{"system": "urn:mrn", "value": value}]}
    condition = {"ifNoneExist": f"identifier=urn:mrn|{value}"}
    http.put(f"/fhir/Slot/{body['id']}", json=body).raise_for_status()
    stale = put(body)
    stale["request"]["ifMatch"] = 'W/"7"'

    response = post_bundle(
        http, "batch", post(person, **condition), post(person, **condition), stale
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
def test_refuses_a_bundle_that_makes_no_sense(http: httpx.Client, bundle: Json) -> None:
    outcome(http.post("/fhir", json=bundle), 400)
    assert http.get("/fhir/Slot/twice").status_code == 404


@pytest.mark.skipif(not SYNTHEA.is_dir(), reason=f"SKIPPED: no synthetic patients at {SYNTHEA}")
def test_takes_in_synthetic_patients(http: httpx.Client) -> None:
    entries = [
        entry
        for path in sorted(SYNTHEA.glob("*.json"))
        for entry in json.loads(path.read_text())["entry"]
        if entry["resource"]["resourceType"] in {"Patient", "Practitioner", "Location"}
    ]
    for entry in entries:
        entry["request"].pop("ifNoneExist", None)  # they ask by parameters beyond identifier

    response = post_bundle(http, "transaction", *entries)

    assert response.status_code == 200, response.text
    assert len(response.json()["entry"]) == len(entries)
    assert {answer["response"]["status"] for answer in response.json()["entry"]} == {"201 Created"}


# --- faults --------------------------------------------------------------------------


def test_refuses_the_next_bookings_and_then_works_again(http: httpx.Client) -> None:
    http.put("/practice/switches", json={"refuse_next": 2, "refuse_status": 429})
    slot_id = new_slot(http)

    first, second, third = (http.post("/fhir/Appointment", json=visit(slot_id)) for _ in range(3))

    outcome(first, 429)
    assert outcome(second, 429)["code"] == "throttled"
    assert second.headers["Retry-After"] == "2"
    assert third.status_code == 201
    assert http.get("/practice/switches").json()["refuse_next"] == 0


def test_commits_and_then_never_answers_in_time(http: httpx.Client) -> None:
    http.put("/practice/switches", json={"drop_next": 1, "hold_ms": 900})
    value, slot_id = key(), new_slot(http)
    body = visit(slot_id, identifier=[{"system": "urn:x", "value": value}])

    with pytest.raises(httpx.ReadTimeout):
        http.post("/fhir/Appointment", json=body, timeout=0.4)

    assert len(ids(http.get("/fhir/Appointment", params={"identifier": f"urn:x|{value}"}))) == 1
    patient = http.post("/fhir/Appointment", json=visit(new_slot(http)), timeout=10)
    assert patient.status_code == 201


def test_a_patient_client_gets_a_gateway_time_out(http: httpx.Client) -> None:
    http.put("/practice/switches", json={"drop_next": 1, "hold_ms": 100})
    response = http.post("/fhir/Appointment", json=visit(new_slot(http)))
    assert response.status_code == 504


def test_garbles_the_next_answer(http: httpx.Client) -> None:
    http.put("/practice/switches", json={"garble_next": 1})

    response = http.post("/fhir/Appointment", json=visit(new_slot(http)))

    assert response.status_code == 201
    with pytest.raises(json.JSONDecodeError):
        response.json()
    assert http.post("/fhir/Appointment", json=visit(new_slot(http))).json()["status"] == "booked"


def test_is_slow_when_told_so(http: httpx.Client) -> None:
    http.put("/practice/switches", json={"slow_ms": 300})
    started = time.monotonic()
    http.get("/fhir/Patient/p-1").raise_for_status()
    assert time.monotonic() - started >= 0.3


def test_one_request_can_bring_its_own_faults(http: httpx.Client) -> None:
    def read(faults: str) -> httpx.Response:
        return http.get("/fhir/Patient/p-1", headers={"X-Practice-Faults": faults})

    started = time.monotonic()
    whole = http.get("/fhir/Patient/p-1").content
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
def test_refuses_a_switch_that_makes_no_sense(http: httpx.Client, wanted: Json) -> None:
    before = http.get("/practice/switches").json()

    outcome(http.put("/practice/switches", json=wanted), 422)

    assert http.get("/practice/switches").json() == before


# --- the server itself ---------------------------------------------------------------


def test_states_what_it_can_do(practice_ehr: EhrServer) -> None:
    practice_ehr.calm()
    statement = httpx.get(f"{practice_ehr.fhir_url}/metadata", trust_env=False).json()

    assert statement["fhirVersion"] == "4.0.1"
    resources = {each["type"]: each for each in statement["rest"][0]["resource"]}
    assert len(resources) == 9
    names = [each["name"] for each in resources["Slot"]["searchParam"]]
    assert {"schedule", "status", "start", "_lastUpdated"} <= set(names)
    assert resources["Appointment"]["versioning"] == "versioned-update"
    practice_ehr.set_switches(honors_if_match=False)
    statement = httpx.get(f"{practice_ehr.fhir_url}/metadata", trust_env=False).json()
    assert statement["rest"][0]["resource"][0]["versioning"] == "versioned"


def test_shows_a_page_that_says_what_it_is(practice_ehr: EhrServer, http: httpx.Client) -> None:
    http.put("/practice/switches", json={"refuse_next": 7})

    page = httpx.get(f"{practice_ehr.url}/", trust_env=False)

    assert page.status_code == 200
    assert "Practice EHR" in page.text
    assert "<td><code>refuse_next</code></td>" in page.text
    assert '<td class="number">7</td>' in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert httpx.get(f"{practice_ehr.url}/home.css", trust_env=False).status_code == 200
    assert httpx.get(f"{practice_ehr.url}/healthz", trust_env=False).json() == {"status": "ok"}


def test_keeps_everything_in_a_schema_of_its_own(practice_ehr: EhrServer) -> None:
    connection = psycopg2.connect(practice_ehr.database_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT table_schema FROM information_schema.tables "
                "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
            )
            schemas = cursor.fetchall()
    finally:
        connection.close()
    assert schemas == [("practice_ehr",)]


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "integrations.practice_ehr.settings",
            "FIRSTCALL_DEMO": "1",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_migrates_twice_and_has_no_change_without_a_migration() -> None:
    with scratch_database() as url:
        assert manage("migrate", DATABASE_URL=url).returncode == 0
        again = manage("migrate", DATABASE_URL=url)
        drift = manage("makemigrations", "--check", "--dry-run", DATABASE_URL=url)
    assert "No migrations to apply" in again.stdout
    assert drift.returncode == 0, drift.stdout


def test_runs_in_demo_mode_only() -> None:
    secrets = {"SECRET_KEY": "s" * 50, "WEBHOOK_SECRET": "whsec_x", "EHR_TOKEN": "t"}

    ended = manage("check", FIRSTCALL_DEMO="0", **secrets)

    assert ended.returncode != 0
    assert "demo mode only" in ended.stderr


def test_two_servers_do_not_meet() -> None:
    with run_practice_ehr() as other, other.http() as client:
        assert client.get("/fhir/Patient?_count=0").json()["total"] == 0
