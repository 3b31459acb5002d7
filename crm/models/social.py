"""What a patient said of their living situation, food, transport, utilities and safety."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from crm.models.center import Queue
from crm.models.people import Patient
from crm.models.staff import User
from crm.models.work import Interaction, Task
from crm.states import choices
from crm.states.social import SocialNeed


def _needs() -> ArrayField[list[str], list[str]]:
    return ArrayField(
        models.CharField(max_length=12, choices=choices(SocialNeed)), default=list, blank=True
    )


class SocialScreen(models.Model):
    """The questions of `crm.rules.social`, asked once, or declined as a whole.

    That they were asked, when, and whether they led to a referral may be seen by whoever takes
    calls; the answers, the needs and the score by `can_view_social_needs` alone.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="social_screens")
    interaction = models.ForeignKey(
        Interaction,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="social_screens",
    )
    tool = models.CharField(max_length=40)  # whose wording, as of when
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    was_declined = models.BooleanField(default=False)
    #: Codes by question; "declined" is one that each takes. A missing one was not asked.
    answers = models.JSONField(default=dict, blank=True)
    needs = _needs()
    safety_score = models.PositiveSmallIntegerField(null=True, blank=True)
    #: What they want help with, of what was found.
    agreed = _needs()
    referral = models.ForeignKey(
        Task, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    referred_to = models.ForeignKey(
        Queue, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    nurse_task = models.ForeignKey(
        Task, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "-at"], name="crm_social_newest")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(was_declined=False)
                | Q(answers={}, needs=[], agreed=[], safety_score=None),
                name="crm_social_declined_is_empty",
            )
        ]

    def __str__(self) -> str:
        return f"patient {self.patient_id}, {self.at:%Y-%m-%d}"
