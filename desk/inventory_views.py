"""The inventory: supply as a heat map that opens down to the slots."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm import clock
from crm.engine import record
from crm.permissions import can_run_openings, can_view_openings
from crm.web import actor, allowed_to, csv_answer, htmx_of, note_views
from desk import inventory_words as words
from desk.inventory_forms import SPANS, MapForm
from desk.inventory_map import draw
from desk.queries.inventory_detail import SlotLine, slot_lines
from outreach.rules.times import say_time
from scheduling.models import Clinic
from scheduling.queries.inventory import MOST_LISTED, By, Supply, slots_behind, supply_map
from scheduling.rules.words import say_day

#: Ids of what htmx puts an answer into.
CELL = "inventory-cell"


@never_cache
@require_safe
@allowed_to(can_view_openings)
def inventory(request: HttpRequest) -> HttpResponse:
    """The map, and beside it the slots of the cell that is open."""
    at = clock.now()
    form, clinics = _form(request, at=at)
    context = _cell(request, form, at=at) if form.is_open else {}
    if htmx_of(request).target == CELL:
        return render(request, "inventory/cell.html", context | _chosen(form))
    found = supply_map(form.supply, by=form.by_row, at=at)
    context |= _chosen(form) | {
        "map": draw(found, form),
        "days": form.supply.days,
        "rows_are": [(by, word, form.query(by=by.value)) for by, word in words.ROWS.items()],
        "spans": [(span, form.query(days=span)) for span in SPANS],
        "today": form.today,
        "clinics": clinics,
        "earlier": form.query(since=form.first_on - dt.timedelta(days=form.span)),
        "later": form.query(since=form.first_on + dt.timedelta(days=form.span)),
        "here": form.query(),
    }
    return render(request, "inventory/inventory.html", context)


@never_cache
@require_safe
@allowed_to(can_view_openings)
def export_map(request: HttpRequest) -> HttpResponse:
    """The map as a table: a line for each row and day."""
    at, by = clock.now(), actor(request)
    form, _ = _form(request, at=at)
    found = supply_map(form.supply, by=form.by_row, at=at)
    columns = (words.ROWS[form.by_row], "Day", *(said.word for said in words.FIGURES.values()))
    rows = [
        (words.row_name(found.by, row.name), day, *(counts.get(f, 0) for f in words.FIGURES))
        for row in found.rows
        for day, counts in sorted(row.days.items())
    ]
    record("scheduling.inventory.exported", request.user, by=by, at=at, rows=len(rows))  # type: ignore[arg-type]
    return csv_answer(f"inventory-{form.by_row}.csv", columns, rows)


@never_cache
@require_safe
@allowed_to(can_view_openings)
def export_slots(request: HttpRequest) -> HttpResponse:
    """The slots behind a cell, without patients."""
    at, by = clock.now(), actor(request)
    form, _ = _form(request, at=at)
    lines = _lines(form, at=at, most=5000)
    record("scheduling.inventory.exported", request.user, by=by, at=at, rows=len(lines))  # type: ignore[arg-type]
    columns = (
        "When",
        "Clinician",
        "Site",
        "Visit type",
        "How",
        "State",
        "Seats",
        "Seats free",
        "Visits",
        "Why",
    )
    rows = [
        (
            say_time(line.starts_at, line.zone, "en"),
            line.provider,
            line.site,
            line.visit_type,
            words.MODALITIES[line.modality],
            words.FIGURES[line.figure].word,
            line.capacity,
            line.seats_free,
            len(line.visits),
            " ".join(line.hides),
        )
        for line in lines
    ]
    return csv_answer("inventory-slots.csv", columns, rows)


def _form(request: HttpRequest, *, at: dt.datetime) -> tuple[MapForm, list[tuple[int, str]]]:
    """What is asked for, and the clinics to choose from; the first day is today at the chosen
    one, or at the first of them."""
    clinics = list(
        Clinic.objects.order_by("name", "pk").values_list("pk", "name", "location__zone")
    )
    zones = {str(pk): zone for pk, _, zone in clinics}
    zone = zones.get(request.GET.get("clinic", ""), clinics[0][2] if clinics else "UTC")
    form = MapForm(request.GET, today=at.astimezone(ZoneInfo(zone)).date())
    return form, [(pk, name) for pk, name, _ in clinics]


def _chosen(form: MapForm) -> dict[str, Any]:
    return {
        "form": form,
        "by": form.by_row,
        "figure": form.chosen_figure,
        "figure_words": words.FIGURES[form.chosen_figure],
    }


def _lines(form: MapForm, *, at: dt.datetime, most: int = MOST_LISTED) -> tuple[SlotLine, ...]:
    supply, day = form.supply, form.chosen_day
    if day is not None:
        supply = Supply(day, day, supply.clinic_id)
    figures = slots_behind(
        supply,
        by=form.by_row,
        at=at,
        row=form.row_key,
        figure=form.chosen_figure if day is None else None,
        most=most,
    )
    return slot_lines(figures, at=at)


def _cell(request: HttpRequest, form: MapForm, *, at: dt.datetime) -> dict[str, Any]:
    """Of a day all slots are shown, those of the chosen figure first; of a row, that figure's."""
    lines = _lines(form, at=at)
    patients = {visit.patient_id for line in lines for visit in line.visits}
    chosen = [line for line in lines if line.figure is form.chosen_figure]
    others = [line for line in lines if line.figure is not form.chosen_figure]
    return {
        "title": _title(form, lines),
        "chosen": chosen,
        "others": others,
        "most": MOST_LISTED if len(lines) == MOST_LISTED else 0,
        "close": form.query(),
        "cell_query": form.query(row=form.row_key, day=form.chosen_day, shown=1),
        "can_run": can_run_openings(request.user),
        "seen_by": note_views(request, what="inventory", patient_ids=patients, at=at),
    }


def _title(form: MapForm, lines: tuple[SlotLine, ...]) -> str:
    name = "All"
    if form.row_key and lines:
        first = lines[0]
        name = {
            By.SITE: first.site,
            By.PROVIDER: first.provider,
            By.VISIT_TYPE: first.visit_type,
            By.RESTRICTION: words.RESTRICTIONS.get(form.row_key, ""),
        }[form.by_row]
    return f"{name}, {say_day(form.chosen_day)}" if form.chosen_day else name
