"""Everything that other systems sent us, as they sent it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from crm.engine.models import DueRow, StatusRow, due_index
from crm.states import choices
from integrations.states import INBOX_MOVES, InboxKind, InboxStatus


class InboxMessage(StatusRow, DueRow):
    """One message received, with its outcome. Nothing is ever thrown away.

    `key` is what its sender calls it (MSH-3, MSH-4 and MSH-10; a webhook id), and `digest`
    the SHA-256 of its body: the same key with the same body is a duplicate and is answered
    as the first was; the same key with another body is kept beside it and flagged.
    """

    MOVES, STATES = INBOX_MOVES, InboxStatus

    kind = models.CharField(max_length=8, choices=choices(InboxKind))
    source = models.CharField(max_length=120)
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    body = models.BinaryField()
    status = models.CharField(
        max_length=24, choices=choices(InboxStatus), default=InboxStatus.RECEIVED
    )
    key_reused = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    peer = models.CharField(max_length=80, blank=True)
    repeats = models.PositiveIntegerField(default=0)
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=300, blank=True)  # what was done, or why not
    refused_field = models.CharField(max_length=40, blank=True)  # "SCH-2"
    answer = models.BinaryField(blank=True, default=b"")  # the ACK as first sent

    class Meta:
        verbose_name = "message received"
        verbose_name_plural = "messages received"
        indexes: ClassVar = [
            due_index("integrations_inbox_due"),
            models.Index(fields=["-received_at"]),
            models.Index(fields=["status", "-received_at"]),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "source", "key", "digest"], name="integrations_inbox_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
