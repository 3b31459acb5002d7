"""The practice EHR over HTTP. A booking takes its slot, giving it up frees it."""

from __future__ import annotations

import threading

import httpx
import pytest

from tests.integrations.ehr_kit import (
    ids,
    key,
    new_slot,
    outcome,
    slot_status,
    together,
    visit,
)
from tests.integrations.ehr_server import EhrServer


def test_a_booking_takes_its_slot_and_a_second_one_is_refused(vendor: httpx.Client) -> None:
    slot_id = new_slot(vendor)

    booked = vendor.post("/fhir/Appointment", json=visit(slot_id))
    second = vendor.post("/fhir/Appointment", json=visit(slot_id, patient="p-2"))

    assert booked.status_code == 201
    assert outcome(second, 409)["code"] == "conflict"
    assert slot_status(vendor, slot_id) == "busy"
    assert ids(vendor.get(f"/fhir/Appointment?slot={slot_id}")) == [booked.json()["id"]]


@pytest.mark.parametrize("status", ["proposed", "waitlist", "cancelled"])
def test_a_visit_that_is_not_booked_takes_no_slot(vendor: httpx.Client, status: str) -> None:
    slot_id = new_slot(vendor)
    vendor.post("/fhir/Appointment", json=visit(slot_id, status=status)).raise_for_status()
    assert slot_status(vendor, slot_id) == "free"


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
    vendor: httpx.Client, status: str, expected: str
) -> None:
    slot_id = new_slot(vendor)
    body = vendor.post("/fhir/Appointment", json=visit(slot_id)).json()

    vendor.put(
        f"/fhir/Appointment/{body['id']}", json={**body, "status": status}
    ).raise_for_status()

    assert slot_status(vendor, slot_id) == expected


def test_moving_a_visit_takes_the_new_slot_and_frees_the_old(vendor: httpx.Client) -> None:
    old, new = new_slot(vendor), new_slot(vendor)
    body = vendor.post("/fhir/Appointment", json=visit(old)).json()

    moved = {**body, "slot": [{"reference": f"Slot/{new}"}]}
    vendor.put(f"/fhir/Appointment/{body['id']}", json=moved).raise_for_status()

    assert (slot_status(vendor, old), slot_status(vendor, new)) == ("free", "busy")


def test_moving_into_a_taken_slot_is_refused_and_changes_nothing(vendor: httpx.Client) -> None:
    old, taken = new_slot(vendor), new_slot(vendor)
    body = vendor.post("/fhir/Appointment", json=visit(old)).json()
    vendor.post("/fhir/Appointment", json=visit(taken, patient="p-2")).raise_for_status()

    moved = {**body, "slot": [{"reference": f"Slot/{taken}"}]}
    outcome(vendor.put(f"/fhir/Appointment/{body['id']}", json=moved), 409)

    assert (slot_status(vendor, old), slot_status(vendor, taken)) == ("busy", "busy")
    assert vendor.get(f"/fhir/Appointment/{body['id']}").json() == body


def test_taking_a_cancellation_back_takes_the_slot_again(vendor: httpx.Client) -> None:
    slot_id = new_slot(vendor)
    body = vendor.post("/fhir/Appointment", json=visit(slot_id)).json()
    url = f"/fhir/Appointment/{body['id']}"
    vendor.put(url, json={**body, "status": "cancelled"}).raise_for_status()

    vendor.put(url, json=body).raise_for_status()
    assert slot_status(vendor, slot_id) == "busy"

    vendor.put(url, json={**body, "status": "cancelled"}).raise_for_status()
    vendor.post("/fhir/Appointment", json=visit(slot_id, patient="p-2")).raise_for_status()
    outcome(vendor.put(url, json=body), 409)


def test_an_overbooked_slot_is_free_when_the_last_visit_is_gone(
    vendor: httpx.Client, practice_ehr: EhrServer
) -> None:
    slot_id = new_slot(vendor)
    first, second = visit(slot_id, id=key()), visit(slot_id, patient="p-2", id=key())
    practice_ehr.put(first, second)  # as the clinic's own desk overbooks
    assert slot_status(vendor, slot_id) == "busy"

    vendor.put(f"/fhir/Appointment/{first['id']}", json={**first, "status": "cancelled"})
    assert slot_status(vendor, slot_id) == "busy"
    vendor.put(f"/fhir/Appointment/{second['id']}", json={**second, "status": "cancelled"})
    assert slot_status(vendor, slot_id) == "free"


def test_two_visits_given_up_at_once_leave_their_slot_free(
    vendor: httpx.Client, practice_ehr: EhrServer
) -> None:
    for _ in range(10):
        slot_id = new_slot(vendor)
        visits = [visit(slot_id, id=key()), visit(slot_id, patient="p-2", id=key())]
        practice_ehr.put(*visits)
        together(practice_ehr, [{**each, "status": "cancelled"} for each in visits])
        assert slot_status(vendor, slot_id) == "free"


def test_a_visit_must_start_within_its_slot(vendor: httpx.Client) -> None:
    slot_id = new_slot(vendor)
    late = visit(slot_id, start="2031-03-04T15:30:00Z", end="2031-03-04T16:00:00Z")

    outcome(vendor.post("/fhir/Appointment", json=late), 422)

    assert slot_status(vendor, slot_id) == "free"


def test_one_of_many_bookings_at_once_gets_the_slot(
    vendor: httpx.Client, practice_ehr: EhrServer
) -> None:
    slot_id = new_slot(vendor)
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
    assert len(ids(vendor.get(f"/fhir/Appointment?slot={slot_id}"))) == 1


def test_a_slot_can_be_taken_behind_our_back(vendor: httpx.Client) -> None:
    slot_id = new_slot(vendor)

    taken = vendor.post(f"/practice/slots/{slot_id}/take")

    assert taken.json()["status"] == "busy"
    assert taken.json()["meta"]["versionId"] == "2"
    outcome(vendor.post(f"/practice/slots/{slot_id}/take"), 409)
    outcome(vendor.post("/fhir/Appointment", json=visit(slot_id)), 409)
