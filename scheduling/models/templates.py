"""Schedules that are made here: weekly patterns, what differs, and the runs that make slots."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from crm.engine.models import DueRow, StatusRow, due_index
from crm.models.people import WEEKDAYS
from crm.states import choices
from scheduling.models.booking import Appointment
from scheduling.models.inventory import ReleaseRule, SlotAudience
from scheduling.models.places import Clinic, Location, Provider, ProviderRole, Room, VisitType
from scheduling.states import (
    SCHEDULE_RUN_MOVES,
    ExceptionKind,
    Holiday,
    Modality,
    OrphanChoice,
    Restriction,
    ScheduleRunStatus,
)


class WeeklyPattern(models.Model):
    """One session of a clinician's week: these hours, cut into slots of this kind.

    Dates and times are those of the site. `every_weeks` 2 is every other week, counted from the
    week of `valid_from_on`. Both dates are included; a pattern is ended, never deleted.
    """

    role = models.ForeignKey(ProviderRole, on_delete=models.PROTECT, related_name="patterns")
    valid_from_on = models.DateField()
    valid_until_on = models.DateField(null=True, blank=True)
    weekday = models.PositiveSmallIntegerField(choices=WEEKDAYS)
    every_weeks = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(52)]
    )
    starts_time = models.TimeField()
    ends_time = models.TimeField()
    slot_minutes = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(5), MaxValueValidator(720)]
    )
    visit_type = models.ForeignKey(VisitType, on_delete=models.PROTECT, related_name="patterns")
    #: Ids of further visit types that its slots may serve.
    also_serves = ArrayField(models.BigIntegerField(), default=list, blank=True)
    modality = models.CharField(
        max_length=12, choices=choices(Modality), default=Modality.IN_PERSON
    )
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.PROTECT)
    capacity = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(50)]
    )
    audience = models.ForeignKey(
        SlotAudience, null=True, blank=True, on_delete=models.PROTECT, related_name="patterns"
    )
    restriction = models.CharField(
        max_length=16, choices=choices(Restriction), default=Restriction.NONE
    )
    restriction_days = models.PositiveSmallIntegerField(default=0)
    release_rule = models.ForeignKey(
        ReleaseRule, null=True, blank=True, on_delete=models.PROTECT, related_name="patterns"
    )

    class Meta:
        indexes: ClassVar = [models.Index(fields=["role", "weekday"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_time__gt=F("starts_time")),
                name="scheduling_pattern_hours",
                violation_error_message="It must end after it starts, on the same day.",
            ),
            models.CheckConstraint(
                condition=Q(valid_until_on__isnull=True)
                | Q(valid_until_on__gte=F("valid_from_on")),
                name="scheduling_pattern_dates",
                violation_error_message="The last date cannot be before the first.",
            ),
            models.CheckConstraint(
                condition=Q(
                    weekday__lte=6, every_weeks__gte=1, slot_minutes__gte=5, capacity__gte=1
                ),
                name="scheduling_pattern_figures",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}, {self.get_weekday_display()} {self.starts_time:%H:%M}"


class PatternException(models.Model):
    """One date on which a pattern is cancelled, has other hours, or one session more."""

    pattern = models.ForeignKey(WeeklyPattern, on_delete=models.CASCADE, related_name="exceptions")
    on = models.DateField()
    kind = models.CharField(max_length=12, choices=choices(ExceptionKind))
    starts_time = models.TimeField(null=True, blank=True)
    ends_time = models.TimeField(null=True, blank=True)
    reason = models.CharField(max_length=160, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["pattern", "on"],
                condition=~Q(kind=ExceptionKind.EXTRA),
                name="scheduling_exception_once",
                violation_error_message="That date has its exception already.",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind=ExceptionKind.CANCELLED, starts_time__isnull=True, ends_time__isnull=True
                )
                | Q(
                    ~Q(kind=ExceptionKind.CANCELLED),
                    starts_time__isnull=False,
                    ends_time__gt=F("starts_time"),
                ),
                name="scheduling_exception_hours",
                violation_error_message="Give hours that end after they start.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.on}"


class Absence(models.Model):
    """Leave of a clinician, at all their sites; or the closing of a site. Half-open period."""

    provider = models.ForeignKey(
        Provider, null=True, blank=True, on_delete=models.CASCADE, related_name="absences"
    )
    location = models.ForeignKey(
        Location, null=True, blank=True, on_delete=models.CASCADE, related_name="absences"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=160)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["ends_at"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(provider__isnull=False, location__isnull=True)
                | Q(provider__isnull=True, location__isnull=False),
                name="scheduling_absence_of_one",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="scheduling_absence_period"
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class SiteHoliday(models.Model):
    """A federal holiday on which a site is closed, each year. Other days are absences."""

    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="holidays")
    holiday = models.CharField(max_length=24, choices=choices(Holiday))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["location", "holiday"], name="scheduling_site_holiday_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.holiday}, {self.location}"


class ScheduleRun(StatusRow, DueRow):
    """Slots brought in line with the weekly patterns, clinician after clinician.

    `counts` has the figures of `scheduling.rules.templates.Diff` and grows as it goes.
    """

    MOVES, STATES = SCHEDULE_RUN_MOVES, ScheduleRunStatus

    status = models.CharField(
        max_length=24, choices=choices(ScheduleRunStatus), default=ScheduleRunStatus.RUNNING
    )
    clinic = models.ForeignKey(Clinic, null=True, blank=True, on_delete=models.CASCADE)
    first_on = models.DateField()
    last_on = models.DateField()  # included
    orphans = models.CharField(max_length=12, choices=choices(OrphanChoice))
    role_ids = ArrayField(models.BigIntegerField())  # in the order of the work
    done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=120)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [due_index("scheduling_run_due")]

    def __str__(self) -> str:
        return f"schedule {self.first_on} to {self.last_on}"


class ScheduleAhead(DueRow):
    """How far a clinic's own schedule is made, and what a daily look at it has found.

    It begins with the first time that somebody applies the schedule; from then on days are added
    by themselves (`actions.schedule_ahead`). `differs` counts the slots of days that were made that
    are not as the schedule says now; `told_of` has the visits that a person knows of, which stand
    on times that it no longer has.
    """

    clinic = models.OneToOneField(Clinic, on_delete=models.CASCADE, related_name="ahead")
    made_until_on = models.DateField()  # included
    looked_at = models.DateTimeField(null=True, blank=True)
    differs = models.PositiveIntegerField(default=0)
    told_of = ArrayField(models.BigIntegerField(), default=list, blank=True)

    class Meta:
        verbose_name_plural = "schedules ahead"
        indexes: ClassVar = [due_index("scheduling_ahead_due")]

    def __str__(self) -> str:
        return f"schedule of clinic {self.clinic_id} until {self.made_until_on}"


class VisitToMove(models.Model):
    """A booked visit whose slot the schedule no longer has: somebody has to find it a new place.

    It is open while the visit stands; once it is moved, cancelled or over, nothing is left to do.
    """

    appointment = models.OneToOneField(
        Appointment, on_delete=models.CASCADE, related_name="to_move"
    )
    run = models.ForeignKey(ScheduleRun, null=True, blank=True, on_delete=models.SET_NULL)
    why = models.CharField(max_length=160)
    added_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "visits to move"

    def __str__(self) -> str:
        return f"visit {self.appointment_id}: {self.why}"
