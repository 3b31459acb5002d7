"""People who could take a slot, as the rules see them. A fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from crm.states import Purpose
from outreach.queries import SendAnswer, may_send_many
from scheduling.models import Slot
from scheduling.rules import SlotFacts as BookingFacts
from scheduling.rules import restriction_at
from scheduling.states import Modality, Restriction, SlotStatus
from waitlist.models import Opening
from waitlist.queries.claims import RECENT, everybody, read_claims
from waitlist.queries.requirements import Claim, requirements_of
from waitlist.rules.facts import Contact, PersonFacts, SlotFacts

__all__ = [
    "RECENT",
    "Person",
    "accepted_types",
    "answered",
    "contact_answers",
    "gather",
    "people_of",
    "slot_facts",
    "with_contact",
]

#: Patients whose facts are read at once.
PAGE = 1000


@dataclass(frozen=True, slots=True)
class Person:
    """One candidate: the facts, and the rows that they come from."""

    facts: PersonFacts
    appointment_id: int | None
    entry_id: int | None


def slot_facts(slot: Slot, *, at: dt.datetime) -> SlotFacts:
    """The freed slot as the rules see it. `slot` as `scheduling.queries.get_slot` gives it."""
    location = slot.role.clinic.location
    return SlotFacts(
        starts_at=slot.starts_at,
        zone=location.zone,
        visit_type_id=slot.visit_type_id,
        accepted_visit_type_ids=frozenset(accepted_types(slot)),
        provider_id=slot.role.provider_id,
        location_id=location.pk,
        modality=Modality(slot.modality),
        latitude=location.latitude,
        longitude=location.longitude,
        lead_minutes=slot.visit_type.lead_minutes,
        min_age=slot.visit_type.min_age,
        max_age=slot.visit_type.max_age,
        restriction=_restriction(slot, at),
    )


def _restriction(slot: Slot, at: dt.datetime) -> Restriction:
    """As scheduling has it; whether somebody could book it is not asked here."""
    booking = BookingFacts(
        status=SlotStatus(slot.status),
        starts_at=slot.starts_at,
        zone=slot.role.clinic.location.zone,
        capacity=slot.capacity,
        taken=slot.taken,
        restriction=Restriction(slot.restriction),
        lead=dt.timedelta(minutes=slot.visit_type.lead_minutes),
        release_at=slot.release_at,
    )
    return restriction_at(booking, at)


def accepted_types(slot: Slot) -> list[int]:
    """The slot's own visit type and those whose patients could take it instead."""
    others = slot.visit_type.stands_in_for.values_list("pk", flat=True)
    return [slot.visit_type_id, *others]


def gather(
    opening: Opening, slot: Slot, *, at: dt.datetime, only: Collection[int] | None = None
) -> list[Person]:
    """Everybody with a visit of a fitting type to come, on the waitlist, or with an unmet request.

    One entry a patient (see `claims.read_claims`), contact included. `only` looks at these
    patients alone; without it this takes as long as there are people: matching asks
    `shortlist` first.
    """
    facts = slot_facts(slot, at=at)
    ids = everybody(slot, facts, at=at) if only is None else only
    people = people_of(ids, opening, slot, facts, at=at)
    return with_contact(people, opening, slot, at=at)


def people_of(
    ids: Collection[int], opening: Opening, slot: Slot, facts: SlotFacts, *, at: dt.datetime
) -> list[Person]:
    """Those of these patients who have a claim, with all facts but contact."""
    people: list[Person] = []
    for page in _pages(ids):
        claims = read_claims(slot, facts, page, at=at)
        people += _complete([Person(*claim) for claim in claims], opening, slot, at)
    return people


def _pages(ids: Collection[int]) -> Iterable[list[int]]:
    listed = list(ids)
    return (listed[start : start + PAGE] for start in range(0, len(listed), PAGE))


def _complete(people: list[Person], opening: Opening, slot: Slot, at: dt.datetime) -> list[Person]:
    """Add what does not come from the claim itself."""
    gave_up = opening.freed_appointment.patient_id if opening.freed_appointment else None
    asked = requirements_of(map(_claim, people), slot, at=at)
    return [
        replace(
            person,
            facts=replace(
                person.facts,
                gave_this_up=person.facts.patient_id == gave_up,
                requirements=asked[person.facts.patient_id].requirements,
                imported=asked[person.facts.patient_id].imported,
            ),
        )
        for person in people
    ]


def _claim(person: Person) -> Claim:
    return Claim(person.facts.patient_id, person.facts.visit_type_id, person.appointment_id)


def with_contact(
    people: list[Person], opening: Opening, slot: Slot, *, at: dt.datetime
) -> list[Person]:
    """The same people with the answer to "may they be texted an offer?". Dear: ask for few."""
    answers = contact_answers([person.facts.patient_id for person in people], slot, at=at)
    return [answered(person, answers[person.facts.patient_id], opening) for person in people]


def contact_answers(ids: Collection[int], slot: Slot, *, at: dt.datetime) -> dict[int, SendAnswer]:
    """By patient, whether they may be texted an offer of this slot now. Four statements."""
    return may_send_many(
        ids,
        purpose=Purpose.OFFER,
        zone=slot.role.clinic.location.zone,
        at=at,
        is_sensitive=slot.visit_type.is_sensitive,
    )


def answered(person: Person, answer: SendAnswer, opening: Opening) -> Person:
    """The same person with that answer among their facts."""
    contact = _contact(answer, opening.deadline_at)
    return replace(person, facts=replace(person.facts, contact=contact))


def _contact(answer: SendAnswer, deadline_at: dt.datetime) -> Contact:
    # Only the hour or the budget stands in the way, and will not by the deadline: they are
    # candidates, and each wave asks again.
    later = answer.retry_at is not None and answer.retry_at < deadline_at
    return Contact(
        allowed=answer.allowed or later,
        rule=answer.rule,
        sentence=answer.sentence,
        retry_at=answer.retry_at,
    )
