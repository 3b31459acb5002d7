"""The consent ledger: what people agreed to and took back, with the evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm.engine import Actor, publish, record
from crm.locks import lock_phone
from crm.models import ConsentEntry, Patient, Phone
from crm.states import Channel, ConsentDecision, Purpose


@transaction.atomic
def grant_consent(
    *,
    phone: Phone,
    channel: Channel,
    purpose: Purpose,
    source: str,
    by: Actor,
    at: dt.datetime,
    patient: Patient | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> ConsentEntry:
    """Write that texts (or calls) for `purpose` are agreed to, and publish `crm.opted-in`.

    :param patient: whom it speaks for; None speaks for everybody on the phone, as START does.
    :param source: how it came: "intake-form", "carrier-keyword".
    :param evidence: what proves it: a form version, a message's id. Never health information.
    """
    entry = ConsentEntry(
        decision=ConsentDecision.GRANTED,
        phone=phone,
        patient=patient,
        channel=channel,
        purpose=purpose,
        source=source,
        evidence=dict(evidence or {}),
    )
    _append(entry, by=by, at=at)
    publish("crm.opted-in", phone, at=at, consent_id=entry.pk, purpose=str(purpose))
    return entry


@transaction.atomic
def revoke_consent(
    *,
    phone: Phone,
    channel: Channel,
    source: str,
    by: Actor,
    at: dt.datetime,
    purpose: Purpose = Purpose.ALL,
    patient: Patient | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> ConsentEntry:
    """Write that texts (or calls) are no longer wanted, and publish `crm.opted-out`.

    Locks the phone: a text that is being decided at this moment either went before or sees the
    opt-out. Without arguments for less it ends everything for everybody on the phone, as STOP
    does; the law gives ten business days (47 CFR 64.1200(a)(10)), we take none.
    """
    entry = ConsentEntry(
        decision=ConsentDecision.REVOKED,
        phone=phone,
        patient=patient,
        channel=channel,
        purpose=purpose,
        source=source,
        evidence=dict(evidence or {}),
    )
    _append(entry, by=by, at=at)
    publish("crm.opted-out", phone, at=at, consent_id=entry.pk, purpose=str(purpose))
    return entry


def _append(entry: ConsentEntry, *, by: Actor, at: dt.datetime) -> None:
    lock_phone(entry.phone_id)
    entry.at, entry.recorded_by = at, by.label[:120]
    entry.save(force_insert=True)
    verb = f"crm.consent.{entry.decision}"
    record(verb, entry, by=by, at=at, purpose=entry.purpose, source=entry.source)


@transaction.atomic
def mark_cannot_text(*, phone: Phone, reason: str, by: Actor, at: dt.datetime) -> None:
    """Remember that texts cannot reach this number: a landline, or one that is out of service.

    Locks the phone. Does nothing when that is known already.
    """
    held = lock_phone(phone.pk)
    if not held.can_text:
        return
    Phone.objects.filter(pk=phone.pk).update(can_text=False, cannot_text_reason=reason[:120])
    phone.can_text, phone.cannot_text_reason = False, reason[:120]
    record("crm.phone.cannot-text", phone, by=by, at=at, reason=reason)
