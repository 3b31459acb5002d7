"""Who could take an opening, what they were texted and what they answered, as the page shows it."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from crm.engine.compiled import any_of, compiled
from crm.models import AuditEntry, Patient, PatientIdentifier
from crm.states import Purpose
from outreach.models import Message
from outreach.queries import may_send_many
from outreach.states import Direction, MessageStatus
from scheduling.models import Appointment
from waitlist.models import Candidate, Offer, Opening
from waitlist.rules.ranking import Term
from waitlist.states import LIVE_OPENING, CandidateKind, OfferStatus

#: So many are shown of those who were not asked; asking for everybody shows all that are kept.
SHOWN = 25

#: A yes to an offer in one of these counts while the opening lives (`actions.accept_offer`).
TAKES_YES = frozenset({OfferStatus.SENT, OfferStatus.DECLINED, OfferStatus.EXPIRED})
#: Whoever has one of these has said yes already, or the EHR has said no to them.
_SETTLED = frozenset(
    {OfferStatus.ACCEPTED, OfferStatus.NEXT_IN_LINE, OfferStatus.WON, OfferStatus.REFUSED}
)

#: The patient's own link is a secret of theirs (`waitlist.texts.offer_link`).
_SECRET = re.compile(r"/o/[\w-]+/?")
#: In place of words that the safety check seized.
HELD_WORDS = "(held for a nurse)"


@dataclass(frozen=True, slots=True)
class Person:
    """A patient on a staff page. One with a privacy label is named by initials."""

    pk: int
    name: str
    full_name: str
    mrn: str
    birth_on: dt.date | None
    is_private: bool
    language: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit in words, with the zone it is told in."""

    pk: int
    starts_at: dt.datetime
    zone: str
    provider: str
    site: str
    status: str


@dataclass(frozen=True, slots=True)
class TextLine:
    """One text, out or in. `why` is what its status was given for: who forbade it, what failed."""

    pk: int
    is_ours: bool
    status: MessageStatus
    body: str
    reading: str
    why: str
    at: dt.datetime
    due_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class OfferLine:
    """`wave` is None for an offer made on its own; `phone` is the end of the number."""

    pk: int
    status: OfferStatus
    wave: int | None
    phone: str
    offered_at: dt.datetime
    expires_at: dt.datetime
    answered_at: dt.datetime | None
    answered_by: str
    texts: tuple[TextLine, ...]

    @property
    def first_text(self) -> TextLine | None:
        """The text that made the offer."""
        return next((text for text in self.texts if text.is_ours), None)


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """One ranked candidate with reasons, arithmetic, and what has become of them.

    `held` is why somebody was passed over: what stands against texting them now.
    """

    pk: int
    rank: int
    person: Person
    kind: CandidateKind
    reasons: tuple[str, ...]
    terms: tuple[Term, ...]
    score: float
    chance: float
    later: Visit | None
    offer: OfferLine | None
    held: str = ""

    @property
    def is_settled(self) -> bool:
        return self.offer is not None and is_settled(self.offer.status)


def is_settled(offered: str | None) -> bool:
    """Whether somebody with an offer in this state (None: without one) is beyond booking."""
    return offered in _SETTLED


def has_unasked(opening_id: int) -> bool:
    """Whether somebody in the ranking has no offer yet. One query."""
    ranked = Candidate.objects.filter(opening=opening_id, rank__isnull=False)
    return ranked.filter(offer=None).exists()


def list_candidates(
    opening: Opening, *, everybody: bool, at: dt.datetime
) -> tuple[CandidateLine, ...]:
    """The ranked ones in order: the first `SHOWN` and whoever was asked, or all that are kept.

    Four queries, and those of `may_send_many` where somebody was passed over.
    """
    offers = {offer.candidate_id: offer for offer in _offers(opening)}
    rows = Candidate.objects.filter(opening=opening, rank__isnull=False)
    if not everybody:
        rows = rows.filter(Q(rank__lte=SHOWN) | Q(pk__in=offers))
    found = list(
        rows.select_related("patient", "appointment__provider", "appointment__location").order_by(
            "rank"
        )
    )
    texts = _texts(offers.values())
    people = name_people(row.patient for row in found)
    lines = [
        _candidate(row, people[row.patient_id], _offer(offers.get(row.pk), texts)) for row in found
    ]
    held = _held(opening, lines, at)
    return tuple(replace(line, held=held.get(line.person.pk, "")) for line in lines)


def _held(opening: Opening, lines: list[CandidateLine], at: dt.datetime) -> dict[int, str]:
    """By patient: why those above somebody who was asked were not. They are asked at each wave."""
    last_asked = max((line.rank for line in lines if line.offer), default=0)
    passed = [line.person.pk for line in lines if line.offer is None and line.rank < last_asked]
    if not passed or opening.status not in LIVE_OPENING:
        return {}
    zone = opening.slot.role.clinic.location.zone
    answers = may_send_many(
        passed,
        purpose=Purpose.OFFER,
        zone=zone,
        at=at,
        is_sensitive=opening.slot.visit_type.is_sensitive,
    )
    return {pk: answer.sentence for pk, answer in answers.items() if not answer.allowed}


