"""What must be on file for a visit: referral, authorization, estimate, the claim of an injury."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from crm.engine.models import StatusRow
from crm.states import choices
from scheduling.models.booking import Appointment
from scheduling.states import (
    CLEARANCE_MOVES,
    ESTIMATE_MOVES,
    ClearanceKind,
    ClearanceStatus,
    EstimateStatus,
    EstimateTrigger,
)


class Clearance(StatusRow):
    """A visit's referral or authorization. Dates are days at the site, both included.

    One that was received and ends before the visit reads *expired* (`rules.clearance_state`).
    """

    MOVES, STATES = CLEARANCE_MOVES, ClearanceStatus

    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, related_name="clearances"
    )
    kind = models.CharField(max_length=16, choices=choices(ClearanceKind))
    status = models.CharField(
        max_length=24, choices=choices(ClearanceStatus), default=ClearanceStatus.NEEDED
    )
    number = models.CharField(max_length=60, blank=True)
    asked_of = models.CharField(
        max_length=120, blank=True, help_text="The payer or the referring office."
    )
    asked_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    valid_from_on = models.DateField(null=True, blank=True)
    valid_until_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["appointment", "kind"], name="scheduling_clearance_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_from_on__isnull=True)
                | Q(valid_until_on__isnull=True)
                | Q(valid_until_on__gte=F("valid_from_on")),
                name="scheduling_clearance_period",
                violation_error_message="It cannot end before it begins.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of visit {self.appointment_id}"


class Estimate(StatusRow):
    """The Good Faith Estimate that somebody who pays themselves is owed (45 CFR 149.610).

    `due_on` is the last day on which it may be given, a day at the site (`rules.estimates`).
    """

    MOVES, STATES = ESTIMATE_MOVES, EstimateStatus

    appointment = models.OneToOneField(
        Appointment, on_delete=models.CASCADE, related_name="estimate"
    )
    status = models.CharField(
        max_length=24, choices=choices(EstimateStatus), default=EstimateStatus.DUE
    )
    trigger = models.CharField(max_length=12, choices=choices(EstimateTrigger))
    started_on = models.DateField()  # when it was scheduled, or asked for
    due_on = models.DateField()
    amount = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    given_at = models.DateTimeField(null=True, blank=True)
    given_by = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(given_at__isnull=True, given_by="")
                | Q(given_at__isnull=False) & ~Q(given_by=""),
                name="scheduling_estimate_at_by",
            ),
            models.CheckConstraint(
                condition=~Q(status=EstimateStatus.GIVEN) | Q(given_at__isnull=False),
                name="scheduling_estimate_given",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_on", "id"],
                condition=Q(status=EstimateStatus.DUE),
                name="scheduling_estimate_due",
            )
        ]

    def __str__(self) -> str:
        return f"estimate of visit {self.appointment_id}"


class WorkersComp(models.Model):
    """The claim of somebody who was hurt at work: who pays for this visit, and whom to call."""

    appointment = models.OneToOneField(
        Appointment, on_delete=models.CASCADE, related_name="workers_comp"
    )
    claim_number = models.CharField(max_length=60)
    injured_on = models.DateField()
    adjuster = models.CharField(max_length=120)
    adjuster_phone = models.CharField(max_length=40, blank=True)
    carrier = models.CharField(max_length=120, blank=True)
    employer = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name_plural = "workers' compensation"

    def __str__(self) -> str:
        return f"claim of visit {self.appointment_id}"
