"""Lost demand: what was wanted and lacking, by visit, site, week and reason, down to the rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from crm import clock
from crm.engine import record
from crm.permissions import can_view_demand
from crm.saying import choices_translated, reads_in, translated
from crm.web import actor, allowed_to, csv_answer, note_views
from desk import slot_words as words
from desk.actions.declining import wait_for
from desk.slot_wanted import say_wanted
from desk.weeks import last_weeks
from outreach.rules.times import say_time
from scheduling.models import Location, SearchRecord, VisitType
from scheduling.queries.demand import Asked, demand_report, unmet_searches
from scheduling.states import Lack
from waitlist.queries.candidates import Person, name_people

WEEKS = (1, 4, 12, 52)
COLUMNS = (
    "when",
    "visit",
    "site",
    "wanted",
    "ended",
    "lack",
    "rule",
    "declined because",
    "note",
    "times shown",
    "looks",
    "channel",
    "agent",
    "waits",
)


class DemandForm(forms.Form):
    """Of which searches. What is not understood is left at its default."""

    weeks = forms.TypedChoiceField(
        choices=last_weeks(WEEKS),
        coerce=int,
        required=False,
        label=gettext_lazy("When"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    visit_type = forms.ModelChoiceField(
        VisitType.objects.order_by("specialty", "name"),
        required=False,
        label=gettext_lazy("Visit"),
        empty_label=gettext_lazy("Every visit"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    location = forms.ModelChoiceField(
        Location.objects.order_by("name"),
        required=False,
        label=gettext_lazy("Site"),
        empty_label=gettext_lazy("Every site"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    lack = forms.ChoiceField(
        choices=choices_translated(
            [
                ("", gettext_noop("Every reason")),
                *((lack.value, words.LACKS[lack]) for lack in Lack),
            ]
        ),
        required=False,
        label=gettext_lazy("Why"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def asked(self, *, at: dt.datetime) -> Asked:
        self.is_valid()
        said = self.cleaned_data
        zone = _zone()
        today = at.astimezone(ZoneInfo(zone)).date()
        visit_type, location, lack = said.get("visit_type"), said.get("location"), said.get("lack")
        return Asked(
            first_on=today - dt.timedelta(days=7 * (int(said.get("weeks") or 4)) - 1),
            last_on=today,
            zone=zone,
            visit_type_id=visit_type.pk if visit_type else None,
            location_id=location.pk if location else None,
            lack=Lack(lack) if lack else None,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A search that ended without a booking, as the page shows it."""

    search: SearchRecord
    person: Person | None
    wanted: str
    why: str
    said_at: str


@never_cache
@require_safe
@allowed_to(can_view_demand)
def demand(request: HttpRequest) -> HttpResponse:
    """The ledger with its tallies; patients of the rows are named, so looks are written down."""
    form, at = DemandForm(request.GET), clock.now()
    asked = form.asked(at=at)
    report = demand_report(asked)
    rows = _rows(report.rows, zone=asked.zone)
    seen = {row.search.patient_id for row in rows if row.search.patient_id}
    context = {
        "form": form,
        "report": report,
        "rows": rows,
        "reasons": [(_say_why(one), one.count) for one in report.reasons],
        "query": request.GET.urlencode(),
        "seen_by": note_views(request, what="lost demand", patient_ids=seen, at=at),
    }
    return render(request, "slots/demand.html", context)


@never_cache
@require_safe
@allowed_to(can_view_demand)
def export_demand(request: HttpRequest) -> HttpResponse:
    """Every row of the filter, without patients."""
    at = clock.now()
    asked = DemandForm(request.GET).asked(at=at)
    found = list(unmet_searches(asked))
    record("scheduling.demand.exported", request.user, by=actor(request), at=at, rows=len(found))  # type: ignore[arg-type]
    return csv_answer("lost-demand.csv", COLUMNS, [_cells(one, asked.zone) for one in found])


@never_cache
@require_POST
@allowed_to(can_view_demand)
def wait(request: HttpRequest, pk: int) -> HttpResponse:
    """The patient agrees: onto the waitlist for what was not found."""
    search = SearchRecord.objects.select_related("patient", "visit_type").filter(pk=pk).first()
    if search is None or search.patient is None:
        raise Http404
    wait_for(search, by=actor(request), at=clock.now())
    messages.success(request, _("On the waitlist. They are told when one frees."))
    return redirect("desk:demand")


def _rows(found: tuple[SearchRecord, ...], *, zone: str) -> list[Row]:
    people = name_people(search.patient for search in found if search.patient)
    return [
        Row(
            search,
            people.get(search.patient_id) if search.patient_id else None,
            translated(say_wanted(search.wanted)),
            _say_why(search),
            say_time(search.created_at, zone, reads_in()),
        )
        for search in found
    ]


def _say_why(one: Any) -> str:
    """ "All hidden by a rule: same day"; for a search that nobody explained, that."""
    if not one.lack:
        return _("Times were shown; nobody said why none was taken")
    rule = getattr(one, "lack_rule", None) or getattr(one, "rule", "")
    more = translated(words.say_rule(rule) if rule else words.DECLINED.get(one.declined, ""))
    lack = _(words.LACKS[one.lack])
    return f"{lack}: {more}" if more else lack


def _cells(search: SearchRecord, zone: str) -> tuple[object, ...]:
    return (
        say_time(search.created_at, zone, "en"),
        search.visit_type.name,
        search.location.name if search.location else "",
        say_wanted(search.wanted),
        words.STATUS[search.status],
        words.LACKS.get(search.lack, ""),
        words.say_rule(search.lack_rule) if search.lack_rule else "",
        words.DECLINED.get(search.declined, ""),
        search.note,
        search.shown,
        search.looks,
        search.channel,
        search.by.get_full_name() if search.by else "",
        "yes" if search.waits_since else "",
    )


def _zone() -> str:
    """The zone that most sites are in: weeks and days of the report are its own."""
    zones = list(Location.objects.filter(is_active=True).values_list("zone", flat=True))
    return max(sorted(set(zones)), key=zones.count, default="UTC")
