"""Rows of the engine: audit, events, deliveries, and what every queue row has."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q


class StatusRow(models.Model):
    """A row with a life. `MOVES` is its transition table; only `move` assigns `status`."""

    MOVES: ClassVar[Mapping[Any, frozenset[Any]]]
    STATES: ClassVar[type[StrEnum]]

    status = models.CharField(max_length=24)

    class Meta:
        abstract = True


class DueRow(models.Model):
    """A row that is also a queue entry.

    `due_at` is when its step wants to run next; null means that nothing is waiting. While a
    step runs, `due_at` is the end of its lease: a worker that dies is found by the same query
    that finds new work.
    """

    due_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        abstract = True


def due_index(name: str) -> models.Index:
    """The partial index that a sweep reads: small, since most rows have nothing due."""
    return models.Index(fields=["due_at", "id"], name=name, condition=Q(due_at__isnull=False))


class AuditEntry(models.Model):
    """One change, or one look at health information. A trigger refuses UPDATE and DELETE."""

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=8)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=120)
    verb = models.CharField(max_length=64)  # "waitlist.opening.moved", "crm.patient.viewed"
    subject_type = models.CharField(max_length=48)
    subject_id = models.BigIntegerField()
    patient_id = models.BigIntegerField(null=True)
    from_status = models.CharField(max_length=24, blank=True)
    to_status = models.CharField(max_length=24, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        app_label = "crm"
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"]),
            models.Index(
                fields=["patient_id", "id"],
                condition=Q(patient_id__isnull=False),
                name="crm_audit_patient",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_type}:{self.subject_id}"


class Event(models.Model):
    """What happened, for those who listen. Payload holds ids and short codes only."""

    name = models.CharField(max_length=64)  # "scheduling.slot-freed"
    subject_type = models.CharField(max_length=48)
    subject_id = models.BigIntegerField()
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    #: Whom it concerns, for open pages; not kept. A page that was away looks at everything again.
    concerns: Mapping[str, int] = {}

    class Meta:
        app_label = "crm"
        indexes = [models.Index(fields=["subject_type", "subject_id", "id"])]

    def __str__(self) -> str:
        return f"{self.name} {self.subject_id}"


class EventDelivery(DueRow):
    """One subscriber that has not yet handled one event. Deleted when it has."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    subscriber = models.CharField(max_length=120)  # dotted path of the handler

    class Meta:
        app_label = "crm"
        verbose_name_plural = "event deliveries"
        indexes = [due_index("crm_delivery_due")]
        constraints = [
            models.UniqueConstraint(fields=["event", "subscriber"], name="crm_delivery_once")
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.subscriber}"


class Heartbeat(models.Model):
    """When a part of the system was last seen at work, for `/readyz`."""

    part = models.CharField(max_length=32, primary_key=True)
    seen_at = models.DateTimeField()

    class Meta:
        app_label = "crm"

    def __str__(self) -> str:
        return self.part
