"""Which clinician is on call, for what, and where they are paged."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from crm.models.people import Phone
from crm.models.staff import User


class OnCall(models.Model):
    """One clinician's turn. Of several at one time the lowest level is paged first."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="on_call")
    #: Where they are texted that somebody asks for them; none: on the pages of Firstcall alone.
    phone = models.ForeignKey(Phone, null=True, blank=True, on_delete=models.PROTECT)
    specialty = models.CharField(max_length=80, blank=True)  # a service line; empty: any
    location_id = models.BigIntegerField(null=True, blank=True)  # this floor knows no sites
    level = models.PositiveSmallIntegerField(default=1)  # 2 is paged when 1 does not answer
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()  # not included

    class Meta:
        verbose_name = "turn on call"
        verbose_name_plural = "turns on call"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="crm_on_call_ends_later"
            ),
            models.CheckConstraint(condition=Q(level__gte=1), name="crm_on_call_from_one"),
        ]
        indexes: ClassVar = [models.Index(fields=["ends_at", "starts_at"])]

    def __str__(self) -> str:
        return f"{self.user_id} on call, level {self.level}"
