"""The count of everybody, taken when the first have been asked."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from crm.engine import Actor, run_step
from crm.engine.steps import get_step
from crm.models import AuditEntry, Event
from scheduling.queries import get_slot
from scheduling.states import FreedBy
from tests.factories import NOW, SlotFactory
from tests.waitlist.crowd import Crowd
from tests.waitlist.opening_desk import Desk, words
from tests.waitlist.scene import Scene
from waitlist.actions import match_opening, surveying
from waitlist.actions.surveying import STEP, survey_opening
from waitlist.models import Candidate, Offer, Opening, Survey
from waitlist.queries import get_opening_detail
from waitlist.queries.claims import everybody
from waitlist.queries.judging import judge
from waitlist.queries.people import slot_facts
from waitlist.queries.tallies import Tally, tally_of
from waitlist.states import OpeningStatus

TEST = Actor.system("test")


@pytest.fixture
def crowd(db: None) -> Crowd:
    """Three hundred people, matched; the survey is still to come."""
    made = Crowd(random.Random(11))
    made.add(300)
    match_opening(opening_id=made.opening.pk, by=TEST, at=NOW)
    return made


def surveyed(crowd: Crowd) -> Opening:
    survey_opening(survey_id=Survey.objects.get(opening=crowd.opening).pk, by=TEST, at=NOW)
    return Opening.objects.select_related("survey").get(pk=crowd.opening.pk)


def test_counts_everybody_by_the_rules(crowd: Crowd) -> None:
    facts = slot_facts(crowd.slot, at=NOW)
    ids = everybody(crowd.slot, facts, at=NOW)
    exact = judge(ids, crowd.opening, crowd.slot, facts, at=NOW)
    opening = surveyed(crowd)
    assert opening.considered == len(exact.people)
    assert opening.eligible == len(exact.ranking.ranked)
    assert sum(opening.left_out.values()) == len(exact.ranking.left_out)
    ranked = opening.candidates.filter(rank__isnull=False).order_by("rank")
    assert list(ranked.values_list("patient_id", flat=True)) == [
        place.person.patient_id for place in exact.ranking.ranked
    ]
    assert tally_of(opening) == Tally(opening.considered, opening.eligible, False, None)


def test_says_at_least_where_there_are_too_many(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surveying, "MOST_ASKED", 50)
    monkeypatch.setattr(surveying, "ASKED_OF_MORE", 40)
    opening = surveyed(crowd)
    assert opening.survey.asked_about == 40
    assert opening.considered > 100
    tally = tally_of(opening)
    assert tally.in_short == f"at least {opening.eligible} of {opening.considered} considered"
    assert tally.told == f"{opening.considered} considered, at least {tally.eligible} could take it"


def test_is_done_once_and_says_so(crowd: Crowd) -> None:
    surveyed(crowd)
    surveyed(crowd)
    assert Event.objects.filter(name="waitlist.opening-surveyed").count() == 1
    assert not AuditEntry.objects.filter(verb="waitlist.candidate.left").exists()


def test_waits_for_the_first_wave_but_not_for_its_ring(scene: Scene) -> None:
    scene.add_candidate()
    opening = scene.free()
    survey = Survey.objects.get(opening=opening)
    assert survey.done_at == scene.at  # the wave was out: it was started at once
    Survey.objects.filter(pk=survey.pk).update(done_at=None, due_at=scene.at + surveying.GRACE)
    assert not run_step(STEP, survey.pk, at=scene.at)
    assert run_step(STEP, survey.pk, at=scene.at + surveying.GRACE)
    survey.refresh_from_db()
    assert survey.done_at is not None
    assert survey.due_at is None


def test_runs_in_the_queue_for_bulk_work() -> None:
    assert get_step(STEP).queue == "bulk"


def test_a_long_one_gives_way_to_openings_that_are_matched(crowd: Crowd) -> None:
    survey = Survey.objects.get(opening=crowd.opening)
    due_at = NOW + surveying.LATER
    assert survey.due_at == due_at  # three hundred: more than the first look saw
    other = Opening.objects.create(
        slot=SlotFactory.create(role=crowd.slot.role, starts_at=crowd.slot.starts_at),
        cause=FreedBy.CANCELLATION,
        opened_at=NOW,
        starts_at=crowd.slot.starts_at,
        deadline_at=crowd.slot.starts_at,
    )
    assert run_step(STEP, survey.pk, at=due_at)
    survey.refresh_from_db()
    assert (survey.done_at, survey.due_at) == (None, due_at + surveying.LATER)
    at_last = NOW + surveying.LONGEST_WAIT
    assert run_step(STEP, survey.pk, at=at_last)
    survey.refresh_from_db()
    assert survey.done_at == at_last
    assert Opening.objects.get(pk=other.pk).status == OpeningStatus.MATCHING


def test_a_count_of_thousands_stands_for_the_next_opening(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surveying, "MOST_ASKED", 50)
    counted = surveyed(crowd)
    slot = SlotFactory.create(
        role=crowd.slot.role,
        visit_type=crowd.slot.visit_type,
        starts_at=crowd.slot.starts_at + dt.timedelta(hours=5),
    )
    facts = get_slot(slot.pk)
    assert surveying.count_lately(facts, at=NOW) == counted.considered
    later = NOW + surveying.COUNT_HOLDS
    assert surveying.count_lately(facts, at=later) is None


def test_leaves_an_opening_that_has_ended_as_it_was(crowd: Crowd) -> None:
    Opening.objects.filter(pk=crowd.opening.pk).update(
        status=OpeningStatus.FILLED, closed_at=NOW, closed_why="booked"
    )
    before = list(Candidate.objects.order_by("pk").values_list("pk", "rank"))
    opening = surveyed(crowd)
    assert list(Candidate.objects.order_by("pk").values_list("pk", "rank")) == before
    assert tally_of(opening).in_short == f"{opening.eligible} found before it ended"


def test_counts_those_who_were_asked_as_fitting(scene: Scene) -> None:
    for _ in range(3):
        scene.add_candidate()
    opening = scene.free()
    assert Offer.objects.filter(opening=opening).exists()
    assert (opening.considered, opening.eligible, opening.left_out) == (3, 3, {})
    assert not opening.candidates.filter(rank=None).exists()


def test_the_page_says_that_the_rest_are_counted(opening: Opening, agent: Desk) -> None:
    assert "3 of 4 considered" in words(agent.get(f"/openings/{opening.pk}/"))
    Survey.objects.update(done_at=None)
    shown = words(agent.get(f"/openings/{opening.pk}/"))
    assert "3 found; counting the rest…" in shown
    assert "considered" not in shown.split("Waves")[0].split("Who could take it")[1][:60]


def test_its_end_shows_on_the_page_at_once(opening: Opening) -> None:
    Survey.objects.update(done_at=None)
    before = get_opening_detail(opening.pk, at=NOW).mark
    Survey.objects.update(done_at=NOW)
    assert get_opening_detail(opening.pk, at=NOW).mark != before
