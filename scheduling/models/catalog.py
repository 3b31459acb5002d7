"""What is known of a visit type beside its minutes: codes, owner, look-alikes, open questions."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from crm.models import User
from scheduling.models.places import Clinic, VisitType

CODE_SYSTEMS = [
    ("cpt", "CPT"),
    ("hcpcs", "HCPCS"),
    ("benefit", "Benefit category (X12 service type)"),
]


class CatalogEntry(models.Model):
    """The clinic's word on one visit type, and who answers for it there."""

    visit_type = models.OneToOneField(
        VisitType, on_delete=models.CASCADE, related_name="catalog_entry"
    )
    purpose = models.CharField(max_length=300, blank=True)  # what it is for, in a sentence
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    owner_name = models.CharField(max_length=120, blank=True)  # of somebody without an account
    owner_contact = models.CharField(max_length=120, blank=True)  # phone, mail or room
    is_retired = models.BooleanField(default=False)
    retired_on = models.DateField(null=True, blank=True)  # null, too, where nobody wrote it down

    class Meta:
        verbose_name_plural = "catalog entries"

    def __str__(self) -> str:
        return f"{self.visit_type}"


class BillingCode(models.Model):
    """What a visit type is billed as, or which benefit pays for it."""

    visit_type = models.ForeignKey(
        VisitType, on_delete=models.CASCADE, related_name="billing_codes"
    )
    system = models.CharField(max_length=8, choices=CODE_SYSTEMS)
    code = models.CharField(max_length=8)
    note = models.CharField(max_length=120, blank=True)  # "when a wound is looked at as well"

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["visit_type", "system", "code"], name="scheduling_billing_code_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_system_display()} {self.code}"


class LookAlike(models.Model):
    """Two visit types that get mixed up, and how to tell them apart.

    One row is enough where each is taken for the other (`is_mutual`).
    """

    visit_type = models.ForeignKey(VisitType, on_delete=models.CASCADE, related_name="look_alikes")
    other = models.ForeignKey(VisitType, on_delete=models.CASCADE, related_name="looked_like_by")
    how_to_tell = models.CharField(max_length=300)
    is_mutual = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["visit_type", "other"], name="scheduling_look_alike_once"
            ),
            models.CheckConstraint(
                condition=~Q(visit_type=F("other")), name="scheduling_look_alike_of_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visit_type} is not {self.other}"


class ClinicVisit(models.Model):
    """Somebody of the desk went to a clinic to learn how it books."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="desk_visits")
    visited_on = models.DateField()
    visited_by = models.CharField(max_length=120)
    spoke_with = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["clinic", "visited_on", "visited_by"], name="scheduling_clinic_visit_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.clinic}, {self.visited_on}"


class CatalogQuestion(models.Model):
    """What was asked about a visit type, and what the clinic answered. Open without an answer."""

    visit_type = models.ForeignKey(VisitType, on_delete=models.CASCADE, related_name="questions")
    asked = models.CharField(max_length=300)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=120)
    answer = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=120, blank=True)  # who in the clinic said so
    clinic_visit = models.ForeignKey(
        ClinicVisit, null=True, blank=True, on_delete=models.SET_NULL, related_name="questions"
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["visit_type"],
                condition=Q(answered_at__isnull=True),
                name="scheduling_question_open",
            )
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="", answered_by="")
                | Q(answered_at__isnull=False) & ~Q(answer="") & ~Q(answered_by=""),
                name="scheduling_question_answered",
            )
        ]

    def __str__(self) -> str:
        return self.asked
