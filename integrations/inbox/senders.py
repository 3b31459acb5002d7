"""The registration of a sender, written down with who changed what."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor, record
from integrations.models import Hl7Sender


@transaction.atomic
def save_sender(*, row: Hl7Sender, by: Actor, at: dt.datetime) -> Hl7Sender:
    """Keep a validated registration; the audit trail says which fields changed."""
    before = Hl7Sender.objects.filter(pk=row.pk).first() if row.pk else None
    row.save()
    names = [field.name for field in Hl7Sender._meta.concrete_fields if not field.primary_key]
    changed = [n for n in names if before is None or getattr(before, n) != getattr(row, n)]
    if changed:
        verb = "integrations.hl7sender.changed" if before else "integrations.hl7sender.added"
        record(verb, row, by=by, at=at, fields=changed)
    return row
