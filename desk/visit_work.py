"""The page of visits that somebody must work on, by what is to be done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from crm import clock
from crm.engine import MovedMeanwhile, record
from crm.models import Patient
from crm.permissions import can_approve_limits, can_keep_patient_needs, can_view_patients
from crm.saying import translated
from crm.web import actor, allowed_to, csv_answer, note_views
from desk import visit_words as words
from desk.queries import visit_work as queries
from desk.queries.visit_work import SHOWN, Tab
from scheduling.actions import AlreadyDecided, approve_restriction, decline_restriction
from scheduling.models import PatientRestriction
from scheduling.states import ClearanceKind
from waitlist.queries.candidates import name_people

TABS: Final[dict[Tab, tuple[str, str]]] = {
    Tab.REFERRALS: (gettext_noop("Referrals"), gettext_noop("Every referral is here")),
    Tab.AUTHORIZATIONS: (
        gettext_noop("Authorizations"),
        gettext_noop("Every authorization is here"),
    ),
    Tab.ESTIMATES: (gettext_noop("Estimates"), gettext_noop("No Good Faith Estimate is due")),
    Tab.LIMITS: (gettext_noop("Limits to decide"), gettext_noop("No patient waits for a decision")),
    Tab.MOVES: (gettext_noop("Half-done moves"), gettext_noop("Every move is finished")),
}
COLUMNS = ("what", "visit", "day", "patient", "record number", "state", "due")
DECIDED = {"approve": approve_restriction, "decline": decline_restriction}


@never_cache
@require_safe
@allowed_to(can_view_patients)
def work(request: HttpRequest) -> HttpResponse:
    """One tab of what is to be done; each line leads to its visit."""
    return _page(request, at=clock.now())


@never_cache
@require_safe
@allowed_to(can_view_patients)
def export(request: HttpRequest) -> HttpResponse:
    """The chosen tab as a file, all of it."""
    at, tab = clock.now(), _tab(request)
    lines = _lines(tab, at=at)
    people = name_people(_patients(lines))
    by = actor(request)
    record("scheduling.work.exported", request.user, by=by, at=at, tab=tab)  # type: ignore[arg-type]
    note_views(request, what=f"export of {tab}", patient_ids=people, at=at)
    rows = [_row(tab, line, people) for line in lines]
    return csv_answer(f"visits-{tab}.csv", COLUMNS, rows)


@never_cache
@require_POST
@allowed_to(can_approve_limits)
def decide(request: HttpRequest, pk: int, to: str) -> HttpResponse:
    """A person decides whether a patient's booking is limited."""
    doing = DECIDED.get(to)
    if doing is None or not PatientRestriction.objects.filter(pk=pk).exists():
        raise Http404
    why, at = request.POST.get("why", "").strip(), clock.now()
    if not why:
        return _page(request, at=at, tab=Tab.LIMITS, notice=_("Say why: it is kept."), status=422)
    try:
        doing(restriction_id=pk, why=why, by=actor(request), at=at)
    except (AlreadyDecided, MovedMeanwhile) as settled:
        said = (
            translated(str(settled))
            if isinstance(settled, AlreadyDecided)
            else _("Somebody else has decided.")
        )
        return _page(request, at=at, tab=Tab.LIMITS, notice=said, status=409)
    messages.success(request, _("Limited.") if to == "approve" else _("Not limited."))
    return redirect(f"{request.path.split('limits/')[0]}work/?tab={Tab.LIMITS}")


def _page(
    request: HttpRequest,
    *,
    at: dt.datetime,
    tab: Tab | None = None,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    shown = tab or _tab(request)
    lines = {each: _lines(each, at=at) for each in Tab}
    chosen = lines[shown][:SHOWN]
    people = name_people(_patients(chosen))
    note_views(request, what=f"visits to work on: {shown}", patient_ids=people, at=at)
    context = {
        "tab": shown,
        "tabs": [(each, _(TABS[each][0]), len(lines[each])) for each in Tab],
        "lines": chosen,
        "more": len(lines[shown]) - len(chosen),
        "people": people,
        "empty": _(TABS[shown][1]),
        "notice": notice,
        "now": at,
        "may_approve": can_approve_limits(request.user),
        "may_keep": can_keep_patient_needs(request.user),
    }
    return render(request, "visits/work.html", context, status=status)


def _tab(request: HttpRequest) -> Tab:
    """What is not understood is the first."""
    asked = request.GET.get("tab", "")
    return Tab(asked) if asked in set(Tab) else Tab.REFERRALS


def _lines(tab: Tab, *, at: dt.datetime) -> Sequence[Any]:
    found: dict[Tab, Callable[[], Iterable[Any]]] = {
        Tab.REFERRALS: lambda: queries.clearances_to_work(ClearanceKind.REFERRAL, at=at),
        Tab.AUTHORIZATIONS: lambda: queries.clearances_to_work(ClearanceKind.AUTHORIZATION, at=at),
        Tab.ESTIMATES: lambda: queries.estimates_due(at=at),
        Tab.LIMITS: queries.limits_to_decide,
        Tab.MOVES: lambda: queries.moves_to_repair(at=at),
    }
    return list(found[tab]())


def _patients(lines: Iterable[Any]) -> list[Patient]:
    return [_patient(line) for line in lines]


def _patient(line: Any) -> Patient:
    visit = getattr(line, "visit", None) or getattr(line, "new", None)
    patient: Patient = (visit or line).patient
    return patient


def _row(tab: Tab, line: Any, people: dict[int, Any]) -> tuple[object, ...]:
    person = people[_patient(line).pk]
    visit = getattr(line, "visit", None) or getattr(line, "new", None)
    state = getattr(line, "state", "") or getattr(line, "stage", "") or "due"
    due = line.row.due_on if tab is Tab.ESTIMATES else ""
    if tab is Tab.LIMITS:
        visit, state = None, words.LIMITS[line.kind]
    when = visit.starts_at.date() if visit else ""
    return (TABS[tab][0], visit.pk if visit else "", when, person.name, person.mrn, state, due)
