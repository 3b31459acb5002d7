"""Alerts about texts that may speak of danger, and who signed the list that found them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from crm.engine.models import DueRow, due_index
from crm.models import Patient, Phone, Task, User
from crm.states import choices
from triage.states import HelpLine, Level, Outcome


class ListSignOff(models.Model):
    """A clinician's signature under one version of the red flags, byte for byte."""

    version = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)  # SHA-256 of the file
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    signed_as = models.CharField(max_length=120)  # "Ana Ruiz, MD, medical director"
    signed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["digest", "user"], name="triage_signed_once")
        ]

    def __str__(self) -> str:
        return f"{self.version}, {self.signed_as}"


class Alert(DueRow):
    """What the safety check found in somebody's texts, for a nurse.

    Its life is its task's: open, taken, closed. Later texts of the same phone join it while it
    is open, so that one person calls once. `due_at` is when its step looks whether somebody
    acts; `escalated_at` stands while nobody does. The texts themselves are not here: they name
    the alert that holds them.
    """

    task = models.OneToOneField(Task, on_delete=models.CASCADE, related_name="alert")
    phone = models.ForeignKey(Phone, on_delete=models.PROTECT, related_name="alerts")
    patient = models.ForeignKey(Patient, null=True, blank=True, on_delete=models.CASCADE)
    level = models.CharField(max_length=12, choices=choices(Level))
    line = models.CharField(max_length=8, choices=choices(HelpLine), blank=True)
    matches = models.JSONField(default=list)  # `triage.ports.Match.as_dict`, never their words
    failed = models.BooleanField(default=False)  # the check itself failed
    list_version = models.CharField(max_length=40, blank=True)
    list_digest = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    escalated_at = models.DateTimeField(null=True, blank=True)
    escalations = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=24, choices=choices(Outcome), blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            due_index("triage_alert_due"),
            models.Index(fields=["phone", "-id"]),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(outcome="", settled_at=None)
                | (~Q(outcome="") & Q(settled_at__isnull=False)),
                name="triage_alert_outcome_dated",
            )
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.pk}"
