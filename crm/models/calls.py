"""A contact at the desk: the call, who it is, what was asked, done and written down."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q

from crm.engine.models import DueRow, StatusRow, due_index
from crm.models.center import PhoneLine, Queue
from crm.models.people import Patient, Phone, Proxy
from crm.models.staff import User
from crm.models.work import Interaction
from crm.states import (
    CALL_MOVES,
    HANDOFF_MOVES,
    NOTE_MOVES,
    Acuity,
    Aid,
    CallStatus,
    HandoffStatus,
    HandoffTo,
    IdentifierKind,
    NoteStatus,
    Speaker,
    StepKind,
    WaitsFor,
    choices,
)


class Call(StatusRow):
    """A telephone call, as the telephone system tells of it."""

    MOVES, STATES = CALL_MOVES, CallStatus

    interaction = models.OneToOneField(Interaction, on_delete=models.CASCADE, related_name="call")
    source = models.CharField(max_length=60)  # the telephone system
    source_id = models.CharField(max_length=120)  # its key for the call
    line = models.ForeignKey(PhoneLine, null=True, blank=True, on_delete=models.PROTECT)
    phone = models.ForeignKey(Phone, null=True, blank=True, on_delete=models.PROTECT)
    status = models.CharField(
        max_length=24, choices=choices(CallStatus), default=CallStatus.RINGING
    )
    is_outbound = models.BooleanField(default=False)
    aid = models.CharField(max_length=8, choices=choices(Aid), default=Aid.NONE)
    #: Keys that were pressed in the menu, in order.
    pressed = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    rang_at = models.DateTimeField()
    #: Extensions of ours at which it rings just now; empty once somebody answered.
    rings_at = ArrayField(models.CharField(max_length=60), default=list, db_default=[], blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    held_since = models.DateTimeField(null=True, blank=True)
    held_seconds = models.PositiveIntegerField(default=0)
    #: Every piece of news of it (`crm.rules.calls.Heard`), as it came; the rest follows from these.
    heard = models.JSONField(default=list, db_default=[], blank=True)

    class Meta:
        indexes: ClassVar = [
            # The few that ring just now, of all that ever did.
            models.Index(fields=["rang_at"], condition=Q(status="ringing"), name="crm_call_rings")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "source_id"], name="crm_call_once")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.source_id}"


class Verification(models.Model):
    """One try to make sure who speaks, before health information shows. Append-only."""

    interaction = models.ForeignKey(
        Interaction, on_delete=models.CASCADE, related_name="verifications"
    )
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="verifications")
    speaker = models.CharField(max_length=12, choices=choices(Speaker), default=Speaker.PATIENT)
    proxy = models.ForeignKey(Proxy, null=True, blank=True, on_delete=models.SET_NULL)
    #: What fitted, never what was said.
    matched = ArrayField(
        models.CharField(max_length=16, choices=choices(IdentifierKind)), default=list
    )
    missed = ArrayField(
        models.CharField(max_length=16, choices=choices(IdentifierKind)), default=list
    )
    passed = models.BooleanField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["interaction", "-at"])]

    def __str__(self) -> str:
        return f"{self.interaction_id}: {'passed' if self.passed else 'failed'}"


class InteractionStep(models.Model):
    """One piece of a contact, with its time: what the timeline and the time ribbon show."""

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=16, choices=choices(StepKind))
    #: What exactly, as a code: "labs", "script:late:2".
    code = models.CharField(max_length=80, blank=True)
    waits_for = models.CharField(max_length=10, choices=choices(WaitsFor), default=WaitsFor.AGENT)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    detail = models.JSONField(default=dict)  # ids, codes and figures
    subject_type = models.CharField(max_length=48, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["interaction", "at", "id"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=models.F("at")),
                name="crm_step_ends_later",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}".strip()


class Answer(models.Model):
    """What was asked and answered in a contact, or known without asking: asked only once."""

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="answers")
    key = models.CharField(max_length=60)  # the question's code
    value = models.CharField(max_length=300, blank=True)
    was_asked = models.BooleanField(default=True)  # else it was known
    at = models.DateTimeField()
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["interaction", "key"], name="crm_answer_once")
        ]

    def __str__(self) -> str:
        return self.key


class Handoff(StatusRow, DueRow):
    """A warm transfer: the whole contact, with the question, offered to somebody."""

    MOVES, STATES = HANDOFF_MOVES, HandoffStatus

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="handoffs")
    status = models.CharField(
        max_length=24, choices=choices(HandoffStatus), default=HandoffStatus.OFFERED
    )
    to = models.CharField(max_length=10, choices=choices(HandoffTo))
    to_user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="handoffs_to"
    )
    queue = models.ForeignKey(Queue, null=True, blank=True, on_delete=models.PROTECT)
    question = models.CharField(max_length=500)
    acuity = models.CharField(max_length=12, choices=choices(Acuity), default=Acuity.ROUTINE)
    offered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="handoffs_made")
    offered_at = models.DateTimeField()
    level = models.PositiveSmallIntegerField(default=0)  # how often it went further up
    answered_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="handoffs_answered"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)  # of whoever declined
    #: Who said "not me" of several who were asked, by key of user; the others are asked still.
    passed_by = ArrayField(models.BigIntegerField(), default=list, db_default=[], blank=True)

    class Meta:
        indexes: ClassVar = [due_index("crm_handoff_due")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["interaction"],
                condition=Q(status=HandoffStatus.OFFERED),
                name="crm_handoff_one_offered",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | Q(answered_at__isnull=False),
                name="crm_handoff_answer_paired",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.interaction_id} to {self.to}"


class WrapUp(StatusRow, DueRow):
    """What became of a contact, as it goes into the EHR: written from what was done, editable."""

    MOVES, STATES = NOTE_MOVES, NoteStatus

    interaction = models.OneToOneField(
        Interaction, on_delete=models.CASCADE, related_name="wrap_up"
    )
    status = models.CharField(max_length=24, choices=choices(NoteStatus), default=NoteStatus.KEPT)
    disposition = models.CharField(max_length=40)  # a code of its call type
    note = models.TextField(blank=True)
    was_edited = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    #: Ours, by which the EHR knows the note: asking again makes no second one.
    identifier = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    source_id = models.CharField(max_length=120, blank=True)  # the note's key in the EHR
    version = models.PositiveSmallIntegerField(default=1, db_default=1)  # up with every change
    #: What it said before it was changed: [{"note", "disposition", "at", "by"}], the oldest first.
    earlier = models.JSONField(default=list, db_default=[], blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)  # when the EHR was last asked
    #: What the EHR last said, for staff.
    answer = models.CharField(max_length=300, db_default="", default="", blank=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [due_index("crm_wrap_up_due")]

    def __str__(self) -> str:
        return f"{self.interaction_id}: {self.disposition}"
