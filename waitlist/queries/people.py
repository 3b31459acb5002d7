"""Everybody who could take a slot, as the rules see them. A fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Q

from crm.states import Purpose
from outreach.queries import may_send_many
from scheduling.models import Appointment, Slot
from scheduling.queries import established, live_visits
from scheduling.queries import slot_facts as scheduling_facts
from scheduling.rules import restriction_at
from scheduling.states import AppointmentStatus, Modality
from waitlist.models import Offer, Opening, WaitlistEntry
from waitlist.rules.facts import Contact, PersonFacts, SlotFacts
from waitlist.states import (
    LIVE_OFFER,
    CandidateKind,
    EntryKind,
    EntryStatus,
    OfferStatus,
    Urgency,
)

#: How far back answers to offers count.
RECENT = dt.timedelta(days=30)

_PATIENT_COLUMNS = (
    "birth_on",
    "latitude",
    "longitude",
    "deceased_at",
    "wants_earlier_offers",
    "max_miles",
    "notice_hours",
    "prefers_parts_of_day",
    "prefers_weekdays",
)
_URGENCY_ORDER = {u: n for n, u in enumerate((Urgency.ROUTINE, Urgency.SOON, Urgency.URGENT))}


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
        restriction=restriction_at(scheduling_facts(slot), at),
    )


def accepted_types(slot: Slot) -> list[int]:
    """The slot's own visit type and those whose patients could take it instead."""
    others = slot.visit_type.stands_in_for.values_list("pk", flat=True)
    return [slot.visit_type_id, *others]


def gather(
    opening: Opening, slot: Slot, *, at: dt.datetime, only: Collection[int] | None = None
) -> list[Person]:
    """Everybody with a visit of a fitting type to come, on the waitlist, or with an unmet request.

    One entry a patient: the soonest of their visits (the later ones of a series keep their
    distance), within the limits that their waitlist entry sets, with the highest urgency that
    any of their claims has. `only` looks at these patients alone, to explain their place.
    """
    types = accepted_types(slot)
    people: dict[int, Person] = {}
    for person in (*_visits_to_come(slot, types, at, only), *_entries(types, only)):
        known = people.get(person.facts.patient_id)
        people[person.facts.patient_id] = _merge(known, person) if known else person
    return _complete(list(people.values()), opening, slot, at)


def _merge(first: Person, second: Person) -> Person:
    urgency = max(first.facts.urgency, second.facts.urgency, key=_URGENCY_ORDER.__getitem__)
    since = min(first.facts.waiting_since, second.facts.waiting_since)
    facts = replace(first.facts, urgency=urgency, waiting_since=since)
    if first.entry_id is None and second.entry_id is not None:
        asked = second.facts
        facts = replace(
            facts,
            wants_provider_id=asked.wants_provider_id,
            wants_location_id=asked.wants_location_id,
            not_before_on=asked.not_before_on,
            not_after_on=asked.not_after_on,
        )
    return Person(facts, first.appointment_id, first.entry_id or second.entry_id)


def _visits_to_come(
    slot: Slot, types: list[int], at: dt.datetime, only: Collection[int] | None
) -> Iterable[Person]:
    rows = (
        Appointment.objects.filter(
            _of(only),
            visit_type_id__in=types,
            status=AppointmentStatus.BOOKED,
            starts_at__gt=at,
            role__clinic__specialty=slot.role.clinic.specialty,
        )
        .order_by("starts_at")
        .values(
            "id",
            "patient_id",
            "visit_type_id",
            "starts_at",
            "provider_id",
            "location_id",
            "booked_at",
            *(f"patient__{name}" for name in _PATIENT_COLUMNS),
        )
    )
    for row in rows.iterator(chunk_size=2000):
        facts = PersonFacts(
            patient_id=row["patient_id"],
            kind=CandidateKind.LATER_VISIT,
            visit_type_id=row["visit_type_id"],
            waiting_since=row["booked_at"],
            later_starts_at=row["starts_at"],
            later_provider_id=row["provider_id"],
            later_location_id=row["location_id"],
            **_about_patient(row),
        )
        yield Person(facts, row["id"], None)


