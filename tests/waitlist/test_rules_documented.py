"""docs/ranking.md says what the code does."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from pathlib import Path

import pytest

from scheduling.rules.words import say_minutes
from tests.waitlist.rules_cast import NOW, SITE, SLOT, ZONE, person, waiting
from waitlist.rules import chance
from waitlist.rules.eligibility import RULES, RuleName
from waitlist.rules.facts import PersonFacts
from waitlist.rules.ranking import (
    BANDS,
    DAYS_WITHOUT_VISIT,
    HALF_GAIN_DAYS,
    HALF_WAIT_DAYS,
    MOST_IMPORTED_WEIGHT,
    WEIGHTS,
    TermName,
    rank,
)
from waitlist.rules.score_lines import COLUMNS
from waitlist.rules.waves import plan_wave
from waitlist.states import ScoreKind, Urgency

PAGE = (Path(__file__).parents[2] / "docs" / "ranking.md").read_text(encoding="utf-8")
DAY = dt.timedelta(days=1)

PEOPLE = {
    "Ana": person(
        prefers_parts_of_day=frozenset({"morning"}),
        waiting_since=NOW - 20 * DAY,
    ),
    "Ben": dataclasses.replace(waiting(60), latitude=SITE[0] + 12 / 69),
    "Cleo": person(
        later_starts_at=SLOT.starts_at + 14 * DAY,
        waiting_since=NOW - 70 * DAY,
        offers_recent=2,
        later_provider_id=10,
    ),
    "Dev": person(
        urgency=Urgency.SOON,
        later_starts_at=SLOT.starts_at + 5 * DAY,
        waiting_since=NOW - 4 * DAY,
        latitude=SITE[0] + 30 / 69,
    ),
    "Eve": person(prefers_weekdays=frozenset({0, 3})),
}


def table(heading: str) -> list[list[str]]:
    """The cells of the table whose first heading is `heading`, without its two first lines."""
    lines = PAGE.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {heading}"))
    rows: list[list[str]] = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def numbered() -> tuple[dict[int, str], list[PersonFacts]]:
    names = dict(enumerate(PEOPLE, start=1))
    facts = [dataclasses.replace(p, patient_id=n) for n, p in enumerate(PEOPLE.values(), start=1)]
    return names, facts


def test_lists_the_rules_in_their_order() -> None:
    in_order = [f"`{name}`" for name, _ in RULES] + [f"`{RuleName.CONTACT}`"]
    assert [row[0] for row in table("Rule")] == in_order


def test_lists_the_terms_with_their_weights_and_formulas() -> None:
    rows = {row[0]: row[1:] for row in table("Term")}
    assert {name: float(row[0]) for name, row in rows.items()} == WEIGHTS
    bands = ", ".join(f"{u} {BANDS[u]:.0f}" for u in sorted(BANDS, key=BANDS.__getitem__))
    assert rows[TermName.URGENCY][1].startswith(bands)
    gain = rows[TermName.DAYS_GAINED][1]
    assert gain.startswith(f"*d* / (*d* + {HALF_GAIN_DAYS})")
    assert f"{DAYS_WITHOUT_VISIT} days where none is booked" in gain
    assert rows[TermName.WAIT][1].startswith(f"*w* / (*w* + {HALF_WAIT_DAYS})")
    assert f"{chance.LEAST:.2f} to {chance.MOST:.2f}" in rows[TermName.CHANCE][1]


def test_the_weights_put_urgency_first_as_the_page_promises() -> None:
    rest = {name: weight for name, weight in WEIGHTS.items() if name != TermName.URGENCY}
    most = sum(rest.values()) - rest[TermName.CHANCE] * (1 - chance.MOST)
    assert most < 110
    with_imported = most + len(ScoreKind) * MOST_IMPORTED_WEIGHT
    assert with_imported < 230 < WEIGHTS[TermName.URGENCY]
    assert "stay under 110 points" in PAGE
    assert "stay under 230 points" in PAGE


def test_lists_every_kind_of_imported_score() -> None:
    assert [row[0] for row in table("Kind | Says")] == [f"`{kind}`" for kind in ScoreKind]
    assert f"0 to {MOST_IMPORTED_WEIGHT:.0f} points" in PAGE
    assert not [name for name in COLUMNS if f"`{name}`" not in PAGE]


def test_lists_every_step_of_the_chance() -> None:
    told = [float(row[1]) for row in table("What | Log-odds")]
    notice = [log_odds for _, log_odds in chance.NOTICE if log_odds]
    gain = [log_odds for _, log_odds in chance.GAIN if log_odds]
    assert told == [
        *notice,
        *gain,
        chance.NO_VISIT_BOOKED,
        chance.ASKED_FOR_IT,
        chance.PART_OF_DAY_SUITS,
        chance.PART_OF_DAY_DOES_NOT,
        chance.SAME_PROVIDER,
        chance.SAME_LOCATION,
        chance.MILE,
        chance.ACCEPTED_EVER,
        chance.DECLINED,
    ]
    assert [at for at, _ in chance.NOTICE] == [72 * 60, 24 * 60, 6 * 60, -math.inf]
    assert [at for at, _ in chance.GAIN] == [33, 14, 4, -math.inf]
    assert f"up to {chance.MOST_MILES} " in f"{table('What | Log-odds')[-3][0]} "
    assert f"up to {chance.MOST_DECLINES} " in f"{table('What | Log-odds')[-1][0]} "
    assert f"together {chance.BASE * 100:.1f} %" in PAGE


def test_works_the_example_out_as_the_page_does() -> None:
    names, facts = numbered()
    found = [
        [
            str(place),
            names[someone.patient_id],
            *(f"{term.points:.1f}" for term in score.terms),
            f"{score.total:.1f}",
        ]
        for place, (someone, score) in enumerate(rank(SLOT, facts, at=NOW).ranked, start=1)
    ]
    assert found == table("Place")


def test_gives_the_reasons_of_the_example_as_the_page_does() -> None:
    names, facts = numbered()
    ranking = rank(SLOT, facts, at=NOW)
    for someone, score in ranking.ranked:
        line = f"- **{names[someone.patient_id]}**: {'; '.join(score.reasons)}\n"
        assert line in PAGE
    ((eve, why),) = ranking.left_out
    line = f"- **{names[eve.patient_id]}** is left out (`{why.rule}`): {why.sentence}\n"
    assert line in PAGE


@pytest.mark.parametrize(
    ("row", "deadline_at"),
    [
        (0, NOW + dt.timedelta(hours=17)),
        (1, NOW + dt.timedelta(weeks=3)),
        (2, NOW + dt.timedelta(minutes=30)),
    ],
)
def test_sizes_the_waves_of_the_page(row: int, deadline_at: dt.datetime) -> None:
    plan = plan_wave(
        now=NOW,
        deadline_at=deadline_at,
        zone=ZONE,
        eligible_left=100,
        unanswered_since=[],
        mean_chance=0.11,
        max_disappointed=12,
    )
    assert plan.next_at is not None
    wait = say_minutes((plan.next_at - NOW) / dt.timedelta(minutes=1))
    assert table("On Monday")[row][1:] == [str(plan.size), f"in {wait}"]
    if row == 0:
        assert f'"{plan.why}"' in PAGE
