"""What staff do with a time that was found: hold it, book it, go past a rule, or give it up."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, push_url, trigger_client_event

from crm import clock
from crm.models import Patient, User
from crm.permissions import can_book_slots
from crm.saying import translated
from crm.web import actor, allowed_to, htmx_of, note_views
from desk import slot_page as pages
from desk.actions.declining import wait_for
from desk.slot_forms import CloseForm, FilterForm, ReasonForm, kept_query, parse_rules
from desk.slot_panel import panel_of
from desk.slot_views import SESSION_KEY, address, page_context
from scheduling.actions import (
    BookingRefused,
    HeldByAnother,
    HoldEnded,
    SearchOver,
    close_booked,
    close_search,
    hold_slot,
    release_hold,
    request_booking,
    reschedule_appointment,
)
from scheduling.actions.overrides import SetAside
from scheduling.models import (
    Appointment,
    Hold,
    SearchRecord,
    Slot,
    VisitType,
)
from scheduling.queries import find_hold, get_slot, judge_found
from scheduling.rules.search import Criteria

REFRESH = "worklist:refresh"


@never_cache
@require_POST
@allowed_to(can_book_slots)
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a time for minutes; the panel beside the results says what booking it would do."""
    form, at = FilterForm(request.GET), clock.now()
    patient = pages.patient_of(form)
    user = request.user
    assert isinstance(user, User)  # noqa: S101 for the type checker
    by = actor(request)
    try:
        kept = hold_slot(slot_id=pk, by=by, at=at, owner=by.label, user=user, patient=patient)
    except Slot.DoesNotExist as missing:
        raise Http404 from missing
    except BookingRefused as refused:
        return _conflict(request, translated(str(refused)))
    query = kept_query(request.GET, hold=kept.pk)
    if not htmx_of(request):
        return redirect(address(query))
    held = find_hold(kept.pk)
    assert held is not None  # noqa: S101 it was made just now
    panel = panel_of(request, form, held, patient, at=at)
    seen = [patient.pk] if patient else []
    note_views(request, what="slot panel", patient_ids=seen, at=at)
    context = {
        "panel": panel,
        "patient": patient,
        "person": pages.person_of(patient),
        "query": kept_query(request.GET),
        "now": at,
    }
    answer = render(request, "slots/panel.html", context)
    return _refreshing(push_url(answer, address(query)))


