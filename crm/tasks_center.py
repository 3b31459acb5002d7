"""Steps of the contact center: hand-offs that nobody answers, notes that go to the EHR.

The EHR is asked outside any transaction, after that was written down. A call without an answer
may have worked: the next try looks for our identifier before it asks again.
"""

from __future__ import annotations

import datetime as dt
import math

from django.conf import settings

from crm.actions.handoff_rungs import LOOK_AFTER
from crm.actions.handoffs import escalate_or_rest
from crm.actions.wrapping import (
    SEND_NOTE,
    note_asked,
    note_not_answered,
    note_refused,
    note_sent,
)
from crm.engine import Actor, step
from crm.engine.steps import LEASE_SECONDS
from crm.models import Handoff, PatientIdentifier, WrapUp
from crm.note_ports import (
    ContactNote,
    NoteError,
    NoteGateway,
    NoteRefused,
    NoteUnavailable,
    NoteUnknown,
    get_notes,
)
from crm.states import Channel, NoteStatus

BY = Actor.system("notes")
#: After a call without an answer, how long the EHR gets to finish before we look.
SETTLING = dt.timedelta(seconds=3)
RETRY = dt.timedelta(seconds=15)
LONGEST_PAUSE = dt.timedelta(minutes=30)
TITLES = {
    Channel.VOICE: "Telephone contact",
    Channel.SMS: "Contact by text message",
    Channel.WEB: "Contact online",
}


def look_after_handoff(pk: int, at: dt.datetime) -> dt.datetime | None:
    """Ask the next when nobody answered; returns when to look again."""
    return escalate_or_rest(pk, at)


def send_note(pk: int, at: dt.datetime) -> dt.datetime | None:
    """One try to have a note kept in the EHR. Returns when to try again, None when settled."""
    kept = WrapUp.objects.select_related("interaction__patient", "by").get(pk=pk)
    if kept.status != NoteStatus.WAITING:
        return None
    gateway = get_notes()
    patient_id = _key_of_patient(kept, gateway)
    if not patient_id:
        why = "The patient has no record in this EHR yet. Register them there, then send it again."
        note_refused(wrap_up_id=pk, version=kept.version, why=why, by=BY, at=at)
        return None
    return _try(kept, _note(kept, patient_id), gateway, at)


def _try(
    kept: WrapUp, note: ContactNote, gateway: NoteGateway, at: dt.datetime
) -> dt.datetime | None:
    note_asked(kept, at=at)
    try:
        source_id = gateway.send_note(note)
    except NoteRefused as error:
        note_refused(wrap_up_id=kept.pk, version=note.version, why=str(error), by=BY, at=at)
        return None
    except NoteUnavailable as error:
        wait = error.retry_after or RETRY
        return _again(kept, error, at, wait=wait, may_stand=note.may_stand)
    except NoteUnknown as error:
        return _again(kept, error, at, wait=SETTLING, may_stand=True)
    return note_sent(wrap_up_id=kept.pk, version=note.version, source_id=source_id, by=BY, at=at)


def _again(
    kept: WrapUp, error: NoteError, at: dt.datetime, *, wait: dt.timedelta, may_stand: bool
) -> dt.datetime:
    why, pk = str(error), kept.pk
    tries = note_not_answered(wrap_up_id=pk, why=why, may_stand=may_stand, by=BY, at=at)
    return at + min(max(wait, RETRY * (tries - 1)), LONGEST_PAUSE)


def _key_of_patient(kept: WrapUp, gateway: NoteGateway) -> str:
    """As this EHR knows them; empty where it does not."""
    named = PatientIdentifier.objects.filter(
        patient=kept.interaction.patient_id, system=gateway.source
    )
    return named.order_by("pk").values_list("value", flat=True).first() or ""


def _note(kept: WrapUp, patient_id: str) -> ContactNote:
    contact, author = kept.interaction, kept.by
    return ContactNote(
        identifier=str(kept.identifier),
        version=kept.version,
        patient_id=patient_id,
        channel=Channel(contact.channel),
        title=TITLES.get(Channel(contact.channel), "Contact"),
        text=kept.note,
        author=(author.get_full_name() or author.get_username()) if author else "",
        started_at=contact.started_at,
        ended_at=contact.ended_at or kept.at,
        written_at=kept.at,
        source_id=kept.source_id,
        may_stand=kept.asked_at is not None,
    )


def _lease_seconds() -> int:
    """Three calls in a row (look, read, write), two seconds to connect each; and our part."""
    return max(LEASE_SECONDS, math.ceil(3 * (settings.FIRSTCALL.ehr_timeout_seconds + 2)) + 9)


step(name=LOOK_AFTER, model=Handoff, queue="fill")(look_after_handoff)
step(name=SEND_NOTE, model=WrapUp, queue="ehr", lease_seconds=_lease_seconds())(send_note)
