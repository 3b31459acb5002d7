"""Bookable time."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from crm.engine.models import DueRow, StatusRow, due_index
from crm.states import choices
from scheduling.models.places import ProviderRole, Room, VisitType
from scheduling.states import SLOT_MOVES, FreedBy, Modality, Restriction, SlotStatus


class Slot(StatusRow, DueRow):
    """A bookable piece of a provider's schedule (FHIR Slot).

    `capacity` above 1 is deliberate overbooking: seats 1 to `capacity`; `taken` counts the
    seats in use. `due_at` is when its release rule comes due, or when to ask the EHR again
    about a vacated slot.
    """

    MOVES, STATES = SLOT_MOVES, SlotStatus

    role = models.ForeignKey(ProviderRole, on_delete=models.CASCADE, related_name="slots")
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.SET_NULL)
    visit_type = models.ForeignKey(VisitType, on_delete=models.PROTECT, related_name="slots")
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
    restriction_reason = models.CharField(max_length=160, blank=True)
    release_at = models.DateTimeField(null=True, blank=True)  # then the restriction lifts
    #: Why it stands vacated, and whose visit that was; kept until it is sold again.
    vacated_cause = models.CharField(max_length=16, choices=choices(FreedBy), blank=True)
    vacated_appointment = models.ForeignKey(
        "scheduling.Appointment", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
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
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "source_id"],
                condition=~Q(source_id=""),
                name="scheduling_slot_source_once",
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
