"""What somebody says is checked for danger: kept with its urgency, and told to the nurses.

The check itself stands behind a port and may be anybody's: ask `check_said` outside a transaction,
then keep what it found by one of the actions.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.db import transaction

from crm.actions.chart_requests import RefillAsked, ask_for_refill
from crm.actions.contacts import give_reason, hasten_contact, keep_answer, note_step
from crm.engine import Actor, record
from crm.models import Interaction
from crm.rules import months_on
from crm.states import Acuity, Speaker, StepKind
from desk.queries.contact_phone import phone_of
from desk.rules.danger import HELPED, NOT_NOW, RULED_OUT
from triage.actions import check_text
from triage.actions.calls import alert_about_call
from triage.ports import Finding
from triage.states import Level

#: What a finding means for whoever is on the line. A danger that is denied or past is asked about.
ACUITY: Final = {
    Level.NONE: Acuity.ROUTINE,
    Level.UNSURE: Acuity.NURSE_NOW,
    Level.URGENT: Acuity.NURSE_NOW,
    Level.EMERGENCY: Acuity.EMERGENCY,
}
_ALARMS: Final = frozenset({Level.URGENT, Level.EMERGENCY})


def check_said(said: str, *, contact: Interaction) -> Finding:
    """What the safety check finds in `said`, with the age and language of whom it is about."""
    patient = contact.patient
    language = contact.language or (patient.language if patient else "")
    born, on = patient.birth_on if patient else None, contact.started_at.date()
    months = months_on(on, birth_on=born) if born else None
    return check_text(said, language=language, age_months=months)


@transaction.atomic
def take_reason(
    *,
    contact_id: int,
    reason: str,
    call_type: str,
    need: str,
    finding: Finding | None,
    by: Actor,
    at: dt.datetime,
    speaker: Speaker | None = None,
) -> Interaction:
    """Keep why they call with what was found in it, and alert the nurses: all of it, or nothing.

    :param finding: None where nothing was said that could be checked.
    :param speaker: who speaks in this kind of call; None keeps whoever does.
    :raises crm.actions.contacts.ContactOver:
    """
    acuity = ACUITY[finding.level] if finding else None
    contact = give_reason(
        contact_id=contact_id,
        reason=reason,
        call_type=call_type,
        need=need,
        acuity=acuity,
        speaker=speaker,
        by=by,
        at=at,
    )
    if finding is not None:
        _keep(contact, finding, by=by, at=at)
    return contact


@transaction.atomic
def heed(*, contact: Interaction, finding: Finding, by: Actor, at: dt.datetime) -> None:
    """What was said beside the reason: it only ever makes the contact more urgent."""
    if finding.is_none:
        return
    hasten_contact(contact_id=contact.pk, acuity=ACUITY[finding.level], by=by, at=at)
    _keep(contact, finding, by=by, at=at)


def check_reason_again(*, contact_id: int, by: Actor, at: dt.datetime) -> None:
    """Somebody is known now: the reason that stands is read again with their age and language.

    Only what is worse than anything found before is kept.
    """
    contact = Interaction.objects.select_related("patient", "journey").get(pk=contact_id)
    if not contact.reason or contact.patient is None:
        return
    finding = check_said(contact.reason, contact=contact)
    safety = contact.steps.filter(kind=StepKind.SAFETY).values_list("code", flat=True)
    known = [Level(code).rank for code in safety if code in set(Level)]
    if finding.level.rank > max(known, default=Level.NONE.rank):
        heed(contact=contact, finding=finding, by=by, at=at)


def ask_for_refill_safely(
    *, contact: Interaction, drug: str, pharmacy: str, by: Actor, at: dt.datetime, **asked: Any
) -> RefillAsked:
    """`ask_for_refill`, and the check of what was typed for it; both, or nothing."""
    said = " ".join(filter(None, (drug.strip(), pharmacy.strip())))
    finding = check_said(said, contact=contact) if said else None
    with transaction.atomic():
        made = ask_for_refill(contact=contact, drug=drug, pharmacy=pharmacy, by=by, at=at, **asked)
        if finding is not None:
            heed(contact=contact, finding=finding, by=by, at=at)
    return made


@transaction.atomic
def rule_out(*, contact: Interaction, because: str, by: Actor, at: dt.datetime) -> None:
    """A nurse says that there is no danger, and why: for the steps, the note, the audit trail."""
    keep_answer(contact=contact, key=RULED_OUT, value=because, by=by, at=at)
    record("desk.danger.ruled-out", contact, by=by, at=at, reason=because)


def say_not_now(*, contact: Interaction, by: Actor, at: dt.datetime) -> None:
    """The agent asked, and they do not have it now; the red flag stays in the contact."""
    keep_answer(contact=contact, key=NOT_NOW, value="not-now", by=by, at=at)


def note_help(*, contact: Interaction, how: str, by: Actor, at: dt.datetime) -> None:
    """They were sent to 911, and whether the agent stayed. `how`: a key of `HELPED`."""
    if how not in HELPED:
        raise ValueError(how)
    note_step(contact=contact, kind=StepKind.TELL, code=how, by=by, at=at)


def _keep(contact: Interaction, finding: Finding, *, by: Actor, at: dt.datetime) -> None:
    """What the check said, in the contact; and to the nurses, where it is no routine."""
    doubts = {str(match.doubt) for match in finding.matches if match.doubt}
    step = note_step(
        contact=contact,
        kind=StepKind.SAFETY,
        code=str(finding.level),
        by=by,
        at=at,
        doubt=",".join(sorted(doubts)),
        list_version=finding.list_version,
    )
    if finding.level in _ALARMS and not contact.is_training:
        alert_about_call(
            finding=finding,
            phone=phone_of(contact),
            patient=contact.patient,
            contact_id=contact.pk,
            journey=contact.journey,
            said=step.pk,
            by=by,
            at=at,
        )
