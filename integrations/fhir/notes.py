"""`crm.note_ports.NoteGateway` over FHIR R4: contact notes as DocumentReferences.

A note goes out under our identifier. One that was asked for before without an answer is looked
for first; a note that stands there is brought up to the version that is sent, never doubled.
"""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings

from crm.note_ports import ContactNote, NoteError, NoteRefused, NoteUnavailable, NoteUnknown
from integrations.fhir import reading
from integrations.fhir.client import Answer, FhirClient, default_client
from integrations.fhir.note_mapping import NOTE_SYSTEM, is_ours, is_this_version, write_note
from integrations.fhir.reading import FhirUnreadable, Json
from scheduling.ports import EhrError, EhrRefused, EhrUnavailable

KIND = "DocumentReference"
#: Enough to see that an EHR holds several notes with one identifier of ours.
_FIND_COUNT = "5"


class FhirNotes:
    """One FHIR R4 EHR that keeps notes, by default the one in the settings."""

    def __init__(self, client: FhirClient | None = None, *, source: str | None = None) -> None:
        self._client = client or default_client()
        self.source = source or settings.FIRSTCALL.ehr_source

    def send_note(self, note: ContactNote) -> str:
        """Keep this version of the note; the DocumentReference's id.

        :raises NoteRefused, NoteUnavailable, NoteUnknown:
        """
        try:
            return self._send(note)
        except FhirUnreadable as error:
            raise NoteUnknown(f"The EHR's answer cannot be understood: {error}") from None
        except EhrError as error:
            raise _in_our_words(error) from None

    def _send(self, note: ContactNote) -> str:
        standing = self._find(note) if note.source_id or note.may_stand else None
        if standing is None:
            answer = self._create(note)
            created = _id_of(answer)
            if answer.status != 200:  # 201: it was not there before
                return created
            standing = answer.body or self._read(created)  # If-None-Exist found an earlier one
        if not is_this_version(standing, note):
            self._replace(standing, note)
        return reading.fhir_id(standing, kind=KIND)

    def _create(self, note: ContactNote) -> Answer:
        condition = f"identifier={quote(f'{NOTE_SYSTEM}|{note.identifier}', safe=':|')}"
        headers = {"If-None-Exist": condition}
        return self._client.write("POST", KIND, write_note(note), headers=headers)

    def _replace(self, standing: Json, note: ContactNote) -> None:
        """PUT of the whole: doing it again changes nothing."""
        key = reading.fhir_id(standing, kind=KIND)
        self._client.write("PUT", f"{KIND}/{quote(key, safe='')}", {**write_note(note), "id": key})

    def _find(self, note: ContactNote) -> Json | None:
        """The note that the EHR holds: by its key where it told one, else by our identifier."""
        if note.source_id:
            answer = self._client.read(f"{KIND}/{quote(note.source_id, safe='')}")
            if not answer.is_missing and answer.body is not None:
                return reading.check_type(answer.body, KIND)
        params = {"identifier": f"{NOTE_SYSTEM}|{note.identifier}", "_count": _FIND_COUNT}
        answer = self._client.read(KIND, params=params)
        if answer.is_missing or answer.body is None:
            raise NoteUnknown("The EHR did not answer our search.")
        found = [each for each in _resources(answer.body) if is_ours(each, note.identifier)]
        return next(iter(found), None)

    def _read(self, key: str) -> Json:
        answer = self._client.read(f"{KIND}/{quote(key, safe='')}")
        if answer.body is None:
            raise NoteUnknown("The EHR accepted the note, but does not show it.")
        return reading.check_type(answer.body, KIND)


def _resources(bundle: Json) -> list[Json]:
    reading.check_type(bundle, "Bundle")
    entries = reading.items(bundle, "entry", path="Bundle")
    found = [reading.part(entry, "resource", path="Bundle.entry") for entry in entries]
    return [each for each in found if each.get("resourceType") == KIND]


def _id_of(answer: Answer) -> str:
    """The id of what was created, by the Location or else the body. :raises NoteUnknown:"""
    for source in (answer.location, f"{KIND}/{(answer.body or {}).get('id', '')}"):
        kind, key = reading.reference({"reference": source}, path="Location")
        if kind == KIND and key:
            return key
    raise NoteUnknown("The EHR accepted the note without saying under which id.")


def _in_our_words(error: EhrError) -> NoteError:
    """The sentences of the client speak of visits where they name what is refused."""
    sentence = str(error).replace("this visit", "this note")
    if isinstance(error, EhrRefused):
        return NoteRefused(sentence)
    if isinstance(error, EhrUnavailable):
        return NoteUnavailable(sentence, retry_after=error.retry_after)
    return NoteUnknown(sentence)
