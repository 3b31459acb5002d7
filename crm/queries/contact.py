"""May this person be contacted, on which phone, for what? (ContactPermission, principle 8.)"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from crm.models import ConsentEntry, Patient, Phone
from crm.queries.contact_facts import ContactBook, Line, PhoneRow, open_book, read_ledger
from crm.rules import ContactAnswer, ContactRule, LineFacts, PersonFacts, may_contact
from crm.states import Channel, ConsentDecision, Purpose


@dataclass(frozen=True, slots=True)
class Permission:
    """The answer to "may I contact this person on this phone, for this?".

    `sentence` is for staff. `proof` names the rule and the ids of the rows that decided; it is
    kept with what was sent. `retry_at` is None: no rule of the ledger lapses by waiting.
    """

    allowed: bool
    rule: ContactRule
    sentence: str
    proof: dict[str, Any]
    retry_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class PhoneChoice:
    """The phone to use for a patient; None with the rule that speaks against the best one.

    `zone` is the patient's own, or empty.
    """

    row: PhoneRow | None
    permission: Permission
    zone: str = ""

    @property
    def phone(self) -> Phone | None:
        return self.row.load() if self.row else None


def contact_permission(
    *,
    patient: Patient | None,
    phone: Phone,
    channel: Channel,
    purpose: Purpose,
    at: dt.datetime,
    is_sensitive: bool = False,
) -> Permission:
    """May `phone` be used for `purpose` about `patient`? Hours and contact budget aside.

    Without a patient (somebody we do not know texted us) the phone and what its ledger says
    for everybody decide.

    :param is_sensitive: it is about a visit of a kind that no text may hint at.
    """
    if patient is None:
        return _permission_of_stranger(phone, channel=channel, purpose=purpose)
    book = open_book([patient.pk], channel=channel, at=at, also=phone)
    line = book.line(patient.pk, phone)
    return _permission_in(book, patient.pk, line, purpose, is_sensitive=is_sensitive)


def phones_for(
    *, patient: Patient, purpose: Purpose, at: dt.datetime, channel: Channel = Channel.SMS
) -> list[Phone]:
    """The phones that may be used, the right one first (see `rules.order_of_trial`)."""
    book = open_book([patient.pk], channel=channel, at=at)
    return [
        line.phone
        for line in book.ordered_lines(patient.pk)
        if _permission_in(book, patient.pk, line, purpose).allowed
    ]


def choose_phones(
    *,
    patient_ids: Collection[int],
    purpose: Purpose,
    at: dt.datetime,
    channel: Channel = Channel.SMS,
    is_sensitive: bool = False,
) -> dict[int, PhoneChoice]:
    """The first phone that may be used, for each of many patients, in three statements.

    Where none may, the permission names the rule against the phone that comes first.
    """
    book = open_book(patient_ids, channel=channel, at=at)
    return {pk: _choose(book, pk, purpose, is_sensitive=is_sensitive) for pk in book.people}


def people_on(phone: Phone, *, at: dt.datetime) -> list[Patient]:
    """The patients whose record has this phone now, by key."""
    current = Q(patient_phones__ended_on__isnull=True) | Q(patient_phones__ended_on__gt=at.date())
    return list(Patient.objects.filter(current, patient_phones__phone=phone).order_by("pk"))


def is_opted_out(phone: Phone, *, channel: Channel = Channel.SMS) -> bool:
    """Whether this phone has said STOP, for everything and everybody on it, and not START since."""
    newest = newest_stop_or_start(phone, channel=channel)
    return newest is not None and newest.decision == ConsentDecision.REVOKED


def newest_stop_or_start(phone: Phone, *, channel: Channel = Channel.SMS) -> ConsentEntry | None:
    """The newest entry that speaks for everybody on this phone and for all purposes."""
    spoken = ConsentEntry.objects.filter(
        phone=phone, channel=channel, purpose=Purpose.ALL, patient=None
    )
    # Of two at one instant the revocation holds: "revoked" sorts after "granted".
    return spoken.order_by("-at", "-decision", "-pk").first()


def _choose(
    book: ContactBook, patient_id: int, purpose: Purpose, *, is_sensitive: bool
) -> PhoneChoice:
    tried, zone = [], book.zones[patient_id]
    for line in book.ordered_lines(patient_id):
        permission = _permission_in(book, patient_id, line, purpose, is_sensitive=is_sensitive)
        if permission.allowed:
            return PhoneChoice(line.row, permission, zone)
        tried.append(permission)
    none = _permission(ContactAnswer(ContactRule.NO_PHONE), patient=patient_id)
    return PhoneChoice(None, tried[0] if tried else none, zone)


def _permission_in(
    book: ContactBook,
    patient_id: int,
    line: Line,
    purpose: Purpose,
    *,
    is_sensitive: bool = False,
) -> Permission:
    answer = may_contact(
        person=book.people[patient_id],
        line=line.facts,
        ledger=book.ledger_for(line.row.pk, patient_id),
        purpose=purpose,
        is_sensitive=is_sensitive,
    )
    proof: dict[str, Any] = {"patient": patient_id, "phone": line.row.pk}
    proof["holder"] = line.facts.holder
    if line.proxy_id is not None:
        proof["proxy"] = line.proxy_id
    return _permission(answer, **proof)


def _permission_of_stranger(phone: Phone, *, channel: Channel, purpose: Purpose) -> Permission:
    ledger = read_ledger([phone.pk], channel=channel)
    answer = may_contact(
        person=PersonFacts(),
        line=LineFacts(can_text=phone.can_text or channel != Channel.SMS),
        ledger=[fact for whom, fact in ledger.get(phone.pk, []) if whom is None],
        purpose=purpose,
    )
    return _permission(answer, phone=phone.pk)


def _permission(answer: ContactAnswer, **proof: Any) -> Permission:
    proof["rule"] = str(answer.rule)
    if answer.entry_id is not None:
        proof["consent"] = answer.entry_id
    return Permission(answer.allowed, answer.rule, answer.sentence, proof)
