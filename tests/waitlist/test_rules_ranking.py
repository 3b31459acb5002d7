from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import math
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.states import Modality
from tests.waitlist.rules_cast import (
    NEW_PATIENT,
    NOW,
    SITE,
    SLOT,
    TZ,
    crowds,
    person,
    persons,
    slot,
    waiting,
)
from waitlist.rules.chance import BASE, LEAST, MOST, chance_to_accept
from waitlist.rules.facts import OutsideScore, PersonFacts, SlotFacts
from waitlist.rules.fit import measure
from waitlist.rules.ranking import BANDS, WEIGHTS, TermName, rank, score
from waitlist.states import CandidateKind, ScoreKind, Urgency

DAY = dt.timedelta(days=1)
URGENCIES = sorted(Urgency, key=lambda urgency: BANDS[urgency])
NEVER = frozenset(
    {"payer", "coverage", "insur", "value", "revenue", "income", "price"}
    | {"race", "ethnic", "sex", "gender", "language", "interpreter", "religion", "marital"}
    | {"zip", "postal", "city", "address", "employ", "vip", "no_show", "noshow", "kept"}
)


def total(someone: PersonFacts, *, at: dt.datetime = NOW, on: SlotFacts = SLOT) -> float:
    return score(on, someone, at=at).total


def chance(someone: PersonFacts, *, at: dt.datetime = NOW, on: SlotFacts = SLOT) -> float:
    return chance_to_accept(on, someone, measure(on, someone, at=at))


def test_the_facts_hold_nothing_that_may_never_count() -> None:
    names = [
        field.name for facts in (SlotFacts, PersonFacts) for field in dataclasses.fields(facts)
    ]
    assert not [(name, word) for name in names for word in NEVER if word in name]


@given(someone=persons(), birth_on=st.dates(), other=persons())
def test_limits_and_age_never_move_anybody_up_or_down(
    someone: PersonFacts, birth_on: dt.date, other: PersonFacts
) -> None:
    limits = dataclasses.replace(
        someone,
        birth_on=birth_on,
        is_established=True,
        max_miles=9,
        notice_hours=4,
        prefers_weekdays=frozenset({1}),
        wants_provider_id=10,
        not_before_on=dt.date(2026, 1, 1),
    )
    assert total(limits) == total(someone)
    assert score(SLOT, limits, at=NOW).reasons == score(SLOT, someone, at=NOW).reasons


@given(someone=persons())
def test_every_number_is_finite_and_adds_up(someone: PersonFacts) -> None:
    found = score(SLOT, someone, at=NOW)
    assert all(math.isfinite(number) for term in found.terms for number in term[1:])
    assert found.total == pytest.approx(sum(term.value * term.weight for term in found.terms))
    assert [term.name for term in found.terms] == list(TermName)
    assert all(term.weight == WEIGHTS[TermName(term.name)] for term in found.terms)
    assert LEAST <= found.chance <= MOST
    assert found.chance == found.terms[3].value


def test_urgency_outweighs_all_the_rest_together() -> None:
    lowest = person(
        later_starts_at=SLOT.starts_at + DAY,
        latitude=SITE[0] + 3,
        waiting_since=NOW,
        prefers_parts_of_day=frozenset({"evening"}),
        offers_recent=50,
        declined_recent=50,
        later_provider_id=11,
        later_location_id=21,
    )
    highest = dataclasses.replace(
        person(patient_id=2, latitude=SITE[0], prefers_parts_of_day=frozenset({"morning"})),
        kind=CandidateKind.WAITLIST,
        later_starts_at=SLOT.starts_at + 2000 * DAY,
        later_provider_id=10,
        waiting_since=NOW - 4000 * DAY,
        accepted_ever=True,
    )
    assert total(highest) > total(lowest) + 100
    for lower, higher in itertools.pairwise(URGENCIES):
        raised = dataclasses.replace(lowest, urgency=higher)
        assert total(raised) > total(dataclasses.replace(highest, urgency=lower))


