"""Plans of several visits, as they are looked for and looked at."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from crm import clock
from crm.models import Patient
from crm.permissions import can_book_slots, can_edit_catalog, can_view_patients
from crm.queries.finding import find_patients
from crm.web import allowed_to, csv_answer, htmx_of, note_views
from desk import plan_words as words
from desk.plan_forms import CallOffForm, LeaveForm, LookForm, read_choice, write_choice
from desk.slot_forms import kept_query
from desk.slot_page import person_of
from desk.slot_words import say_seats
from scheduling.actions.plans import Choice
from scheduling.models import Hold, Plan, Slot
from scheduling.queries import active_holds
from scheduling.queries import plans as queries
from scheduling.queries.holds import seats_kept
from scheduling.queries.plan_resources import name_things
from scheduling.rules.words import say_clock, say_day
from scheduling.states import LIVE, PlanStatus
from waitlist.queries.candidates import name_people

#: Plans on a page, the newest first.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of a proposal as a row."""

    name: str
    day: str
    clock: str
    who: str
    site: str
    gap: str
    beside: str
    seats: str
    slot_id: int


@dataclass(frozen=True, slots=True)
class Way:
    """A proposal, or what is held."""

    visits: tuple[Visit, ...]
    choice: str
    span: str


@never_cache
@require_safe
@allowed_to(can_book_slots)
def plans(request: HttpRequest) -> HttpResponse:
    """Choose a plan and a patient; what can be booked together; and the plans that there are."""
    context = page_context(request, at=clock.now())
    template = (
        "plans/center.html" if htmx_of(request).target == "plan-center" else "plans/plans.html"
    )
    return render(request, template, context)


@never_cache
@require_POST
@allowed_to(can_book_slots)
def people(request: HttpRequest) -> HttpResponse:
    """Patients by what the caller says: posted, so that no name is in an address."""
    said = request.POST.get("who", "").strip()
    found = name_people(find_patients(said))
    at = clock.now()
    note_views(request, what="patient search", patient_ids=found, at=at)
    more = {"people": list(found.values()), "said": said}
    more["rest"] = kept_query(request.GET, without=["patient", "hold"])
    if htmx_of(request):
        return render(request, "plans/people.html", more)
    return render(request, "plans/plans.html", page_context(request, at=at) | more)


@never_cache
@require_safe
@allowed_to(can_view_patients)
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """One plan: its visits, how they stand, and what can be done where one is off."""
    return plan_page(request, pk, at=clock.now())


@never_cache
@require_safe
@allowed_to(can_view_patients)
def export(request: HttpRequest) -> HttpResponse:
    """The plans of the page as a sheet; patients by number, not by name."""
    rows = [
        [row.pk, row.definition.name, row.patient_id, row.status, row.created_at.isoformat()]
        for row in queries.plans()[:5000]
    ]
    return csv_answer("plans.csv", ["plan", "definition", "patient", "state", "booked at"], rows)


def page_context(request: HttpRequest, *, at: dt.datetime, notice: str = "") -> dict[str, Any]:
    form = LookForm(request.GET)
    definition, patient = form.chosen, form.said("patient")
    held = None if notice else _held(request, at=at)
    look = None
    if definition is not None and held is None:
        look = queries.look_for_plan(
            definition,
            at=at,
            patient=patient,
            first_on=form.said("first_on"),
            location_id=form.said("location").pk if form.said("location") else None,
        )
    after = request.GET.get("after", "")
    rows, next_after = queries.plans_after(int(after) if after.isdecimal() else None, most=SHOWN)
    names = name_people([row.patient for row in rows])
    seen = {row.patient_id for row in rows} | ({patient.pk} if patient else set())
    note_views(request, what="plans", patient_ids=seen, at=at)
    return {
        "form": form,
        "definition": definition,
        "steps": [
            (one, words.say_gap(one.rule) if one.position > 1 else "", words.say_needs(one))
            for one in queries.asked_of(definition)
        ]
        if definition
        else [],
        "patient": patient,
        "person": person_of(patient),
        "look": look,
        "ways": _ways(look, at=at) if look else [],
        "lacking": words.say_lacking(look) if look else "",
        "held": held,
        "query": kept_query(request.GET, without=["hold", "choice"]),
        "no_patient_query": kept_query(request.GET, without=["hold", "choice", "patient"]),
        "rows": [
            (row, names[row.patient_id], words.STATES[PlanStatus(row.status)]) for row in rows
        ],
        "is_later_page": after.isdecimal(),
        "next_query": kept_query(request.GET, without=["hold", "choice"], after=next_after)
        if next_after
        else "",
        "first_query": kept_query(request.GET, without=["hold", "choice", "after"]),
        "may_edit": can_edit_catalog(request.user),
        "notice": notice,
        "now": at,
    }


