"""Matching, and looking again before each later wave, with every hand on the clock."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.engine import Actor
from crm.models import AuditEntry, ConsentEntry, PatientPhone
from crm.states import Purpose
from outreach.states import MessageStatus
from scheduling.models import Appointment, Clinic
from tests.factories import (
    NOW,
    MessageFactory,
    WaitlistEntryFactory,
    phone_of,
    reachable_patient,
)
from tests.waitlist.crowd import Crowd
from tests.waitlist.scene import Scene
from waitlist.actions import match_opening
from waitlist.actions.matching import top_up
from waitlist.models import Candidate, Offer, Opening, Survey
from waitlist.queries import judging
from waitlist.queries.shortlist import Depth
from waitlist.states import OpeningStatus, Urgency

TEST = Actor.system("test")
#: The opening, its slot and the types it takes; the shortlist; claims, terms and needs of a
#: batch; contact in four; then the transaction: begin, lock, candidates, the opening's move
#: with its audit entry in a savepoint, survey, event, commit.
MATCHING_IN = 21


def ranking(opening: Opening) -> list[int]:
    ranked = Candidate.objects.filter(opening=opening, rank__isnull=False).order_by("rank")
    return list(ranked.values_list("patient_id", flat=True))


@pytest.mark.parametrize("count", [40, 400])
def test_takes_the_same_statements_for_few_and_for_many(db: None, count: int) -> None:
    crowd = Crowd(random.Random(1))
    crowd.add(count)
    with CaptureQueriesContext(connection) as captured:
        match_opening(opening_id=crowd.opening.pk, by=TEST, at=NOW)
    statements = [query["sql"].split("\n")[0][:90] for query in captured]
    assert len(captured) <= MATCHING_IN, "\n".join(statements)


def test_the_first_wave_does_not_wait_for_the_survey(db: None) -> None:
    crowd = Crowd(random.Random(2))
    crowd.add(300)
    opening = match_opening(opening_id=crowd.opening.pk, by=TEST, at=NOW).opening
    assert opening.status == OpeningStatus.OFFERING
    assert opening.matched_at == NOW
    survey = Survey.objects.get(opening=opening)
    assert survey.done_at is None
    assert survey.due_at is not None
    assert survey.due_at > NOW
    ranked = opening.candidates.filter(rank__isnull=False).order_by("rank")
    ranks = list(ranked.values_list("rank", flat=True))
    assert ranks == list(range(1, len(ranks) + 1))
    assert opening.eligible == len(ranks) >= crowd.here.max_disappointed + judging.SPARE


def test_looks_deeper_where_the_first_look_finds_people_without_consent(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tight = Depth(farthest=5, longest=5, widest=20, same_clinician=5, band=10, scored=40, listed=12)
    monkeypatch.setattr(judging, "FIRST_LOOK", tight)
    crowd = Crowd(random.Random(3))
    crowd.add(300)
    opening = match_opening(opening_id=crowd.opening.pk, by=TEST, at=NOW).opening
    assert opening.eligible > tight.listed


def test_matches_once(db: None) -> None:
    crowd = Crowd(random.Random(4))
    crowd.add(60)
    for _ in range(2):
        match_opening(opening_id=crowd.opening.pk, by=TEST, at=NOW)
    moved = AuditEntry.objects.filter(subject_id=crowd.opening.pk, to_status="offering")
    assert moved.count() == 1


# --- topping up ------------------------------------------------------------------------


def test_a_new_entry_joins_the_ranking_before_the_next_wave(scene: Scene) -> None:
    asked = [scene.add_candidate() for _ in range(2)]
    opening = scene.free()
    late = reachable_patient(family_name="Late")
    WaitlistEntryFactory.create(
        patient=late, visit_type=scene.visit_type, urgency=Urgency.URGENT, created_at=scene.at
    )
    scene.settle(minutes=30)  # nobody is left to ask: it looks who has come
    assert ranking(opening)[0] == late.pk  # urgent: before those who were asked
    assert set(ranking(opening)[1:]) == {patient.pk for patient in asked}
    assert Offer.objects.filter(opening=opening, patient=late).exists()
    assert AuditEntry.objects.filter(
        verb="waitlist.opening.topped-up", detail__added=1, subject_id=opening.pk
    ).exists()


def test_a_new_later_visit_joins_it(scene: Scene) -> None:
    scene.add_candidate()
    opening = scene.free()
    late = scene.add_candidate(family_name="Late")
    top_up(opening_id=opening.pk, by=TEST, at=scene.at)
    row = Candidate.objects.get(opening=opening, patient=late)
    assert row.rank == 2
    assert row.appointment == scene.later_visit(late)


def test_a_phone_added_since_joins_it(scene: Scene) -> None:
    scene.add_candidate()
    silent = scene.add_candidate()
    phone = phone_of(silent)
    PatientPhone.objects.filter(patient=silent).update(ended_on=NOW.date())
    opening = scene.free()
    left_out = Candidate.objects.get(opening=opening, patient=silent)
    assert left_out.left_out_by == "contact:number-ended"
    PatientPhone.objects.filter(patient=silent).update(ended_on=None)
    top_up(opening_id=opening.pk, by=TEST, at=scene.at)
    left_out.refresh_from_db()
    assert left_out.rank is not None
    assert (left_out.left_out_by, left_out.left_out_why) == ("", "")
    assert ConsentEntry.objects.filter(phone=phone).exists()


def test_whoever_was_asked_keeps_what_they_were_asked_with(scene: Scene) -> None:
    asked = scene.add_candidate()
    opening = scene.free()
    before = Candidate.objects.get(opening=opening, patient=asked)
    Appointment.objects.filter(patient=asked).update(starts_at=scene.slot.starts_at)
    top_up(opening_id=opening.pk, by=TEST, at=scene.at + dt.timedelta(days=1))
    after = Candidate.objects.get(opening=opening, patient=asked)
    assert (after.rank, after.score, after.reasons) == (before.rank, before.score, before.reasons)


def test_the_others_are_ordered_anew_and_who_no_longer_fits_leaves(scene: Scene) -> None:
    people = [scene.add_candidate(days=40 + n) for n in range(30)]
    opening = scene.free()
    scene.settle(seconds=30)  # everybody is looked at
    unasked = [pk for pk in ranking(opening) if not Offer.objects.filter(patient=pk).exists()]
    gone, first = unasked[0], unasked[-1]
    Appointment.objects.filter(patient=gone).update(starts_at=scene.slot.starts_at)
    Appointment.objects.filter(patient=first).update(booked_at=NOW - dt.timedelta(days=400))
    top_up(opening_id=opening.pk, by=TEST, at=scene.at)
    now = [pk for pk in ranking(opening) if pk in unasked]
    assert now[0] == first
    assert gone not in now
    assert Candidate.objects.get(opening=opening, patient=gone).left_out_by in {
        "not-earlier",
        "busy-then",
    }
    left = AuditEntry.objects.filter(verb="waitlist.candidate.left")
    assert [row.patient_id for row in left] == [gone]
    assert len(ranking(opening)) == len(people) - 1


def test_nothing_is_said_where_nothing_changed(scene: Scene) -> None:
    scene.add_candidate()
    opening = scene.free()
    top_up(opening_id=opening.pk, by=TEST, at=scene.at)
    assert not AuditEntry.objects.filter(verb="waitlist.opening.topped-up").exists()


def test_a_paused_opening_is_left_alone(scene: Scene) -> None:
    scene.add_candidate()
    opening = scene.free()
    Opening.objects.filter(pk=opening.pk).update(status=OpeningStatus.PAUSED)
    scene.add_candidate()
    top_up(opening_id=opening.pk, by=TEST, at=scene.at)
    assert len(ranking(opening)) == 1


def test_passes_by_those_who_had_their_text_for_today(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "SPARE", 1)
    monkeypatch.setattr(judging, "MARGIN", 0)
    Clinic.objects.update(max_disappointed=0)  # so one is judged at a time, until one may be asked
    texted = [scene.add_candidate(days=60 + n) for n in range(3)]
    other = scene.add_candidate(days=20)
    for patient in texted:
        MessageFactory.create(
            patient=patient,
            phone=phone_of(patient),
            purpose=Purpose.OFFER,
            status=MessageStatus.DELIVERED,
            sent_at=scene.at,
            due_at=None,
        )
    opening = scene.free()
    assert [offer.patient for offer in Offer.objects.filter(opening=opening)] == [other]
