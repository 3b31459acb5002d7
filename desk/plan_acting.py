"""What staff do with a plan: hold all of it, book it, mend it, leave it, give it up."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from crm import clock
from crm.models import User
from crm.permissions import can_book_slots
from crm.web import actor, allowed_to, note_views
from desk.plan_forms import CallOffForm, LeaveForm, LookForm, read_choice, write_choice
from desk.plan_views import page_context, plan_page, visit_line
from desk.slot_forms import kept_query
from desk.slot_page import person_of
from scheduling.actions import BookingRefused, release_hold
from scheduling.actions.plans import (
    Choice,
    PlanRefused,
    book_plan,
    call_off_plan,
    hold_plan,
    leave_plan,
    mend_plan,
)
from scheduling.models import Hold, Plan, Slot
from scheduling.queries.plan_resources import name_things
from scheduling.queries.plans import times_for_position, visits_of
from scheduling.rules.plans import assign
from scheduling.states import CancelReason


@never_cache
@require_POST
@allowed_to(can_book_slots)
def hold(request: HttpRequest) -> HttpResponse:
    """Keep every visit of a proposal for ten minutes, or none."""
    form, at, user = LookForm(request.GET), clock.now(), request.user
    patient = form.said("patient")
    if patient is None:
        return _again(request, "Choose the patient first.", status=422)
    assert isinstance(user, User)  # noqa: S101 for the type checker
    choice, by = _choice(request), actor(request)
    try:
        held = hold_plan(choice=choice, patient=patient, by=by, at=at, owner=by.label, user=user)
    except (BookingRefused, Slot.DoesNotExist) as refused:
        return _again(request, str(refused))
    query = request.GET.copy()
    query["hold"] = ".".join(str(one.pk) for one in held)
    query["choice"] = write_choice(choice)
    return redirect(f"{reverse('desk:plans')}?{query.urlencode()}")


@never_cache
@require_POST
@allowed_to(can_book_slots)
def release(request: HttpRequest) -> HttpResponse:
    """Give back what this agent holds of a plan."""
    for pk in _own_holds(request).values_list("pk", flat=True):
        release_hold(hold_id=pk, by=actor(request), at=clock.now())
    query = kept_query(request.GET, without=["hold", "choice"])
    return redirect(f"{reverse('desk:plans')}?{query}")


def _own_holds(request: HttpRequest) -> QuerySet[Hold]:
    numbers = [int(one) for one in request.POST.get("holds", "").split(".") if one.isdecimal()]
    return Hold.objects.filter(pk__in=numbers, user=request.user.pk)


@never_cache
@require_POST
@allowed_to(can_book_slots)
def book(request: HttpRequest) -> HttpResponse:
    """Book all of what is held, or nothing."""
    form, at = LookForm(request.GET), clock.now()
    definition, patient = form.chosen, form.said("patient")
    if definition is None or patient is None:
        return _again(request, "Choose the plan and the patient first.", status=422)
    try:
        made = book_plan(
            definition=definition,
            choice=_choice(request),
            patient=patient,
            hold_ids=dict(_own_holds(request).values_list("slot_id", "pk")),
            by=actor(request),
            at=at,
        )
    except (BookingRefused, PlanRefused, Slot.DoesNotExist) as refused:
        return _again(request, str(refused))
    messages.success(request, "All visits are requested. Each is theirs when the EHR confirms it.")
    return redirect("desk:plan", made.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_to(can_book_slots)
def mend(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    """Other times for one visit that is off, on days that suit the others."""
    plan = Plan.objects.select_related("definition", "patient").filter(pk=pk).first()
    row = next((row for row in visits_of(pk) if row.position == position), None)
    if plan is None or row is None:
        raise Http404
    at, notice = clock.now(), ""
    if request.method == "POST":
        try:
            (chosen,) = _choice(request)
            mend_plan(plan_id=pk, position=position, chosen=chosen, by=actor(request), at=at)
        except (BookingRefused, PlanRefused, Slot.DoesNotExist, ValueError) as refused:
            notice = str(refused)
        else:
            messages.success(request, "Requested. It is theirs when the EHR confirms it.")
            return redirect("desk:plan", pk)
    ways = [
        (slot, taken)
        for slot, time in times_for_position(plan, position, at=at)
        if (taken := assign(time)) is not None
    ]
    names = name_things({key for _, taken in ways for key in taken})
    name = str(row.appointment.visit_type or "The visit")
    note_views(request, what="plan", patient_ids=[plan.patient_id], at=at)
    context = {
        "plan": plan,
        "row": row,
        "name": name,
        "person": person_of(plan.patient),
        "notice": notice,
        "ways": [
            (
                visit_line(slot, name=name, beside=", ".join(names[key] for key in taken)),
                write_choice((Choice(slot.pk, taken),)),
            )
            for slot, taken in ways[:30]
        ],
    }
    return render(request, "plans/mend.html", context, status=409 if notice else 200)


@never_cache
@require_POST
@allowed_to(can_book_slots)
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """The others stand without the one that is off."""
    form, at = LeaveForm(request.POST), clock.now()
    if not form.is_valid():
        return plan_page(request, pk, at=at, leave=form, status=422)
    try:
        leave_plan(plan_id=pk, reason=form.cleaned_data["reason"], by=actor(request), at=at)
    except Plan.DoesNotExist as missing:
        raise Http404 from missing
    except PlanRefused as refused:
        return plan_page(request, pk, at=at, notice=str(refused), status=409)
    messages.success(request, "Left as it is.")
    return redirect("desk:plan", pk)


@never_cache
@require_POST
@allowed_to(can_book_slots)
def call_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up every visit that is to come."""
    form, at = CallOffForm(request.POST), clock.now()
    if not form.is_valid():
        return plan_page(request, pk, at=at, notice="Say why.", status=422)
    code = CancelReason(form.cleaned_data["code"])
    try:
        call_off_plan(plan_id=pk, code=code, by=actor(request), at=at)
    except Plan.DoesNotExist as missing:
        raise Http404 from missing
    messages.success(request, "Every visit to come is given up. The EHR is being told.")
    return redirect("desk:plan", pk)


def _choice(request: HttpRequest) -> tuple[Choice, ...]:
    """:raises Http404: for what no page has written."""
    try:
        return read_choice(request.POST.get("choice", ""))
    except ValueError as strange:
        raise Http404 from strange


def _again(request: HttpRequest, notice: str, *, status: int = 409) -> HttpResponse:
    """The page as it stands now, with what stood in the way."""
    context = page_context(request, at=clock.now(), notice=notice)
    return render(request, "plans/plans.html", context, status=status)
