"""Openings, who could take them, and what was offered to whom."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q

from crm.engine.models import DueRow, StatusRow, due_index
from crm.models import Interaction, Patient, Phone
from crm.states import choices
from scheduling.models import Appointment, Location, Provider, Slot, VisitType
from scheduling.states import FillMode, FreedBy
from waitlist.states import (
    ENTRY_MOVES,
    LIVE_OFFER,
    LIVE_OPENING,
    OFFER_MOVES,
    OPENING_MOVES,
    SHADOW_OPENING,
    CandidateKind,
    EntryKind,
    EntryStatus,
    OfferStatus,
    OpeningStatus,
    Urgency,
)


def new_token() -> str:
    """The secret part of an offer's link: 96 bits, short enough for a text."""
    return secrets.token_urlsafe(12)


class WaitlistEntry(StatusRow):
    """Somebody who waits for a visit, or (`EARLIER`) for a better one than they have."""

    MOVES, STATES = ENTRY_MOVES, EntryStatus

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="waitlist_entries")
    kind = models.CharField(max_length=16, choices=choices(EntryKind), default=EntryKind.WAITLIST)
    status = models.CharField(
        max_length=24, choices=choices(EntryStatus), default=EntryStatus.WAITING
    )
    visit_type = models.ForeignKey(VisitType, on_delete=models.PROTECT)
    provider = models.ForeignKey(Provider, null=True, blank=True, on_delete=models.PROTECT)
    location = models.ForeignKey(Location, null=True, blank=True, on_delete=models.PROTECT)
    urgency = models.CharField(max_length=8, choices=choices(Urgency), default=Urgency.ROUTINE)
    not_before_on = models.DateField(null=True, blank=True)
    not_after_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "waitlist entries"
        indexes: ClassVar = [
            # For matching: each band of urgency by itself, the longest wait first.
            models.Index(
                fields=["visit_type", "urgency", "created_at"],
                condition=Q(status=EntryStatus.WAITING),
                name="waitlist_entry_band",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Opening(StatusRow, DueRow):
    """A freed slot that may be filled, with its deadline. One live one for each slot."""

    MOVES, STATES = OPENING_MOVES, OpeningStatus

    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="openings")
    status = models.CharField(
        max_length=24, choices=choices(OpeningStatus), default=OpeningStatus.MATCHING
    )
    #: How far Firstcall may go with it: as its clinic has it. *Off* where the clinic switched it
    #: off while offers were out: they are honored, and nobody else is asked.
    mode = models.CharField(max_length=16, choices=choices(FillMode), default=FillMode.AUTOMATIC)
    cause = models.CharField(max_length=16, choices=choices(FreedBy))
    #: The visit that was given up or cancelled, and the opening whose winner gave it up.
    freed_appointment = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children"
    )
    depth = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField()
    #: The time on offer: the EHR may give the slot another.
    starts_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    is_paused = models.BooleanField(default=False)  # by a person; kept through a claim
    matched_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_why = models.CharField(max_length=200, blank=True)
    #: What matching found on its shortlist; then what the survey found (`Survey`).
    considered = models.PositiveIntegerField(default=0)
    eligible = models.PositiveIntegerField(default=0)
    left_out = models.JSONField(default=dict)  # rule name to count

    class Meta:
        ordering = ("-opened_at",)
        indexes: ClassVar = [
            due_index("waitlist_opening_due"),
            models.Index(fields=["-opened_at"]),
            models.Index(
                fields=["-closed_at"],
                condition=Q(closed_at__isnull=False),
                name="waitlist_opening_closed",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["slot"],
                condition=Q(status__in=sorted(LIVE_OPENING)),
                name="waitlist_one_live_opening",
            ),
            # Shadow: no state of these knows an offer, so nothing can be sent or claimed.
            models.CheckConstraint(
                condition=~Q(mode=FillMode.SHADOW) | Q(status__in=sorted(SHADOW_OPENING)),
                name="waitlist_shadow_sends_nothing",
            ),
            models.CheckConstraint(
                condition=~Q(status=OpeningStatus.WATCHING) | Q(mode=FillMode.SHADOW),
                name="waitlist_watching_is_shadow",
            ),
        ]

    def __str__(self) -> str:
        return f"opening {self.pk}"


class Candidate(models.Model):
    """A patient considered for an opening: ranked with reasons, or left out by a rule."""

    opening = models.ForeignKey(Opening, on_delete=models.CASCADE, related_name="candidates")
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE)
    kind = models.CharField(max_length=16, choices=choices(CandidateKind))
    appointment = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    entry = models.ForeignKey(
        WaitlistEntry, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    rank = models.PositiveIntegerField(null=True)  # 1 is asked first; null when left out
    score = models.FloatField(default=0)
    chance = models.FloatField(default=0)  # to accept, 0 to 1; it sizes the waves
    terms = models.JSONField(default=list)  # [{"name", "value", "weight", "points"}]
    reasons = models.JSONField(default=list)  # sentences for staff
    left_out_by = models.CharField(max_length=40, blank=True)
    left_out_why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("rank", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["opening", "patient"], name="waitlist_candidate_once")
        ]

    def __str__(self) -> str:
        return f"candidate {self.pk} of {self.opening_id}"


class Wave(models.Model):
    """Offers that went out together, with the arithmetic that sized them."""

    opening = models.ForeignKey(Opening, on_delete=models.CASCADE, related_name="waves")
    number = models.PositiveSmallIntegerField()
    size = models.PositiveSmallIntegerField()
    sent_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=300)

    class Meta:
        ordering = ("number",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["opening", "number"], name="waitlist_wave_once")
        ]

    def __str__(self) -> str:
        return f"wave {self.number} of {self.opening_id}"


class Offer(StatusRow):
    """One opening offered to one candidate (their link is `/o/<token>/`)."""

    MOVES, STATES = OFFER_MOVES, OfferStatus

    opening = models.ForeignKey(Opening, on_delete=models.CASCADE, related_name="offers")
    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="+")
    #: Null when offered on its own: to somebody whose yes came too late for another one.
    wave = models.ForeignKey(
        Wave, null=True, blank=True, on_delete=models.CASCADE, related_name="offers"
    )
    candidate = models.OneToOneField(Candidate, on_delete=models.CASCADE, related_name="offer")
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="offers")
    phone = models.ForeignKey(Phone, on_delete=models.PROTECT)
    gives_up = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    interaction = models.ForeignKey(Interaction, null=True, on_delete=models.SET_NULL)
    status = models.CharField(max_length=24, choices=choices(OfferStatus), default=OfferStatus.SENT)
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    failed_checks = models.PositiveSmallIntegerField(default=0)  # wrong dates of birth
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # then it makes room; a late yes still counts
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=16, blank=True)  # sms, web, desk
    appointment = models.OneToOneField(
        Appointment, null=True, blank=True, on_delete=models.SET_NULL, related_name="offer"
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["phone", "-offered_at"]),
            models.Index(fields=["opening", "status"]),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "slot"],
                condition=Q(status__in=sorted(LIVE_OFFER)),
                name="waitlist_one_live_offer",
            ),
            models.UniqueConstraint(
                fields=["opening"],
                condition=Q(status=OfferStatus.ACCEPTED),
                name="waitlist_one_accepted_offer",
            ),
        ]

    def __str__(self) -> str:
        return f"offer {self.pk}"
