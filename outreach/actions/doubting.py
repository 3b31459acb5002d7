"""Is this still the patient's number? Texts about them stop there until somebody knows."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.actions import grant_consent, open_task, revoke_consent
from crm.engine import Actor
from crm.models import ConsentEntry, Patient, Phone
from crm.queries import people_on
from crm.states import Channel, ConsentDecision, Purpose, TaskKind
from outreach.models import Message
from outreach.rules.doubts import WHY, Doubt

DUE_IN = dt.timedelta(days=1)
TITLE = "Find the patient's right number"
#: These stop texts about one patient on one phone.
_FOR_THE_PAIR = frozenset({Doubt.ASKED_WHO, Doubt.BIRTH_DATE})


@transaction.atomic
def doubt_number(
    *,
    patient: Patient,
    phone: Phone,
    why: Doubt,
    by: Actor,
    at: dt.datetime,
    message: Message | None = None,
) -> None:
    """Stop texts about `patient` to `phone`, and have a person find out.

    Locks the phone. The ledger gets an entry for this patient on this phone; others on it are
    left alone. A dead number needs no entry, and a wrong one has its own, for everybody. Nothing
    is done twice for a doubt that stands.

    :param message: the text that raised it; the task shows it.
    """
    if find_doubt(patient=patient, phone=phone) is not None:
        return
    if why in _FOR_THE_PAIR:
        revoke_consent(
            phone=phone,
            patient=patient,
            channel=Channel.SMS,
            source=why,
            evidence={"message": message.pk} if message else {},
            by=by,
            at=at,
        )
    cause = f"outreach.message:{message.pk}" if message else f"crm.phone:{phone.pk}"
    open_task(
        kind=TaskKind.WRONG_NUMBER,
        title=TITLE,
        why=WHY[why],
        patient=patient,
        due_at=at + DUE_IN,
        cause_key=f"{cause}:{why}:{patient.pk}",
        by=by,
        at=at,
    )


def doubt_for_everybody(
    *,
    phone: Phone,
    why: Doubt,
    by: Actor,
    at: dt.datetime,
    message: Message | None = None,
) -> int:
    """`doubt_number` for each patient whose record has this phone, and the message's own.

    Returns how many there are.
    """
    people = {patient.pk: patient for patient in people_on(phone, at=at)}
    if message is not None and message.patient is not None:
        people[message.patient.pk] = message.patient
    for patient in people.values():
        doubt_number(patient=patient, phone=phone, why=why, message=message, by=by, at=at)
    return len(people)


def find_doubt(*, patient: Patient, phone: Phone) -> ConsentEntry | None:
    """The entry that stops texts about `patient` to `phone` for a doubt, while it stands."""
    spoken = ConsentEntry.objects.filter(
        phone=phone, patient=patient, channel=Channel.SMS, purpose=Purpose.ALL
    )
    newest = spoken.order_by("-at", "-decision", "-pk").first()
    doubted = newest is not None and newest.decision == ConsentDecision.REVOKED
    return newest if newest and doubted and newest.source in set(Doubt) else None


def end_doubt(*, patient: Patient, phone: Phone, by: Actor, at: dt.datetime) -> None:
    """Whoever has the phone has shown the patient's date of birth: undo "who is this?".

    Nothing but that entry is undone. Other doubts stay with the person who looks into them.
    """
    entry = find_doubt(patient=patient, phone=phone)
    if entry is None or entry.source != Doubt.ASKED_WHO:
        return
    grant_consent(
        phone=phone,
        patient=patient,
        channel=Channel.SMS,
        purpose=Purpose.ALL,
        source="date-of-birth",
        evidence={"undoes": entry.pk},
        by=by,
        at=at,
    )
