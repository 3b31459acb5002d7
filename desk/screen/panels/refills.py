"""Medicines: what is left of each, and the request for a refill, which never decides itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from crm.actions.chart_requests import on_file
from crm.models import InteractionStep, Medication, Task
from crm.queries.chart import medications
from crm.rules.chart import say_day
from crm.rules.refills import SAY, RefillWay, say_too_early
from crm.saying import translated
from crm.states import ChartPart, DrugClass, MedicationStatus
from desk.screen.contact import DeskContact
from desk.screen.panels.chart import read_head, shown_to, today_of
from desk.screen.panels.refill_form import OTHER, RefillForm

MOST: Final = 10
#: What the script's answers about days left say at most; "4 or more" is asked for in figures.
DAYS: Final = {"none": 0, "three": 3}
_KINDS: Final = {
    DrugClass.INSULIN: gettext_noop("insulin"),
    DrugClass.ANTICONVULSANT: gettext_noop("seizure medicine"),
    DrugClass.ANTICOAGULANT: gettext_noop("blood thinner"),
}
_WAYS: Final = {
    RefillWay.NURSE_NOW: gettext_noop("Nurse now"),
    RefillWay.PRESCRIBER: gettext_noop("With the prescriber"),
    RefillWay.REQUEST: gettext_noop("With the clinic"),
    RefillWay.RENEW: gettext_noop("With the clinic, to renew"),
    RefillWay.CLINIC: gettext_noop("With the clinic, to look at"),
    RefillWay.TOO_EARLY: gettext_noop("Too early"),
}


@dataclass(frozen=True, slots=True)
class MedicationLine:
    """One medicine; `flags` say what makes it special."""

    name: str
    facts: str
    flags: tuple[str, ...]
    is_active: bool


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A refill that was asked for in this contact: who has it, and what to say."""

    what: str
    who: str
    say: str
    is_now: bool


def panel(contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """Two statements at most: medicines, and the tasks of what was asked in this contact."""
    assert contact.patient is not None  # noqa: S101
    head = read_head(contact, ChartPart.MEDICATIONS, name="refills")
    rows = medications(contact.patient.pk, limit=MOST + 1) if head.is_open else []
    shown, hidden = shown_to(contact, rows[:MOST])
    on = today_of(contact, at=at)
    return {
        "head": head,
        "lines": [_line(row, on) for row in shown],
        "hidden": hidden,
        "more": len(rows) > MOST,
        "asked": _asked(contact, {row.pk: row for row in shown}, on),
        "form": RefillForm(medications=shown, initial=said_before(contact, shown)),
    }


def said_before(contact: DeskContact, known: Sequence[Medication]) -> dict[str, Any]:
    """What the script has asked already; nothing is asked twice. One statement in a refill call."""
    if contact.interaction.call_type != "refill":
        return {}
    said = dict(contact.interaction.answers.values_list("key", "value"))
    drug = said.get("refill-drug", "").strip()
    meant = [row for row in known if drug and drug.casefold() in row.name.casefold()]
    first: dict[str, Any] = (
        {"pharmacy": said["refill-pharmacy"]} if "refill-pharmacy" in said else {}
    )
    if drug:
        first |= {"medication": str(meant[0].pk)} if len(meant) == 1 else {"medication": OTHER}
        first |= {"drug": drug} if len(meant) != 1 else {}
    if said.get("refill-days") in DAYS:
        first["days_left"] = DAYS[said["refill-days"]]
    return first


def _line(row: Medication, on: dt.date) -> MedicationLine:
    is_active = row.status == MedicationStatus.ACTIVE
    filled = ""
    if row.last_filled_on:
        filled = _("filled %(day)s") % {"day": translated(say_day(row.last_filled_on, on=on))}
    supply = _("%(n)s days") % {"n": row.days_supply} if row.days_supply and filled else ""
    facts = ", ".join(part for part in (filled, supply, _refills(row), row.prescriber) if part)
    kind = _KINDS.get(DrugClass(row.drug_class), "")
    flags = (
        translated(kind),
        _("controlled") if row.is_controlled else "",
        "" if is_active else _(row.status),
    )
    return MedicationLine(row.name, facts, tuple(filter(None, flags)), is_active)


def _refills(row: Medication) -> str:
    if row.refills_left is None:
        return ""
    if not row.refills_left:
        return _("no refills left")
    left = ngettext("%(n)s refill left", "%(n)s refills left", row.refills_left)
    return left % {"n": row.refills_left}


def _asked(contact: DeskContact, known: dict[int, Medication], on: dt.date) -> list[AskedLine]:
    steps = [step for step in reversed(contact.steps) if step.code.startswith("refill:")]
    keys = [step.subject_id or 0 for step in steps if step.subject_type == "crm.task"]
    titles = dict(Task.objects.filter(pk__in=keys).values_list("pk", "title")) if keys else {}
    return [_asked_line(step, titles, known, on) for step in steps]


def _asked_line(
    step: InteractionStep, titles: dict[int, str], known: dict[int, Medication], on: dt.date
) -> AskedLine:
    way = RefillWay(step.code.removeprefix("refill:"))
    row = known.get(step.subject_id or 0) if step.subject_type == "crm.medication" else None
    first_on = on_file(row).early_until if row else None
    say = say_too_early(first_on, on=on) if first_on else SAY[way]
    what = row.name if row else titles.get(step.subject_id or 0, _("A refill"))
    return AskedLine(what, _(_WAYS[way]), translated(say), way is RefillWay.NURSE_NOW)
