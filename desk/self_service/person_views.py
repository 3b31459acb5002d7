"""Staff compare somebody who asked for a visit online with whom we may know already."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crm import clock
from crm.actions import TaskClosed
from crm.engine import MovedMeanwhile
from crm.models import Patient
from crm.permissions import can_work_tasks
from crm.queries import find_alike
from crm.rules.names import Named
from crm.web import actor, allowed_to, note_views
from desk.self_service.actions import PersonSettled, settle_person
from desk.self_service.browser import sessions
from desk.self_service.pair_views import pair_to_compare
from outreach.rules.times import say_time
from scheduling.actions import BookingRefused
from scheduling.models import SelfServiceSession
from waitlist.queries.candidates import name_people

NEW = "new"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_to(can_work_tasks)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """What was typed beside who is like it; choosing one, or "new", lets the request go on.

    :param pk: of the task.
    """
    session = sessions().filter(task=pk).first()
    if session is None:
        return pair_to_compare(request, pk)
    at = clock.now()
    alike = _alike(session, at=at)
    if request.method == "POST":
        return _settle(request, session, alike, at=at)
    return _page(request, session, alike, at=at)


def _alike(session: SelfServiceSession, *, at: dt.datetime) -> tuple[Patient, ...]:
    if session.phone is None or session.birth_on is None:
        return ()
    typed = Named(session.given_name, session.family_name, session.birth_on)
    return find_alike(phone=session.phone, typed=typed, at=at)


def _settle(
    request: HttpRequest,
    session: SelfServiceSession,
    alike: tuple[Patient, ...],
    *,
    at: dt.datetime,
) -> HttpResponse:
    said = request.POST.get("who", "")
    chosen = next((patient for patient in alike if str(patient.pk) == said), None)
    if chosen is None and said != NEW:
        return _page(request, session, alike, at=at, problem="Choose who it is.", status=422)
    try:
        settle_person(session, patient=chosen, by=actor(request), at=at)
    except BookingRefused as refused:
        why = f"{refused} Call them, and find another time."
        return _page(request, session, alike, at=at, problem=why, status=409)
    except (PersonSettled, TaskClosed, MovedMeanwhile):
        messages.warning(request, "Somebody has settled it just now.")
    else:
        messages.success(request, "Settled. What they asked for goes on.")
    return redirect("desk:task", session.task_id)


def _page(
    request: HttpRequest,
    session: SelfServiceSession,
    alike: tuple[Patient, ...],
    *,
    at: dt.datetime,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    what = f"comparison for self-service session {session.pk}"
    note_views(request, what=what, patient_ids=[patient.pk for patient in alike], at=at)
    named = name_people(alike)
    context = {
        "session": session,
        "alike": [(patient, named[patient.pk].mrn) for patient in alike],
        "time": _kept_time(session),
        "problem": problem,
        "is_settled": session.patient_id is not None,
    }
    return render(request, "self_service/person_to_compare.html", context, status=status)


def _kept_time(session: SelfServiceSession) -> str:
    """The time that is kept for them, as the site says it."""
    if session.hold is None:
        return ""
    slot = session.hold.slot
    return say_time(slot.starts_at, slot.role.clinic.location.zone, "en")
