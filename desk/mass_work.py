"""The work list of a mass rescheduling: whom somebody must call."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from crm import clock
from crm.models import PatientPhone
from crm.permissions import can_run_openings, can_work_tasks
from crm.web import actor, allowed_to, note_views
from desk import mass_page as page
from desk.mass_views import find_job
from scheduling.actions.mass import NotNow
from scheduling.actions.mass_items import settle_item
from scheduling.models import MassMove, MassMoveItem
from scheduling.states import NEEDS_AGENT, MassItemStatus

_TO_CALL = Q(status__in=sorted(NEEDS_AGENT)) | Q(
    status=MassItemStatus.MOVED, told_at__isnull=True, phone__isnull=True
)


@never_cache
@require_safe
@allowed_to(can_work_tasks)
def work(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom to call, the most urgent first, with why and what to offer."""
    return _page(request, find_job(pk))


@never_cache
@require_POST
@allowed_to(can_work_tasks)
def settle(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """An agent has spoken with them."""
    found = find_job(pk)
    try:
        settle_item(item_id=item, by=actor(request), at=clock.now())
    except MassMoveItem.DoesNotExist:
        return _page(request, found, problem="That visit is no longer in this job.", status=409)
    except NotNow as refused:
        return _page(request, found, problem=str(refused), status=409)
    return redirect("desk:mass-work", pk)


def _page(
    request: HttpRequest, found: MassMove, *, problem: str = "", status: int = 200
) -> HttpResponse:
    at = clock.now()
    rows = list(page.items_of(found, "all").filter(_TO_CALL)[:200])
    people = {row.appointment.patient_id for row in rows}
    phones = _phones(people) if people else {}
    context = {
        "job": found,
        "lines": [(page.line_of(row), phones.get(row.appointment.patient_id)) for row in rows],
        "can_run": can_run_openings(request.user),
        "problem": problem,
        "now": at,
        "seen_by": note_views(request, what=f"mass {found.pk} calls", patient_ids=people, at=at),
    }
    return render(request, "mass/work.html", context, status=status)


def _phones(people: set[int]) -> dict[int, str]:
    """The first phone of each that is still theirs."""
    lines = PatientPhone.objects.filter(patient__in=people, ended_on__isnull=True)
    found: dict[int, str] = {}
    for line in lines.select_related("phone").order_by("rank", "pk"):
        found.setdefault(line.patient_id, str(line.phone.number))
    return found
