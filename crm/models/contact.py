"""The consent ledger."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from crm.models.people import Patient, Phone
from crm.states import Channel, ConsentDecision, Purpose, choices


class ConsentEntry(models.Model):
    """One decision about one phone, channel and purpose (FHIR Consent).

    Append-only: a trigger refuses UPDATE and DELETE. The newest entry that covers a purpose
    holds; without a patient it speaks for everybody on that phone, as a STOP does.
    """

    phone = models.ForeignKey(Phone, on_delete=models.PROTECT, related_name="consents")
    patient = models.ForeignKey(
        Patient, null=True, blank=True, on_delete=models.PROTECT, related_name="consents"
    )
    channel = models.CharField(max_length=8, choices=choices(Channel))
    purpose = models.CharField(max_length=16, choices=choices(Purpose))
    decision = models.CharField(max_length=8, choices=choices(ConsentDecision))
    at = models.DateTimeField()
    source = models.CharField(max_length=40)  # "intake-form", "sms-keyword", "carrier-21610"
    evidence = models.JSONField(default=dict)  # form version, message SID, who wrote it down
    recorded_by = models.CharField(max_length=120)

    class Meta:
        verbose_name_plural = "consent entries"
        indexes: ClassVar = [
            models.Index(fields=["phone", "channel", "-at"], name="crm_consent_newest")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(source__gt=""), name="crm_consent_has_source"),
        ]

    def __str__(self) -> str:
        return f"{self.decision} {self.purpose} by {self.channel}"
