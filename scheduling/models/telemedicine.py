"""Visits by video: their links, and in which states a clinician may see patients."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from crm.engine.models import DueRow, StatusRow, due_index
from crm.states import choices
from scheduling.models.booking import Appointment
from scheduling.models.places import Provider
from scheduling.states import VIDEO_MOVES, VideoStatus


def new_token() -> str:
    """16 characters, 96 random bits: short enough for a text, too long to guess."""
    return secrets.token_urlsafe(12)


class ProviderLicense(models.Model):
    """Where a clinician may treat patients: the state in which the patient is counts.

    Somebody of whom no license is on file is not judged by them. Days are included.
    """

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="licenses")
    state = models.CharField(max_length=2, validators=[RegexValidator(r"^[A-Z]{2}$")])
    number = models.CharField(max_length=40, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "state", "valid_from"], name="scheduling_license_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="scheduling_license_days",
                violation_error_message="The last day cannot come before the first.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider}, {self.state}"


class VideoVisit(StatusRow, DueRow):
    """The links of one visit by video, and how it went. The token and the links are secrets."""

    MOVES, STATES = VIDEO_MOVES, VideoStatus

    appointment = models.OneToOneField(Appointment, on_delete=models.CASCADE, related_name="video")
    status = models.CharField(
        max_length=24, choices=choices(VideoStatus), default=VideoStatus.WANTED
    )
    token = models.CharField(max_length=24, unique=True, default=new_token, editable=False)
    patient_url = models.CharField(max_length=400, blank=True)
    clinician_url = models.CharField(max_length=400, blank=True)
    made_for = models.DateTimeField(null=True, blank=True)  # the start that the links are for
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    #: Dates of birth tried at the patient's page.
    failed_checks = models.PositiveSmallIntegerField(default=0)
    #: Where the patient is for the visit, as they said; empty: as their address says.
    state = models.CharField(max_length=2, blank=True)
    state_said_at = models.DateTimeField(null=True, blank=True)
    #: What did not work, as the patient or staff said, and since when.
    trouble = models.CharField(max_length=24, blank=True)
    trouble_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [due_index("scheduling_video_due")]

    def __str__(self) -> str:
        return f"video of visit {self.appointment_id}"
