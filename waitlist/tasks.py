"""The steps that work on openings, and on the survey of each."""

from __future__ import annotations

import datetime as dt

from crm.engine import Actor, step
from waitlist.actions import expire_opening, match_opening, next_wave, open_kept_opening
from waitlist.actions.matching import TAKES_MORE, top_up
from waitlist.actions.openings import STEP
from waitlist.actions.planning import Looked
from waitlist.actions.surveying import STEP as SURVEY
from waitlist.actions.surveying import gives_way_until, start_survey, survey_opening
from waitlist.models import Opening, Survey
from waitlist.queries.candidates import has_unasked
from waitlist.states import LIVE_OPENING, OpeningStatus

BY = Actor.system("fill")
#: While the EHR is being asked about the winner, how often to look at the deadline again.
WHILE_CLAIMED = dt.timedelta(seconds=60)
#: With nobody left to ask, how often to look whether somebody has become a candidate.
LOOK_AGAIN = dt.timedelta(minutes=30)


def work_on_opening(pk: int, at: dt.datetime) -> dt.datetime | None:
    """Match, do what is next in its mode, or close at the deadline; returns when to look again."""
    opening = Opening.objects.get(pk=pk)
    if opening.status not in LIVE_OPENING:
        return None
    if opening.deadline_at <= at:
        return None if expire_opening(opening_id=pk, by=BY, at=at) else at + WHILE_CLAIMED
    if opening.status == OpeningStatus.LATER:
        again_at = open_kept_opening(opening_id=pk, by=BY, at=at)
        if again_at is not None:
            return again_at
        opening.refresh_from_db()
    if opening.status == OpeningStatus.MATCHING:
        return _next_wave(match_opening(opening_id=pk, by=BY, at=at), at)
    if opening.status in TAKES_MORE:
        return _next_wave(top_up(opening_id=pk, by=BY, at=at), at)
    return opening.deadline_at


def _next_wave(looked: Looked, at: dt.datetime) -> dt.datetime | None:
    opening = looked.opening
    if opening.status not in TAKES_MORE:
        return opening.deadline_at
    again_at = next_wave(looked=looked, by=BY, at=at)
    if looked.survey is not None:
        start_survey(looked.survey, at=at)
    return _with_newcomers(opening, again_at, at)


def _with_newcomers(
    opening: Opening, again_at: dt.datetime | None, at: dt.datetime
) -> dt.datetime | None:
    """With nobody left to ask, see from time to time who has come; else keep to the plan."""
    soon = at + LOOK_AGAIN
    if again_at is None or again_at <= soon or has_unasked(opening.pk):
        return again_at
    return soon


def work_on_survey(pk: int, at: dt.datetime) -> dt.datetime | None:
    """Look at everybody, once, when no opening waits to be matched."""
    again_at = gives_way_until(survey_id=pk, at=at)
    if again_at is None:
        survey_opening(survey_id=pk, by=BY, at=at)
    return again_at


step(name=STEP, model=Opening, queue="fill")(work_on_opening)
step(name=SURVEY, model=Survey, queue="bulk")(work_on_survey)
