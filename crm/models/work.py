"""Journeys, interactions and tasks: one need, its contacts, and the next action."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from crm.engine.models import StatusRow
from crm.models.people import Patient
from crm.models.staff import User
from crm.states import (
    JOURNEY_MOVES,
    TASK_MOVES,
    Acuity,
    Channel,
    JourneyStatus,
    Speaker,
    TaskKind,
    TaskStatus,
    choices,
)


class Journey(StatusRow):
    """One need, from first contact to resolved (FHIR EpisodeOfCare, loosely)."""

    MOVES, STATES = JOURNEY_MOVES, JourneyStatus

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="journeys")
    status = models.CharField(
        max_length=24, choices=choices(JourneyStatus), default=JourneyStatus.OPEN
    )
    need = models.CharField(max_length=200)  # "An earlier visit"
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["patient"], name="crm_journey_open", condition=Q(status=JourneyStatus.OPEN)
            )
        ]

    def __str__(self) -> str:
        return self.need


class Interaction(models.Model):
    """One contact on one channel: a call, a text thread, a web session.

    At the desk it begins with nobody known: a caller's number names nobody for certain.
    """

    journey = models.ForeignKey(
        Journey, null=True, blank=True, on_delete=models.CASCADE, related_name="interactions"
    )
    patient = models.ForeignKey(
        Patient, null=True, blank=True, on_delete=models.CASCADE, related_name="interactions"
    )
    channel = models.CharField(max_length=8, choices=choices(Channel))
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    summary = models.CharField(max_length=300, blank=True)
    # What it is about, named loosely since this floor knows nothing of offers.
    subject_type = models.CharField(max_length=48, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)

    # What only a contact at the desk has.
    agent = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="interactions"
    )
    #: "book", "move", "refill".
    call_type = models.CharField(max_length=40, blank=True, default="", db_default="")
    #: In the caller's words.
    reason = models.CharField(max_length=300, blank=True, default="", db_default="")
    speaker = models.CharField(
        max_length=12,
        choices=choices(Speaker),
        default=Speaker.PATIENT,
        db_default=Speaker.PATIENT,
    )
    acuity = models.CharField(
        max_length=12, choices=choices(Acuity), blank=True, default="", db_default=""
    )
    #: The service line.
    specialty = models.CharField(max_length=80, blank=True, default="", db_default="")
    language = models.CharField(max_length=8, blank=True, default="", db_default="")
    is_training = models.BooleanField(default=False, db_default=False)
    #: What its agent looks for just now, as the address of the desk has it: it goes with the
    #: contact to whoever has it next. Filters and keys, nothing that was said.
    looked_for = models.CharField(max_length=600, blank=True, default="", db_default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["patient", "-started_at"]),
            models.Index(fields=["subject_type", "subject_id"]),
            models.Index(
                fields=["agent"],
                name="crm_interaction_at_desk",
                condition=Q(agent__isnull=False, ended_at=None),
            ),
            models.Index(
                fields=["started_at"],
                name="crm_interaction_answered",
                condition=Q(agent__isnull=False),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(journey=None) | Q(patient__isnull=False),
                name="crm_interaction_of_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.summary}"


class Task(StatusRow):
    """The next action: who, what, by when, why (FHIR Task)."""

    MOVES, STATES = TASK_MOVES, TaskStatus

    kind = models.CharField(max_length=24, choices=choices(TaskKind))
    status = models.CharField(max_length=24, choices=choices(TaskStatus), default=TaskStatus.OPEN)
    title = models.CharField(max_length=200)
    why = models.CharField(max_length=500, blank=True)
    patient = models.ForeignKey(Patient, null=True, blank=True, on_delete=models.CASCADE)
    journey = models.ForeignKey(Journey, null=True, blank=True, on_delete=models.SET_NULL)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    #: The contact in which it is done: whoever takes one of the two has both.
    contact = models.ForeignKey(
        Interaction, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks"
    )
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    #: Names the cause, so that the same cause makes one task however often it is seen.
    cause_key = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cause_key"], name="crm_task_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                name="crm_task_open",
                condition=Q(status__in=[TaskStatus.OPEN, TaskStatus.CLAIMED]),
            )
        ]

    def __str__(self) -> str:
        return self.title
