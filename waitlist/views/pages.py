"""The opening page and its parts, as they are read."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from crm import clock
from crm.permissions import can_run_openings, can_view_openings
from crm.web import allowed_to, htmx_of, note_views
from waitlist import queries
from waitlist.forms import FilterForm, WhyNotForm
from waitlist.models import Opening
from waitlist.opening_words import LISTS
from waitlist.queries import Shown
from waitlist.queries.opening_lines import OpeningDetail
from waitlist.queries.openings import digest

LISTED = "waitlist:openings"
#: Ids of what htmx puts an answer into.
LIST, DETAIL = "work-list", "opening"


@never_cache
@require_safe
@allowed_to(can_view_openings)
def openings(request: HttpRequest) -> HttpResponse:
    """All openings, none chosen."""
    context = list_context(request, at=clock.now())
    if htmx_of(request).target == LIST:
        return _refreshed(request, "waitlist/openings_list.html", context)
    return render(request, "waitlist/openings.html", context)


@never_cache
@require_safe
@allowed_to(can_view_openings)
def opening(request: HttpRequest, pk: int) -> HttpResponse:
    """One opening beside the list. Names patients: each look is written down."""
    at = clock.now()
    if htmx_of(request).target == LIST:
        context = list_context(request, at=at, selected=pk)
        return _refreshed(request, "waitlist/openings_list.html", context)
    if htmx_of(request).target == DETAIL:
        context = list_context(request, at=at, selected=pk) | detail_context(request, pk, at=at)
        return render(request, "waitlist/opening_chosen.html", context)
    return opening_page(request, pk, at=at)


def opening_page(
    request: HttpRequest, pk: int, *, at: dt.datetime, notice: str = "", status: int = 200
) -> HttpResponse:
    """The whole page; `notice` says what went wrong before it."""
    context = list_context(request, at=at, selected=pk) | detail_context(request, pk, at=at)
    return render(request, "waitlist/openings.html", context | {"notice": notice}, status=status)


@never_cache
@require_safe
@allowed_to(can_view_openings)
def opening_live(request: HttpRequest, pk: int) -> HttpResponse:
    """What of one opening changes by itself; 204 while nothing has."""
    context = detail_context(request, pk, at=clock.now())
    mark = context["opening"].mark
    return _refreshed(request, "waitlist/opening_live.html", context | {"mark": mark})


@never_cache
@require_POST
@allowed_to(can_view_openings)
def why_not(request: HttpRequest, pk: int) -> HttpResponse:
    """Why somebody is not offered it: the rules are asked again, now.

    By POST, although it changes nothing: a name has no place in an address.
    """
    at = clock.now()
    form = WhyNotForm(request.POST)
    asked = form.cleaned_data["q"] if form.is_valid() else ""
    try:
        answer = queries.explain(pk, asked=asked, at=at)
    except Opening.DoesNotExist as missing:
        raise Http404 from missing
    people = [line.person.pk for line in answer.found]
    note_views(request, what=f"why not, opening {pk}", patient_ids=people, at=at)
    context = {"answer": answer, "opening_id": pk, "can_run": can_run_openings(request.user)}
    return in_place(request, "waitlist/opening_why_not.html", context)


@never_cache
@require_safe
@allowed_to(can_view_openings)
def left_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Those whom one rule left out, as far as they are kept."""
    found = Opening.objects.filter(pk=pk).values_list("left_out", flat=True).first()
    rule = request.GET.get("rule", "")
    if found is None or rule not in found:
        raise Http404
    people = queries.list_left_out(pk, rule=rule)
    ids = [line.person.pk for line in people]
    note_views(request, what=f"left out of opening {pk}", patient_ids=ids, at=clock.now())
    context = {"opening_id": pk, "rule": rule, "count": found[rule], "people": people}
    return in_place(request, "waitlist/opening_left_out.html", context)


def in_place(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The part alone for htmx; without script it stands on a page of its own."""
    if htmx_of(request):
        return render(request, template, context, status=status)
    page = {"part": template, "back": reverse("waitlist:opening", args=[context["opening_id"]])}
    return render(request, "waitlist/opening_part.html", context | page, status=status)


def list_context(
    request: HttpRequest, *, at: dt.datetime, selected: int | None = None
) -> dict[str, Any]:
    """What the list and the page around it need."""
    form = FilterForm(request.GET)
    shown, site_id = form.shown, form.site_id
    listed = queries.list_openings(shown=shown, site_id=site_id, at=at)
    return {
        "listed": listed,
        "selected": selected,
        "here": reverse("waitlist:opening", args=[selected]) if selected else reverse(LISTED),
        "filters": _filters(form),
        "states": [
            {"state": each.value, "count": listed.counts[each], **LISTS[each]._asdict()}
            for each in Shown
        ],
        "mark": digest((listed.mark, selected)),
        "now": at,
        "can_run": can_run_openings(request.user),
    }


def detail_context(request: HttpRequest, pk: int, *, at: dt.datetime) -> dict[str, Any]:
    """What one opening's side of the page needs; the look at it is written down."""
    detail = find_detail(pk, everybody="everybody" in request.GET, at=at)
    return {
        "opening": detail,
        "seen_by": note_views(
            request, what=f"opening {pk}", patient_ids=detail.people_shown, at=at
        ),
        "filters": _filters(FilterForm(request.GET)),
        "now": at,
        "can_run": can_run_openings(request.user),
    }


def _filters(form: FilterForm) -> str:
    """The list's filters as links carry them on."""
    kept: dict[str, object] = {"state": form.shown.value}
    return urlencode(kept | ({"site": form.site_id} if form.site_id else {}))


def find_detail(pk: int, *, everybody: bool, at: dt.datetime) -> OpeningDetail:
    """:raises Http404: when there is no such opening."""
    try:
        return queries.get_opening_detail(pk, everybody=everybody, at=at)
    except Opening.DoesNotExist as missing:
        raise Http404 from missing


def _refreshed(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The part, or nothing where the page has it already."""
    if request.GET.get("seen") == context["mark"]:
        return HttpResponse(status=204)
    return render(request, template, context)
