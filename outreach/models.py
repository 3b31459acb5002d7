"""Messages, the versions of their texts, and the numbers they leave from."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from crm.engine.models import DueRow, StatusRow, due_index
from crm.models import Interaction, Patient, Phone
from crm.states import Channel, Purpose, choices
from outreach.states import MESSAGE_MOVES, Direction, MessageStatus


class TextVersion(models.Model):
    """One wording of one text, kept as it was when somebody received it."""

    key = models.CharField(max_length=40)
    language = models.CharField(max_length=8)
    version = models.PositiveSmallIntegerField()
    body = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["key", "language", "version"], name="outreach_text_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.language} v{self.version}"


class Message(StatusRow, DueRow):
    """One text, out or in.

    `key` names the cause ("waitlist.offer:12:offer"), so that the same cause is told once.
    `ref` is ours at the carrier: it stands in the callback address before the carrier has
    given its own id.
    """

    MOVES, STATES = MESSAGE_MOVES, MessageStatus

    direction = models.CharField(max_length=3, choices=choices(Direction))
    status = models.CharField(
        max_length=24, choices=choices(MessageStatus), default=MessageStatus.QUEUED
    )
    patient = models.ForeignKey(Patient, null=True, blank=True, on_delete=models.PROTECT)
    phone = models.ForeignKey(Phone, on_delete=models.PROTECT, related_name="messages")
    our_number = models.CharField(max_length=20, blank=True)
    channel = models.CharField(max_length=8, choices=choices(Channel), default=Channel.SMS)
    purpose = models.CharField(max_length=16, choices=choices(Purpose), blank=True)
    text_version = models.ForeignKey(TextVersion, null=True, blank=True, on_delete=models.PROTECT)
    language = models.CharField(max_length=8, default="en")
    body = models.TextField()
    segments = models.PositiveSmallIntegerField(default=1)
    interaction = models.ForeignKey(
        Interaction, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages"
    )
    in_reply_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL)
    subject_type = models.CharField(max_length=48, blank=True)  # "waitlist.offer"
    subject_id = models.BigIntegerField(null=True, blank=True)
    key = models.CharField(max_length=120, unique=True)
    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    carrier_id = models.CharField(max_length=64, blank=True)  # Twilio's MessageSid
    zone = models.CharField(max_length=48, blank=True)  # IANA, of the site that it is about
    #: It is about a visit of a kind that no text may hint at: discreet phones only.
    is_sensitive = models.BooleanField(default=False, db_default=False)
    #: Keys of what the text numbers for the reader, first is 1 ("Reply 1 for …, 2 for …").
    choices = ArrayField(models.BigIntegerField(), default=list, db_default=[], blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)  # when the carrier was last asked
    permission = models.JSONField(default=dict)  # the proof, as of sending
    reading = models.CharField(max_length=16, blank=True)  # what an inbound text was taken for
    error_code = models.CharField(max_length=16, blank=True)
    created_at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            due_index("outreach_message_due"),
            models.Index(fields=["phone", "-created_at"]),
            models.Index(fields=["patient", "-created_at"]),
            models.Index(fields=["subject_type", "subject_id"]),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["carrier_id"], condition=~Q(carrier_id=""), name="outreach_carrier_id_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.pk}"

    @property
    def is_for_nurses(self) -> bool:
        """Theirs, and seized by the safety check: nobody else reads its words."""
        return self.direction == Direction.IN and self.subject_type == "triage.alert"


class SenderPace(models.Model):
    """When a number of ours may send its next segment: the carrier's rate, held in one row."""

    number = models.CharField(max_length=40, primary_key=True)
    free_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.number
