"""The practice EHR over HTTP. Search and its pages."""

from __future__ import annotations

import uuid

import httpx
import pytest

from tests.integrations.ehr_kit import ids, key, new_slot, outcome, slot, visit
from tests.integrations.ehr_server import EhrServer


def test_searches_visits_by_whom_and_what_they_are_about(vendor: httpx.Client) -> None:
    value, slot_id = key(), new_slot(vendor)
    identifier = [{"system": "urn:firstcall:appointment", "value": value}]
    found = vendor.post("/fhir/Appointment", json=visit(slot_id, identifier=identifier)).json()[
        "id"
    ]

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
        assert ids(vendor.get("/fhir/Appointment", params=query)) == [found], query
    for query in (
        {"identifier": f"urn:other|{value}"},
        {"slot": slot_id, "patient": "p-2"},
        {"slot": slot_id, "status": "cancelled"},
        {"slot": slot_id, "date": "gt2031-03-04"},
        {"slot": slot_id, "date": "lt2031-03-04"},
        {"slot": slot_id, "date": "2031-03-04T15:00:01Z"},
        {"slot": slot_id, "_lastUpdated": "lt2020-01-01"},
    ):
        assert ids(vendor.get("/fhir/Appointment", params=query)) == [], query


def test_searches_slots_by_schedule_status_and_start(
    vendor: httpx.Client, practice_ehr: EhrServer
) -> None:
    schedule = {"reference": f"Schedule/{key()}"}
    days = ["2031-05-01", "2031-05-02", "2031-05-03"]
    slots = [{**slot(day=day), "schedule": schedule} for day in days]
    slots[1]["status"] = "busy"
    practice_ehr.put(*slots)

    query = {"schedule": schedule["reference"], "status": "free", "start": "ge2031-05-01"}
    found = ids(vendor.get("/fhir/Slot", params=query))
    assert sorted(found) == sorted([slots[0]["id"], slots[2]["id"]])

    two = {"schedule": schedule["reference"], "start": ["ge2031-05-02", "lt2031-05-03"]}
    assert ids(vendor.get("/fhir/Slot", params=two)) == [slots[1]["id"]]


def test_searches_patients_by_phone_and_birth_date(vendor: httpx.Client) -> None:
    phone = str(uuid.uuid4().int)[:10]
    body = {
        "resourceType": "Patient",
        "birthDate": "1974-12-25",
        "telecom": [{"system": "phone", "value": f"{phone[:3]}-{phone[3:]}"}, {"system": "email"}],
    }
    found = vendor.post("/fhir/Patient", json=body).json()["id"]

    assert ids(vendor.get("/fhir/Patient", params={"phone": phone})) == [found]
    both = {"phone": phone, "birthdate": "1974-12-25"}
    assert ids(vendor.get("/fhir/Patient", params=both)) == [found]
    assert ids(vendor.get("/fhir/Patient", params={**both, "birthdate": "1974-12-24"})) == []


def test_pages_by_links_and_misses_nothing(vendor: httpx.Client, practice_ehr: EhrServer) -> None:
    schedule = {"reference": f"Schedule/{key()}"}
    slots = [{**slot(), "schedule": schedule} for _ in range(7)]
    practice_ehr.put(*slots)
    seen: list[str] = []
    url: str | None = f"/fhir/Slot?schedule={schedule['reference']}&_count=3"
    sizes = []

    while url:
        page = vendor.get(url).json()
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
def test_refuses_a_search_that_it_cannot_do(vendor: httpx.Client, query: str) -> None:
    outcome(vendor.get(f"/fhir/Appointment?{query}"), 400)
