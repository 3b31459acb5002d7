"""Two tables: the documents, and how the server is told to misbehave."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Document(models.Model):
    """One FHIR resource as its JSON, with what can be searched taken out into columns.

    The columns are the truth for what the server changes by itself (a slot's `status` when it
    is booked): `documents.render` writes them over the stored JSON.
    """

    kind = models.CharField(max_length=40)  # FHIR resourceType
    fhir_id = models.CharField(max_length=64)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()
    status = models.CharField(max_length=32, blank=True)
    starts_at = models.DateTimeField(null=True)
    #: "parameter=value" for each search parameter that compares for equality.
    tokens = ArrayField(models.TextField(), default=list)
    body = models.JSONField()

    objects: models.Manager[Document] = models.Manager()

    class Meta:
        app_label = "practice_ehr"
        db_table = "practice_ehr_document"
        constraints = [
            models.UniqueConstraint(fields=["kind", "fhir_id"], name="practice_ehr_document_key")
        ]
        indexes = [
            GinIndex(fields=["tokens"], name="practice_ehr_document_tokens"),
            models.Index(fields=["kind", "status", "starts_at"], name="practice_ehr_by_start"),
            models.Index(fields=["kind", "updated_at"], name="practice_ehr_by_update"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}/{self.fhir_id}"


class Switches(models.Model):
    """The one row of faults to rehearse. Counters count down by one for each request they hit."""

    slow_ms = models.PositiveIntegerField(default=0)
    refuse_next = models.PositiveIntegerField(default=0)
    refuse_status = models.PositiveSmallIntegerField(default=409)
    drop_next = models.PositiveIntegerField(default=0)
    hold_ms = models.PositiveIntegerField(default=8_000)
    garble_next = models.PositiveIntegerField(default=0)
    drip_next = models.PositiveIntegerField(default=0)
    honors_if_match = models.BooleanField(default=True)
    honors_if_none_exist = models.BooleanField(default=True)

    objects: models.Manager[Switches] = models.Manager()

    class Meta:
        app_label = "practice_ehr"
        db_table = "practice_ehr_switches"
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="practice_ehr_one_switches_row")
        ]

    def __str__(self) -> str:
        return "switches"
