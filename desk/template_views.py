"""Schedules that are made here: sessions, what differs, leave and holidays."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import clock
from crm.permissions import can_run_openings, can_view_openings
from crm.web import actor, allowed_to
from desk.inventory_words import say_period
from desk.queries import schedules as queries
from desk.template_forms import AbsenceForm, ExceptionForm, HolidaysForm, PatternForm
from scheduling.actions.schedules import (
    NotOurSchedule,
    SameAgain,
    SessionsClash,
    add_absence,
    add_exception,
    end_pattern,
    keep_holidays,
    remove_absence,
    remove_exception,
    save_pattern,
)
from scheduling.models import Absence, Clinic, PatternException, WeeklyPattern

#: A schedule is made so far ahead unless told otherwise.
AHEAD = dt.timedelta(days=119)
_PLAN = "Saved. No slot has changed yet: look at what would, and apply it."


@never_cache
@require_safe
@allowed_to(can_view_openings)
def schedules(request: HttpRequest) -> HttpResponse:
    """Every clinic whose schedule is made here."""
    return _page(request)


def _page(
    request: HttpRequest, *, absence: AbsenceForm | None = None, status: int = 200
) -> HttpResponse:
    at = clock.now()
    today = at.date()
    context = {
        "clinics": queries.clinic_schedules(on=today),
        "absences": [
            (row, say_period(row.starts_at, row.ends_at, queries.zone_of(row)))
            for row in queries.absences(at=at)
        ],
        "absence_form": absence or AbsenceForm(),
        "to_move": len(queries.visits_to_move(at=at)),
        "runs": queries.latest_runs(),
        "can_run": can_run_openings(request.user),
        "first_on": today + dt.timedelta(days=1),
        "last_on": today + dt.timedelta(days=1) + AHEAD,
        "days_ahead": settings.FIRSTCALL.schedule_days_ahead,
        "now": at,
    }
    return render(request, "schedules/schedules.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_run_openings)
def new_pattern(request: HttpRequest, clinic_pk: int) -> HttpResponse:
    """A new session of somebody's week."""
    clinic = Clinic.objects.filter(pk=clinic_pk, owns_schedule=True).first()
    if clinic is None:
        raise Http404
    initial = {"valid_from_on": _tomorrow(clinic), "slot_minutes": 30}
    form = PatternForm(request.POST or None, clinic=clinic, initial=initial)
    return _edit(request, form, clinic)


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_run_openings)
def pattern(request: HttpRequest, pk: int) -> HttpResponse:
    """One session: its form, the dates on which it differs, and its end."""
    row = _find(pk)
    form = PatternForm(request.POST or None, instance=row, clinic=row.role.clinic)
    return _edit(request, form, row.role.clinic, row=row)


def _edit(
    request: HttpRequest, form: PatternForm, clinic: Clinic, *, row: WeeklyPattern | None = None
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_pattern(pattern=form.save(commit=False), by=actor(request), at=clock.now())
        except (SessionsClash, NotOurSchedule) as refused:
            form.add_error(None, str(refused))
        else:
            notes.success(request, _PLAN)
            return redirect("desk:schedule-pattern", saved.pk)
    status = 422 if form.is_bound else 200
    return _pattern_page(request, form, clinic, row=row, status=status)


def _pattern_page(
    request: HttpRequest,
    form: PatternForm,
    clinic: Clinic,
    *,
    row: WeeklyPattern | None,
    exception: ExceptionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "clinic": clinic, "row": row}
    if row is not None:
        today = clock.now().astimezone(clinic.location.tz).date()
        context |= {
            "exceptions": row.exceptions.filter(on__gte=today).order_by("on", "pk"),
            "exception_form": exception or ExceptionForm(),
            "today": today,
        }
    return render(request, "schedules/pattern.html", context, status=status)


@never_cache
@require_POST
@allowed_to(can_run_openings)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """A session ends today, by its site's clock."""
    row = _find(pk)
    today = clock.now().astimezone(row.role.clinic.location.tz).date()
    end_pattern(pattern=row, last_on=today, by=actor(request), at=clock.now())
    notes.success(request, "It ends today. Its later slots go when you apply the schedule.")
    return redirect("desk:schedules")


@never_cache
@require_POST
@allowed_to(can_run_openings)
def new_exception(request: HttpRequest, pk: int) -> HttpResponse:
    """A date on which a session differs."""
    row = _find(pk)
    form = ExceptionForm(request.POST, instance=PatternException(pattern=row))
    if form.is_valid():
        exception = form.save(commit=False)
        try:
            add_exception(exception=exception, by=actor(request), at=clock.now())
        except SameAgain as refused:
            form.add_error("on", str(refused))
        else:
            notes.success(request, _PLAN)
            return redirect("desk:schedule-pattern", pk)
    clinic = row.role.clinic
    pattern_form = PatternForm(instance=row, clinic=clinic)
    return _pattern_page(request, pattern_form, clinic, row=row, exception=form, status=422)


@never_cache
@require_POST
@allowed_to(can_run_openings)
def drop_exception(request: HttpRequest, pk: int) -> HttpResponse:
    """That date is like the others again."""
    row = PatternException.objects.select_related("pattern").filter(pk=pk).first()
    if row is None:
        raise Http404
    pattern_pk = row.pattern_id
    remove_exception(exception=row, by=actor(request), at=clock.now())
    notes.success(request, _PLAN)
    return redirect("desk:schedule-pattern", pattern_pk)


@never_cache
@require_POST
@allowed_to(can_run_openings)
def new_absence(request: HttpRequest) -> HttpResponse:
    """Leave, or the closing of a site."""
    form = AbsenceForm(request.POST)
    if not form.is_valid():
        return _page(request, absence=form, status=422)
    add_absence(absence=form.absence, by=actor(request), at=clock.now())
    notes.success(request, _PLAN)
    return redirect("desk:schedules")


@never_cache
@require_POST
@allowed_to(can_run_openings)
def drop_absence(request: HttpRequest, pk: int) -> HttpResponse:
    """Called off."""
    row = Absence.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    remove_absence(absence=row, by=actor(request), at=clock.now())
    notes.success(request, _PLAN)
    return redirect("desk:schedules")


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_run_openings)
def holidays(request: HttpRequest, clinic_pk: int) -> HttpResponse:
    """On which federal holidays the clinic's site is closed."""
    clinic = Clinic.objects.select_related("location").filter(pk=clinic_pk).first()
    if clinic is None:
        raise Http404
    kept = clinic.location.holidays.values_list("holiday", flat=True)
    form = HolidaysForm(request.POST or None, initial={"holidays": list(kept)})
    if request.method == "POST":
        form = HolidaysForm(request.POST)
        if form.is_valid():
            keep_holidays(
                location=clinic.location, holidays=form.kept, by=actor(request), at=clock.now()
            )
            notes.success(request, _PLAN)
            return redirect("desk:schedules")
    context = {"clinic": clinic, "form": form}
    status = 422 if form.errors else 200
    return render(request, "schedules/holidays.html", context, status=status)


def _find(pk: int) -> WeeklyPattern:
    rows = WeeklyPattern.objects.select_related("role__provider", "role__clinic__location")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _tomorrow(clinic: Clinic) -> dt.date:
    zone = ZoneInfo(clinic.location.zone)
    return clock.now().astimezone(zone).date() + dt.timedelta(days=1)
