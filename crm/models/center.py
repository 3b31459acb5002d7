"""The contact center: lines, queues, and who is at work."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from phonenumber_field.modelfields import PhoneNumberField

from crm.engine.models import StatusRow
from crm.models.people import LANGUAGES
from crm.models.staff import User
from crm.models.work import Interaction
from crm.states import (
    AGENT_MOVES,
    ENTRY_MOVES,
    Acuity,
    AgentState,
    EntryStatus,
    choices,
)


class Queue(models.Model):
    """Where contacts and tasks wait for somebody with the skills for them."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    #: All of these are needed to take from it: "es", "orthopedics", "nurse".
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    answer_seconds = models.PositiveIntegerField(default=120)  # the service level
    rank = models.PositiveSmallIntegerField(default=10)  # order on the screen
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("rank", "name")

    def __str__(self) -> str:
        return self.name


class PhoneLine(models.Model):
    """A number that patients call, with what is known from the number alone."""

    number = PhoneNumberField(unique=True)
    name = models.CharField(max_length=80)  # "Orthopedics line"
    specialty = models.CharField(max_length=80, blank=True)  # its service line; empty: any
    location_id = models.BigIntegerField(null=True, blank=True)  # this floor knows no sites
    language = models.CharField(max_length=8, choices=LANGUAGES, default="en")
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="lines")
    greeting = models.CharField(max_length=300, blank=True)
    #: Codes of the call types that are offered first on this line; empty: all.
    call_types = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    #: What each key of the menu means: {"2": {"says": "appointments", "call_type": "book"}}.
    menu = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class QueueEntry(StatusRow):
    """One contact's wait in one queue, from its entry to whoever took it."""

    MOVES, STATES = ENTRY_MOVES, EntryStatus

    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="entries")
    interaction = models.ForeignKey(
        Interaction, on_delete=models.CASCADE, related_name="queue_entries"
    )
    status = models.CharField(
        max_length=24, choices=choices(EntryStatus), default=EntryStatus.WAITING
    )
    acuity = models.CharField(max_length=12, choices=choices(Acuity), default=Acuity.ROUTINE)
    entered_at = models.DateTimeField()
    answer_by = models.DateTimeField()  # the service level's end
    claimed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    claimed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "queue entries"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["interaction"],
                condition=Q(status__in=[EntryStatus.WAITING, EntryStatus.CLAIMED]),
                name="crm_entry_one_wait",
            ),
            models.CheckConstraint(
                condition=Q(claimed_by=None) | Q(claimed_at__isnull=False),
                name="crm_entry_claim_dated",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["queue", "answer_by"],
                name="crm_entry_waiting",
                condition=Q(status=EntryStatus.WAITING),
            ),
            models.Index(fields=["entered_at"], name="crm_entry_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.interaction_id} in {self.queue_id}"


class Agent(StatusRow):
    """A member of staff at the desk: what they can, and what they are doing just now."""

    MOVES, STATES = AGENT_MOVES, AgentState

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="agent")
    status = models.CharField(
        max_length=24, choices=choices(AgentState), default=AgentState.OFFLINE
    )
    since = models.DateTimeField()
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    team = models.CharField(max_length=60, blank=True)
    #: As the telephone system knows them: an extension, a worker's key.
    extension = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["extension"], condition=~Q(extension=""), name="crm_agent_extension_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.status}"
