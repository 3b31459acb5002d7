"""Calling somebody back: where, how often at most, and how each try ended."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from crm.models.people import Phone
from crm.models.staff import User
from crm.models.work import Interaction, Task
from crm.states import AttemptOutcome, choices


class Callback(models.Model):
    """What a task of kind `call-back` needs beside its words. The task is its life."""

    task = models.OneToOneField(Task, on_delete=models.CASCADE, related_name="callback")
    phone = models.ForeignKey(Phone, null=True, blank=True, on_delete=models.PROTECT)
    #: The contact that it comes from.
    interaction = models.ForeignKey(
        Interaction, null=True, blank=True, on_delete=models.SET_NULL, related_name="callbacks"
    )
    promised_at = models.DateTimeField(null=True, blank=True)  # "we call you at three"
    attempt_limit = models.PositiveSmallIntegerField(default=3)  # of its call type
    language = models.CharField(max_length=8, default="en")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(attempt_limit__gte=1), name="crm_callback_tries")
        ]

    def __str__(self) -> str:
        return f"callback of task {self.task_id}"


class CallAttempt(models.Model):
    """One try to reach somebody. Append-only."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="attempts")
    outcome = models.CharField(max_length=16, choices=choices(AttemptOutcome))
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["task", "at"])]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.outcome}"
