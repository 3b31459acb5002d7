"""The list and the candidates as CSV, for whoever runs openings elsewhere for a day."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm import clock
from crm.engine import record
from crm.permissions import can_run_openings, can_view_openings
from crm.web import actor, allowed_to, csv_answer, note_views
from outreach.rules.times import say_time
from waitlist import opening_words as words
from waitlist import queries
from waitlist.forms import FilterForm
from waitlist.models import Opening
from waitlist.queries.candidates import CandidateLine
from waitlist.queries.openings import OpeningLine
from waitlist.views.pages import find_detail

OPENING_COLUMNS = (
    "opening",
    "state",
    "why it opened",
    "time",
    "zone",
    "clinician",
    "visit type",
    "site",
    "deadline",
    "considered",
    "could take it",
    "waves",
    "asked",
    "closed",
    "closed why",
)
CANDIDATE_COLUMNS = (
    "rank",
    "patient",
    "record number",
    "points",
    "chance to accept",
    "reasons",
    "offered",
    "wave",
    "answer",
    "answered",
)


@never_cache
@require_safe
@allowed_to(can_view_openings)
def export_openings(request: HttpRequest) -> HttpResponse:
    """The list as it is filtered, all of it. Names no patient."""
    form = FilterForm(request.GET)
    lines = queries.all_lines(shown=form.shown, site_id=form.site_id, at=clock.now())
    rows = (_opening_row(line) for line in lines)
    return csv_answer(f"openings-{form.shown}.csv", OPENING_COLUMNS, rows)


@never_cache
@require_safe
@allowed_to(can_run_openings)
def export_candidates(request: HttpRequest, pk: int) -> HttpResponse:
    """The ranking of one opening as far as it is kept; patients with a label by initials."""
    at = clock.now()
    detail = find_detail(pk, everybody=True, at=at)
    record(
        "waitlist.opening.exported",
        Opening(pk=pk),
        by=actor(request),
        at=at,
        rows=len(detail.candidates),
    )
    people = [line.person.pk for line in detail.candidates]
    note_views(request, what=f"export of opening {pk}", patient_ids=people, at=at)
    rows = (_candidate_row(line, detail.slot.zone) for line in detail.candidates)
    return csv_answer(f"opening-{pk}-candidates.csv", CANDIDATE_COLUMNS, rows)


def _opening_row(line: OpeningLine) -> Sequence[object]:
    zone = line.slot.zone
    return (
        line.pk,
        words.OPENING[line.status].word,
        words.CAUSE[line.cause],
        say_time(line.slot.starts_at, zone, "en"),
        zone,
        line.slot.provider,
        line.slot.visit_type,
        line.slot.site_name,
        say_time(line.deadline_at, zone, "en"),
        line.considered,
        line.eligible,
        line.waves,
        line.asked,
        say_time(line.closed_at, zone, "en") if line.closed_at else "",
        line.closed_why,
    )


def _candidate_row(line: CandidateLine, zone: str) -> Sequence[object]:
    offer = line.offer
    answered_at = offer.answered_at if offer else None
    return (
        line.rank,
        line.person.name,
        line.person.mrn,
        round(line.score, 1),
        f"{line.chance:.0%}",
        "; ".join(line.reasons),
        say_time(offer.offered_at, zone, "en") if offer else "",
        offer.wave if offer else "",
        words.OFFER[offer.status].word if offer else "",
        say_time(answered_at, zone, "en") if answered_at else "",
    )
