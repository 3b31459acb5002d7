"""The panel beside the times: what a hold keeps, for whom, and what booking it would do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from crm.models import Patient
from desk import slot_page as pages
from desk.slot_forms import FilterForm
from scheduling.models import Appointment, Hold, VisitType
from scheduling.queries import find_hold, judge_found
from scheduling.queries.holds import seats_kept
from scheduling.rules.search import Criteria
from scheduling.states import AppointmentStatus, HoldStatus


@dataclass(frozen=True, slots=True)
class Panel:
    """A hold of whoever looks. `over`: its time is up, or it was used or given back.

    `moves` is the visit that it is looked for; `later` are others that could be given up.
    """

    hold: Hold
    line: pages.Line
    visit_type: VisitType
    later: list[Appointment]
    moves: Appointment | None
    is_over: bool

    @property
    def stops(self) -> tuple[pages.Objection, ...]:
        """What stands against booking it for this patient, though it is held."""
        return tuple(
            one for one in self.line.objections if one.stops and one.rule not in self.hold.aside
        )

    @property
    def aside(self) -> tuple[pages.Objection, ...]:
        """What was set aside when it was held: booking it goes past them."""
        return tuple(
            one for one in self.line.objections if one.stops and one.rule in self.hold.aside
        )

    @property
    def may_override(self) -> bool:
        """Whether whoever looks may set aside all that still stands against it."""
        return bool(self.stops) and all(one.may_pass for one in self.stops)


def panel_context(
    request: HttpRequest, form: FilterForm, patient: Patient | None, *, at: dt.datetime
) -> dict[str, Any]:
    """The panel of the hold that the address names; none where it is not theirs."""
    number = request.GET.get("hold", "")
    hold = find_hold(int(number)) if number.isdecimal() else None
    if hold is None or hold.user_id != request.user.pk:
        return {"panel": None}
    return {"panel": panel_of(request, form, hold, patient, at=at)}


def panel_of(
    request: HttpRequest,
    form: FilterForm,
    hold: Hold,
    patient: Patient | None,
    *,
    at: dt.datetime,
) -> Panel:
    """What booking this hold would do, with every rule asked for this patient."""
    wanted = form.criteria(patient) or Criteria(visit_type_id=hold.slot.visit_type_id)
    moves = pages.visit_to_move(form, patient)
    found = judge_found(hold.slot, wanted, at=at, patient=patient, own_hold_ids=(hold.pk,))
    kept = seats_kept([found.slot], at=at)
    line = pages.Lines({hold.slot_id: hold.pk}, pages.roles_of(request), kept=kept).one(found)
    return Panel(
        hold=hold,
        line=line,
        visit_type=VisitType.objects.get(pk=wanted.visit_type_id),
        later=later_visits(patient, line, wanted.visit_type_id)
        if patient and moves is None
        else [],
        moves=moves,
        is_over=hold.status != HoldStatus.HELD or hold.expires_at <= at,
    )


def later_visits(patient: Patient, line: pages.Line, visit_type_id: int) -> list[Appointment]:
    """Visits of that kind that this time could replace: booked, and later than it."""
    rows = Appointment.objects.select_related("provider", "location").filter(
        patient=patient,
        visit_type=visit_type_id,
        status=AppointmentStatus.BOOKED,
        starts_at__gt=line.found.slot.starts_at,
    )
    return list(rows.order_by("starts_at")[:3])