def _entries(types: list[int], only: Collection[int] | None) -> Iterable[Person]:
    rows = (
        WaitlistEntry.objects.filter(_of(only), visit_type_id__in=types, status=EntryStatus.WAITING)
        .order_by("created_at")
        .values(
            "id",
            "patient_id",
            "visit_type_id",
            "kind",
            "urgency",
            "provider_id",
            "location_id",
            "not_before_on",
            "not_after_on",
            "created_at",
            *(f"patient__{name}" for name in _PATIENT_COLUMNS),
        )
    )
    for row in rows.iterator(chunk_size=2000):
        unmet = row["kind"] == EntryKind.UNMET_REQUEST
        facts = PersonFacts(
            patient_id=row["patient_id"],
            kind=CandidateKind.UNMET_REQUEST if unmet else CandidateKind.WAITLIST,
            visit_type_id=row["visit_type_id"],
            waiting_since=row["created_at"],
            urgency=Urgency(row["urgency"]),
            wants_provider_id=row["provider_id"],
            wants_location_id=row["location_id"],
            not_before_on=row["not_before_on"],
            not_after_on=row["not_after_on"],
            **_about_patient(row),
        )
        yield Person(facts, None, row["id"])


def _of(patient_ids: Collection[int] | None) -> Q:
    """Rows of these patients; of all where None is given."""
    return Q() if patient_ids is None else Q(patient__in=list(patient_ids))


def _about_patient(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "birth_on": row["patient__birth_on"],
        "latitude": row["patient__latitude"],
        "longitude": row["patient__longitude"],
        "is_deceased": row["patient__deceased_at"] is not None,
        "wants_earlier_offers": row["patient__wants_earlier_offers"],
        "max_miles": row["patient__max_miles"],
        "notice_hours": row["patient__notice_hours"],
        "prefers_parts_of_day": frozenset(row["patient__prefers_parts_of_day"]),
        "prefers_weekdays": frozenset(row["patient__prefers_weekdays"]),
    }


def _complete(people: list[Person], opening: Opening, slot: Slot, at: dt.datetime) -> list[Person]:
    """Add what depends on the patient's other visits, offers and phones."""
    ids = [p.facts.patient_id for p in people]
    giving_up = {p.appointment_id for p in people if p.appointment_id}
    busy = set(
        live_visits(slot.starts_at, slot.ends_at)
        .filter(patient_id__in=ids)
        .exclude(pk__in=giving_up)
        .values_list("patient_id", flat=True)
    )
    seen_here = set(
        established(slot.role.clinic.specialty, at=at)
        .filter(patient_id__in=ids)
        .values_list("patient_id", flat=True)
    )
    live = Offer.objects.filter(patient_id__in=ids, status__in=LIVE_OFFER)
    for_slot = set(live.filter(slot=slot).values_list("patient_id", flat=True))
    overlapping = set(
        live.filter(slot__starts_at__lt=slot.ends_at, slot__ends_at__gt=slot.starts_at).values_list(
            "patient_id", flat=True
        )
    )
    answers = _answers(ids, at)
    allowed = may_send_many(ids, purpose=Purpose.OFFER, at=at, zone=slot.role.clinic.location.zone)
    gave_up = opening.freed_appointment.patient_id if opening.freed_appointment else None

    def completed(person: Person) -> Person:
        pk = person.facts.patient_id
        offered, declined, accepted = answers.get(pk, (0, 0, 0))
        answer = allowed[pk]
        # Only the hour or the budget stands in the way, and will not by the deadline: they
        # are candidates, and each wave asks again.
        later = answer.retry_at is not None and answer.retry_at < opening.deadline_at
        return replace(
            person,
            facts=replace(
                person.facts,
                is_established=pk in seen_here,
                is_busy_then=pk in busy,
                gave_this_up=pk == gave_up,
                has_live_offer_for_slot=pk in for_slot,
                has_live_offer_overlapping=pk in overlapping - for_slot,
                contact=Contact(
                    allowed=answer.allowed or later,
                    rule=answer.rule,
                    sentence=answer.sentence,
                    retry_at=answer.retry_at,
                ),
                offers_recent=offered,
                declined_recent=declined,
                accepted_ever=accepted > 0,
            ),
        )

    return [completed(person) for person in people]


def _answers(ids: list[int], at: dt.datetime) -> dict[int, tuple[int, int, int]]:
    """By patient: offers and noes of the last 30 days, and offers ever won."""
    recent = Q(offered_at__gt=at - RECENT)
    rows = (
        Offer.objects.filter(patient_id__in=ids)
        .values("patient_id")
        .annotate(
            offered=Count("pk", filter=recent),
            declined=Count("pk", filter=recent & Q(status=OfferStatus.DECLINED)),
            won=Count("pk", filter=Q(status=OfferStatus.WON)),
        )
    )
    return {r["patient_id"]: (r["offered"], r["declined"], r["won"]) for r in rows}