@given(someone=persons(), other=persons())
def test_urgency_decides_before_anything_else(someone: PersonFacts, other: PersonFacts) -> None:
    if BANDS[someone.urgency] > BANDS[other.urgency]:
        assert total(someone) > total(other)


@given(crowd=crowds(), seed=st.integers(0, 10_000))
def test_the_order_does_not_depend_on_the_order_of_arrival(
    crowd: list[PersonFacts], seed: int
) -> None:
    shuffled = random.Random(seed).sample(crowd, k=len(crowd))
    assert rank(SLOT, shuffled, at=NOW) == rank(SLOT, crowd, at=NOW)


@given(crowd=crowds())
def test_everybody_is_ranked_or_left_out_once(crowd: list[PersonFacts]) -> None:
    ranking = rank(SLOT, crowd, at=NOW)
    found = [r.person.patient_id for r in ranking.ranked]
    found += [left.person.patient_id for left in ranking.left_out]
    assert sorted(found) == sorted(p.patient_id for p in crowd)
    totals = [r.score.total for r in ranking.ranked]
    assert totals == sorted(totals, reverse=True)


def place(crowd: list[PersonFacts], patient_id: int) -> int:
    ranked = rank(SLOT, crowd, at=NOW).ranked
    return [r.person.patient_id for r in ranked].index(patient_id)


def without_trip(crowd: list[PersonFacts]) -> list[PersonFacts]:
    """Nobody is left out: not even for the miles."""
    return [dataclasses.replace(p, latitude=None) for p in crowd]


@given(crowd=crowds(), more_days=st.integers(1, 400), pick=st.integers(0, 11))
def test_more_days_gained_never_lowers_a_place(
    crowd: list[PersonFacts], more_days: int, pick: int
) -> None:
    crowd = without_trip(crowd)
    one = crowd[pick % len(crowd)]
    if one.later_starts_at is None:
        return
    gains = dataclasses.replace(one, later_starts_at=one.later_starts_at + more_days * DAY)
    others = [p for p in crowd if p is not one]
    assert place([gains, *others], one.patient_id) <= place(crowd, one.patient_id)


@given(crowd=crowds(), urgency=st.sampled_from(URGENCIES), pick=st.integers(0, 11))
def test_more_urgency_never_lowers_a_place(
    crowd: list[PersonFacts], urgency: Urgency, pick: int
) -> None:
    crowd = without_trip(crowd)
    one = crowd[pick % len(crowd)]
    if BANDS[urgency] < BANDS[one.urgency]:
        return
    raised = dataclasses.replace(one, urgency=urgency)
    others = [p for p in crowd if p is not one]
    assert place([raised, *others], one.patient_id) <= place(crowd, one.patient_id)


@given(someone=persons(), days=st.integers(1, 1000))
def test_a_longer_wait_never_costs_points(someone: PersonFacts, days: float) -> None:
    longer = dataclasses.replace(someone, waiting_since=someone.waiting_since - days * DAY)
    assert total(longer) >= total(someone)


@given(someone=persons(), more=st.integers(1, 20))
def test_who_was_asked_lately_gives_way(someone: PersonFacts, more: int) -> None:
    asked = dataclasses.replace(someone, offers_recent=someone.offers_recent + more)
    assert total(asked) < total(someone)


@given(someone=persons())
def test_a_far_home_costs_next_to_nothing(someone: PersonFacts) -> None:
    near = dataclasses.replace(someone, latitude=SITE[0], longitude=SITE[1])
    far = dataclasses.replace(near, latitude=SITE[0] + 3)  # 200 miles
    assert 0 <= total(near) - total(far) <= 3


