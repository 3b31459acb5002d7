"""Why somebody is not offered an opening: kept rows by rule, and the rules asked again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q

from crm.models import Patient
from scheduling.queries import get_slot
from waitlist.models import Candidate, Offer, Opening
from waitlist.queries.candidates import Person, is_settled, name_people
from waitlist.queries.opening_lines import BOOKABLE
from waitlist.queries.people import gather, slot_facts
from waitlist.queries.tallies import tally_of
from waitlist.rules.eligibility import refusal
from waitlist.rules.ranking import score

#: So many people are explained at once; more, and the question was too wide.
MOST_EXPLAINED = 5
#: Shorter names would find half the town.
SHORTEST_NAME = 2
NO_CANDIDATE = (
    "Has no later visit that this time could replace, is not on the waitlist for it, and has no "
    "unmet request."
)


class Verdict(StrEnum):
    """Where somebody stands with an opening."""

    RANKED = "ranked"
    COULD = "could"  # no rule leaves them out now; they were not kept, or it was another day
    LEFT_OUT = "left-out"
    NO_CANDIDATE = "no-candidate"


@dataclass(frozen=True, slots=True)
class Explanation:
    """One patient's place. `sentence` is for staff; `then` is what a rule said at matching."""

    person: Person
    verdict: Verdict
    sentence: str
    then: str
    can_be_booked: bool


@dataclass(frozen=True, slots=True)
class WhyNot:
    """The answer to "why not …?". `more` when others are called that, too."""

    asked: str
    found: tuple[Explanation, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One who was left out when the opening was matched."""

    person: Person
    sentence: str


def list_left_out(opening_id: int, *, rule: str) -> tuple[LeftOut, ...]:
    """Those whom `rule` left out, as far as they are kept. Two queries."""
    rows = (
        Candidate.objects.filter(opening=opening_id, rank__isnull=True, left_out_by=rule)
        .select_related("patient")
        .order_by("patient__family_name", "patient__given_name", "pk")
    )
    people = name_people(row.patient for row in rows)
    return tuple(LeftOut(people[row.patient_id], row.left_out_why) for row in rows)


def explain(opening_id: int, *, asked: str, at: dt.datetime) -> WhyNot:
    """Find patients by record number or name, and ask the rules about each, now.

    One with a privacy label is found by record number only. :raises Opening.DoesNotExist:
    """
    patients = _find(asked)
    people = name_people(patients)
    found = _explain(opening_id, patients[:MOST_EXPLAINED], people, at)
    return WhyNot(asked=asked.strip(), found=found, more=len(patients) > MOST_EXPLAINED)


def _find(asked: str) -> list[Patient]:
    words = asked.replace(",", " ").split()
    if not words or len(max(words, key=len)) < SHORTEST_NAME:
        return []
    by_number = list(Patient.objects.filter(identifiers__value__iexact=asked.strip()).distinct())
    if by_number:
        return by_number
    named = Q(sensitivity=[])
    for word in words:
        named &= Q(family_name__istartswith=word) | Q(given_name__istartswith=word)
    rows = Patient.objects.filter(named).order_by("family_name", "given_name", "pk")
    return list(rows[: MOST_EXPLAINED + 1])


def _explain(
    opening_id: int, patients: list[Patient], people: dict[int, Person], at: dt.datetime
) -> tuple[Explanation, ...]:
    opening = Opening.objects.select_related("freed_appointment", "survey").get(pk=opening_id)
    if not patients:
        return ()
    ids = [patient.pk for patient in patients]
    dead = {patient.pk for patient in patients if patient.deceased_at is not None}
    kept = {c.patient_id: c for c in Candidate.objects.filter(opening=opening, patient__in=ids)}
    asked = dict(
        Offer.objects.filter(opening=opening, patient__in=ids).values_list("patient_id", "status")
    )
    now = _ask_rules(opening, ids, at)
    lines = []
    for pk in ids:
        row = kept.get(pk)
        verdict, sentence = now[pk]
        if row is not None and row.rank is not None:
            verdict = Verdict.RANKED
            sentence = f"Stands at {row.rank}{_of_how_many(opening)}: {'; '.join(row.reasons)}."
        open_to_them = pk not in dead and not is_settled(asked.get(pk))
        lines.append(
            Explanation(
                person=people[pk],
                verdict=verdict,
                sentence=sentence,
                then=_then(row, sentence),
                can_be_booked=opening.status in BOOKABLE and open_to_them,
            )
        )
    return tuple(lines)


def _of_how_many(opening: Opening) -> str:
    """Where that is known: not while it is counted, nor where there are too many."""
    tally = tally_of(opening)
    known = not tally.is_counting and tally.asked_about is None
    return f" of {tally.eligible}" if known else ""


def _then(row: Candidate | None, now: str) -> str:
    """What was said at matching, where something else is true now."""
    if row is None or row.rank is not None or row.left_out_why == now:
        return ""
    return row.left_out_why


def _ask_rules(opening: Opening, ids: list[int], at: dt.datetime) -> dict[int, tuple[Verdict, str]]:
    slot = get_slot(opening.slot_id)
    facts = slot_facts(slot, at=at)
    answers = dict.fromkeys(ids, (Verdict.NO_CANDIDATE, NO_CANDIDATE))
    for person in gather(opening, slot, at=at, only=ids):
        pk = person.facts.patient_id
        no = refusal(facts, person.facts, at=at)
        if no is not None:
            answers[pk] = (Verdict.LEFT_OUT, f"{no.sentence.rstrip('.')}.")
            continue
        fit = score(facts, person.facts, at=at)
        answers[pk] = (Verdict.COULD, f"{fit.total:.0f} points: {'; '.join(fit.reasons)}.")
    return answers
