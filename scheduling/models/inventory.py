"""Bookable time."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from crm.engine.models import DueRow, StatusRow, due_index
from crm.models import Interaction, Patient, User
from crm.states import Sex, choices
from scheduling.models.places import Clinic, ProviderRole, Room, VisitType
from scheduling.states import (
    HOLD_MOVES,
    SLOT_MOVES,
    Audience,
    FreedBy,
    HoldStatus,
    Modality,
    Restriction,
    SlotStatus,
)


class SlotAudience(models.Model):
    """Whom a clinic keeps some of its slots for. Many slots share one; empty parts set no limit.

    A patient must fit every part that is set.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="slot_audiences")
    name = models.CharField(max_length=80)  # for staff: "New patients with a referral"
    audience = models.CharField(
        max_length=12, choices=choices(Audience), default=Audience.ANY, help_text="New or not."
    )
    min_age = models.PositiveSmallIntegerField(null=True, blank=True)
    max_age = models.PositiveSmallIntegerField(null=True, blank=True)
    sex = models.CharField(
        max_length=8, choices=choices(Sex), blank=True, help_text="Empty: everybody."
    )
    payers = ArrayField(
        models.CharField(max_length=80),
        default=list,
        blank=True,
        help_text="Payers as on the coverage, separated by commas. Empty: every payer, and none.",
    )
    needs_referral = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "name"], name="scheduling_audience_once"),
            models.CheckConstraint(
                condition=Q(min_age__isnull=True)
                | Q(max_age__isnull=True)
                | Q(max_age__gte=F("min_age")),
                name="scheduling_audience_ages",
                violation_error_message="The highest age cannot be below the lowest.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ReleaseRule(models.Model):
    """When a restriction or a block of a clinic's slots lifts by itself.

    Either at `at_time`, on the site's clock, `days_before` the slot's day (0: on the day itself);
    or `hours_before` real hours before it starts.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="release_rules")
    name = models.CharField(max_length=80)  # for staff: "Open to all at 7:00 on the day"
    days_before = models.PositiveSmallIntegerField(null=True, blank=True)
    at_time = models.TimeField(null=True, blank=True)
    hours_before = models.PositiveSmallIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "name"], name="scheduling_release_once"),
            models.CheckConstraint(
                condition=Q(
                    days_before__isnull=False, at_time__isnull=False, hours_before__isnull=True
                )
                | Q(days_before__isnull=True, at_time__isnull=True, hours_before__isnull=False),
                name="scheduling_release_one_way",
                violation_error_message="Give a time of day with the days before, or hours before.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Slot(StatusRow, DueRow):
    """A bookable piece of a provider's schedule (FHIR Slot).

    `capacity` above 1 is deliberate overbooking: seats 1 to `capacity`; `taken` counts the
    seats in use. `due_at` is when its release rule comes due, or when to ask the EHR again
    about a vacated slot. `visit_type` is what it was made for; it may serve `also_serves`, too.
    """

    MOVES, STATES = SLOT_MOVES, SlotStatus

    role = models.ForeignKey(
        ProviderRole, on_delete=models.CASCADE, related_name="slots", db_index=False
    )
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.SET_NULL, db_index=False)
    visit_type = models.ForeignKey(
        VisitType, on_delete=models.PROTECT, related_name="slots", db_index=False
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    modality = models.CharField(
        max_length=12, choices=choices(Modality), default=Modality.IN_PERSON
    )
    status = models.CharField(max_length=24, choices=choices(SlotStatus), default=SlotStatus.FREE)
    capacity = models.PositiveSmallIntegerField(default=1)
    taken = models.PositiveSmallIntegerField(default=0)
    restriction = models.CharField(
        max_length=16, choices=choices(Restriction), default=Restriction.NONE
    )
    restriction_days = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="For days before: bookable from so many days before."
    )
    restriction_reason = models.CharField(max_length=160, blank=True)
    restriction_owner = models.CharField(
        max_length=120,
        blank=True,
        default="",
        db_default="",
        help_text="Who at the clinic can say more.",
    )
    #: Ids of further visit types that it may serve.
    also_serves = ArrayField(models.BigIntegerField(), default=list, blank=True, db_default=[])
    audience = models.ForeignKey(
        SlotAudience,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="slots",
        db_index=False,
    )
    release_rule = models.ForeignKey(
        ReleaseRule,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="slots",
        db_index=False,
    )
    release_at = models.DateTimeField(null=True, blank=True)  # then the restriction lifts
    #: Why it stands vacated, and whose visit that was; kept until it is sold again.
    vacated_cause = models.CharField(max_length=16, choices=choices(FreedBy), blank=True)
    vacated_appointment = models.ForeignKey(
        "scheduling.Appointment",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    #: The weekly pattern that it was made from, where the schedule is made here.
    pattern = models.ForeignKey(
        "scheduling.WeeklyPattern",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="slots",
        db_index=False,
    )
    #: Its restriction was set by a person: its pattern no longer says it.
    by_hand = models.BooleanField(default=False, db_default=False)
    source = models.CharField(max_length=120, blank=True)  # the EHR that owns it
    source_id = models.CharField(max_length=120, blank=True)  # its key there
    source_sent_at = models.DateTimeField(null=True, blank=True)  # newest statement applied
    #: What that statement said, even where a visit of ours stood against it.
    source_status = models.CharField(
        max_length=24, choices=choices(SlotStatus), blank=True, default="", db_default=""
    )

    class Meta:
        indexes: ClassVar = [
            due_index("scheduling_slot_due"),
            models.Index(fields=["role", "starts_at"]),
            models.Index(
                fields=["visit_type", "starts_at", "id"],
                include=["role"],
                condition=Q(status=SlotStatus.FREE),
                name="scheduling_slot_free",
            ),
            # For search (docs/performance.md): what one clinician has free, what may serve
            # further types, and what is shut, each in the order of time.
            models.Index(
                fields=["role", "starts_at", "id"],
                include=["visit_type"],
                condition=Q(status=SlotStatus.FREE),
                name="scheduling_slot_free_role",
            ),
            models.Index(
                fields=["starts_at", "id"],
                include=["role", "visit_type", "also_serves"],
                condition=Q(status=SlotStatus.FREE) & ~Q(also_serves=[]),
                name="scheduling_slot_free_also",
            ),
            models.Index(
                fields=["visit_type", "starts_at", "id"],
                include=["role"],
                condition=Q(status__in=[SlotStatus.BLOCKED, SlotStatus.VACATED]),
                name="scheduling_slot_shut",
            ),
            GinIndex(
                fields=["also_serves"], condition=~Q(also_serves=[]), name="scheduling_slot_serves"
            ),
            *(
                models.Index(
                    fields=[name],
                    condition=Q(**{f"{name}__isnull": False}),
                    name=f"scheduling_slot_{name.split('_')[0]}",
                )
                for name in ("room", "audience", "release_rule", "vacated_appointment")
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "source_id"],
                condition=~Q(source_id=""),
                name="scheduling_slot_source_once",
            ),
            models.UniqueConstraint(
                fields=["pattern", "starts_at"],
                condition=Q(pattern__isnull=False),
                name="scheduling_slot_pattern_once",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="scheduling_slot_period"
            ),
            models.CheckConstraint(
                condition=Q(taken__lte=F("capacity")), name="scheduling_slot_seats"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.starts_at:%Y-%m-%d %H:%M}Z"


class Hold(StatusRow, DueRow):
    """A seat of a slot kept for somebody for minutes; everybody sees it.

    `owner` is what pages show: the name of the agent, or "a patient online". `due_at` is when it
    lapses. `aside` names the rules that its owner goes past, and why: the booking that uses it up
    need not ask again.
    """

    MOVES, STATES = HOLD_MOVES, HoldStatus

    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="holds")
    seat = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=24, choices=choices(HoldStatus), default=HoldStatus.HELD)
    owner = models.CharField(max_length=120)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    patient = models.ForeignKey(Patient, null=True, blank=True, on_delete=models.CASCADE)
    #: The contact at the desk that it is kept in; whoever has that contact has the time.
    contact = models.ForeignKey(
        Interaction, null=True, blank=True, on_delete=models.SET_NULL, related_name="holds"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    aside = ArrayField(models.CharField(max_length=24), default=list, blank=True, db_default=[])
    aside_reason = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        indexes: ClassVar = [due_index("scheduling_hold_due")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["slot", "seat"],
                condition=Q(status=HoldStatus.HELD),
                name="scheduling_hold_seat_once",
            )
        ]

    def __str__(self) -> str:
        return f"hold {self.pk} of slot {self.slot_id}"