def test_equal_points_go_to_the_longer_wait_then_to_the_lower_id() -> None:
    hours = [person(patient_id=n, waiting_since=NOW - dt.timedelta(hours=n)) for n in (5, 6, 7)]
    twin = person(patient_id=4, waiting_since=NOW - dt.timedelta(hours=7))
    ranked = rank(SLOT, [*hours, twin], at=NOW).ranked
    assert len({r.score.total for r in ranked}) == 1
    assert [r.person.patient_id for r in ranked] == [4, 7, 6, 5]


def test_a_patient_comes_once() -> None:
    with pytest.raises(ValueError, match="once"):
        rank(SLOT, [person(), waiting(2)], at=NOW)


def test_who_is_left_out_is_told_with_the_rule() -> None:
    died = person(patient_id=2, is_deceased=True)
    ranking = rank(SLOT, [died, person()], at=NOW)
    assert [r.person.patient_id for r in ranking.ranked] == [1]
    assert [(left.person.patient_id, left.refusal.rule) for left in ranking.left_out] == [
        (2, "deceased")
    ]


def test_says_why_in_plain_words() -> None:
    someone = person(
        prefers_parts_of_day=frozenset({"morning"}), waiting_since=NOW - 3 * DAY, offers_recent=2
    )
    assert score(SLOT, someone, at=NOW).reasons == (
        "booked 6 weeks later for the same visit type",
        "lives 3 miles away",
        "prefers mornings",
        "already asked 2 times in the last 30 days",
    )


def test_says_urgency_first_and_what_speaks_against() -> None:
    someone = person(
        urgency=Urgency.URGENT,
        visit_type_id=NEW_PATIENT,
        later_provider_id=10,
        latitude=None,
        prefers_parts_of_day=frozenset({"evening", "afternoon"}),
        accepted_ever=True,
        offers_recent=1,
        declined_recent=1,
    )
    assert score(SLOT, someone, at=NOW).reasons == (
        "marked urgent by a clinician",
        "booked 6 weeks later for a visit type that this one can stand in for",
        "waiting for 4 weeks",
        "prefers afternoons and evenings, which this is not",
        "same provider as booked",
        "has taken an offered time before",
        "already asked once in the last 30 days, declined 1",
    )


@pytest.mark.parametrize(
    ("kind", "days", "reason"),
    [
        (CandidateKind.WAITLIST, 21, "on the waitlist for 3 weeks"),
        (CandidateKind.WAITLIST, 0.2, "on the waitlist since today"),
        (CandidateKind.UNMET_REQUEST, 5, "asked 5 days ago and found no time"),
        (CandidateKind.UNMET_REQUEST, 0.2, "asked today, found no time"),
    ],
)
def test_says_how_long_somebody_without_a_visit_has_waited(
    kind: CandidateKind, days: float, reason: str
) -> None:
    someone = dataclasses.replace(waiting(days), kind=kind)
    assert score(SLOT, someone, at=NOW).reasons[0] == reason


def test_the_chance_starts_from_what_was_published() -> None:
    plain = person(later_provider_id=None, later_location_id=None, latitude=None)
    four_days = dataclasses.replace(plain, later_starts_at=SLOT.starts_at + 4 * DAY)
    assert pytest.approx(0.0896, abs=0.0001) == BASE
    assert chance(four_days) == pytest.approx(BASE)


@pytest.mark.parametrize(
    "change",
    [
        {"prefers_parts_of_day": frozenset({"morning"})},
        {"accepted_ever": True},
        {"later_provider_id": 10},
        {"latitude": SITE[0]},
    ],
)
def test_the_chance_rises_with_what_makes_a_yes_easier(change: dict[str, Any]) -> None:
    assert chance(person(**change)) > chance(person())


@pytest.mark.parametrize(
    "change",
    [
        {"prefers_parts_of_day": frozenset({"evening"})},
        {"declined_recent": 1},
        {"latitude": SITE[0] + 1},
        {"later_starts_at": dt.datetime(2026, 12, 9, 9, 0, tzinfo=TZ)},
    ],
)
def test_the_chance_falls_with_what_makes_a_yes_harder(change: dict[str, Any]) -> None:
    assert chance(person(**change)) < chance(person())


