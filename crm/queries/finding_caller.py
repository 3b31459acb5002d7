"""Who may be calling: everybody whom a number leads to. A number names nobody for certain.

What is here may be shown before anybody is verified, so it is names and no more. Whoever a label
or a court keeps from this phone is left out altogether, even as a possibility: whoever picks up
the family's phone must not hear that they are a patient here.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from django.db.models import Q
from django.utils.translation import gettext as _

from crm.models import Patient, Phone, Proxy
from crm.queries.contact_facts import ContactBook, open_book
from crm.rules import ContactRule, Holder, LineFacts, age_on, may_contact
from crm.states import Channel, ProxyScope, Purpose


class Relation(StrEnum):
    """How the number leads to somebody, the likeliest first."""

    OWN = "own"
    SHARED = "shared"
    PROXY = "proxy"
    MAYBE = "maybe"


@dataclass(frozen=True, slots=True)
class CallerCandidate:
    """Somebody whom the caller may be, or may be calling for.

    `name` is what may be shown ("Rosa D."), `why` a sentence for staff, `speakers` those who may
    call for them: of these, too, only what is to be shown.
    """

    patient: Patient
    name: str
    relation: Relation
    why: str
    speakers: tuple[str, ...] = ()


#: Not even possible: the number may not be used for them, whoever holds it.
_KEPT_AWAY = frozenset(
    {
        ContactRule.DECEASED,
        ContactRule.COURT_RESTRICTION,
        ContactRule.CONFIDENTIAL_PHONE_ONLY,
    }
)


def callers_on(phone: Phone, *, at: dt.datetime) -> tuple[CallerCandidate, ...]:
    """Whom a call from `phone` may be about, the likeliest first. Five statements, for any number.

    Own phones (the first, second and shared ones), people whose proxy has it, and numbers that
    somebody had.
    """
    people = _near(phone)
    if not people:
        return ()
    book = open_book([patient.pk for patient in people], channel=Channel.VOICE, at=at, also=phone)
    speakers = _speakers(phone, people, at=at)
    found = [
        candidate
        for patient in people
        if (candidate := _candidate(patient, phone, book, speakers.get(patient.pk, ())))
    ]
    return tuple(sorted(found, key=lambda one: (list(Relation).index(one.relation), one.name)))


def short_name(patient: Patient) -> str:
    """What of a name may be shown before it is known who calls: "Rosa D.", "R. D." with labels."""
    if patient.sensitivity or not patient.given_name:
        return patient.initials
    return f"{patient.given_name.split()[0]} {patient.family_name[:1]}."


def _near(phone: Phone) -> list[Patient]:
    held = Q(patient_phones__phone=phone) | Q(proxies__phone=phone)
    held |= Q(proxies__person__patient_phones__phone=phone)
    return list(Patient.objects.filter(held, merged_into=None).distinct().order_by("pk"))


def _speakers(
    phone: Phone, people: Iterable[Patient], *, at: dt.datetime
) -> Mapping[int, list[Proxy]]:
    """By patient, those with this phone who may speak for them today, in whatever scope."""
    theirs = Q(phone=phone) | Q(person__patient_phones__phone=phone)
    rows = Proxy.objects.filter(theirs, patient__in=[patient.pk for patient in people])
    born = {patient.pk: patient.birth_on for patient in people}
    found: dict[int, list[Proxy]] = defaultdict(list)
    for proxy in rows.distinct().order_by("pk"):
        if _may_speak(proxy, born[proxy.patient_id], today=at.date()):
            found[proxy.patient_id].append(proxy)
    return found


def _may_speak(proxy: Proxy, birth_on: dt.date | None, *, today: dt.date) -> bool:
    if proxy.court_restriction or (proxy.ends_on is not None and proxy.ends_on <= today):
        return False
    if proxy.until_age is None:
        return True
    return birth_on is not None and age_on(today, birth_on=birth_on) < proxy.until_age


def _candidate(
    patient: Patient, phone: Phone, book: ContactBook, speakers: Sequence[Proxy]
) -> CallerCandidate | None:
    line, person = book.line(patient.pk, phone), book.people[patient.pk]
    # Asked as if they still had it: a label keeps a number that was given up away, too.
    facts = replace(line.facts, is_ended=False)
    if facts.holder is Holder.NOBODY and speakers:
        facts = replace(facts, holder=Holder.PROXY)  # in another scope than scheduling
    rule = may_contact(person=person, line=facts, ledger=(), purpose=Purpose.ANSWER).rule
    if rule in _KEPT_AWAY or facts.holder is Holder.NOBODY:
        return None
    relation, why = _relation(line.facts, speakers)
    return CallerCandidate(
        patient=patient,
        name=short_name(patient),
        relation=relation,
        why=why,
        speakers=tuple(_say_speaker(proxy) for proxy in speakers),
    )


def _relation(line: LineFacts, speakers: Sequence[Proxy]) -> tuple[Relation, str]:
    if line.is_ended:
        return Relation.MAYBE, _("They had this number and gave it up.")
    if line.holder is Holder.PROXY:
        return Relation.PROXY, _("Somebody with this number speaks for them.")
    if line.holder is Holder.NOBODY:
        scopes = {scope for proxy in speakers for scope in proxy.scope}
        what = _(" and ").join(_(scope) for scope in map(str, ProxyScope) if scope in scopes)
        if not what:
            return Relation.MAYBE, _("Somebody with this number speaks for them.")
        said = _("Somebody with this number speaks for them about %(what)s.")
        return Relation.MAYBE, said % {"what": what}
    if line.is_shared:
        return Relation.SHARED, _("Several people share this number.")
    return Relation.OWN, _("It is their number.")


def _say_speaker(proxy: Proxy) -> str:
    """ "Elena, mother": no family name before anybody is known."""
    given = proxy.name.split()[0] if proxy.name.split() else ""
    return ", ".join(part for part in (given, proxy.relationship) if part)
