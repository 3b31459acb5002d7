"""Contact notes over FHIR: the real gateway against the practice EHR, and the words of the note."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from crm.note_ports import ContactNote, NoteRefused, NoteUnavailable, NoteUnknown
from crm.states import Channel
from integrations.fhir.note_mapping import NOTE_SYSTEM, read_text, write_note
from integrations.fhir.notes import FhirNotes
from tests.integrations.ehr_kit import key
from tests.integrations.ehr_server import EhrServer

AT = dt.datetime(2031, 3, 4, 15, tzinfo=dt.UTC)
Send = Callable[..., str]


def a_note(**facts: Any) -> ContactNote:
    known: dict[str, Any] = {
        "identifier": key(),
        "version": 1,
        "patient_id": "p-1",
        "channel": Channel.VOICE,
        "title": "Telephone contact",
        "text": "Call with the patient. Verified by birth date and ZIP code.\nMoved: día 4, 9:40.",
        "author": "Dana Reyes",
        "started_at": AT,
        "ended_at": AT + dt.timedelta(minutes=4),
        "written_at": AT + dt.timedelta(minutes=5),
    }
    return ContactNote(**(known | facts))


@pytest.fixture
def send(practice_ehr: EhrServer, vendor: httpx.Client) -> Iterator[Send]:
    """Send a note; `faults` are asked of the practice EHR for this one call."""
    clients = []

    def sending(note: ContactNote, faults: str = "", **options: Any) -> str:
        headers = {"X-Practice-Faults": faults} if faults else {}
        client = practice_ehr.client(headers=headers, **options)
        clients.append(client)
        return FhirNotes(client, source="practice-ehr").send_note(note)

    yield sending
    for client in clients:
        client.close()


def kept(vendor: httpx.Client, note: ContactNote) -> list[dict[str, Any]]:
    found = vendor.get(
        "/fhir/DocumentReference", params={"identifier": f"{NOTE_SYSTEM}|{note.identifier}"}
    ).json()
    return [entry["resource"] for entry in found.get("entry", [])]


def test_stands_in_the_chart_word_for_word(vendor: httpx.Client, send: Send) -> None:
    note = a_note()
    source_id = send(note)
    (body,) = kept(vendor, note)
    assert body["id"] == source_id
    assert read_text(body) == note.text
    assert (body["docStatus"], body["subject"]) == ("final", {"reference": "Patient/p-1"})
    assert body["type"]["coding"][0]["code"] == "34748-4"
    of_patient = vendor.get("/fhir/DocumentReference", params={"patient": "p-1"}).json()
    assert source_id in {entry["resource"]["id"] for entry in of_patient["entry"]}


def test_a_changed_note_replaces_it_and_says_so(vendor: httpx.Client, send: Send) -> None:
    note = a_note()
    source_id = send(note)
    changed = dataclasses.replace(note, version=2, text="Second thought.", source_id=source_id)
    assert send(changed) == source_id
    assert send(changed) == source_id  # a repeat writes nothing
    (body,) = kept(vendor, note)
    assert (read_text(body), body["docStatus"]) == ("Second thought.", "amended")
    assert body["meta"]["versionId"] == "2"


@pytest.mark.fault(6)
def test_a_time_out_after_the_commit_makes_no_second_note(vendor: httpx.Client, send: Send) -> None:
    note = a_note()
    with pytest.raises(NoteUnknown):
        send(note, "drop=700", read_seconds=0.2)
    (body,) = kept(vendor, note)  # it stands, although nobody told us
    again = dataclasses.replace(note, may_stand=True)
    assert send(again) == body["id"]
    # Changed meanwhile, and then sent by a worker that knows of no earlier try.
    assert send(dataclasses.replace(note, version=2, text="Changed.")) == body["id"]
    (after,) = kept(vendor, note)
    assert read_text(after) == "Changed."


def test_one_that_never_arrived_is_created_by_the_next_try(
    vendor: httpx.Client, send: Send
) -> None:
    note = a_note()
    with pytest.raises(NoteUnavailable) as held:
        send(note, "refuse=503")
    assert held.value.retry_after == dt.timedelta(seconds=2)
    assert not kept(vendor, note)
    assert send(dataclasses.replace(note, may_stand=True))
    assert len(kept(vendor, note)) == 1


@pytest.mark.parametrize(
    ("faults", "patient", "says"),
    [
        ("refuse=422", "p-1", "own rules"),
        ("", "p-unknown", "own rules"),
        ("refuse=409", "p-1", "conflicts"),
    ],
)
def test_a_refusal_says_why_without_naming_anybody(
    vendor: httpx.Client, send: Send, faults: str, patient: str, says: str
) -> None:
    note = a_note(patient_id=patient)
    with pytest.raises(NoteRefused, match=says) as refused:
        send(note, faults)
    assert patient not in str(refused.value)
    assert not kept(vendor, note)


def test_nonsense_is_no_answer(vendor: httpx.Client, send: Send) -> None:
    with pytest.raises(NoteUnknown):
        send(a_note(), "garble")


def test_a_thread_of_texts_is_no_telephone_note() -> None:
    body = write_note(a_note(channel=Channel.SMS, title="Contact by text message", author=""))
    assert body["type"] == {"text": "Contact by text message"}
    assert "author" not in body
