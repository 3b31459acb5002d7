"""`/rules/overrides/`: rules that somebody set aside to book a visit, for the clinic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm import clock
from crm.engine import record
from crm.permissions import can_view_overrides
from crm.web import actor, allowed_to, csv_answer, htmx_of, note_views
from desk.queries.rule_lists import PAGE, list_overrides
from desk.rule_forms import RuleFilter
from desk.rule_views import may
from desk.rule_words import rule_name
from outreach.rules.times import say_time
from scheduling.models import Clinic, RuleOverride
from scheduling.queries.rule_preview import initials
from waitlist.opening_words import say_zone

COLUMNS: Final = ("when", "clinic", "who", "rule", "it said", "reason", "visit", "patient", "id")


@never_cache
@require_safe
@allowed_to(can_view_overrides)
def overrides(request: HttpRequest) -> HttpResponse:
    """The latest first; patients by initials."""
    form, at = RuleFilter(request.GET), clock.now()
    before = request.GET.get("before", "")
    key = int(before) if before.isdecimal() and len(before) < 19 else None
    found = list(list_overrides(form.text, clinic=form.of, before=key)[: PAGE + 1])
    rows = found[:PAGE]
    patients = [row.appointment.patient_id for row in rows]
    note_views(request, what="rules set aside", patient_ids=patients, at=at)
    context: dict[str, Any] = {
        "tab": "overrides",
        "form": form,
        "clinic": form.of,
        "clinics": Clinic.objects.order_by("name"),
        "rows": [_line(row) for row in rows],
        "older": rows[-1].pk if len(found) > PAGE else None,
        **may(request),
    }
    template = "rules/overrides.html"
    return render(request, f"{template}#found" if htmx_of(request) else template, context)


@never_cache
@require_safe
@allowed_to(can_view_overrides)
def export(request: HttpRequest) -> HttpResponse:
    """All of the list as it is filtered."""
    form, at, by = RuleFilter(request.GET), clock.now(), actor(request)
    rows = list(list_overrides(form.text, clinic=form.of))
    record("scheduling.overrides.exported", request.user, by=by, at=at, rows=len(rows))  # type: ignore[arg-type]
    patients = [row.appointment.patient_id for row in rows]
    note_views(request, what="export of rules set aside", patient_ids=patients, at=at)
    return csv_answer("overrides.csv", COLUMNS, _cells(rows))


def _line(row: RuleOverride) -> dict[str, Any]:
    return {
        "row": row,
        "rule": rule_name(row.rule),
        "who": initials(row.appointment.patient),
        "zone": row.clinic.location.zone,
    }


def _cells(rows: list[RuleOverride]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        zone = row.clinic.location.zone
        visit = row.appointment
        yield (
            f"{say_time(row.at, zone, 'en')} {say_zone(row.at, zone)}",
            row.clinic.name,
            row.by_label,
            rule_name(row.rule),
            row.sentence,
            row.reason,
            f"{say_time(visit.starts_at, zone, 'en')} {say_zone(visit.starts_at, zone)}",
            initials(visit.patient),
            row.pk,
        )
