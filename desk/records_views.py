"""`/records/`: pairs of records that may be one person, side by side, and what became of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm import clock
from crm.models import Patient, PatientMerge
from crm.permissions import can_merge_records
from crm.queries import merging as queries
from crm.states.merging import MergeStatus
from crm.web import allowed_to, csv_answer, htmx_of, note_views
from desk import records_words as words
from waitlist.queries.candidates import name_people

#: Rows of the sheet.
EXPORTED = 5000


@never_cache
@require_safe
@allowed_to(can_merge_records)
def records(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, and what was decided."""
    after = request.GET.get("after", "")
    flagged = list(queries.flagged_pairs()[: queries.SHOWN])
    decided = list(
        queries.decided_pairs(int(after) if after.isdecimal() else None)[: queries.SHOWN + 1]
    )
    shown = [*flagged, *decided[: queries.SHOWN]]
    people = queries.people_of(shown)
    at = clock.now()
    seen = {patient.pk for patient in people}
    context = {
        "flagged": _lines(flagged),
        "decided": _lines(decided[: queries.SHOWN]),
        "next_after": decided[queries.SHOWN - 1].pk if len(decided) > queries.SHOWN else None,
        "is_later_page": after.isdecimal(),
        "seen_by": note_views(request, what="records", patient_ids=seen, at=at),
        "now": at,
    }
    return render(request, "records/records.html", context)


@never_cache
@require_safe
@allowed_to(can_merge_records)
def export(request: HttpRequest) -> HttpResponse:
    """All pairs as a sheet; patients by number, not by name."""
    rows = PatientMerge.objects.select_related("decided_by").order_by("-pk")[:EXPORTED]
    columns = ["pair", "stays", "other", "state", "flagged at", "flagged by", "EHR", "decided at"]
    cells = (
        [
            row.pk,
            row.survivor_id,
            row.other_id,
            row.status,
            row.flagged_at.isoformat(),
            row.flagged_by,
            row.source,
            row.decided_at.isoformat() if row.decided_at else "",
        ]
        for row in rows
    )
    return csv_answer("records.csv", columns, cells)


@never_cache
@require_safe
@allowed_to(can_merge_records)
def pair(request: HttpRequest, pk: int) -> HttpResponse:
    """One pair: what each record says and what hangs on it."""
    return pair_page(request, pk, at=clock.now())


def pair_page(
    request: HttpRequest, pk: int, *, at: dt.datetime, problem: str = "", status: int = 200
) -> HttpResponse:
    """:raises Http404: where there is no such pair."""
    merge = queries.find_pair(pk)
    if merge is None:
        raise Http404
    keys = (merge.survivor_id, merge.other_id)
    note_views(request, what=f"records pair {pk}", patient_ids=keys, at=at)
    template = "records/pair_body.html" if htmx_of(request) else "records/pair.html"
    context = _of_pair(merge) | {"problem": problem, "now": at}
    return render(request, template, context, status=status)


def _of_pair(merge: PatientMerge) -> dict[str, Any]:
    first, second = _loaded(merge)
    return {
        "merge": merge,
        "state": words.STATES[MergeStatus(merge.status)],
        "first": first,
        "second": second,
        "lines": words.compare(first, second),
        "counts": words.say_weights(queries.weigh(first.pk, second.pk)),
        "once_more": words.ONCE_MORE,
        "is_flagged": merge.status == MergeStatus.FLAGGED,
        "is_merged": merge.status == MergeStatus.MERGED,
        "above": queries.find_merge_above(merge) if merge.status == MergeStatus.MERGED else None,
        "rows": sum(len(keys) for keys in merge.moved.values()),
    }


def _loaded(merge: PatientMerge) -> tuple[Patient, Patient]:
    rows = Patient.objects.prefetch_related("identifiers", "patient_phones__phone", "coverages")
    found = rows.in_bulk([merge.survivor_id, merge.other_id])
    return found[merge.survivor_id], found[merge.other_id]


def _lines(merges: list[PatientMerge]) -> list[dict[str, Any]]:
    named = name_people(queries.people_of(merges))
    return [
        {
            "merge": merge,
            "first": named[merge.survivor_id],
            "second": named[merge.other_id],
            "state": words.STATES[MergeStatus(merge.status)],
            "by": merge.source or merge.decided_by or merge.flagged_by,
        }
        for merge in merges
    ]
