"""Scores that models outside Firstcall have given to patients, and what they weigh here."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from crm.models import Patient
from crm.states import choices
from scheduling.models import Clinic
from waitlist.rules.ranking import MOST_IMPORTED_WEIGHT
from waitlist.states import ScoreKind

MOST_WEIGHT = int(MOST_IMPORTED_WEIGHT)


class ImportedScore(models.Model):
    """One probability, 0 to 1, that a model gave a patient. Kept as it came: a newer one follows.

    The newest of a model and kind counts, until it expires.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="imported_scores")
    kind = models.CharField(max_length=24, choices=choices(ScoreKind))
    model = models.CharField(max_length=60)
    version = models.CharField(max_length=40)
    source = models.CharField(max_length=120)  # who ran it: "Sonora data science"
    value = models.FloatField()
    computed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=120)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["patient", "kind", "model", "-computed_at"], name="waitlist_score_newest"
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "kind", "model", "computed_at"], name="waitlist_score_once"
            ),
            models.CheckConstraint(
                condition=Q(value__gte=0, value__lte=1), name="waitlist_score_value"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[str(kind) for kind in ScoreKind]),
                name="waitlist_score_known_kind",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("computed_at")), name="waitlist_score_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.model} {self.version}"


class ScoreWeight(models.Model):
    """What one model's scores of one kind weigh in the ranking. None, and they do not count.

    A clinic's own line stands instead of the one for all clinics; 0 switches it off there.
    """

    clinic = models.ForeignKey(
        Clinic,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        help_text="Empty: every clinic without a line of its own.",
    )
    kind = models.CharField(max_length=24, choices=choices(ScoreKind))
    model = models.CharField(max_length=60, help_text="As the import names it.")
    weight = models.PositiveSmallIntegerField(
        help_text=f"Points of a score of 1: 0 (off) to {MOST_WEIGHT}."
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["clinic", "kind"], name="waitlist_weight_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(weight__lte=MOST_WEIGHT),
                name="waitlist_weight_bounded",
                violation_error_message=f"At most {MOST_WEIGHT}: urgency decides first.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.model}: {self.weight}"
