"""A contact's note as an R4 DocumentReference, and back as far as we need it. Pure.

DocumentReference and not Communication: R4's Communication is the record that something was
conveyed, while "a clinical note" is what DocumentReference indexes, with its content inline
(http://hl7.org/fhir/R4/documentreference.html); US Core has it for "write a new note to a
patient's chart" (http://hl7.org/fhir/us/core/StructureDefinition-us-core-documentreference.html).
It also says of a changed note that it is amended (docStatus, value set composition-status).
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt

from crm.note_ports import ContactNote
from crm.states import Channel
from integrations.fhir import reading
from integrations.fhir.reading import Json

#: Identifier.system of the identifier that Firstcall gives to a contact's note.
NOTE_SYSTEM = "urn:firstcall:contact-note"
#: Extensible identifier of the version that the EHR holds, so that a repeat writes nothing.
VERSION_SYSTEM = "urn:firstcall:contact-note-version"
LOINC = "http://loinc.org"
#: https://loinc.org/34748-4, for contacts by telephone; others have their kind in words only.
TELEPHONE_NOTE = {"system": LOINC, "code": "34748-4", "display": "Telephone encounter Note"}
CATEGORY = {
    "system": "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
    "code": "clinical-note",
    "display": "Clinical Note",
}
CONTENT_TYPE = "text/plain; charset=utf-8"


def write_note(note: ContactNote) -> Json:
    """The DocumentReference for this version of the note, whole."""
    kind: Json = {"text": note.title}
    if note.channel is Channel.VOICE:
        kind["coding"] = [TELEPHONE_NOTE]
    return {
        "resourceType": "DocumentReference",
        "identifier": [
            {"system": NOTE_SYSTEM, "value": note.identifier},
            {"system": VERSION_SYSTEM, "value": f"{note.identifier}.{note.version}"},
        ],
        "status": "current",
        "docStatus": "amended" if note.is_amended else "final",
        "type": kind,
        "category": [{"coding": [CATEGORY]}],
        "subject": {"reference": f"Patient/{note.patient_id}"},
        "date": _instant(note.written_at),
        **({"author": [{"display": note.author}]} if note.author else {}),
        "content": [
            {
                "attachment": {
                    "contentType": CONTENT_TYPE,
                    "data": base64.b64encode(note.text.encode()).decode(),
                    "title": note.title,
                    "creation": _instant(note.written_at),
                }
            }
        ],
        "context": {"period": {"start": _instant(note.started_at), "end": _instant(note.ended_at)}},
    }


def is_this_version(body: Json, note: ContactNote) -> bool:
    """Whether the EHR holds this very version of the note.

    :raises FhirUnreadable:
    """
    values = {
        item.system: item.value for item in reading.identifiers(body, path="DocumentReference")
    }
    return values.get(VERSION_SYSTEM) == f"{note.identifier}.{note.version}"


def is_ours(body: Json, identifier: str) -> bool:
    """Whether the resource carries our identifier. :raises FhirUnreadable:"""
    found = reading.identifiers(body, path="DocumentReference")
    return any(item.system == NOTE_SYSTEM and item.value == identifier for item in found)


def read_text(body: Json) -> str:
    """The words of a note; empty where it holds none inline. :raises FhirUnreadable:"""
    for content in reading.items(body, "content", path="DocumentReference"):
        attachment = reading.part(content, "attachment", path="DocumentReference.content")
        data = reading.text(attachment, "data", path="DocumentReference.content.attachment")
        try:
            return base64.b64decode(data, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            path = "DocumentReference.content.attachment.data"
            raise reading.FhirUnreadable(path, "This is no text in base64.") from None
    return ""


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
