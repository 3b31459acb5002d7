"""The page that finds slots, as it is read."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from crm import clock
from crm.models import Patient, User
from crm.permissions import can_book_slots
from crm.queries.finding import find_patients
from crm.web import actor, allowed_to, htmx_of, note_views
from desk import slot_page as pages
from desk import slot_words as words
from desk.slot_forms import ANY_DISTANCE, FilterForm, kept_query
from desk.slot_panel import panel_context
from scheduling.actions import keep_search
from scheduling.models import Location
from scheduling.queries.catalog import search_catalog
from scheduling.queries.trees import find_trees
from scheduling.rules.distance import miles_between
from scheduling.rules.search import Criteria
from triage.actions import check_text
from waitlist.queries.candidates import name_people

#: Ids of what htmx puts an answer into.
PAGE, RESULTS, PEOPLE = "slot-page", "slot-results", "slot-people"
#: Filters that stand folded away while none is set.
MORE = (
    "provider",
    "location",
    "language",
    "sex",
    "modality",
    "payer",
    "not_before",
    "not_after",
    "first_on",
)
#: Which search of the ledger the page goes on with, in the session.
SESSION_KEY = "slot_search"


@never_cache
@require_safe
@allowed_to(can_book_slots)
def slots(request: HttpRequest) -> HttpResponse:
    """Filters, times and the panel of a hold. Each new look goes into the ledger."""
    at = clock.now()
    is_refresh = htmx_of(request).target == RESULTS
    context = page_context(request, at=at, is_new_look=not is_refresh)
    if is_refresh:
        return render(request, "slots/results.html", context)
    template = "slots/page.html" if htmx_of(request).target == PAGE else "slots/slots.html"
    return render(request, template, context)


@never_cache
@require_POST
@allowed_to(can_book_slots)
def people(request: HttpRequest) -> HttpResponse:
    """Patients by what the caller says: posted, so that no name or number is in an address."""
    said = request.POST.get("who", "").strip()
    found = name_people(find_patients(said))
    at = clock.now()
    note_views(request, what="patient search", patient_ids=found, at=at)
    context = {"people": list(found.values()), "said": said, "query": request.GET.urlencode()}
    context["rest"] = kept_query(request.GET, without=["patient", "hold"])
    if htmx_of(request):
        return render(request, "slots/people.html", context)
    return render(request, "slots/slots.html", page_context(request, at=at) | context)


@never_cache
@require_POST
@allowed_to(can_book_slots)
def reason(request: HttpRequest) -> HttpResponse:
    """Visits and decision trees that the caller's words may mean; words of danger stop here.

    Posted, and kept nowhere: why somebody calls stands in no address and in no ledger.
    """
    said = request.POST.get("reason", "").strip()[:300]
    context: dict[str, Any] = {"reason": said, "query": kept_query(request.GET)}
    if said:
        finding = check_text(said, age_months=None)
        context["danger"] = None if finding.is_none else finding
        if finding.is_none:
            context["trees"], context["visits"] = find_trees(said), search_catalog(said)[:8]
    if htmx_of(request):
        return render(request, "slots/meant.html", context)
    page = page_context(request, at=clock.now()) | context | {"meant": True}
    return render(request, "slots/slots.html", page)


def page_context(
    request: HttpRequest, *, at: dt.datetime, is_new_look: bool = False
) -> dict[str, Any]:
    """What the page and each of its parts need."""
    form = FilterForm(request.GET)
    patient = pages.patient_of(form)
    found = pages.look(request, form, patient, at=at)
    if found is not None and is_new_look and "after" not in request.GET:
        _keep(request, found, patient, at=at)
    elif found is None:
        request.session.pop(SESSION_KEY, None)
    seen = [patient.pk] if patient else []
    return {
        "form": form,
        "look": found,
        "patient": patient,
        "person": pages.person_of(patient),
        "pills": pages.pills(request.GET, form, patient),
        "query": kept_query(request.GET, without=["hold"]),
        "all_query": kept_query(request.GET, without=["hold", "why"]),
        "next_query": f"{kept_query(request.GET, without=['hold'])}&after={found.page.after}"
        if found and found.page.after
        else "",
        "why_query": kept_query(request.GET, without=["hold"], why="on"),
        "no_patient_query": kept_query(request.GET, without=["hold", "patient", "own"]),
        "search_id": request.session.get(SESSION_KEY),
        "shortage_words": _say_shortage(found),
        "this_after": request.GET.get("after", "") if found else "",
        "zip_unknown": bool(form.said("zip")) and form.place(patient) is None,
        "miles": str(form.most_miles or ANY_DISTANCE),
        "more": any(form.said(name) for name in MORE),
        "seen_by": note_views(request, what="slot search", patient_ids=seen, at=at),
        "now": at,
        **panel_context(request, form, patient, at=at),
    }


def _say_shortage(found: pages.Look | None) -> tuple[str, str] | None:
    """What an empty page says: what is lacking, and what may be done about it."""
    if found is None or found.shortage is None:
        return None
    lack = found.shortage.lack
    return _(words.LACKS[lack]), _(words.LACK_MEANS[lack])


def _keep(
    request: HttpRequest, found: pages.Look, patient: Patient | None, *, at: dt.datetime
) -> None:
    """Into the lost-demand ledger, as part of the search that this agent is at."""
    assert isinstance(request.user, User)  # noqa: S101 for the type checker
    search = keep_search(
        criteria=found.criteria,
        shown=found.shown,
        hidden=pages.counted(found),
        lack=found.shortage.lack if found.shortage else None,
        search_id=request.session.get(SESSION_KEY),
        user=request.user,
        patient=patient,
        location=_site_of(found.criteria),
        by=actor(request),
        at=at,
    )
    request.session[SESSION_KEY] = search.pk


def _site_of(criteria: Criteria) -> Location | None:
    """The site that was asked for, else the one nearest to where they start from."""
    if criteria.location_id:
        return Location.objects.filter(pk=criteria.location_id).first()
    place = criteria.place
    if place is None:
        return None
    distances = [
        (miles, site.pk, site)
        for site in Location.objects.filter(is_active=True)
        if (miles := miles_between(place.latitude, place.longitude, site.latitude, site.longitude))
        is not None
    ]
    return min(distances)[2] if distances else None


def address(query: str) -> str:
    return f"{reverse('desk:slots')}?{query}"
