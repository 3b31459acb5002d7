"""The texts that a task is about: ours and theirs, the newest last."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery

from crm.models import AuditEntry, Interaction, Patient, Phone
from outreach.models import Message
from outreach.states import Direction, MessageStatus

#: So many texts make a thread; the one in question is always among them.
MOST_TEXTS = 40
#: The patient's own link is a secret of theirs.
_SECRET = re.compile(r"(/[ovmtp]/)[\w-]+/?")


@dataclass(frozen=True, slots=True)
class TextLine:
    """One text. `why` says what its status was given for; `reading` what theirs was taken for.

    `of_another`: it went to this phone about somebody else. `is_withheld`: its words are for
    nurses, and `body` is empty.
    """

    pk: int
    is_ours: bool
    is_asked: bool
    of_another: bool
    is_withheld: bool
    status: MessageStatus
    body: str
    reading: str
    why: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Thread:
    """`left_off` says that there are older ones; `withheld` counts texts about others.

    `people` are keys of patients whose texts it shows.
    """

    texts: tuple[TextLine, ...]
    left_off: bool
    withheld: int
    people: frozenset[int]
    zone: str


def read_thread(
    *,
    patient: Patient | None,
    asked: Message | None,
    for_nurse: bool,
    within: Interaction | None = None,
) -> Thread:
    """Texts with the patient, and those on the phone that `asked` came from. One query.

    On a shared phone, what was texted about somebody with a privacy label stays out of sight.

    :param for_nurse: show the words of texts that the safety check seized.
    :param within: nothing but what came and went in this contact.
    """
    phone = asked.phone if asked else None
    rows = _rows(patient, phone)
    if within is not None:
        rows = rows.filter(interaction=within)
    newest = list(rows.order_by("-created_at", "-pk")[: MOST_TEXTS + 1])
    left_off = len(newest) > MOST_TEXTS
    found = newest[:MOST_TEXTS]
    if asked is not None and asked.pk not in {row.pk for row in found}:
        found.append(asked)
    shown = [row for row in found if not _is_private(row, patient)]
    people = {row.patient_id for row in shown if row.patient_id is not None}
    return Thread(
        texts=tuple(_text(row, patient, asked, for_nurse=for_nurse) for row in reversed(shown)),
        left_off=left_off,
        withheld=len(found) - len(shown),
        people=frozenset(people),
        zone=next((row.zone for row in found if row.zone), ""),
    )


def _rows(patient: Patient | None, phone: Phone | None) -> QuerySet[Message]:
    if patient is None and phone is None:
        return Message.objects.none()
    wanted = Q(phone=phone) if phone else Q()
    wanted |= Q(patient=patient) if patient else Q()
    told = AuditEntry.objects.filter(
        subject_type="outreach.message", subject_id=OuterRef("pk"), to_status=OuterRef("status")
    )
    why = Subquery(told.order_by("-pk").values("reason")[:1])
    return Message.objects.filter(wanted).select_related("patient").annotate(told=why)


def _is_private(row: Message, patient: Patient | None) -> bool:
    """About somebody else, who has a label."""
    other = row.patient
    return other is not None and other != patient and bool(other.sensitivity)


def without_links(body: str) -> str:
    """A text as staff may read it: the patient's own links are cut."""
    return _SECRET.sub(r"\1…", body)


def _text(
    row: Message, patient: Patient | None, asked: Message | None, *, for_nurse: bool
) -> TextLine:
    is_withheld = row.is_for_nurses and not for_nurse
    return TextLine(
        pk=row.pk,
        is_ours=row.direction == Direction.OUT,
        is_asked=asked is not None and row.pk == asked.pk,
        of_another=patient is not None and row.patient_id not in {None, patient.pk},
        status=MessageStatus(row.status),
        is_withheld=is_withheld,
        body="" if is_withheld else without_links(row.body),
        reading=row.reading,
        why=getattr(row, "told", "") or row.error_code,
        at=row.created_at,
    )
