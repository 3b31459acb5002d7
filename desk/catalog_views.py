"""The catalog of visit types: the list, its CSV, and one page each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm.permissions import can_edit_catalog, can_view_catalog
from crm.web import allowed_to, csv_answer, htmx_of
from desk.catalog_forms import CatalogFilter, line_forms
from scheduling.models import VisitType
from scheduling.queries.catalog import (
    entry_of,
    get_catalog_page,
    search_catalog,
    specialties,
    twins_of,
)

COLUMNS = (
    "code",
    "name",
    "specialty",
    "minutes",
    "modality",
    "for",
    "booked",
    "what it is for",
    "owner",
    "contact",
    "EHR codes",
    "CPT",
    "HCPCS",
    "benefit",
    "not to be confused with",
    "open questions",
)


@never_cache
@require_safe
@allowed_to(can_view_catalog)
def visit_types(request: HttpRequest) -> HttpResponse:
    """All visit types, or those that a text finds."""
    form = CatalogFilter(request.GET)
    rows = list(search_catalog(form.text, specialty=form.of))
    context = {
        "rows": [_line(row) for row in rows],
        "form": form,
        "specialties": specialties(),
        "may_edit": can_edit_catalog(request.user),
    }
    template = "catalog/list.html#found" if htmx_of(request) else "catalog/list.html"
    return render(request, template, context)


@never_cache
@require_safe
@allowed_to(can_view_catalog)
def export(request: HttpRequest) -> HttpResponse:
    """The list as it is filtered."""
    form = CatalogFilter(request.GET)
    rows = search_catalog(form.text, specialty=form.of)
    return csv_answer("visit-types.csv", COLUMNS, _cells(rows))


@never_cache
@require_safe
@allowed_to(can_view_catalog)
def visit_type(request: HttpRequest, pk: int) -> HttpResponse:
    """All that is known of one."""
    return catalog_page(request, pk)


def catalog_page(
    request: HttpRequest,
    pk: int,
    *,
    adding: dict[str, Any] | None = None,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    """:param adding: the form of a line that did not pass, by its part. :raises Http404:"""
    try:
        page = get_catalog_page(pk)
    except VisitType.DoesNotExist as missing:
        raise Http404 from missing
    context = {
        "page": page,
        "visit_type": page.visit_type,
        "owner": owner_of(page.visit_type),
        "may_edit": can_edit_catalog(request.user),
        "forms": line_forms(page.visit_type) | (adding or {}),
        "open_part": next(iter(adding or {}), ""),
        "notice": notice,
    }
    return render(request, "catalog/page.html", context, status=status)


def owner_of(visit_type: VisitType) -> str:
    """Whoever answers for it."""
    entry = entry_of(visit_type)
    if entry is None:
        return ""
    return entry.owner.get_full_name() if entry.owner else entry.owner_name


def _line(row: VisitType) -> dict[str, Any]:
    entry = entry_of(row)
    return {
        "row": row,
        "owner": owner_of(row),
        "is_retired": entry is not None and entry.is_retired,
        "ehr": [code.code for code in row.sourcecode_set.all()],
        "billing": [c.code for c in row.billing_codes.all() if c.system != "benefit"],
        "twins": [twin.other.name for twin in twins_of(row)],
        "questions": row.open_questions,  # type: ignore[attr-defined]  # annotated
    }


def _cells(rows: Any) -> Iterator[tuple[object, ...]]:
    for row in rows:
        entry = entry_of(row)
        billed: dict[str, list[str]] = {"cpt": [], "hcpcs": [], "benefit": []}
        for code in row.billing_codes.all():
            billed[code.system].append(code.code)
        yield (
            row.code,
            row.name,
            row.specialty,
            row.minutes,
            row.modality,
            row.audience,
            "no longer" if entry and entry.is_retired else "yes",
            entry.purpose if entry else "",
            owner_of(row),
            entry.owner_contact if entry else "",
            ", ".join(f"{code.source}: {code.code}" for code in row.sourcecode_set.all()),
            *(", ".join(billed[system]) for system in ("cpt", "hcpcs", "benefit")),
            "; ".join(f"{twin.other.name}: {twin.how_to_tell}" for twin in twins_of(row)),
            row.open_questions,
        )
