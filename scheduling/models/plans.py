"""Several visits that belong together, what each needs beside its slot, and who is taken when."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from crm.engine.models import StatusRow
from crm.models import Patient
from crm.states import choices
from scheduling.models.booking import PERIOD, Appointment
from scheduling.models.places import Provider, Room, VisitType
from scheduling.states import PLAN_MOVES, PlanStatus, ResourceKind

_ONE_THING = Q(provider__isnull=False, room__isnull=True) | Q(
    provider__isnull=True, room__isnull=False
)


class PlanDefinition(models.Model):
    """Visits that are found and booked together (FHIR PlanDefinition)."""

    name = models.CharField(max_length=120, unique=True)
    note = models.CharField(max_length=300, blank=True)  # for staff: when to use it
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class PlanStep(models.Model):
    """One visit of a plan, or a series of them.

    `least_days` and `most_days` count calendar days at the sites, from the day of the visit
    before; they mean nothing for the first. A series (`times` above 1) repeats with these days
    between its visits.
    """

    plan = models.ForeignKey(PlanDefinition, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    visit_type = models.ForeignKey(VisitType, on_delete=models.PROTECT, related_name="+")
    least_days = models.PositiveSmallIntegerField(default=0)
    most_days = models.PositiveSmallIntegerField(default=0)
    times = models.PositiveSmallIntegerField(default=1)
    same_clinician = models.BooleanField(
        default=False, help_text="With the clinician of the visit before."
    )

    class Meta:
        ordering = ("position",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "position"], name="scheduling_step_once"),
            models.CheckConstraint(
                condition=Q(most_days__gte=F("least_days")),
                name="scheduling_step_days",
                violation_error_message="The most days cannot be below the least.",
            ),
            models.CheckConstraint(
                condition=Q(times__gte=1, times__lte=26), name="scheduling_step_times"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.visit_type}"


class PlanNeed(models.Model):
    """What a step needs at once beside its slot: a second clinician, a room, a machine."""

    step = models.ForeignKey(PlanStep, on_delete=models.CASCADE, related_name="needs")
    kind = models.CharField(max_length=12, choices=choices(ResourceKind))
    what = models.CharField(
        max_length=80, help_text="The specialty of a clinician, or the kind of a room."
    )

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.what


class Plan(StatusRow):
    """Visits of one patient that were booked together, all or none (FHIR CarePlan)."""

    MOVES, STATES = PLAN_MOVES, PlanStatus

    definition = models.ForeignKey(PlanDefinition, on_delete=models.PROTECT, related_name="plans")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="plans")
    status = models.CharField(
        max_length=24, choices=choices(PlanStatus), default=PlanStatus.REQUESTED
    )
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=120)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["patient", "-created_at"], name="scheduling_plan_patient"),
            models.Index(fields=["status", "-created_at"], name="scheduling_plan_status"),
        ]

    def __str__(self) -> str:
        return f"plan {self.pk}"


class PlanVisit(models.Model):
    """One visit of a plan. The one that stands at a position is the newest there."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="visits")
    step = models.ForeignKey(PlanStep, null=True, on_delete=models.SET_NULL, related_name="+")
    position = models.PositiveSmallIntegerField()
    appointment = models.OneToOneField(
        Appointment, on_delete=models.CASCADE, related_name="plan_visit"
    )
    # As the step said when it was booked, so that a change of the definition changes no plan.
    least_days = models.PositiveSmallIntegerField(default=0)
    most_days = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return f"{self.position} of plan {self.plan_id}"


class AppointmentResource(models.Model):
    """A further clinician, room or machine of a visit (FHIR Appointment.participant)."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="resources")
    provider = models.ForeignKey(
        Provider, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    room = models.ForeignKey(
        Room, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=_ONE_THING, name="scheduling_resource_one"),
            models.UniqueConstraint(
                fields=["appointment", "provider"],
                condition=Q(provider__isnull=False),
                name="scheduling_resource_provider",
            ),
            models.UniqueConstraint(
                fields=["appointment", "room"],
                condition=Q(room__isnull=False),
                name="scheduling_resource_room",
            ),
        ]

    def __str__(self) -> str:
        return str(self.provider or self.room)


class Taken(models.Model):
    """Who or what is taken when, by every live visit that Firstcall made. Kept by triggers.

    One table for a visit's own clinician and room and for its further ones, so that PostgreSQL
    keeps each from being taken twice, whichever way. `holder` is what may share a time: 0 for
    own ones, which the constraints of `Appointment` keep apart; the slot for further ones, since
    the patients of one group slot share them.
    """

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="+")
    provider = models.ForeignKey(
        Provider,
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    room = models.ForeignKey(
        Room,
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    holder = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name=f"scheduling_taken_{what}",
                expressions=[
                    (what, RangeOperators.EQUAL),
                    (PERIOD, RangeOperators.OVERLAPS),
                    ("holder", RangeOperators.NOT_EQUAL),
                ],
                condition=Q(**{f"{what}__isnull": False}),
            )
            for what in ("provider", "room")
        ]

    def __str__(self) -> str:
        return f"taken by visit {self.appointment_id}"
