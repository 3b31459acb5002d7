"""What a visit needs besides a time: an order, a payer, a clinician who sees such patients."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from crm.models import Patient
from scheduling.models.booking import Appointment
from scheduling.models.places import Clinic, ProviderRole, VisitType


class ServiceRequest(models.Model):
    """An order or referral for one kind of visit, with its authorization (FHIR ServiceRequest).

    With `appointment` it speaks of that visit alone, and goes along when it is moved; without,
    of every visit of that kind which has no order of its own. Dates are days at the site,
    both ends included; an empty one sets no limit.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="service_requests")
    visit_type = models.ForeignKey(VisitType, on_delete=models.PROTECT)
    appointment = models.ForeignKey(
        Appointment,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="service_requests",
        help_text="The visit it was made for. Empty: any visit of that kind.",
    )
    is_active = models.BooleanField(default=True)  # FHIR status active; else revoked or completed
    not_before_on = models.DateField(
        null=True, blank=True, help_text="The order's own date: not earlier than this."
    )  # FHIR occurrencePeriod.start
    # The referral or the payer's word: FHIR insurance, ClaimResponse.preAuthRef, preAuthPeriod.
    authorization = models.CharField(
        max_length=60, blank=True, help_text="Number of the referral or authorization."
    )
    valid_from_on = models.DateField(null=True, blank=True)
    valid_until_on = models.DateField(null=True, blank=True)
    visits_allowed = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Visits it covers in that time. Empty: no limit."
    )  # FHIR quantityQuantity
    # What must come first, as PlanDefinition.action.relatedAction has it (after-end, offset).
    follows = models.ForeignKey(
        Appointment,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="followed_by",
        help_text="The visit that must come first: a lab, an image, the procedure.",
    )
    follows_after_days = models.PositiveSmallIntegerField(
        default=0, help_text="At least so many days after it."
    )
    follows_within_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="At most so many days after it. Empty: no limit."
    )
    instructed_at = models.DateTimeField(
        null=True, blank=True, help_text="When the preparation was sent to the patient."
    )  # FHIR patientInstruction
    records_at = models.DateTimeField(
        null=True, blank=True, help_text="When the outside records that belong to it came."
    )
    source = models.CharField(max_length=120, blank=True)  # the EHR that ordered it
    source_id = models.CharField(max_length=120, blank=True)  # its key there

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["patient", "visit_type"],
                condition=Q(is_active=True),
                name="scheduling_order_active",
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "source_id"],
                condition=~Q(source_id=""),
                name="scheduling_order_source_once",
            ),
            models.CheckConstraint(
                condition=Q(valid_from_on__isnull=True)
                | Q(valid_until_on__isnull=True)
                | Q(valid_until_on__gte=F("valid_from_on")),
                name="scheduling_order_valid_period",
                violation_error_message="It cannot end before it begins.",
            ),
            models.CheckConstraint(
                condition=Q(follows_within_days__isnull=True)
                | Q(follows_within_days__gte=F("follows_after_days")),
                name="scheduling_order_gap",
                violation_error_message="The most days cannot be fewer than the least.",
            ),
            models.CheckConstraint(
                condition=Q(follows__isnull=True)
                | Q(appointment__isnull=True)
                | ~Q(follows=F("appointment")),
                name="scheduling_order_follows_another",
                violation_error_message="A visit cannot come before itself.",
            ),
        ]

    def __str__(self) -> str:
        return f"order {self.pk}"


class AcceptedCoverage(models.Model):
    """A payer, or one plan of it, that a clinic takes. A clinic without any takes them all.

    Where one clinician in it takes others, lines with `role` stand instead of the clinic's.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="accepted_coverages")
    role = models.ForeignKey(
        ProviderRole,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        help_text="Empty: everybody in the clinic without lines of their own.",
    )
    payer = models.CharField(max_length=80)  # as crm.Coverage has it; case does not matter
    plan = models.CharField(max_length=80, blank=True, help_text="Empty: every plan.")
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["clinic", "role", "payer", "plan"],
                name="scheduling_accepted_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.payer} {self.plan}".strip()


class FrequencyLimit(models.Model):
    """How soon a payer pays for the same visit again, counted from the last one that took place.

    Months are calendar months and come first, then days: 12 months after January 31 is January
    31. A day that a month lacks is the first of the next.
    """

    visit_type = models.ForeignKey(
        VisitType, on_delete=models.CASCADE, related_name="frequency_limits"
    )
    payer = models.CharField(max_length=80, blank=True, help_text="Empty: every payer, and none.")
    months = models.PositiveSmallIntegerField(default=0)
    days = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["visit_type", "payer"], name="scheduling_limit_once"),
            models.CheckConstraint(
                condition=Q(months__gt=0) | Q(days__gt=0),
                name="scheduling_limit_some_time",
                violation_error_message="Say how many months or days.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visit_type}: {self.payer or 'every payer'}"
