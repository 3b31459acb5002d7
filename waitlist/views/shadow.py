"""The shadow report, the rows behind each of its figures, and both as CSV."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_noop as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm import clock
from crm.engine import record
from crm.permissions import can_manage_staff, can_run_openings, can_view_openings
from crm.web import actor, allowed_to, csv_answer, note_views
from outreach.rules.times import say_time
from scheduling.models import Clinic
from waitlist import opening_words as words
from waitlist.forms import ReportForm
from waitlist.queries import shadow
from waitlist.queries.shadow import ClinicLine, Figure, WatchedLine, WouldBeOffer

#: So many rows are shown; the CSV has them all.
MOST_ROWS = 200
FIGURES: dict[str, str] = {
    Figure.OPENINGS: _("Times that were freed"),
    Figure.WITH_PEOPLE: _("Times with somebody to ask"),
    Figure.FILLED: _("Filled by staff"),
    Figure.UNUSED: _("Passed unused"),
    Figure.CLOSED: _("Blocked or moved by the clinic"),
    Figure.TO_COME: _("Still to come"),
}
_REPORT = (
    "clinic",
    "site",
    "mode now",
    "times freed",
    "with somebody to ask",
    "people who would have been asked",
    "filled by staff",
    "median hours until filled",
    "passed unused",
    "unused minutes with somebody to ask",
    "blocked or moved",
    "still to come",
    "median days sooner",
)
_OPENINGS = (
    "opening",
    "freed",
    "time",
    "zone",
    "clinician",
    "visit type",
    "clinic",
    "would have asked",
    "days sooner for the first",
    "outcome",
    "filled",
)
_OFFERS = (
    "opening",
    "time",
    "zone",
    "clinic",
    "wave",
    "place",
    "would have been asked",
    "patient",
    "record number",
    "days sooner",
    "reasons",
)


@never_cache
@require_safe
@allowed_to(can_view_openings)
def report(request: HttpRequest) -> HttpResponse:
    """By clinic and period. Names no patient."""
    form = ReportForm.of(request.GET, today=_today())
    context = {
        "form": form,
        "report": shadow.shadow_report(form.period, at=clock.now()),
        "query": _query(form),
        "can_run": can_run_openings(request.user),
        "can_switch": can_manage_staff(request.user),
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "waitlist/report.html", context, status=status)


@never_cache
@require_safe
@allowed_to(can_view_openings)
def export_report(request: HttpRequest) -> HttpResponse:
    """The table as CSV."""
    form = ReportForm.of(request.GET, today=_today())
    found = shadow.shadow_report(form.period, at=clock.now())
    return csv_answer("shadow-report.csv", _REPORT, map(_clinic_row, found.clinics))


@never_cache
@require_safe
@allowed_to(can_view_openings)
def openings_behind(request: HttpRequest) -> HttpResponse:
    """The openings behind a figure, each of which opens."""
    form = ReportForm.of(request.GET, today=_today())
    lines = shadow.watched_openings(
        form.period, clinic_id=form.clinic_id, figure=form.chosen_figure, at=clock.now()
    )
    if "csv" in request.GET:
        return csv_answer(f"shadow-{form.chosen_figure}.csv", _OPENINGS, map(_opening_row, lines))
    context = {
        "heading": FIGURES[form.chosen_figure],
        "clinic": Clinic.objects.filter(pk=form.clinic_id or 0).first(),
        "period": form.period,
        "lines": lines[:MOST_ROWS],
        "total": len(lines),
        "query": _query(form),
        "now": clock.now(),
    }
    return render(request, "waitlist/report_openings.html", context)


@never_cache
@require_safe
@allowed_to(can_run_openings)
def offers_behind(request: HttpRequest) -> HttpResponse:
    """Who would have been asked. Names patients: each look is written down."""
    form, at = ReportForm.of(request.GET, today=_today()), clock.now()
    lines = shadow.would_be_offers(form.period, clinic_id=form.clinic_id)
    is_csv = "csv" in request.GET
    shown = lines if is_csv else lines[:MOST_ROWS]
    people = {line.person.pk for line in shown}
    note_views(request, what="shadow report", patient_ids=people, at=at)
    if is_csv:
        by = actor(request)
        record("waitlist.shadow.exported", request.user, by=by, at=at, rows=len(lines))  # type: ignore[arg-type]
        return csv_answer("shadow-offers.csv", _OFFERS, map(_offer_row, lines))
    context = {
        "clinic": Clinic.objects.filter(pk=form.clinic_id or 0).first(),
        "period": form.period,
        "lines": shown,
        "total": len(lines),
        "query": _query(form),
    }
    return render(request, "waitlist/report_offers.html", context)


def _today() -> dt.date:
    """Roughly: each site's own days are counted by its own clock."""
    return clock.now().date()


def _query(form: ReportForm) -> str:
    asked: dict[str, object] = {
        "since": form.period.since.isoformat(),
        "until": form.period.until.isoformat(),
    }
    if form.clinic_id is not None:
        asked["clinic"] = form.clinic_id
    if form.chosen_figure is not Figure.OPENINGS:
        asked["figure"] = form.chosen_figure.value
    return urlencode(asked)


def _clinic_row(line: ClinicLine) -> Sequence[object]:
    t = line.totals
    hours = round(t.filled_after.total_seconds() / 3600, 1) if t.filled_after else ""
    return (
        line.name,
        line.site,
        words.MODE[line.mode].word,
        t.openings,
        t.with_people,
        t.asked,
        t.filled,
        hours,
        t.unused,
        t.unused_minutes,
        t.closed,
        t.to_come,
        "" if t.days_gained is None else t.days_gained,
    )


def _opening_row(line: WatchedLine) -> Sequence[object]:
    slot, case = line.slot, line.case
    return (
        line.opening_id,
        say_time(case.opened_at, slot.zone, "en"),
        say_time(case.starts_at, slot.zone, "en"),
        slot.zone,
        slot.provider,
        slot.visit_type,
        slot.clinic,
        case.would_ask,
        "" if case.days_gained is None else case.days_gained,
        words.OUTCOME[case.outcome].word,
        say_time(case.filled_at, slot.zone, "en") if case.filled_at else "",
    )


def _offer_row(line: WouldBeOffer) -> Sequence[object]:
    slot = line.slot
    return (
        line.opening_id,
        say_time(slot.starts_at, slot.zone, "en"),
        slot.zone,
        slot.clinic,
        line.wave,
        line.place,
        say_time(line.planned_at, slot.zone, "en"),
        line.person.name,
        line.person.mrn,
        "" if line.days_gained is None else line.days_gained,
        line.why,
    )
