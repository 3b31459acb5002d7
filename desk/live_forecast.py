"""Staffing: contacts by half-hour, the people whom they need, and who is there."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm import clock
from crm.engine import record
from crm.models import Queue
from crm.permissions import can_oversee_desk
from crm.rules.forecast import FEWEST_CALLS, FEWEST_DAYS, Goal
from crm.web import actor, allowed_to, csv_answer
from desk.queries.forecast import HANDLE_WEEKS, Asked, Forecast, HalfHour, read_forecast
from desk.queries.zone import house_zone

WEEKS = (4, 8, 12)
#: So many days back and ahead may be asked for.
MOST_BACK, MOST_AHEAD = 56, 28
COLUMNS = (
    "from",
    "contacts expected",
    "contacts so far",
    "needed on the phones",
    "to be scheduled",
    "there",
    "answered in time, percent",
    "mean wait, seconds",
    "busy, percent",
)
_NUMBER = {"class": "form-control", "inputmode": "numeric"}


class ForecastForm(forms.Form):
    """Which queue, day and goal. What is not understood is left at its default."""

    queue = forms.ModelChoiceField(
        Queue.objects.filter(is_active=True),
        required=False,
        empty_label=None,
        label=gettext_lazy("Queue"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    on = forms.DateField(
        required=False,
        label=gettext_lazy("Day"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"class": "form-control", "type": "date"}),
    )
    weeks = forms.TypedChoiceField(
        choices=[(n, format_lazy(gettext_lazy("{n} weeks"), n=n)) for n in WEEKS],
        coerce=int,
        required=False,
        empty_value=None,
        label=gettext_lazy("From the last"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    share = forms.IntegerField(
        min_value=1,
        max_value=99,
        required=False,
        label=gettext_lazy("Answered in time, %"),
        widget=forms.NumberInput(attrs=_NUMBER),
    )
    within = forms.IntegerField(
        min_value=1,
        max_value=3600,
        required=False,
        label=gettext_lazy("In time is, seconds"),
        widget=forms.NumberInput(attrs=_NUMBER),
    )
    shrinkage = forms.IntegerField(
        min_value=0,
        max_value=80,
        required=False,
        label=gettext_lazy("Breaks, training, absence, %"),
        widget=forms.NumberInput(attrs=_NUMBER),
    )
    occupancy = forms.IntegerField(
        min_value=20,
        max_value=99,
        required=False,
        label=gettext_lazy("Busy at most, %"),
        widget=forms.NumberInput(attrs=_NUMBER),
    )

    def asked(self, *, at: dt.datetime) -> Asked | None:
        """None while there is no queue."""
        self.is_valid()
        said = self.cleaned_data
        queue = said.get("queue") or Queue.objects.filter(is_active=True).first()
        if queue is None:
            return None
        zone = house_zone()
        today = at.astimezone(zone).date()
        on = said.get("on") or today
        earliest, latest = today - dt.timedelta(MOST_BACK), today + dt.timedelta(MOST_AHEAD)
        return Asked(
            queue=queue,
            on=min(max(on, earliest), latest),
            weeks=said.get("weeks") or 8,
            goal=self._goal(queue),
            zone=zone,
        )

    def _goal(self, queue: Queue) -> Goal:
        said, usual = self.cleaned_data, Goal(within=queue.answer_seconds)

        def part(name: str, otherwise: float) -> float:
            value = said.get(name)
            return otherwise if value is None else value / 100

        return Goal(
            within=said.get("within") or usual.within,
            share=part("share", usual.share),
            shrinkage=part("shrinkage", usual.shrinkage),
            occupancy=part("occupancy", usual.occupancy),
        )


@never_cache
@require_safe
@allowed_to(can_oversee_desk)
def forecast(request: HttpRequest) -> HttpResponse:
    """A day of one queue, half-hour by half-hour."""
    at = clock.now()
    asked = ForecastForm(request.GET).asked(at=at)
    if asked is None:
        return render(request, "live/forecast.html", {"asked": None})
    found = read_forecast(asked, at=at)
    return render(request, "live/forecast.html", _context(asked, found))


@never_cache
@require_safe
@allowed_to(can_oversee_desk)
def export_forecast(request: HttpRequest) -> HttpResponse:
    """The table, whether or not there is enough behind it."""
    at = clock.now()
    asked = ForecastForm(request.GET).asked(at=at)
    rows = read_forecast(asked, at=at).rows if asked else ()
    name = f"forecast-{asked.queue.code}-{asked.on}.csv" if asked else "forecast.csv"
    record("crm.forecast.exported", request.user, by=actor(request), at=at, rows=len(rows))  # type: ignore[arg-type]
    return csv_answer(name, COLUMNS, [_cells(row) for row in rows])


def _context(asked: Asked, found: Forecast) -> dict[str, Any]:
    goal = asked.goal
    chosen = {
        "queue": asked.queue.pk,
        "on": asked.on,
        "weeks": asked.weeks,
        "share": round(100 * goal.share),
        "within": goal.within,
        "shrinkage": round(100 * goal.shrinkage),
        "occupancy": round(100 * goal.occupancy),
    }
    form = ForecastForm(initial=chosen)
    day = dt.timedelta(days=1)
    return {
        "asked": asked,
        "form": form,
        "found": found,
        "query": "&".join(f"{name}={value}" for name, value in chosen.items()),
        "before": "&".join(f"{n}={v}" for n, v in (chosen | {"on": asked.on - day}).items()),
        "after": "&".join(f"{n}={v}" for n, v in (chosen | {"on": asked.on + day}).items()),
        "most": max((row.staffing.on_phones for row in found.rows), default=0),
        "fewest_days": FEWEST_DAYS,
        "fewest_calls": FEWEST_CALLS,
        "handle_weeks": HANDLE_WEEKS,
    }


def _cells(row: HalfHour) -> tuple[object, ...]:
    staffing = row.staffing
    return (
        f"{row.starts_at:%Y-%m-%d %H:%M}",
        round(row.contacts, 1),
        row.actual,
        staffing.on_phones,
        staffing.scheduled,
        None if row.there is None else round(row.there, 1),
        round(100 * staffing.share),
        round(staffing.wait),
        round(100 * staffing.occupancy),
    )
