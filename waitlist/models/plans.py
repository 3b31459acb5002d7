"""Waves that a person sends: what is proposed, and what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from crm.engine.models import StatusRow
from crm.states import choices
from waitlist.models.openings import Candidate, Opening, Wave
from waitlist.states import PLAN_MOVES, PlanStatus


class PlannedWave(StatusRow):
    """A wave as it was planned and not sent at once: in shadow, or waiting for a person.

    It holds no phone, no link and no text. One that was only watched has nowhere to go
    (`PLAN_MOVES`), and no wave can be tied to any but a sent one.
    """

    MOVES, STATES = PLAN_MOVES, PlanStatus

    opening = models.ForeignKey(Opening, on_delete=models.CASCADE, related_name="planned_waves")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=24, choices=choices(PlanStatus))
    planned_at = models.DateTimeField()
    answer_by = models.DateTimeField()  # until when its offers would stay open
    lapses_at = models.DateTimeField()  # then the next is planned
    why = models.CharField(max_length=300)  # the arithmetic, for staff
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=120, blank=True)
    wave = models.OneToOneField(
        Wave, null=True, blank=True, on_delete=models.CASCADE, related_name="plan"
    )

    class Meta:
        ordering = ("number",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["opening", "number"], name="waitlist_plan_once"),
            models.UniqueConstraint(
                fields=["opening"],
                condition=Q(status=PlanStatus.WAITING),
                name="waitlist_one_waiting_plan",
            ),
            models.CheckConstraint(
                condition=Q(status=PlanStatus.SENT, wave__isnull=False)
                | ~Q(status=PlanStatus.SENT) & Q(wave__isnull=True),
                name="waitlist_only_sent_plans_have_waves",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by="")
                | Q(settled_at__isnull=False) & ~Q(settled_by=""),
                name="waitlist_plan_settled_at_by",
            ),
        ]

    def __str__(self) -> str:
        return f"plan {self.number} of {self.opening_id}, {self.status}"


class PlannedOffer(models.Model):
    """Somebody whom a planned wave would ask. `place` is the order in that wave, from 1."""

    plan = models.ForeignKey(PlannedWave, on_delete=models.CASCADE, related_name="people")
    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="planned")
    place = models.PositiveSmallIntegerField()
    #: How much sooner their visit would have been; null for those without a later one.
    days_gained = models.PositiveSmallIntegerField(null=True, blank=True)
    skipped_at = models.DateTimeField(null=True, blank=True)
    skipped_by = models.CharField(max_length=120, blank=True)
    #: What stood against them when it was sent: every rule is asked again at that moment.
    left_out_why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("place",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "candidate"], name="waitlist_planned_once"),
            models.UniqueConstraint(fields=["plan", "place"], name="waitlist_planned_place"),
            models.CheckConstraint(
                condition=Q(skipped_at__isnull=True, skipped_by="")
                | Q(skipped_at__isnull=False) & ~Q(skipped_by=""),
                name="waitlist_skipped_at_by",
            ),
        ]

    def __str__(self) -> str:
        return f"place {self.place} of plan {self.plan_id}"
