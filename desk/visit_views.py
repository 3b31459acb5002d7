"""The page of one visit, and what staff do there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from crm import clock
from crm.engine import IllegalMove, MovedMeanwhile
from crm.permissions import (
    can_approve_limits,
    can_change_visits,
    can_keep_patient_needs,
    can_mark_visits,
    can_view_patients,
)
from crm.saying import translated
from crm.web import actor, allowed_to, htmx_of, note_views
from desk import visit_forms as forms
from desk import visit_words as words
from desk.queries.visit import VisitPage, get_visit_page
from desk.video_subscribers import link_of
from scheduling.actions import (
    BookingRefused,
    CannotTakeBack,
    MoveSettled,
    NotNow,
    PaperRefused,
)
from scheduling.models import Appointment, VideoVisit
from scheduling.states import VideoStatus
from waitlist.queries.candidates import name_people

#: What can be wrong that somebody can act on; all else is "somebody changed it".
SAY_WHY = (BookingRefused, CannotTakeBack, MoveSettled, NotNow, PaperRefused)
MEANWHILE = gettext_noop("Somebody else has just changed this visit. Here is how it stands now.")


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done with a visit: its form, and who may."""

    form: type[forms.VisitForm]
    can: Callable[[object], bool]


ACTS = {
    "cancel": Act(forms.CancelForm, can_change_visits),
    "take-back-cancel": Act(forms.TakeBackCancelForm, can_change_visits),
    "check-in": Act(forms.CheckInForm, can_mark_visits),
    "undo-check-in": Act(forms.UndoCheckInForm, can_mark_visits),
    "no-show": Act(forms.NoShowForm, can_mark_visits),
    "undo-no-show": Act(forms.UndoNoShowForm, can_mark_visits),
    "finish-move": Act(forms.FinishMoveForm, can_change_visits),
    "take-back-move": Act(forms.TakeBackMoveForm, can_change_visits),
    "cancelled-by-hand": Act(forms.CancelledByHandForm, can_change_visits),
    "clearance": Act(forms.ClearanceForm, can_keep_patient_needs),
    "estimate": Act(forms.EstimateForm, can_keep_patient_needs),
    "ask-estimate": Act(forms.AskEstimateForm, can_change_visits),
    "void-estimate": Act(forms.VoidEstimateForm, can_keep_patient_needs),
    "claim": Act(forms.ClaimForm, can_keep_patient_needs),
}


@never_cache
@require_safe
@allowed_to(can_view_patients)
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """One visit: what it is, how it stands here and in the EHR, and what can be done."""
    return _page(request, pk, at=clock.now())


@never_cache
@require_POST
@allowed_to(can_view_patients)
def act(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Do one thing with it; 409 with how it stands, 422 with what the form lacks."""
    doing = ACTS.get(what)
    if doing is None or not Appointment.objects.filter(pk=pk).exists():
        raise Http404
    if not doing.can(request.user):
        raise PermissionDenied
    at, form = clock.now(), doing.form(request.POST)
    if not form.is_valid():
        return _page(request, pk, at=at, status=422, wrong={what: form})
    try:
        said = form.carry_out(pk, by=actor(request), at=at)
    except SAY_WHY as refused:
        return _page(request, pk, at=at, status=409, notice=translated(str(refused)))
    except (MovedMeanwhile, IllegalMove):
        return _page(request, pk, at=at, status=409, notice=translated(MEANWHILE))
    messages.success(request, said)
    return _page(request, pk, at=at) if htmx_of(request) else redirect("desk:visit", pk)


def _video_link(visit: Appointment) -> str:
    """The address of the patient's page, to be given by phone or e-mail; empty without a room."""
    video: VideoVisit | None = getattr(visit, "video", None)
    return link_of(video) if video and video.status == VideoStatus.READY else ""


def _page(
    request: HttpRequest,
    pk: int,
    *,
    at: dt.datetime,
    status: int = 200,
    notice: str = "",
    wrong: dict[str, forms.VisitForm] | None = None,
) -> HttpResponse:
    """The whole page, or what of it changes."""
    try:
        page = get_visit_page(pk, at=at)
    except Appointment.DoesNotExist as missing:
        raise Http404 from missing
    patient_id = page.visit.patient_id
    person = name_people([page.visit.patient])[patient_id]
    context = {
        "page": page,
        "person": person,
        "words": words,
        "video_link": _video_link(page.visit),
        "notice": notice,
        "now": at,
        "seen_by": note_views(request, what=f"visit {pk}", patient_ids=[patient_id], at=at),
        "forms": _forms(page, wrong or {}),
        "wrong": set(wrong or {}),
        **{f"may_{name}": can(request.user) for name, can in _MAY.items()},
    }
    template = "visits/visit_answer.html" if htmx_of(request) else "visits/visit.html"
    return render(request, template, context, status=status)


_MAY = {
    "change": can_change_visits,
    "mark": can_mark_visits,
    "keep": can_keep_patient_needs,
    "approve": can_approve_limits,
}


def _forms(page: VisitPage, wrong: dict[str, forms.VisitForm]) -> dict[str, Any]:
    """The forms that want something filled in, as sent where they were wrong."""
    claim = getattr(page.visit, "workers_comp", None)
    known = {name: getattr(claim, name) for name in forms.ClaimForm.base_fields} if claim else None
    made: dict[str, Any] = {
        "cancel": forms.CancelForm(auto_id="cancel-%s"),
        "check_in": forms.CheckInForm(auto_id="in-%s"),
        "no_show": forms.NoShowForm(auto_id="missed-%s"),
        "estimate": forms.EstimateForm(auto_id="estimate-%s"),
        "void_estimate": forms.VoidEstimateForm(auto_id="void-%s"),
        "claim": forms.ClaimForm(initial=known, auto_id="claim-%s"),
        "clearances": [(line, _clearance_form(line, wrong)) for line in page.clearances],
    }
    named = {name.replace("-", "_"): form for name, form in wrong.items() if name != "clearance"}
    return made | named


def _clearance_form(line: Any, wrong: dict[str, forms.VisitForm]) -> forms.VisitForm:
    sent = wrong.get("clearance")
    if sent is not None and sent.data.get("kind") == line.kind:
        return sent
    row = line.row
    known = {
        "kind": line.kind,
        "to": row.status if row else "needed",
        "asked_of": row.asked_of if row else "",
        "number": row.number if row else "",
        "valid_from_on": row.valid_from_on if row else None,
        "valid_until_on": row.valid_until_on if row else None,
    }
    return forms.ClearanceForm(initial=known, auto_id=f"{line.kind}-%s")
