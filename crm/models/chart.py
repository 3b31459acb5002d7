"""What was last read of a patient's chart, with its age. The EHR has the truth; no values here."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from crm.engine.models import DueRow, due_index
from crm.models.people import Patient
from crm.states import (
    ChartPart,
    DrugClass,
    ItemStatus,
    MedicationStatus,
    ReportStatus,
    ReviewOutcome,
    choices,
)


class ChartFetch(DueRow):
    """One part of one patient's chart: when it was asked for, and how old is what stands."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="chart_fetches")
    part = models.CharField(max_length=12, choices=choices(ChartPart))
    asked_at = models.DateTimeField()
    fetched_at = models.DateTimeField(null=True, blank=True)  # of what stands
    failed_at = models.DateTimeField(null=True, blank=True)  # null once the EHR has answered
    reason = models.CharField(max_length=200, blank=True)  # why it failed, for staff
    tries = models.PositiveSmallIntegerField(default=0)
    #: Rows of the EHR's answer that made no sense, and whether it holds more than were read.
    unread = models.PositiveSmallIntegerField(default=0)
    has_more = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "chart fetches"
        indexes: ClassVar = [due_index("crm_chart_due")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "part"], name="crm_chart_part_once")
        ]

    def __str__(self) -> str:
        return f"{self.part} of patient {self.patient_id}"


class ChartRow(models.Model):
    """One row of a chart as the EHR told it; replaced when the part is read again."""

    source_id = models.CharField(max_length=140)  # its key in the EHR
    #: Its very name tells something (42 CFR Part 2 and the like): for the patient's ears alone.
    is_sensitive = models.BooleanField(default=False)

    class Meta:
        abstract = True


class LabReport(ChartRow):
    """How a test stands (FHIR DiagnosticReport), never what it found."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="lab_reports")
    name = models.CharField(max_length=160)
    status = models.CharField(max_length=20, choices=choices(ReportStatus))
    category = models.CharField(max_length=12, blank=True)
    collected_at = models.DateTimeField(null=True, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.CharField(max_length=160, blank=True)
    outcome = models.CharField(
        max_length=12, choices=choices(ReviewOutcome), blank=True, default=ReviewOutcome.NONE
    )
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "source_id"], name="crm_lab_once")
        ]

    def __str__(self) -> str:
        return f"report {self.source_id}: {self.status}"


class CarePlanItem(ChartRow):
    """What was ordered and when it is due (FHIR ServiceRequest, CarePlan)."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="care_plan_items")
    title = models.CharField(max_length=160)
    plan = models.CharField(max_length=160, blank=True)
    status = models.CharField(max_length=20, choices=choices(ItemStatus))
    visit_type_code = models.CharField(max_length=120, blank=True)  # the EHR's
    ordered_on = models.DateField(null=True, blank=True)
    ordered_by = models.CharField(max_length=160, blank=True)
    due_from_on = models.DateField(null=True, blank=True)
    due_until_on = models.DateField(null=True, blank=True)
    visits_planned = models.PositiveSmallIntegerField(default=1)
    visits_done = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "source_id"], name="crm_plan_item_once")
        ]

    def __str__(self) -> str:
        return f"order {self.source_id}: {self.status}"


class Medication(ChartRow):
    """A prescription, for refills (FHIR MedicationRequest)."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="medications")
    name = models.CharField(max_length=160)
    status = models.CharField(max_length=20, choices=choices(MedicationStatus))
    days_supply = models.PositiveSmallIntegerField(null=True, blank=True)
    last_filled_on = models.DateField(null=True, blank=True)
    refills_left = models.PositiveSmallIntegerField(null=True, blank=True)
    pharmacy = models.CharField(max_length=160, blank=True)
    prescriber = models.CharField(max_length=160, blank=True)
    is_controlled = models.BooleanField(default=False)
    drug_class = models.CharField(
        max_length=16, choices=choices(DrugClass), default=DrugClass.OTHER
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "source_id"], name="crm_medication_once")
        ]

    def __str__(self) -> str:
        return f"prescription {self.source_id}: {self.status}"


class Encounter(ChartRow):
    """A visit that took place (FHIR Encounter), also where we never booked it."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="encounters")
    starts_at = models.DateTimeField()
    title = models.CharField(max_length=160, blank=True)
    visit_type_code = models.CharField(max_length=120, blank=True)  # the EHR's
    provider_code = models.CharField(max_length=120, blank=True)  # the EHR's
    provider = models.CharField(max_length=160, blank=True)
    location = models.CharField(max_length=160, blank=True)
    appointment_key = models.CharField(max_length=120, blank=True)  # of what was booked

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "-starts_at"])]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "source_id"], name="crm_encounter_once")
        ]

    def __str__(self) -> str:
        return f"encounter {self.source_id}"