def test_the_chance_falls_as_the_time_comes_near() -> None:
    hours = [200, 48, 12, 3]
    chances = [chance(waiting(5), on=slot(starts_at=NOW + dt.timedelta(hours=h))) for h in hours]
    assert chances == sorted(chances, reverse=True)
    assert len(set(chances)) == len(hours)


def test_no_history_of_noes_takes_the_chance_away() -> None:
    stubborn = person(declined_recent=500, later_starts_at=SLOT.starts_at + DAY)
    assert chance(stubborn, on=slot(starts_at=NOW + dt.timedelta(hours=3))) == LEAST


def test_an_unknown_home_counts_like_no_trip() -> None:
    assert total(person(latitude=None)) == total(person(), on=slot(modality=Modality.PHONE))


class Untouchable:
    """Stands for what a visit needs, and fails whoever looks into it."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(f"The score looked at {name} of the requirements.")


@given(someone=persons())
def test_what_a_visit_needs_is_not_even_looked_at_by_the_score(someone: PersonFacts) -> None:
    watched = dataclasses.replace(someone, requirements=Untouchable())  # type: ignore[arg-type]
    assert score(SLOT, watched, at=NOW) == score(SLOT, someone, at=NOW)


# --- scores of outside models --------------------------------------------------------------


def outside(kind: ScoreKind = ScoreKind.ACCEPTANCE, **changes: Any) -> OutsideScore:
    known: dict[str, Any] = {
        "value": 0.5,
        "weight": 20,
        "model": "accept",
        "version": "2.1",
        "source": "Sonora data science",
        "expires_at": NOW + DAY,
    }
    return OutsideScore(kind=kind, **known | changes)


def test_an_imported_score_is_a_term_and_a_reason_with_its_source() -> None:
    found = score(SLOT, person(imported=(outside(value=0.62),)), at=NOW)
    plain = score(SLOT, person(), at=NOW)
    assert found.terms[:-1] == plain.terms
    term = found.terms[-1]
    assert (term.name, term.value, term.weight) == ("imported: likelihood to accept", 0.62, 20)
    assert term.points == pytest.approx(12.4)
    assert found.total == pytest.approx(plain.total + 12.4)
    assert found.chance == plain.chance
    assert found.reasons == (
        *plain.reasons,
        (
            "imported: likelihood to accept 0.62, weight 20, "
            "from Sonora data science (accept 2.1), valid to Dec 1, 2026"
        ),
    )


@pytest.mark.parametrize(
    "counts_for_nothing", [outside(expires_at=NOW), outside(weight=0), outside(weight=-20)]
)
def test_an_expired_or_unweighted_score_leaves_no_trace(counts_for_nothing: OutsideScore) -> None:
    someone = person(imported=(counts_for_nothing,))
    assert score(SLOT, someone, at=NOW) == score(SLOT, person(), at=NOW)


def test_an_imported_score_counts_to_its_last_moment() -> None:
    last = outside(expires_at=NOW + dt.timedelta(microseconds=1))
    assert total(person(imported=(last,))) > total(person())


anything = st.floats(allow_nan=False, min_value=-1e9, max_value=1e9)


@given(someone=persons(), other=persons(), values=st.tuples(anything, anything), weight=anything)
def test_imported_scores_never_outrank_urgency_nor_cost_anybody_points(
    someone: PersonFacts, other: PersonFacts, values: tuple[float, float], weight: float
) -> None:
    scores = tuple(
        outside(kind, value=value, weight=weight)
        for kind, value in zip(ScoreKind, values, strict=True)
    )
    scored = dataclasses.replace(other, imported=scores)
    assert total(scored) >= total(other)
    if BANDS[someone.urgency] > BANDS[scored.urgency]:
        assert total(someone) > total(scored)
