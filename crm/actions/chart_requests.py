"""What an agent asks the clinic for, out of a chart: a refill, a call about a result."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from django.db import transaction

from crm.actions.callbacks import open_callback
from crm.actions.contacts import hasten_contact, note_step
from crm.actions.tasks import open_task
from crm.engine import Actor
from crm.models import Interaction, LabReport, Medication, Task
from crm.rules.chart_labs import LabAct
from crm.rules.drugs import class_of, is_controlled
from crm.rules.handoffs import is_urgent
from crm.rules.refills import OnFile, RefillDecision, RefillWay, decide_refill
from crm.states import Acuity, DrugClass, MedicationStatus, StepKind, TaskKind

#: Of the step that says that a refill cannot wait: nobody rules it out by asking.
REFILL_DANGER: Final = "refill"
#: When the clinic should have told them, called, or looked.
LAB_DUE: Final = dt.timedelta(hours=24)
_LAB_TITLES: Final = {
    LabAct.TELL_WHERE: "Tell them where results are",
    LabAct.CALL_BACK: "Call back about a result",
    LabAct.LOOK_INTO: "Find out where a test is",
}


@dataclass(frozen=True, slots=True)
class RefillAsked:
    """What was decided, and the task where there is one: none for a refill that is too early."""

    decision: RefillDecision
    task: Task | None


def lab_cause(contact_id: int, lab_id: int) -> str:
    """The cause of the task that asks about one report in one contact."""
    return f"lab:{contact_id}:{lab_id}"


@transaction.atomic
def ask_about_lab(
    *, contact: Interaction, lab: LabReport, act: LabAct, by: Actor, at: dt.datetime
) -> Task:
    """Have the clinic tell the patient, call, or look where a test is; once for each contact.

    A report whose name tells something is not named: the task says where to look.

    :raises ValueError: for `LabAct.NOTHING`.
    """
    if act is LabAct.NOTHING:
        raise ValueError("There is nothing to ask for.")
    name = "A confidential test: see the chart" if lab.is_sensitive else lab.name
    why = f"{name}, {lab.get_status_display().lower()}. Asked for in a contact; nothing was said."
    cause, due_at = lab_cause(contact.pk, lab.pk), at + LAB_DUE
    if act is LabAct.CALL_BACK:
        task = open_callback(
            title=_LAB_TITLES[act],
            why=why,
            cause_key=cause,
            due_at=due_at,
            patient=lab.patient,
            journey=contact.journey,
            contact=contact,
            by=by,
            at=at,
        )
    else:
        task = open_task(
            kind=TaskKind.FOLLOW_UP,
            title=_LAB_TITLES[act],
            why=why,
            cause_key=cause,
            due_at=due_at,
            patient=lab.patient,
            journey=contact.journey,
            by=by,
            at=at,
        )
    note_step(contact=contact, kind=StepKind.TASK, code=f"labs:{act}", subject=task, by=by, at=at)
    return task


@transaction.atomic
def ask_for_refill(
    *,
    contact: Interaction,
    medication: Medication | None,
    drug: str,
    pharmacy: str,
    days_left: int | None,
    by: Actor,
    at: dt.datetime,
    on: dt.date,
) -> RefillAsked:
    """Decide who gets the request, by the chart and by what the caller says, and hand it to them.

    What a nurse must hear now makes the whole contact as urgent; locks it then.

    :param medication: what it is in the chart; None for one that only the caller names.
    :param drug: in the caller's words; empty where `medication` says it.
    :param days_left: None where the caller does not know.
    :param on: today where the patient is.
    """
    if contact.patient is None:
        raise ValueError("A refill is somebody's.")
    name = medication.name if medication else drug.strip()
    decision = decide_refill(
        kind=DrugClass(medication.drug_class) if medication else class_of(name),
        is_controlled=medication.is_controlled if medication else is_controlled(name),
        on_file=on_file(medication) if medication else None,
        days_left=days_left,
        on=on,
    )
    _hasten(contact, decision.acuity, by=by, at=at)
    task = None
    if decision.makes_task:
        task = _refill_task(
            contact=contact,
            medication=medication,
            name=name,
            pharmacy=pharmacy,
            days_left=days_left,
            decision=decision,
            by=by,
            at=at,
        )
    note_step(
        contact=contact,
        kind=StepKind.TASK if task else StepKind.TELL,
        code=f"refill:{decision.way}",
        subject=task or medication,
        by=by,
        at=at,
    )
    return RefillAsked(decision, task)


def _hasten(contact: Interaction, acuity: Acuity, *, by: Actor, at: dt.datetime) -> None:
    """Never less urgent. An ordinary request says nothing about the rest of the call."""
    if acuity is Acuity.ROUTINE:
        return
    if hasten_contact(contact_id=contact.pk, acuity=acuity, by=by, at=at):
        contact.acuity = acuity
    if is_urgent(acuity):
        note_step(contact=contact, kind=StepKind.SAFETY, code=REFILL_DANGER, by=by, at=at)


def _refill_task(
    *,
    contact: Interaction,
    medication: Medication | None,
    name: str,
    pharmacy: str,
    days_left: int | None,
    decision: RefillDecision,
    by: Actor,
    at: dt.datetime,
) -> Task:
    is_nurse = decision.way is RefillWay.NURSE_NOW
    stock = _say_stock(days_left)
    parts = [decision.why, f"The caller: {stock}."]
    if pharmacy.strip():
        parts.append(f"Pharmacy: {pharmacy.strip()}.")
    if medication is not None and medication.prescriber:
        parts.append(f"Prescribed by {medication.prescriber}.")
    return open_task(
        kind=TaskKind.ASK_NURSE if is_nurse else TaskKind.REFILL,
        title=f"{'Nearly out of' if is_nurse else 'Refill:'} {name}",
        why=" ".join(parts),
        cause_key=_refill_cause(contact.pk, name, decision.way),
        due_at=at + decision.within,
        patient=contact.patient,
        journey=contact.journey,
        by=by,
        at=at,
    )


def _say_stock(days_left: int | None) -> str:
    if days_left is None:
        return "does not know how much is left"
    return f"{days_left} day{'' if days_left == 1 else 's'} left"


def _refill_cause(contact_id: int, name: str, way: RefillWay) -> str:
    drug = blake2b(name.lower().encode(), digest_size=6).hexdigest()
    return f"refill:{contact_id}:{drug}:{way}"


def on_file(medication: Medication) -> OnFile:
    """What the policy asks of a prescription."""
    return OnFile(
        status=MedicationStatus(medication.status),
        supply=medication.days_supply,
        last_filled_on=medication.last_filled_on,
        refills_left=medication.refills_left,
    )
