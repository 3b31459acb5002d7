"""What is asked of an EHR that keeps the notes of contacts. Plain values only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from crm.states import Channel


@dataclass(frozen=True, slots=True)
class ContactNote:
    """The note of one contact, as it stands now.

    `identifier` is ours and stays the same for all versions; `version` counts them from 1.
    `patient_id` is the EHR's own key of the patient. `source_id` is the EHR's key of the note
    where it has told one. `may_stand`: it was asked to keep this note before, and did not answer.
    """

    identifier: str
    version: int
    patient_id: str
    channel: Channel
    title: str
    text: str
    author: str
    started_at: dt.datetime
    ended_at: dt.datetime
    written_at: dt.datetime
    source_id: str = ""
    may_stand: bool = False

    @property
    def is_amended(self) -> bool:
        return self.version > 1


class NoteError(Exception):
    """Base of what a note gateway raises; the text is for staff, without patient data."""


class NoteRefused(NoteError):
    """The EHR understood and said no. Nothing was kept there."""


class NoteUnavailable(NoteError):
    """The request certainly had no effect. Try again later."""

    def __init__(self, message: str, *, retry_after: dt.timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NoteUnknown(NoteError):
    """No answer, or one that makes no sense: the note may stand there. Look before asking again."""


class NoteGateway(Protocol):
    """One EHR that keeps notes. Calls block; never call inside a transaction.

    `source` is the `PatientIdentifier.system` by which it knows patients.
    """

    source: str

    def send_note(self, note: ContactNote) -> str:
        """Keep this version of the note, once however often it is sent; the EHR's key for it.

        :raises NoteRefused, NoteUnavailable, NoteUnknown:
        """


def get_notes() -> NoteGateway:
    """The gateway of setting `NOTE_GATEWAY`, one for each process."""
    return _load(settings.NOTE_GATEWAY)


@lru_cache(maxsize=4)
def _load(path: str) -> NoteGateway:
    gateway: NoteGateway = import_string(path)()
    return gateway
