"""Tests: how each stands, and what the agent may say of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crm.actions.chart_requests import lab_cause
from crm.engine.compiled import any_of, compiled
from crm.models import LabReport, Task
from crm.queries.chart import lab_reports
from crm.rules.chart import say_day
from crm.rules.chart_labs import LabAct, LabAdvice, LabWord, say_of_lab
from crm.saying import translated
from crm.states import ChartPart, ReportStatus, ReviewOutcome
from desk.screen.contact import DeskContact
from desk.screen.panels.chart import read_head, shown_to, today_of
from desk.screen.panels.portal import has_portal, say_texted

MOST: Final = 6
#: The button of each act, and what stands in its place once it is asked for.
ACTS: Final = {
    LabAct.TELL_WHERE: (
        gettext_noop("Have it sent"),
        gettext_noop("The clinic tells them where it is"),
    ),
    LabAct.CALL_BACK: (gettext_noop("Call back"), gettext_noop("The clinic calls them")),
    LabAct.LOOK_INTO: (gettext_noop("Ask clinic"), gettext_noop("The clinic looks where it is")),
}
#: The button of what stands in the portal, where the organization has one.
TEXT_LINK: Final = gettext_noop("Text link")
_LOOKS: Final = {
    LabWord.READY: "good",
    LabWord.LATE: "a-2h",
    LabWord.NOT_REVIEWED: "a-2h",
    LabWord.TALK: "a-2h",
}


@dataclass(frozen=True, slots=True)
class LabLine:
    """One test: its name (a sensitive one without), when, how it stands, and what to say."""

    pk: int
    name: str
    when: str
    advice: LabAdvice
    look: str
    button: str
    asked: str  # what was asked of the clinic in this contact, or texted


def panel(contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """Three statements at most, and what the contact knows already."""
    assert contact.patient is not None  # noqa: S101
    head = read_head(contact, ChartPart.LABS, name="labs")
    rows = lab_reports(contact.patient.pk, limit=MOST + 1) if head.is_open else []
    shown, hidden = shown_to(contact, rows[:MOST])
    asked = _asked(contact, shown)
    on = today_of(contact, at=at)
    texted = say_texted(contact.interaction) if shown and has_portal() else ""
    zone = contact.zone
    lines = [
        line_of(row, asked=row.pk in asked, texted=texted, on=on, at=at, zone=zone) for row in shown
    ]
    return {"head": head, "lines": lines, "hidden": hidden, "more": len(rows) > MOST}


def line_of(
    row: LabReport, *, asked: bool, texted: str, on: dt.date, at: dt.datetime, zone: dt.tzinfo
) -> LabLine:
    """:param texted: how the text with the link to the portal stands; empty where there is none.
    :param zone: the patient's.
    """
    advice = advice_of(row, at=at)
    button, done = ACTS.get(advice.act, ("", ""))
    if is_in_portal(advice) and not asked:
        button, asked = TEXT_LINK, bool(texted)
        done = _("Link to the portal: %(state)s") % {"state": texted}
    return LabLine(
        pk=row.pk,
        name=_("A confidential test") if row.is_sensitive else row.name,
        when="" if row.is_sensitive else _when(row, on, zone),
        advice=advice,
        look=_LOOKS.get(advice.word, ""),
        button="" if asked else translated(button),
        asked=translated(done) if asked else "",
    )


def is_in_portal(advice: LabAdvice) -> bool:
    """Whether a text with the link to the portal is the answer."""
    return advice.word is LabWord.READY and has_portal()


def advice_of(row: LabReport, *, at: dt.datetime) -> LabAdvice:
    """What may be said of a report as it stands in our tables."""
    return say_of_lab(
        status=ReportStatus(row.status),
        category=row.category,
        collected_at=row.collected_at,
        reviewed_at=row.reviewed_at,
        outcome=ReviewOutcome(row.outcome),
        released_at=row.released_at,
        is_sensitive=row.is_sensitive,
        at=at,
    )


def _when(row: LabReport, on: dt.date, zone: dt.tzinfo) -> str:
    if row.reviewed_at:
        day = translated(say_day(row.reviewed_at.astimezone(zone).date(), on=on))
        if row.reviewed_by:
            return _("reviewed %(day)s by %(who)s") % {"day": day, "who": row.reviewed_by}
        return _("reviewed %(day)s") % {"day": day}
    if row.collected_at:
        day = translated(say_day(row.collected_at.astimezone(zone).date(), on=on))
        return _("collected %(day)s") % {"day": day}
    return ""


def _asked(contact: DeskContact, rows: Sequence[LabReport]) -> set[int]:
    """Those about which this contact has asked the clinic already."""
    causes = {lab_cause(contact.pk, row.pk): row.pk for row in rows}
    return {causes[cause] for cause in _caused(causes=list(causes))} if causes else set()


@compiled
def _caused(*, causes: list[str]) -> QuerySet[Task, str]:
    rows = Task.objects.filter(any_of("cause_key", causes))
    return rows.values_list("cause_key", flat=True)
