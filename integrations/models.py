"""Everything that other systems sent us, as they sent it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from crm.engine.models import DueRow, StatusRow, due_index
from crm.states import choices
from integrations import validators
from integrations.states import (
    INBOX_MOVES,
    REPLAY_MOVES,
    Door,
    InboxKind,
    InboxStatus,
    OtherMessages,
    ReplayStatus,
)


class Hl7Sender(models.Model):
    """What one HL7 sender means by its codes; becomes a `SenderProfile`."""

    name = models.CharField(max_length=200, unique=True, help_text="MSH-3.1|MSH-4.1")
    source = models.CharField(
        max_length=120, blank=True, help_text="The EHR whose visits it speaks of; empty: its name."
    )
    zone = models.CharField(
        max_length=48,
        validators=[validators.check_zone],
        help_text="Of time stamps without an offset (IANA), such as America/Chicago.",
    )
    charset = models.CharField(
        max_length=16,
        default="utf-8",
        validators=[validators.check_charset],
        help_text="Of messages whose MSH-18 is empty.",
    )
    appointment_id_from = models.CharField(
        max_length=5, default="SCH-2", choices=[("SCH-1", "SCH-1"), ("SCH-2", "SCH-2")]
    )
    statuses = models.JSONField(
        default=dict,
        blank=True,
        validators=[validators.check_statuses],
        help_text='Its codes in SCH-25, beside the standard ones: {"CO": "fulfilled"}.',
    )
    cancel_reasons = models.JSONField(
        default=dict,
        blank=True,
        validators=[validators.check_cancel_reasons],
        help_text='Its codes in SCH-6: {"SICK": "patient", "MD-OUT": "provider"}.',
    )
    processing_ids = models.CharField(
        max_length=12,
        default="P",
        blank=True,
        help_text="Of MSH-11, those to take, apart by commas: P, or P,T while testing.",
    )
    location_from = models.CharField(
        max_length=4,
        default="PL.4",
        choices=[("PL.4", "facility (AIL-3.4)"), ("PL.1", "point of care (AIL-3.1)")],
    )
    visit_type_from = models.CharField(
        max_length=5,
        default="AIS-3",
        choices=[("AIS-3", "AIS-3"), ("SCH-8", "SCH-8"), ("SCH-7", "SCH-7")],
        help_text="Asked first; the others where it is empty.",
    )
    other_messages = models.CharField(
        max_length=8,
        default=OtherMessages.REJECT,
        choices=[
            (OtherMessages.REJECT, "answer AR, and keep them as refused"),
            (OtherMessages.IGNORE, "answer AA, and keep them as ignored"),
        ],
        help_text="Messages of neither visits nor patients: results, orders, referrals.",
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name = "HL7 sender"

    def __str__(self) -> str:
        return self.name


KINDS = [
    (InboxKind.HL7, "HL7 v2"),
    (InboxKind.FHIR, "FHIR"),
    (InboxKind.REST, "REST"),
    (InboxKind.CALLS, "Calls"),
]


class InboxMessage(StatusRow, DueRow):
    """One message received, with its outcome. Nothing is ever thrown away.

    `key` is what its sender calls it (MSH-3, MSH-4 and MSH-10; a webhook id), and `digest`
    the SHA-256 of its body: the same key with the same body is a duplicate and is answered
    as the first was; the same key with another body is kept beside it, and both are flagged.
    What names no version of what it tells (some FHIR) may be told again: `store_unversioned`.
    """

    MOVES, STATES = INBOX_MOVES, InboxStatus

    kind = models.CharField(max_length=8, choices=KINDS)
    source = models.CharField(max_length=200)
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
    refused_field = models.CharField(max_length=120, blank=True)  # "SCH-2"
    answer = models.BinaryField(blank=True, default=b"")  # the ACK as first sent
    #: The visit that it ends and that we have not heard of: tried again once we have.
    waits_for = models.CharField(max_length=250, blank=True)
    #: The message as it came, of which this is a mended copy.
    mended_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="mended"
    )

    class Meta:
        verbose_name = "message received"
        verbose_name_plural = "messages received"
        indexes: ClassVar = [
            due_index("integrations_inbox_due"),
            models.Index(fields=["-received_at"]),
            models.Index(fields=["status", "-received_at"]),
            models.Index(
                fields=["waits_for"],
                name="integrations_inbox_waits",
                condition=Q(status=InboxStatus.REFUSED) & ~Q(waits_for=""),
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "source", "key", "digest"], name="integrations_inbox_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Replay(StatusRow, DueRow):
    """Many messages to be tried again, one after the other, oldest first."""

    MOVES, STATES = REPLAY_MOVES, ReplayStatus

    status = models.CharField(
        max_length=24, choices=choices(ReplayStatus), default=ReplayStatus.RUNNING
    )
    chosen = models.CharField(max_length=300)  # in words: "refused, of APP|FAC"
    total = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=120)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [due_index("integrations_replay_due")]

    def __str__(self) -> str:
        return f"replay {self.pk} of {self.total}"


class ReplayItem(models.Model):
    """One message of a replay; `became` is empty while it is still to come."""

    replay = models.ForeignKey(Replay, on_delete=models.CASCADE, related_name="items")
    message = models.ForeignKey(InboxMessage, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    became = models.CharField(max_length=24, choices=choices(InboxStatus), blank=True)
    sentence = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["replay", "position"], name="integrations_replay_item_once"
            )
        ]

    def __str__(self) -> str:
        return f"message {self.message_id} of {self.replay_id}"


class TurnedAway(models.Model):
    """Callers turned away before anything was kept: no valid signature, too long, another type.

    One row for a door, a peer, a reason and a day (UTC), with how often: whoever calls without end
    fills no table. Nothing of what they sent is here.
    """

    door = models.CharField(max_length=8, choices=choices(Door))
    peer = models.CharField(max_length=80)
    reason = models.CharField(max_length=32)  # "too-large"; the end of a problem's type
    sentence = models.CharField(max_length=200)  # as the caller was told
    on = models.DateField()
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "turned away"
        indexes: ClassVar = [models.Index(fields=["-last_at"])]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["on", "door", "reason", "peer"], name="integrations_turned_away_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.door}: {self.reason}, {self.times} times"
