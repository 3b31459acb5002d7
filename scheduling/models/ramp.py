"""How a new clinician's panel is to grow."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from scheduling.models.places import ProviderRole, VisitType


class ProviderRamp(models.Model):
    """Toward which panel a clinician is given new patients, and at most how many a week.

    The ceiling is `weekly_start` in the week of `started_on`, and grows by `weekly_growth` each
    week up to `weekly_most`.
    """

    role = models.OneToOneField(ProviderRole, on_delete=models.CASCADE, related_name="ramp")
    started_on = models.DateField()
    target_panel = models.PositiveIntegerField(help_text="People in the panel when it is full.")
    weekly_start = models.PositiveSmallIntegerField(help_text="New patients in the first week.")
    weekly_growth = models.PositiveSmallIntegerField(
        default=1, help_text="So many more with each week."
    )
    weekly_most = models.PositiveSmallIntegerField(
        help_text="Never more new patients a week than this."
    )
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(target_panel__gt=0),
                name="scheduling_ramp_panel",
                violation_error_message="The panel must be larger than 0.",
            ),
            models.CheckConstraint(
                condition=Q(weekly_most__gte=F("weekly_start")),
                name="scheduling_ramp_ceiling",
                violation_error_message="The most a week cannot be fewer than the first week's.",
            ),
        ]

    def __str__(self) -> str:
        return f"ramp of {self.role}"


class RampShare(models.Model):
    """How much of a clinician's new visits one visit type is to be, against their other shares.

    A clinician without any takes every kind, without a mix.
    """

    ramp = models.ForeignKey(ProviderRamp, on_delete=models.CASCADE, related_name="shares")
    visit_type = models.ForeignKey(VisitType, on_delete=models.CASCADE, related_name="+")
    weight = models.PositiveSmallIntegerField(help_text="3 is three times as much as 1.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["ramp", "visit_type"], name="scheduling_ramp_share_once"
            ),
            models.CheckConstraint(condition=Q(weight__gt=0), name="scheduling_ramp_share_some"),
        ]

    def __str__(self) -> str:
        return f"{self.weight} × {self.visit_type}"  # noqa: RUF001 a times sign
