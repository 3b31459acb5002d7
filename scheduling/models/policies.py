"""What a clinic does about visits that were missed, cancelled late or come to late."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from crm.engine.models import StatusRow
from crm.models import Patient
from crm.states import choices
from scheduling.models.places import Clinic
from scheduling.states import (
    RESTRICTION_MOVES,
    MissedBecause,
    PatientLimit,
    RestrictionStatus,
)


def every_exemption() -> list[str]:
    return [str(reason) for reason in MissedBecause]


class ClinicPolicy(models.Model):
    """A clinic's policies; one without a row keeps the values that stand here as defaults."""

    clinic = models.OneToOneField(Clinic, on_delete=models.CASCADE, related_name="policy")
    late_cancel_hours = models.PositiveSmallIntegerField(
        default=24, help_text="Cancelled less than so many hours ahead is late."
    )
    missed_limit = models.PositiveSmallIntegerField(
        default=3,
        help_text="So many missed visits, and a person is asked about a limit. 0: never.",
    )
    missed_months = models.PositiveSmallIntegerField(
        default=12, help_text="Missed visits count for so many months."
    )
    counts_late_cancels = models.BooleanField(
        default=False, help_text="A visit cancelled late by the patient counts as missed."
    )
    exempt = ArrayField(
        models.CharField(max_length=24, choices=choices(MissedBecause)),
        default=every_exemption,
        blank=True,
        help_text="For these reasons a missed visit does not count.",
    )
    limit_kind = models.CharField(
        max_length=16,
        choices=choices(PatientLimit),
        default=PatientLimit.SAME_DAY,
        help_text="What is proposed. A person decides; nothing is limited by itself.",
    )
    limit_months = models.PositiveSmallIntegerField(
        default=6, help_text="For how long, once a person has approved it."
    )
    missed_fee = models.DecimalField(
        max_digits=6, decimal_places=2, default=0, help_text="For a missed visit. 0: none."
    )
    grace_minutes = models.PositiveSmallIntegerField(
        default=10, help_text="Up to so many minutes late the patient is seen as if on time."
    )
    squeeze_minutes = models.PositiveSmallIntegerField(
        default=20, help_text="Up to so many minutes late they are squeezed in; later, moved."
    )

    class Meta:
        verbose_name_plural = "clinic policies"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(squeeze_minutes__gte=F("grace_minutes")),
                name="scheduling_policy_grace",
                violation_error_message="Nobody is squeezed in before the grace is over.",
            ),
            models.CheckConstraint(
                condition=Q(missed_fee__gte=0), name="scheduling_policy_fee_not_below_zero"
            ),
        ]

    def __str__(self) -> str:
        return f"policy of {self.clinic}"


class NoFeePayer(models.Model):
    """A payer that forbids charging its members for a missed visit."""

    payer = models.CharField(
        max_length=80, unique=True, help_text="Every payer whose name holds these words."
    )
    source = models.CharField(max_length=200, help_text="Where it says so.")
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.payer


class PatientRestriction(StatusRow):
    """A limit on how a patient books at one clinic: proposed by its policy, decided by a person.

    `because` are the missed visits that it rests on. In force from `decided_at` to `ends_on`, a
    day at the site, while *approved*.
    """

    MOVES, STATES = RESTRICTION_MOVES, RestrictionStatus

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="restrictions")
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="restrictions")
    kind = models.CharField(max_length=16, choices=choices(PatientLimit))
    status = models.CharField(
        max_length=24, choices=choices(RestrictionStatus), default=RestrictionStatus.PROPOSED
    )
    because = models.ManyToManyField("scheduling.Appointment", related_name="+")
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=120, blank=True)
    decision = models.CharField(max_length=300, blank=True)  # in words
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "clinic"],
                condition=Q(status__in=[RestrictionStatus.PROPOSED, RestrictionStatus.APPROVED]),
                name="scheduling_restriction_once",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by="")
                | Q(decided_at__isnull=False) & ~Q(decided_by=""),
                name="scheduling_restriction_at_by",
            ),
            models.CheckConstraint(
                condition=~Q(status=RestrictionStatus.APPROVED) | Q(decided_at__isnull=False),
                name="scheduling_restriction_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"restriction {self.pk}"
