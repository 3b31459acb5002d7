"""What the desk tells the clinic about its schedule: proposals, and flags of wrong labels."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from crm.engine.models import StatusRow
from crm.models import User
from crm.states import choices
from scheduling.models.inventory import Slot
from scheduling.models.places import Clinic, ProviderRole, VisitType
from scheduling.states import (
    FEEDBACK_MOVES,
    PROPOSAL_MOVES,
    FeedbackStatus,
    ProposalKind,
    ProposalStatus,
)


class TemplateProposal(StatusRow):
    """A change that we propose to a clinic whose EHR owns the schedule, and its answer."""

    MOVES, STATES = PROPOSAL_MOVES, ProposalStatus

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="proposals")
    role = models.ForeignKey(ProviderRole, null=True, blank=True, on_delete=models.SET_NULL)
    slot = models.ForeignKey(
        Slot, null=True, blank=True, on_delete=models.SET_NULL, related_name="proposals"
    )
    kind = models.CharField(max_length=12, choices=choices(ProposalKind))
    what = models.CharField(max_length=300)
    why = models.CharField(max_length=300)
    status = models.CharField(
        max_length=24, choices=choices(ProposalStatus), default=ProposalStatus.PROPOSED
    )
    proposed_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=120)
    answer = models.CharField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["clinic", "status"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by="")
                | Q(answered_at__isnull=False) & ~Q(answered_by=""),
                name="scheduling_proposal_at_by",
            ),
            models.UniqueConstraint(
                fields=["slot", "kind"],
                condition=Q(status=ProposalStatus.PROPOSED, slot__isnull=False),
                name="scheduling_proposal_once",
            ),
        ]

    def __str__(self) -> str:
        return self.what


class SlotFeedback(StatusRow):
    """Somebody at the desk says that a slot or a visit type is mislabeled; the clinic answers.

    `seen_at` is when whoever flagged it was told of the answer.
    """

    MOVES, STATES = FEEDBACK_MOVES, FeedbackStatus

    clinic = models.ForeignKey(
        Clinic, null=True, blank=True, on_delete=models.CASCADE, related_name="feedback"
    )
    slot = models.ForeignKey(
        Slot, null=True, blank=True, on_delete=models.SET_NULL, related_name="feedback"
    )
    visit_type = models.ForeignKey(VisitType, on_delete=models.CASCADE, related_name="feedback")
    starts_at = models.DateTimeField(null=True, blank=True)  # of the slot, as it was flagged
    should_be = models.CharField(max_length=200, blank=True)
    status = models.CharField(
        max_length=24, choices=choices(FeedbackStatus), default=FeedbackStatus.OPEN
    )
    flagged_at = models.DateTimeField()
    flagged_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=120, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "slot feedback"
        indexes: ClassVar = [
            models.Index(fields=["status", "-flagged_at"]),
            models.Index(
                fields=["flagged_by"],
                name="scheduling_feedback_unseen",
                condition=Q(status=FeedbackStatus.ANSWERED, seen_at__isnull=True),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by="")
                | Q(answered_at__isnull=False) & ~Q(answered_by=""),
                name="scheduling_feedback_at_by",
            ),
            models.UniqueConstraint(
                fields=["slot", "flagged_by"],
                condition=Q(status=FeedbackStatus.OPEN, slot__isnull=False),
                name="scheduling_feedback_once",
            ),
            models.UniqueConstraint(
                fields=["visit_type", "flagged_by"],
                condition=Q(status=FeedbackStatus.OPEN, starts_at__isnull=True),
                name="scheduling_feedback_type_once",
            ),
        ]

    def __str__(self) -> str:
        return f"feedback {self.pk}"
