"""The treatment plan: what was ordered, what is due of it, and the search for a time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from crm.models import CarePlanItem
from crm.queries.chart import care_plan_items
from crm.rules.chart import say_day
from crm.rules.chart_plan import DueAdvice, DueWord, say_of_item
from crm.saying import translated
from crm.states import ChartPart, ItemStatus
from desk.screen.contact import DeskContact
from desk.screen.panels.chart import read_head, shown_to, today_of
from desk.screen.panels.codes import Codes, read_codes

MOST: Final = 8
_LOOKS: Final = {DueWord.OVERDUE: "late", DueWord.DUE: "a-2h", DueWord.ON_TRACK: "good"}


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One order. `visit_type_id` where times for it can be looked for here."""

    title: str
    who: str
    advice: DueAdvice
    look: str
    visit_type_id: int | None


def panel(contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """Two statements, and what the contact knows already."""
    patient = contact.patient
    assert patient is not None  # noqa: S101
    head = read_head(contact, ChartPart.PLAN, name="plan")
    rows = care_plan_items(patient.pk, limit=MOST + 1) if head.is_open else []
    shown, hidden = shown_to(contact, rows[:MOST])
    codes = read_codes(kinds={row.visit_type_code for row in shown})
    booked = _booked(contact)
    on = today_of(contact, at=at)
    lines = [_line(row, codes, booked, on) for row in shown]
    lines = [line for line in lines if line.advice.word is not DueWord.DONE]
    return {
        "head": head,
        "lines": lines,
        "due": sum(line.advice.word in {DueWord.DUE, DueWord.OVERDUE} for line in lines),
        "hidden": hidden,
        "more": len(rows) > MOST,
    }


def _line(row: CarePlanItem, codes: Codes, booked: dict[int, dt.datetime], on: dt.date) -> PlanLine:
    kind = codes.kinds.get(row.visit_type_code)
    starts_at = booked.get(kind) if kind is not None else None
    advice = say_of_item(
        status=ItemStatus(row.status),
        due_from_on=row.due_from_on,
        due_until_on=row.due_until_on,
        visits_planned=row.visits_planned,
        visits_done=row.visits_done,
        next_on=starts_at.date() if starts_at else None,
        on=on,
    )
    return PlanLine(
        title=row.title,
        who=_who(row, on),
        advice=advice,
        look=_LOOKS.get(advice.word, ""),
        visit_type_id=kind if advice.may_book else None,
    )


def _who(row: CarePlanItem, on: dt.date) -> str:
    ordered = ""
    if row.ordered_on:
        ordered = _("ordered %(day)s") % {"day": translated(say_day(row.ordered_on, on=on))}
    return ", ".join(part for part in (row.plan, row.ordered_by, ordered) if part)


def _booked(contact: DeskContact) -> dict[int, dt.datetime]:
    """The next visit of each kind that is booked, by kind, on the clock of its site."""
    found: dict[int, dt.datetime] = {}
    for visit in contact.visits_ahead:
        if visit.visit_type_id is not None:
            zone = visit.location.tz if visit.location else contact.zone
            found.setdefault(visit.visit_type_id, visit.starts_at.astimezone(zone))
    return found
