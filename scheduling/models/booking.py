"""Visits, and what we still have to tell an EHR about them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import DurationField, ExpressionWrapper, F, Func, Q, Value
from django.db.models.functions import Coalesce

from crm.engine.models import DueRow, StatusRow, due_index
from crm.models import Journey, Patient, User
from crm.states import choices
from scheduling.models.inventory import Slot
from scheduling.models.places import Location, Provider, ProviderRole, Room, VisitType
from scheduling.states import (
    APPOINTMENT_MOVES,
    EHR_WRITE_MOVES,
    LIVE,
    AppointmentStatus,
    CancelledBy,
    CancelReason,
    EhrOperation,
    EhrWriteStatus,
    LateOutcome,
    MissedBecause,
    Origin,
)

#: [starts_at, ends_at), as PostgreSQL sees it.
PERIOD = Func(
    F("starts_at"),
    F("ends_at"),
    Value("[)"),
    function="tstzrange",
    output_field=DateTimeRangeField(),
)
_OURS_AND_LIVE = Q(origin=Origin.FIRSTCALL, status__in=sorted(LIVE))


#: From booking to visit. For one opening it is the days that somebody would gain and those that
#: they have waited together, less the same number for everybody: it never changes, so an index
#: can keep people in nearly the order of the ranking (docs/decisions/0009).
LEAD = ExpressionWrapper(F("starts_at") - F("booked_at"), output_field=DurationField())
_TO_MATCH = ("patient", "starts_at", "booked_at", "provider", "location", "role")


def _never_twice(name: str, *what: str, condition: Q = _OURS_AND_LIVE) -> ExclusionConstraint:
    return ExclusionConstraint(
        name=name,
        expressions=[*((w, RangeOperators.EQUAL) for w in what), (PERIOD, RangeOperators.OVERLAPS)],
        condition=condition,
    )


class Appointment(StatusRow):
    """The booking and its life (FHIR Appointment).

    What Firstcall books cannot double book a provider's seat, a room or a patient: exclusion
    constraints hold it, whatever the code does. What an EHR reports is always stored.
    """

    MOVES, STATES = APPOINTMENT_MOVES, AppointmentStatus

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="appointments")
    slot = models.ForeignKey(
        Slot, null=True, blank=True, on_delete=models.SET_NULL, related_name="appointments"
    )
    role = models.ForeignKey(
        ProviderRole, null=True, blank=True, on_delete=models.PROTECT, related_name="appointments"
    )
    provider = models.ForeignKey(Provider, null=True, blank=True, on_delete=models.PROTECT)
    location = models.ForeignKey(Location, null=True, blank=True, on_delete=models.PROTECT)
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.PROTECT)
    visit_type = models.ForeignKey(VisitType, null=True, blank=True, on_delete=models.PROTECT)
    journey = models.ForeignKey(Journey, null=True, blank=True, on_delete=models.SET_NULL)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    seat = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=24, choices=choices(AppointmentStatus))
    origin = models.CharField(max_length=12, choices=choices(Origin))
    booked_at = models.DateTimeField()
    booked_by = models.CharField(max_length=120, blank=True)

    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.CharField(max_length=12, choices=choices(CancelledBy), blank=True)
    cancel_reason = models.CharField(max_length=160, blank=True)
    cancel_code = models.CharField(
        max_length=20, choices=choices(CancelReason), blank=True, default="", db_default=""
    )
    #: Given up with less notice than its clinic asks for; null while it was not, or nobody knows.
    cancelled_late = models.BooleanField(null=True, blank=True)
    #: The visit that its patient gives up once this one is confirmed, and why.
    gives_up = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="given_up_for"
    )
    gives_up_code = models.CharField(
        max_length=20, choices=choices(CancelReason), blank=True, default="", db_default=""
    )
    arrived_at = models.DateTimeField(null=True, blank=True)
    late_outcome = models.CharField(
        max_length=12, choices=choices(LateOutcome), blank=True, default="", db_default=""
    )
    #: Missed through no fault of the patient's.
    missed_because = models.CharField(
        max_length=24, choices=choices(MissedBecause), blank=True, default="", db_default=""
    )
    #: Two visits at one time, as the EHR tells it; a person looks. Null: none, or settled.
    overlap_flagged_at = models.DateTimeField(null=True, blank=True)

    identifier = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # ours
    source = models.CharField(max_length=120, blank=True)  # the EHR that holds it
    source_id = models.CharField(max_length=120, blank=True)  # its key there
    source_version = models.CharField(max_length=40, blank=True)
    source_sent_at = models.DateTimeField(null=True, blank=True)  # newest statement applied
    # As the EHR told it, where we know no such provider, place or type.
    told_provider = models.CharField(max_length=160, blank=True)
    told_location = models.CharField(max_length=160, blank=True)
    told_visit_type = models.CharField(max_length=160, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["patient", "starts_at"]),
            models.Index(fields=["provider", "starts_at"]),
            models.Index(
                fields=["visit_type", "starts_at"],
                include=["patient"],
                condition=Q(status=AppointmentStatus.BOOKED),
                name="scheduling_booked_type",
            ),
            # For matching: who has waited longest, and whose wait and gain are largest together,
            # with anybody and with one clinician.
            models.Index(
                fields=["visit_type", "booked_at"],
                include=[name for name in _TO_MATCH if name != "booked_at"],
                condition=Q(status=AppointmentStatus.BOOKED),
                name="scheduling_booked_since",
            ),
            models.Index(
                F("visit_type"),
                LEAD,
                include=_TO_MATCH,
                condition=Q(status=AppointmentStatus.BOOKED),
                name="scheduling_booked_lead",
            ),
            models.Index(
                F("provider"),
                F("visit_type"),
                LEAD,
                include=[name for name in _TO_MATCH if name != "provider"],
                condition=Q(status=AppointmentStatus.BOOKED),
                name="scheduling_booked_with",
            ),
            # Who is in a room at a time, whoever booked it there.
            models.Index(
                fields=["room", "starts_at"],
                include=["ends_at"],
                condition=Q(room__isnull=False),
                name="scheduling_visit_in_room",
            ),
        ]
        constraints: ClassVar = [
            _never_twice("scheduling_no_seat_twice", "provider", "seat"),
            # The patients of one group slot share its room; two slots never do.
            ExclusionConstraint(
                name="scheduling_no_room_twice",
                expressions=[
                    ("room", RangeOperators.EQUAL),
                    (PERIOD, RangeOperators.OVERLAPS),
                    (Coalesce(F("slot"), -F("id")), RangeOperators.NOT_EQUAL),
                ],
                condition=_OURS_AND_LIVE,
            ),
            _never_twice("scheduling_no_patient_twice", "patient"),
            models.UniqueConstraint(
                fields=["source", "source_id"],
                condition=~Q(source_id=""),
                name="scheduling_appointment_source_once",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="scheduling_appointment_period"
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancelled_by="")
                | Q(cancelled_at__isnull=False) & ~Q(cancelled_by=""),
                name="scheduling_cancelled_at_by",
            ),
        ]

    def __str__(self) -> str:
        return f"visit {self.pk}, {self.starts_at:%Y-%m-%d %H:%M}Z"


class EhrWrite(StatusRow, DueRow):
    """One thing an EHR must be told. `key` makes it safe to say again."""

    MOVES, STATES = EHR_WRITE_MOVES, EhrWriteStatus

    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, related_name="ehr_writes"
    )
    operation = models.CharField(max_length=8, choices=choices(EhrOperation))
    status = models.CharField(
        max_length=24, choices=choices(EhrWriteStatus), default=EhrWriteStatus.PENDING
    )
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    done_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    answer = models.CharField(max_length=300, blank=True)
    #: A booking that a person at the clinic was asked to make: since when, and until when the
    #: patient waits for it.
    handed_at = models.DateTimeField(null=True, blank=True)
    lapses_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [due_index("scheduling_ehr_write_due")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(handed_at__isnull=True, lapses_at__isnull=True)
                | Q(handed_at__isnull=False, lapses_at__isnull=False),
                name="scheduling_handed_lapses",
            ),
            models.UniqueConstraint(
                fields=["appointment", "operation"],
                # A visit that the EHR brought back to life can be cancelled again.
                condition=Q(
                    status__in=[
                        EhrWriteStatus.PENDING,
                        EhrWriteStatus.SENT,
                        EhrWriteStatus.UNKNOWN,
                    ]
                )
                | Q(status=EhrWriteStatus.DONE, operation=EhrOperation.BOOK),
                name="scheduling_one_write_each",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.appointment_id}: {self.status}"
