"""Medicines: what is left of each, and the request for a refill, which never decides itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from crm.actions.chart_requests import on_file
from crm.models import InteractionStep, Medication, Task
from crm.queries.chart import medications
from crm.rules.chart import say_day
from crm.rules.refills import SAY, RefillWay, say_too_early
from crm.states import ChartPart, DrugClass, MedicationStatus
from desk.screen.contact import DeskContact
from desk.screen.panels.chart import read_head, shown_to, today_of
from desk.screen.panels.refill_form import OTHER, RefillForm

MOST: Final = 10
#: What the script's answers about days left say at most; "4 or more" is asked for in figures.
DAYS: Final = {"none": 0, "three": 3}
_KINDS: Final = {
    DrugClass.INSULIN: "insulin",
    DrugClass.ANTICONVULSANT: "seizure medicine",
    DrugClass.ANTICOAGULANT: "blood thinner",
}
_WAYS: Final = {
    RefillWay.NURSE_NOW: "Nurse now",
    RefillWay.PRESCRIBER: "With the prescriber",
    RefillWay.REQUEST: "With the clinic",
    RefillWay.RENEW: "With the clinic, to renew",
    RefillWay.CLINIC: "With the clinic, to look at",
    RefillWay.TOO_EARLY: "Too early",
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
    filled = f"filled {say_day(row.last_filled_on, on=on)}" if row.last_filled_on else ""
    supply = f"{row.days_supply} days" if row.days_supply and filled else ""
    facts = ", ".join(part for part in (filled, supply, _refills(row), row.prescriber) if part)
    kind = _KINDS.get(DrugClass(row.drug_class), "")
    flags = (kind, "controlled" if row.is_controlled else "", "" if is_active else row.status)
    return MedicationLine(row.name, facts, tuple(filter(None, flags)), is_active)


def _refills(row: Medication) -> str:
    if row.refills_left is None:
        return ""
    return f"{row.refills_left or 'no'} refill{'' if row.refills_left == 1 else 's'} left"


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
    what = row.name if row else titles.get(step.subject_id or 0, "A refill")
    return AskedLine(what, _WAYS[way], say, way is RefillWay.NURSE_NOW)