def name_people(patients: Iterable[Patient]) -> dict[int, Person]:
    """By key, with their record numbers. One query, none for nobody."""
    by_key = {patient.pk: patient for patient in patients}
    numbers = _record_numbers(by_key)
    return {pk: _person(patient, numbers.get(pk, "")) for pk, patient in by_key.items()}


def _person(patient: Patient, mrn: str) -> Person:
    private = bool(patient.sensitivity)
    return Person(
        pk=patient.pk,
        name=patient.initials if private else str(patient),
        full_name=str(patient),
        mrn=mrn,
        birth_on=patient.birth_on,
        is_private=private,
        language=patient.language,
    )


def _record_numbers(patient_ids: Collection[int]) -> dict[int, str]:
    """The identifier that staff know somebody by: one whose system says that it is an MRN."""
    if not patient_ids:
        return {}
    found: dict[int, tuple[bool, str]] = {}
    for patient_id, system, value in _identifiers(patients=list(patient_ids)):
        best = found.get(patient_id)
        is_mrn = "mrn" in system.lower()
        if best is None or is_mrn >= best[0]:
            found[patient_id] = (is_mrn, value)
    return {patient_id: value for patient_id, (_, value) in found.items()}


@compiled
def _identifiers(*, patients: list[int]) -> QuerySet[PatientIdentifier, tuple[int, str, str]]:
    rows = PatientIdentifier.objects.filter(any_of("patient", patients))
    return rows.order_by("-pk").values_list("patient_id", "system", "value")


def visit_of(appointment: Appointment | None, *, zone: str) -> Visit | None:
    """A visit, in the zone of its own site where that is known."""
    if appointment is None:
        return None
    location = appointment.location
    return Visit(
        pk=appointment.pk,
        starts_at=appointment.starts_at,
        zone=location.zone if location else zone,
        provider=str(appointment.provider or appointment.told_provider),
        site=location.short_name if location else appointment.told_location,
        status=appointment.status,
    )


def _offers(opening: Opening) -> list[Offer]:
    return list(Offer.objects.filter(opening=opening).select_related("phone", "wave"))


def _texts(offers: Iterable[Offer]) -> Mapping[int, list[TextLine]]:
    """By offer: our texts about it, and what came back on its thread, in order."""
    by_key = {offer.pk: offer for offer in offers}
    by_thread = {o.interaction_id: o.pk for o in by_key.values() if o.interaction_id}
    rows = Message.objects.filter(
        Q(subject_type="waitlist.offer", subject_id__in=list(by_key))
        | Q(direction=Direction.IN, interaction__in=list(by_thread))
    ).order_by("created_at", "pk")
    told = AuditEntry.objects.filter(
        subject_type="outreach.message", subject_id=OuterRef("pk"), to_status=OuterRef("status")
    )
    rows = rows.annotate(why=Subquery(told.order_by("-pk").values("reason")[:1]))
    texts: dict[int, list[TextLine]] = defaultdict(list)
    for row in rows if by_key else ():
        ours = row.direction == Direction.OUT
        offer_id = row.subject_id if ours else by_thread.get(row.interaction_id or 0)
        if offer_id is not None:
            texts[offer_id].append(_text(row, is_ours=ours))
    return texts


def _text(row: Any, *, is_ours: bool) -> TextLine:
    return TextLine(
        pk=row.pk,
        is_ours=is_ours,
        status=MessageStatus(row.status),
        body=HELD_WORDS if row.is_for_nurses else _SECRET.sub("/o/…", row.body),
        reading=row.reading,
        why=row.why or row.error_code,
        at=row.delivered_at or row.sent_at or row.created_at,
        due_at=row.due_at,
    )


def _offer(offer: Offer | None, texts: Mapping[int, list[TextLine]]) -> OfferLine | None:
    if offer is None:
        return None
    return OfferLine(
        pk=offer.pk,
        status=OfferStatus(offer.status),
        wave=offer.wave.number if offer.wave else None,
        phone=str(offer.phone.number)[-4:],
        offered_at=offer.offered_at,
        expires_at=offer.expires_at,
        answered_at=offer.answered_at,
        answered_by=offer.answered_by,
        texts=tuple(texts.get(offer.pk, ())),
    )


def _candidate(row: Candidate, person: Person, offer: OfferLine | None) -> CandidateLine:
    return CandidateLine(
        pk=row.pk,
        rank=row.rank or 0,
        person=person,
        kind=CandidateKind(row.kind),
        reasons=tuple(row.reasons),
        terms=tuple(Term(**term) for term in row.terms),
        score=row.score,
        chance=row.chance,
        later=visit_of(row.appointment, zone=""),
        offer=offer,
    )
