"""The shortlist and its twin, the rules: neither may say what the other does not."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.models import Appointment
from tests.factories import NOW
from tests.waitlist.crowd import SLOTS, Crowd
from waitlist.models import WaitlistEntry
from waitlist.queries import shortlist
from waitlist.queries.claims import count_everybody, everybody
from waitlist.queries.judging import judge
from waitlist.queries.people import people_of, slot_facts
from waitlist.queries.shortlist import FIRST_LOOK, find_shortlist
from waitlist.rules.eligibility import refusal
from waitlist.rules.ranking import Ranking, rank

#: Deep enough to come to the end of every arm.
ALL = FIRST_LOOK.times(1000)
#: Less than a tenth of the people: the arms and the score have to choose.
SHALLOW = replace(
    FIRST_LOOK,
    farthest=20,
    longest=20,
    widest=60,
    same_clinician=30,
    band=60,
    scored=120,
    listed=60,
)


def crowd_of(
    count: int, *, seed: int, kind: str = "in three days", has_scores: bool = True
) -> Crowd:
    slot_fields, type_fields = SLOTS[kind]
    crowd = Crowd(random.Random(seed), slot_fields, type_fields, has_scores)
    crowd.add(count)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return crowd


def exact(crowd: Crowd) -> Ranking:
    """Everybody under all rules but contact, without a shortlist."""
    facts = slot_facts(crowd.slot, at=NOW)
    ids = everybody(crowd.slot, facts, at=NOW)
    people = people_of(ids, crowd.opening, crowd.slot, facts, at=NOW)
    return rank(facts, [person.facts for person in people], at=NOW)


@pytest.mark.parametrize("kind", SLOTS)
def test_drops_nobody_whom_the_rules_accept_and_scores_as_they_do(db: None, kind: str) -> None:
    crowd = crowd_of(400, seed=sorted(SLOTS).index(kind), kind=kind)
    accepted = exact(crowd).ranked
    found = find_shortlist(crowd.slot, slot_facts(crowd.slot, at=NOW), at=NOW, depth=ALL)
    assert len(accepted) > 15
    assert found.is_everybody
    assert {place.person.patient_id for place in accepted} <= set(found.patient_ids)
    # Nor is it full of people whom the rules refuse: of these, only some with several claims,
    # whose entry says no to what their visit, or another entry, says yes to.
    refused = set(found.patient_ids) - {place.person.patient_id for place in accepted}
    assert not refused & with_one_claim(crowd)
    assert refused < set(everybody(crowd.slot, slot_facts(crowd.slot, at=NOW), at=NOW))


def test_orders_people_as_the_rules_do(db: None) -> None:
    crowd = crowd_of(600, seed=7)
    points = {place.person.patient_id: place.score.total for place in exact(crowd).ranked}
    scores = shortlist_scores(crowd)
    compared = points.keys() & scores.keys() & with_one_claim(crowd)
    assert len(compared) > 40
    for pk in compared:
        assert scores[pk] == pytest.approx(points[pk], abs=0.01), pk


def with_one_claim(crowd: Crowd) -> set[int]:
    """Whoever has several may be found by the lesser of them; the rules put them together."""
    types = crowd.types[:2]
    visits = Appointment.objects.filter(visit_type__in=types, starts_at__gt=NOW, status="booked")
    claims = Counter(visits.values_list("patient", flat=True))
    claims.update(
        WaitlistEntry.objects.filter(visit_type__in=types).values_list("patient", flat=True)
    )
    return {patient_id for patient_id, count in claims.items() if count == 1}


def shortlist_scores(crowd: Crowd) -> dict[int, float]:
    facts = slot_facts(crowd.slot, at=NOW)
    with CaptureQueriesContext(connection) as captured:
        find_shortlist(crowd.slot, facts, at=NOW, depth=ALL)
    with connection.cursor() as cursor:
        cursor.execute(captured.captured_queries[-1]["sql"])
        return {pk: score for pk, score, _ in cursor.fetchall()}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_has_almost_all_of_the_first_twelve_though_it_sees_few(db: None, seed: int) -> None:
    # An imported score is looked up only for those whom an arm has found.
    crowd = crowd_of(1500, seed=seed, has_scores=False)
    first = [place.person.patient_id for place in exact(crowd).ranked[:12]]
    found = find_shortlist(crowd.slot, slot_facts(crowd.slot, at=NOW), at=NOW, depth=SHALLOW)
    assert not found.is_everybody
    assert len(set(first) - set(found.patient_ids)) <= 1  # bench/matching.py counts it at scale


def test_is_one_statement_and_reads_no_more_for_more_people(db: None) -> None:
    crowd = crowd_of(60, seed=4)
    facts = slot_facts(crowd.slot, at=NOW)
    with CaptureQueriesContext(connection) as captured:
        find_shortlist(crowd.slot, facts, at=NOW)
    assert len(captured) == 1


def test_leaves_aside_whom_it_is_told_to(db: None) -> None:
    crowd = crowd_of(80, seed=5)
    facts = slot_facts(crowd.slot, at=NOW)
    first, second, *_ = find_shortlist(crowd.slot, facts, at=NOW).patient_ids
    found = find_shortlist(crowd.slot, facts, at=NOW, without=[first])
    assert first not in found.patient_ids
    assert found.patient_ids[0] == second


def test_says_that_it_saw_everybody_only_when_it_did(db: None) -> None:
    crowd = crowd_of(300, seed=6)
    facts = slot_facts(crowd.slot, at=NOW)
    for name in ("farthest", "band", "scored", "listed"):
        tight = replace(ALL, **{name: 3})
        assert not find_shortlist(crowd.slot, facts, at=NOW, depth=tight).is_everybody, name
    assert find_shortlist(crowd.slot, facts, at=NOW, depth=ALL).is_everybody


def test_finds_nobody_where_nobody_waits(db: None) -> None:
    crowd = Crowd(random.Random(0))
    facts = slot_facts(crowd.slot, at=NOW)
    found = find_shortlist(crowd.slot, facts, at=NOW)
    assert found == shortlist.Shortlist((), is_everybody=True)
    assert count_everybody(crowd.slot, facts, at=NOW) == 0


def test_judges_as_the_rules_alone_would(db: None) -> None:
    crowd = crowd_of(200, seed=8)
    facts = slot_facts(crowd.slot, at=NOW)
    ids = everybody(crowd.slot, facts, at=NOW)
    judged = judge(ids, crowd.opening, crowd.slot, facts, at=NOW)
    assert len(ids) == count_everybody(crowd.slot, facts, at=NOW) == len(judged.people)
    placed = {place.person.patient_id for place in judged.ranking.ranked}
    for pk, person in judged.people.items():
        assert (refusal(facts, person.facts, at=NOW) is None) == (pk in placed)