@never_cache
@require_POST
@allowed_to(can_book_slots)
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a held time back before its minutes are over."""
    try:
        release_hold(hold_id=pk, by=actor(request), at=clock.now())
    except Hold.DoesNotExist as missing:
        raise Http404 from missing
    except HeldByAnother as refused:
        return _conflict(request, translated(str(refused)))
    query = kept_query(request.GET, without=["hold"])
    if not htmx_of(request):
        return redirect(address(query))
    answer = render(request, "slots/panel.html", {"panel": None, "query": query})
    return _refreshing(push_url(answer, address(query)))


@never_cache
@require_POST
@allowed_to(can_book_slots)
def book(request: HttpRequest, pk: int) -> HttpResponse:
    """Book what is held, for the patient that the page is about."""
    kept = find_hold(pk)
    if kept is None or kept.user_id != request.user.pk:
        raise Http404
    form = FilterForm(request.GET)
    patient = pages.patient_of(form)
    if patient is None:
        return _conflict(request, _("Choose the patient first."), status=422)
    try:
        wanted = form.said("visit_type") or kept.slot.visit_type
        made = _take(request, form, kept.slot, patient, wanted=wanted, hold_id=kept.pk)
    except (BookingRefused, HoldEnded) as refused:
        return _conflict(request, translated(str(refused)))
    return _booked(request, made)


def _take(
    request: HttpRequest,
    form: FilterForm,
    slot: Slot,
    patient: Patient,
    *,
    wanted: VisitType,
    hold_id: int | None = None,
    set_aside: SetAside | None = None,
) -> Appointment:
    """Move the visit that the page is about, or book a further one.

    :raises BookingRefused:
    """
    common: dict[str, Any] = {
        "slot_id": slot.pk,
        "visit_type": wanted,
        "starts_at": slot.starts_at,
        "hold_id": hold_id,
        "set_aside": set_aside,
        "by": actor(request),
        "at": clock.now(),
    }
    moves = pages.visit_to_move(form, patient)
    if moves is not None:
        return reschedule_appointment(appointment_id=moves.pk, **common)
    return request_booking(patient=patient, gives_up=_gives_up(request, patient), **common)


def _gives_up(request: HttpRequest, patient: Patient) -> Appointment | None:
    """Their own later visit, where they agreed to give it up."""
    number = request.POST.get("gives_up", "")
    rows = Appointment.objects.filter(patient=patient)
    return rows.filter(pk=int(number)).first() if number.isdecimal() else None


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_book_slots)
def override(request: HttpRequest, pk: int) -> HttpResponse:
    """Book a time that a rule hides, or hold it, with a reason, where the rule lets this person."""
    form, at = FilterForm(request.GET), clock.now()
    patient = pages.patient_of(form)
    try:
        slot = get_slot(pk)
    except Slot.DoesNotExist as missing:
        raise Http404 from missing
    wanted = form.criteria(patient) or Criteria(visit_type_id=slot.visit_type_id)
    mine = pages.own_holds(request, at=at).get(pk)
    own = (mine,) if mine else ()
    found = judge_found(slot, wanted, at=at, patient=patient, own_hold_ids=own)
    line = pages.Lines({pk: mine} if mine else {}, pages.roles_of(request)).one(found)
    rules = "+".join(one.rule for one in line.objections if one.stops)
    answer = ReasonForm(
        request.POST if request.method == "POST" else None, initial={"rules": rules}
    )
    context: dict[str, Any] = {
        "line": line,
        "patient": patient,
        "person": pages.person_of(patient),
        "form": answer,
    }
    if patient is None or not line.may_override or not answer.is_valid():
        return _part(request, "slots/override.html", context, bound=answer.is_bound)
    said = answer.cleaned_data
    aside = SetAside(parse_rules(said["rules"]), said["reason"])
    kind = VisitType.objects.get(pk=wanted.visit_type_id)
    try:
        if request.POST.get("do") == "hold":
            kept = _keep(request, slot, patient, kind=kind, set_aside=aside, at=at)
            return _go(address(kept_query(request.GET, hold=kept.pk)), request)
        made = _take(request, form, slot, patient, wanted=kind, hold_id=mine, set_aside=aside)
    except BookingRefused as refused:
        context["notice"] = translated(str(refused))
        return _part(request, "slots/override.html", context, status=409)
    return _booked(request, made)


def _keep(
    request: HttpRequest,
    slot: Slot,
    patient: Patient | None,
    *,
    at: dt.datetime,
    kind: VisitType | None = None,
    set_aside: SetAside | None = None,
) -> Hold:
    """Hold it for whoever is signed in.

    :raises BookingRefused:
    """
    user, by = request.user, actor(request)
    assert isinstance(user, User)  # noqa: S101 for the type checker
    return hold_slot(
        slot_id=slot.pk,
        patient=patient,
        visit_type=kind,
        set_aside=set_aside,
        owner=by.label,
        user=user,
        by=by,
        at=at,
    )


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_book_slots)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """None of these suits, and why: into the lost-demand ledger; onto the waitlist if wanted."""
    search = SearchRecord.objects.filter(pk=pk, by=request.user.pk).first()
    if search is None:
        raise Http404
    form = CloseForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _part(
            request, "slots/close.html", {"form": form, "search": search}, bound=form.is_bound
        )
    by, at = actor(request), clock.now()
    try:
        close_search(search_id=pk, declined=form.why, note=form.cleaned_data["note"], by=by, at=at)
    except SearchOver as over:
        context = {"form": form, "search": search, "notice": translated(str(over))}
        return _part(request, "slots/close.html", context, status=409)
    said = _("Noted what they wanted and why nothing suited.")
    if form.cleaned_data["wait"] and search.patient:
        wait_for(search, by=by, at=at)
        said = _("Noted. They are on the waitlist, and are told when one frees.")
    request.session.pop(SESSION_KEY, None)
    messages.success(request, said)
    return _onward(request)


def _booked(request: HttpRequest, made: Appointment) -> HttpResponse:
    """Back to the page of the patient, without the filters of what is done."""
    search_id = request.session.pop(SESSION_KEY, None)
    if search_id:
        close_booked(search_id=search_id, appointment=made, by=actor(request), at=clock.now())
    messages.success(
        request, _("Requested. The EHR confirms it in a moment; until then the time is theirs.")
    )
    return _onward(request)


def _onward(request: HttpRequest) -> HttpResponse:
    patient = request.GET.get("patient", "")
    return _go(address(f"patient={patient}" if patient.isdecimal() else ""), request)


def _go(target: str, request: HttpRequest) -> HttpResponse:
    return HttpResponseClientRedirect(target) if htmx_of(request) else redirect(target)


def _part(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    bound: bool = False,
    status: int = 200,
) -> HttpResponse:
    """In the dialog for htmx, else on a page of its own."""
    context |= {
        "action": request.get_full_path(),
        "back": address(kept_query(request.GET, without=["hold"])),
        "part": template,
    }
    page = template if htmx_of(request) else "slots/part_page.html"
    return render(request, page, context, status=422 if bound and status == 200 else status)


def _conflict(request: HttpRequest, said: str, *, status: int = 409) -> HttpResponse:
    """What is true now, with the sentence on top."""
    context = page_context(request, at=clock.now()) | {"notice": said}
    if htmx_of(request):
        return _refreshing(render(request, "slots/panel.html", context, status=status))
    return render(request, "slots/slots.html", context, status=status)


def _refreshing(answer: HttpResponse) -> HttpResponse:
    return trigger_client_event(answer, REFRESH)