def _ways(look: queries.Look, *, at: dt.datetime) -> list[Way]:
    kept = seats_kept(
        [look.slots[one.time.slot_id] for way in look.proposals for one in way.visits], at=at
    )
    names = name_things({key for way in look.proposals for one in way.visits for key in one.taken})
    found = []
    for way in look.proposals:
        rows = [
            visit_line(
                look.slots[one.time.slot_id],
                name=asked.rule.name,
                gap=words.say_gap(asked.rule) if asked.position > 1 else "",
                beside=", ".join(names.get(key, "") for key in one.taken),
                kept=kept.get(one.time.slot_id, 0),
            )
            for asked, one in zip(look.asked, way.visits, strict=True)
        ]
        choice = tuple(Choice(one.time.slot_id, one.taken) for one in way.visits)
        days = (way.visits[-1].time.day - way.visits[0].time.day).days
        span = f"{days + 1} days in all" if days else "one day"
        found.append(Way(tuple(rows), write_choice(choice), span))
    return found


def visit_line(slot: Slot, *, name: str, gap: str = "", beside: str = "", kept: int = 0) -> Visit:
    """:param kept: seats of it that somebody holds just now."""
    site = slot.role.clinic.location
    local = slot.starts_at.astimezone(ZoneInfo(site.zone))
    return Visit(
        name=name,
        day=say_day(local.date()),
        clock=say_clock(local),
        who=str(slot.role.provider),
        site=site.name,
        gap=gap,
        beside=beside,
        seats=say_seats(slot.capacity, slot.taken, kept),
        slot_id=slot.pk,
    )


def _held(request: HttpRequest, *, at: dt.datetime) -> dict[str, Any] | None:
    """What this agent holds as a plan, as the address names it; None once it is over."""
    numbers = [int(one) for one in request.GET.get("hold", "").split(".") if one.isdecimal()]
    definition = LookForm(request.GET).chosen
    if not numbers or definition is None:
        return None
    try:
        choice = read_choice(request.GET.get("choice", ""))
    except ValueError:
        return None
    rows = active_holds(at=at).filter(pk__in=numbers, user=request.user.pk)
    by_slot = {
        hold.slot_id: hold
        for hold in rows.select_related(
            "slot__role__provider", "slot__role__clinic__location", "slot__visit_type"
        )
    }
    asked = queries.asked_of(definition)
    if len(by_slot) != len(choice) or len(asked) != len(choice):
        return {"is_over": True}
    names = name_things({key for one in choice for key in one.things})
    kept = seats_kept([hold.slot for hold in by_slot.values()], at=at)
    holds: list[Hold] = [by_slot[one.slot_id] for one in choice if one.slot_id in by_slot]
    if len(holds) != len(choice):
        return {"is_over": True}
    return {
        "is_over": False,
        "expires_at": min(hold.expires_at for hold in holds),
        "holds": ".".join(str(hold.pk) for hold in holds),
        "choice": write_choice(choice),
        "visits": [
            visit_line(
                hold.slot,
                name=one.rule.name,
                gap=words.say_gap(one.rule) if one.position > 1 else "",
                beside=", ".join(names.get(key, "") for key in chosen.things),
                kept=kept.get(hold.slot_id, 0),
            )
            for hold, one, chosen in zip(holds, asked, choice, strict=True)
        ],
    }


def plan_page(
    request: HttpRequest,
    pk: int,
    *,
    at: dt.datetime,
    notice: str = "",
    status: int = 200,
    leave: LeaveForm | None = None,
) -> HttpResponse:
    """The page of one plan, also as the answer to what could not be done."""
    found = Plan.objects.select_related("definition", "patient").filter(pk=pk).first()
    if found is None:
        raise Http404
    patient: Patient = found.patient
    note_views(request, what="plan", patient_ids=[patient.pk], at=at)
    rows = queries.visits_of(pk)
    context = {
        "plan": found,
        "chip": words.STATES[PlanStatus(found.status)],
        "person": person_of(patient),
        "rows": [
            (row, words.say_days(row.least_days, row.most_days) if row.position > 1 else "")
            for row in rows
        ],
        "counts": queries.COUNTS,
        "is_broken": found.status == PlanStatus.BROKEN,
        "coming": any(
            row.appointment.status in LIVE and row.appointment.starts_at > at for row in rows
        ),
        "may_book": can_book_slots(request.user),
        "leave_form": leave or LeaveForm(),
        "call_off_form": CallOffForm(),
        "notice": notice,
    }
    template = "plans/plan_body.html" if htmx_of(request).target == "plan" else "plans/plan.html"
    return render(request, template, context, status=status)
