"""Interpreters in contacts: who, in which language, from when to when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from crm.models.calls import InteractionStep
from crm.models.staff import User
from crm.models.work import Interaction
from crm.states import choices
from crm.states.social import InterpreterKind


class InterpreterSession(models.Model):
    """One interpreter's part in one contact. `reason`: why a companion, in the patient's words."""

    interaction = models.ForeignKey(
        Interaction, on_delete=models.CASCADE, related_name="interpreters"
    )
    #: Its piece of the contact's timeline, which ends with it.
    step = models.OneToOneField(InteractionStep, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=choices(InterpreterKind))
    language = models.CharField(max_length=40)  # by name: "Somali"
    service = models.CharField(max_length=80, blank=True)
    interpreter_id = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["interaction"],
                condition=Q(ended_at=None),
                name="crm_interpreter_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="crm_interpreter_ends_later",
            ),
            models.CheckConstraint(
                condition=Q(kind=InterpreterKind.COMPANION, reason__gt="")
                | ~Q(kind=InterpreterKind.COMPANION) & Q(interpreter_id__gt=""),
                name="crm_interpreter_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.language}"
