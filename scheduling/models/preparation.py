"""Links to what a patient should do before a visit."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from crm.models import Phone
from scheduling.models.booking import Appointment
from scheduling.models.telemedicine import new_token


class PreparationLink(models.Model):
    """One visit's page for whoever has one phone, `/p/<token>/`. The token is a secret."""

    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, related_name="preparation_links"
    )
    phone = models.ForeignKey(Phone, on_delete=models.PROTECT, related_name="+")
    token = models.CharField(max_length=24, unique=True, default=new_token, editable=False)
    created_at = models.DateTimeField()
    #: Dates of birth tried at the page.
    failed_checks = models.PositiveSmallIntegerField(default=0)
    #: When somebody who knew the date of birth first read it.
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["appointment", "phone"], name="scheduling_preparation_once"
            )
        ]

    def __str__(self) -> str:
        return f"preparation for visit {self.appointment_id}"
