"""What pays: as it was last checked, and a check now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from crm.models import Coverage
from crm.queries.chart import coverages
from crm.rules.chart import say_ago, say_day
from crm.saying import translated
from crm.states import ChartPart
from desk.screen.contact import DeskContact
from desk.screen.panels.chart import read_head, today_of


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """One plan: until when it holds, and when that was last looked at."""

    payer: str
    member_id: str
    holds: str
    look: str
    checked: str


def panel(contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """One statement, and what the contact knows already."""
    assert contact.patient is not None  # noqa: S101
    head = read_head(contact, ChartPart.COVERAGE, name="coverage")
    rows = coverages(contact.patient.pk) if head.is_open else []
    on = today_of(contact, at=at)
    return {"head": head, "lines": [_line(row, on=on, at=at) for row in rows]}


def _line(row: Coverage, *, on: dt.date, at: dt.datetime) -> CoverageLine:
    holds, look = _holds(row, on)
    checked = _("never checked")
    if row.checked_at:
        checked = _("checked %(ago)s") % {"ago": translated(say_ago(at - row.checked_at))}
    return CoverageLine(str(row), row.member_id, holds, look, checked)


def _holds(row: Coverage, on: dt.date) -> tuple[str, str]:
    if row.ends_on and row.ends_on < on:
        return _on(_("ended %(day)s"), row.ends_on, on), "late"
    if row.status and row.status != "active":
        return _(row.status), "late"
    if row.starts_on and row.starts_on > on:
        return _on(_("begins %(day)s"), row.starts_on, on), "a-2h"
    if row.ends_on:
        return _on(_("active until %(day)s"), row.ends_on, on), "good"
    return (_("active"), "good") if row.status else (_("on file"), "")


def _on(said: str, day: dt.date, today: dt.date) -> str:
    return said % {"day": translated(say_day(day, on=today))}
