"""What a schedule would change, making it so, and the visits that somebody must move."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from crm import clock
from crm.engine import record
from crm.permissions import can_run_openings, can_view_openings
from crm.web import actor, allowed_to, csv_answer, htmx_of, note_views
from desk.queries import schedules as queries
from desk.template_forms import PlanForm
from outreach.rules.times import say_time
from scheduling.actions.schedule_runs import NothingScheduled, start_run, stop_run
from scheduling.actions.templates import WouldOrphan, plan_schedule
from scheduling.models import ScheduleRun
from scheduling.queries.schedule_diff import Change
from scheduling.queries.schedules import scheduled_roles
from scheduling.states import ScheduleRunStatus

#: What of a plan is said, in this order: the word, and what it means.
SAID: dict[Change, tuple[str, str]] = {
    Change.ADD: ("new", "will be made"),
    Change.CHANGE: ("changed", "free, and brought in line"),
    Change.REMOVE: ("removed", "free, and no longer on the schedule"),
    Change.REVIVE: ("back", "had been taken off the schedule"),
    Change.ORPHAN: ("booked and gone", "a visit stands on a time that goes"),
    Change.OVERLAP: ("left out", "new, where such a visit still stands"),
    Change.HELD: ("held just now", "go the next time"),
    Change.KEEP: ("unchanged", "as they are"),
}


@never_cache
@require_safe
@allowed_to(can_run_openings)
def plan(request: HttpRequest) -> HttpResponse:
    """What would change, and for whom. Nothing is written."""
    return _plan_page(request, PlanForm(request.GET))


def _plan_page(
    request: HttpRequest, form: PlanForm, *, problem: str = "", status: int = 200
) -> HttpResponse:
    if not form.is_valid():
        notes.error(request, "Choose a clinic and its days, at most 400 of them.")
        return redirect("desk:schedules")
    at, said = clock.now(), form.cleaned_data
    found = plan_schedule(
        scheduled_roles(said["clinic"].pk),
        first_on=said["first_on"],
        last_on=said["last_on"],
        at=at,
    )
    visits = queries.visits_of([orphan.appointment_id for orphan in found.orphans])
    context: dict[str, Any] = {
        "clinic": said["clinic"],
        "plan": found,
        "figures": [(change, *words, found.count(change)) for change, words in SAID.items()],
        "visits": [(visit, queries.visit_zone(visit)) for visit in visits],
        "problem": problem,
        "seen_by": note_views(
            request,
            what="schedule plan",
            patient_ids={visit.patient_id for visit in visits},
            at=at,
        ),
    }
    return render(request, "schedules/plan.html", context, status=status)


@never_cache
@require_POST
@allowed_to(can_run_openings)
def start(request: HttpRequest) -> HttpResponse:
    """Make it so, as a job."""
    form = PlanForm(request.POST)
    if not form.is_valid():
        return _plan_page(request, form)
    said = form.cleaned_data
    try:
        run = start_run(
            clinic_id=said["clinic"].pk,
            first_on=said["first_on"],
            last_on=said["last_on"],
            orphans=form.choice,
            by=actor(request),
            at=clock.now(),
        )
    except WouldOrphan as orphans:
        return _plan_page(request, form, problem=str(orphans), status=409)
    except NothingScheduled as nothing:
        notes.warning(request, str(nothing))
        return redirect("desk:schedules")
    return redirect("desk:schedule-run", run.pk)


@never_cache
@require_safe
@allowed_to(can_view_openings)
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it has come; the part alone for its refresh."""
    found = ScheduleRun.objects.select_related("clinic").filter(pk=pk).first()
    if found is None:
        raise Http404
    context = {
        "run": found,
        "total": len(found.role_ids),
        "is_running": found.status == ScheduleRunStatus.RUNNING,
        "figures": [
            (change, *words, found.counts.get(str(change), 0)) for change, words in SAID.items()
        ],
        "can_run": can_run_openings(request.user),
        "now": clock.now(),
    }
    part = "run_progress" if htmx_of(request) else "run"
    return render(request, f"schedules/{part}.html", context)


@never_cache
@require_POST
@allowed_to(can_run_openings)
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Write no more; what was written stays."""
    try:
        stop_run(run_id=pk, by=actor(request), at=clock.now())
    except ScheduleRun.DoesNotExist as missing:
        raise Http404 from missing
    return redirect("desk:schedule-run", pk)


@never_cache
@require_safe
@allowed_to(can_view_openings)
def to_move(request: HttpRequest) -> HttpResponse:
    """Booked visits whose slot the schedule no longer has. Names patients."""
    at = clock.now()
    rows = queries.visits_to_move(at=at)
    patients = {row.appointment.patient_id for row in rows}
    context = {
        "rows": [(row, queries.visit_zone(row.appointment)) for row in rows],
        "can_run": can_run_openings(request.user),
        "now": at,
        "seen_by": note_views(request, what="visits to move", patient_ids=patients, at=at),
    }
    return render(request, "schedules/to_move.html", context)


@never_cache
@require_safe
@allowed_to(can_view_openings)
def export_to_move(request: HttpRequest) -> HttpResponse:
    """The same as a table; patients by initials."""
    at, by = clock.now(), actor(request)
    rows = queries.visits_to_move(at=at)
    record("scheduling.visits-to-move.exported", request.user, by=by, at=at, rows=len(rows))  # type: ignore[arg-type]
    patients = {row.appointment.patient_id for row in rows}
    note_views(request, what="export of visits to move", patient_ids=patients, at=at)
    columns = ("Visit", "When", "Patient", "Clinician", "Site", "Visit type", "Why")
    lines = []
    for row in rows:
        visit = row.appointment
        zone = queries.visit_zone(visit)
        lines.append(
            (
                visit.pk,
                say_time(visit.starts_at, zone, "en"),
                visit.patient.initials,
                visit.provider or "",
                visit.location or "",
                visit.visit_type or "",
                row.why,
            )
        )
    return csv_answer("visits-to-move.csv", columns, lines)
