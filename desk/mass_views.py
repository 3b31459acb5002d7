"""Mass rescheduling: the jobs, a new one, its plan, and one visit of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from crm import clock
from crm.engine import record
from crm.models import User
from crm.permissions import can_run_openings
from crm.web import actor, allowed_to, csv_answer, htmx_of, note_views
from desk import mass_page as page
from desk import mass_words as words
from desk.mass_forms import JobForm
from outreach.rules.times import say_time
from scheduling.actions.mass import make_job
from scheduling.models import Absence, MassMove
from scheduling.queries.mass_reading import orphans, zone_of
from scheduling.states import MassMoveStatus

#: Ids of what htmx puts an answer into.
PROGRESS, PANEL = "mass-progress", "mass-item"


@never_cache
@require_safe
@allowed_to(can_run_openings)
def jobs(request: HttpRequest) -> HttpResponse:
    """The newest first, and what a new one could be about."""
    at = clock.now()
    rows = MassMove.objects.select_related("created_by").order_by("-pk")[:100]
    context = {
        "rows": [(row, words.JOBS[row.status], page.progress_of(row)) for row in rows],
        "absences": Absence.objects.filter(ends_at__gt=at, mass_moves__isnull=True)
        .select_related("provider", "location")
        .order_by("starts_at")[:8],
        "orphans": orphans(at=at).count(),
        "now": at,
    }
    return render(request, "mass/jobs.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_to(can_run_openings)
def new(request: HttpRequest) -> HttpResponse:
    """Who, where, when. Begins a dry run; nothing happens to any visit."""
    absence, at = _absence(request.GET.get("absence", "")), clock.now()
    of_orphans, run = "orphans" in request.GET, request.GET.get("run", "")
    posted = request.POST if request.method == "POST" else None
    number = int(run) if run.isdecimal() else None
    form = JobForm(posted, absence=absence, orphans=of_orphans, run=number, at=at)
    if posted is not None and form.is_valid():
        by = actor(request)
        assert isinstance(request.user, User)  # noqa: S101 for the type checker
        made = make_job(form.wanted(at=at), user=request.user, by=by, at=at)
        return redirect("desk:mass-job", made.pk)
    context = {
        "form": form,
        "orphans": of_orphans,
        "visits": [(visit, zone_of(visit), is_on) for visit, is_on in form.offered()],
        "seen_by": note_views(
            request,
            what="visits without a slot",
            patient_ids={visit.patient_id for visit in form.visits},
            at=at,
        ),
    }
    return render(request, "mass/new.html", context, status=422 if posted is not None else 200)


def _absence(key: str) -> Absence | None:
    if not key.isdecimal():
        return None
    return Absence.objects.select_related("provider", "location").filter(pk=int(key)).first()


@never_cache
@require_safe
@allowed_to(can_run_openings)
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is; its plan by filter."""
    found, at = find_job(pk), clock.now()
    return show_job(request, found, at=at)


def show_job(
    request: HttpRequest,
    found: MassMove,
    *,
    at: dt.datetime,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """The job's page; or its head alone, where a page that is open asks for that."""
    context = page.summary(found, at=at) | {"problem": problem}
    if htmx_of(request).target == PROGRESS and not problem:
        answer = render(request, "mass/progress.html", context)
        if found.status == MassMoveStatus.PLANNED:
            answer["HX-Refresh"] = "true"  # the dry run is over: its table is there now
        return answer
    context |= _table(request, found, at=at)
    return render(request, "mass/job.html", context, status=status)


def _table(request: HttpRequest, found: MassMove, *, at: dt.datetime) -> dict[str, Any]:
    shown = request.GET.get("show", "all")
    pages = Paginator(page.items_of(found, shown), page.PAGE)
    rows = pages.get_page(request.GET.get("page"))
    lines = [page.line_of(item) for item in rows]
    patients = {line.item.appointment.patient_id for line in lines}
    chosen = request.GET.get("item", "")
    open_item = page.find_item(found, int(chosen)) if chosen.isdecimal() else None
    context = {
        "shown": shown,
        "filters": page.filters_of(found),
        "rows": rows,
        "lines": lines,
        "is_plan": found.status == MassMoveStatus.PLANNED,
        "seen_by": note_views(request, what=f"mass {found.pk}", patient_ids=patients, at=at),
    }
    return context | (panel(found, open_item) if open_item else {})


def panel(found: MassMove, item: Any) -> dict[str, Any]:
    """One visit: its arithmetic, and where else it could go."""
    return {
        "job": found,
        "open": page.line_of(item),
        "terms": [{**term, "word": words.TERMS[term["name"]]} for term in item.terms],
        "others": page.others_of(item),
        "can_change": found.status == MassMoveStatus.PLANNED,
    }


@never_cache
@require_safe
@allowed_to(can_run_openings)
def item(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """The panel of one visit; without htmx, the job's page with it open."""
    found = find_job(pk)
    row = page.find_item(found, item)
    if row is None:
        raise Http404
    if htmx_of(request).target != PANEL:
        return redirect(f"{request.path.split('items/', maxsplit=1)[0]}?item={item}#{PANEL}")
    patients = {row.appointment.patient_id}
    seen = note_views(request, what=f"mass visit {item}", patient_ids=patients, at=clock.now())
    return render(request, "mass/item.html", panel(found, row) | {"seen_by": seen})


@never_cache
@require_safe
@allowed_to(can_run_openings)
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan and what came of it, as a table; patients by initials."""
    found, at, by = find_job(pk), clock.now(), actor(request)
    rows = [_csv_row(page.line_of(row)) for row in page.items_of(found, "all")]
    record("scheduling.mass-move.exported", found, by=by, at=at, rows=len(rows))
    columns = (
        "Patient", "Visit type", "Was", "Was with", "Urgency", "Why urgent", "State", "New time",
        "New clinician", "New site", "Days later", "Miles more", "Points", "Arithmetic",
        "Past rules", "Why",
    )  # fmt: skip
    return csv_answer(f"mass-{pk}.csv", columns, rows)


def _csv_row(line: page.Line) -> tuple[object, ...]:
    row, visit, slot = line.item, line.item.appointment, line.item.slot
    return (
        visit.patient.initials,
        visit.visit_type,
        say_time(visit.starts_at, zone_of(visit), "en"),
        visit.provider or "",
        line.urgency.word,
        row.urgency_why,
        line.state.word,
        say_time(slot.starts_at, line.to_zone, "en") if slot else "",
        slot.role.provider if slot else "",
        slot.role.clinic.location if slot else "",
        row.later_days if slot else "",
        row.more_miles if slot else "",
        row.points if slot else "",
        "; ".join(f"{term['says']}: {term['points']}" for term in row.terms),
        ", ".join(line.over),
        row.why,
    )


def find_job(pk: int) -> MassMove:
    """:raises Http404:"""
    found = MassMove.objects.select_related("created_by", "started_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
