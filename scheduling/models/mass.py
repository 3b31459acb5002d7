"""Mass rescheduling: one job, and a row for each visit that cannot stay."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from crm.engine.models import DueRow, StatusRow, due_index
from crm.models import Phone, User
from crm.states import choices
from scheduling.models.booking import Appointment
from scheduling.models.inventory import Hold, Slot
from scheduling.models.places import Location, Provider
from scheduling.models.templates import Absence
from scheduling.states import (
    MASS_ITEM_MOVES,
    MASS_MOVE_MOVES,
    CancelReason,
    MassItemStatus,
    MassMoveHow,
    MassMoveStatus,
    VisitUrgency,
)


def new_token() -> str:
    """The secret part of a patient's link: 96 bits, short enough for a text."""
    return secrets.token_urlsafe(12)


class MassMove(StatusRow, DueRow):
    """Visits of some clinicians or sites in a period, to be given new places together.

    Of clinicians and sites, a visit must be of one that is named; where both are, of both.
    `orphans`: the visits whose slot a schedule no longer has, instead. Half-open period.
    """

    MOVES, STATES = MASS_MOVE_MOVES, MassMoveStatus

    status = models.CharField(
        max_length=24, choices=choices(MassMoveStatus), default=MassMoveStatus.DRAFT
    )
    name = models.CharField(max_length=120)  # for staff: "Dr. Okafor is out"
    reason = models.CharField(max_length=20, choices=choices(CancelReason))
    providers = models.ManyToManyField(Provider, blank=True, related_name="+")
    locations = models.ManyToManyField(Location, blank=True, related_name="+")
    orphans = models.BooleanField(default=False)
    #: Of the orphans these alone, where somebody has picked some; else all.
    picked = models.ManyToManyField(Appointment, blank=True, related_name="+")
    absence = models.ForeignKey(
        Absence, null=True, blank=True, on_delete=models.SET_NULL, related_name="mass_moves"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    #: New places are looked for so many days after the period.
    days_after = models.PositiveSmallIntegerField(default=28)
    #: Rules that the plan may go past, by whom and why. Empty: none.
    set_aside = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    set_aside_reason = models.CharField(max_length=300, blank=True)
    how = models.CharField(max_length=8, choices=choices(MassMoveHow), blank=True)
    #: What the dry run is at ("judging"), how far, and what it reckoned.
    phase = models.CharField(max_length=24, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    figures = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    started_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [due_index("scheduling_mass_due")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="scheduling_mass_period"
            ),
            models.CheckConstraint(
                condition=Q(set_aside=[]) | ~Q(set_aside_reason=""),
                name="scheduling_mass_aside_why",
            ),
            models.CheckConstraint(
                condition=Q(started_at__isnull=True, started_by__isnull=True)
                | Q(started_at__isnull=False, started_by__isnull=False),
                name="scheduling_mass_started_at_by",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MassMoveItem(StatusRow):
    """One visit of a mass rescheduling. `terms` are those of the proposal: name, points, says.

    `options` are ids of slots: the proposal's runners-up while it is planned; once the patient is
    asked, what they may choose from, the best first. Their link is `/m/<token>/`.
    """

    MOVES, STATES = MASS_ITEM_MOVES, MassItemStatus

    job = models.ForeignKey(MassMove, on_delete=models.CASCADE, related_name="items")
    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, related_name="mass_items"
    )
    status = models.CharField(
        max_length=24, choices=choices(MassItemStatus), default=MassItemStatus.PROPOSED
    )
    urgency = models.CharField(
        max_length=8, choices=choices(VisitUrgency), default=VisitUrgency.ROUTINE
    )
    urgency_why = models.CharField(max_length=120, blank=True)
    urgency_rank = models.PositiveSmallIntegerField(default=4)  # 0 is the most urgent
    slot = models.ForeignKey(
        Slot, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    slot_starts_at = models.DateTimeField(null=True, blank=True)  # as it was planned
    points = models.PositiveIntegerField(default=0)
    terms = models.JSONField(default=list)
    later_days = models.SmallIntegerField(default=0)
    more_miles = models.FloatField(default=0)
    over_rules = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    options = ArrayField(models.BigIntegerField(), default=list, blank=True)
    why = models.CharField(max_length=300, blank=True)  # no place, or what went wrong
    by_hand = models.BooleanField(default=False)  # a person chose the place
    moved_to = models.OneToOneField(
        Appointment, null=True, blank=True, on_delete=models.SET_NULL, related_name="mass_item"
    )
    hold = models.ForeignKey(
        Hold, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    phone = models.ForeignKey(Phone, null=True, blank=True, on_delete=models.PROTECT)
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    failed_checks = models.PositiveSmallIntegerField(default=0)  # wrong dates of birth
    offered_at = models.DateTimeField(null=True, blank=True)
    answer_until = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    #: The patient has heard of the new time by text, or from a person.
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("urgency_rank", "pk")
        indexes: ClassVar = [
            models.Index(fields=["job", "status", "urgency_rank", "id"]),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "appointment"], name="scheduling_mass_once"),
            models.CheckConstraint(
                condition=~Q(status=MassItemStatus.OFFERED) | Q(answer_until__isnull=False),
                name="scheduling_mass_offer_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"visit {self.appointment_id} of job {self.job_id}"
