"""Resources to send to the practice EHR, and what to look for in its answers."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import httpx

from tests.integrations.ehr_server import EhrServer

Json = dict[str, Any]


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


def post_bundle(http: httpx.Client, kind: str, *entries: Json) -> httpx.Response:
    bundle = {"resourceType": "Bundle", "type": kind, "entry": list(entries)}
    return http.post("/fhir", json=bundle)


def put(resource: Json) -> Json:
    url = f"{resource['resourceType']}/{resource['id']}"
    return {"resource": resource, "request": {"method": "PUT", "url": url}}


def post(resource: Json, **request: str) -> Json:
    request = {"method": "POST", "url": str(resource["resourceType"]), **request}
    return {"fullUrl": f"urn:uuid:{uuid.uuid4()}", "resource": resource, "request": request}


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
