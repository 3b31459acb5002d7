"""The lost-demand ledger: what was looked for, and what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from crm.engine.models import DueRow, StatusRow, due_index
from crm.models import Patient, User
from crm.states import Channel, choices
from scheduling.models.booking import Appointment
from scheduling.models.places import Location, VisitType
from scheduling.states import SEARCH_MOVES, Declined, Lack, SearchStatus


class SearchRecord(StatusRow, DueRow):
    """One search for a time, from its first look to its end: refined searches update it.

    `wanted` is what `scheduling.rules.search.as_json` keeps: days, distance, coverage, language.
    Of the patient it holds the key and nothing else. `due_at` is when it counts as given up.
    """

    MOVES, STATES = SEARCH_MOVES, SearchStatus

    status = models.CharField(
        max_length=24, choices=choices(SearchStatus), default=SearchStatus.OPEN
    )
    channel = models.CharField(max_length=8, choices=choices(Channel), default=Channel.DESK)
    visit_type = models.ForeignKey(VisitType, on_delete=models.PROTECT)
    patient = models.ForeignKey(
        Patient, null=True, blank=True, on_delete=models.CASCADE, related_name="searches"
    )
    #: The site that was asked for, or the one nearest to where they start from.
    location = models.ForeignKey(Location, null=True, blank=True, on_delete=models.SET_NULL)
    wanted = models.JSONField(default=dict)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField()
    searched_at = models.DateTimeField()  # the last look
    looks = models.PositiveSmallIntegerField(default=1)
    #: Times on the first page of the last look, and of those left out, how many each rule hid.
    shown = models.PositiveSmallIntegerField(default=0)
    hidden = models.JSONField(default=dict)

    closed_at = models.DateTimeField(null=True, blank=True)
    lack = models.CharField(max_length=12, choices=choices(Lack), blank=True)
    lack_rule = models.CharField(max_length=32, blank=True)  # of `HiddenBy`, where one hid it
    declined = models.CharField(max_length=16, choices=choices(Declined), blank=True)
    note = models.CharField(max_length=200, blank=True)
    appointment = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    #: The patient wants to hear when a time is free; they stand on the waitlist since then.
    waits_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            due_index("scheduling_search_due"),
            models.Index(
                fields=["created_at"],
                condition=~Q(status__in=[SearchStatus.OPEN, SearchStatus.BOOKED]),
                name="scheduling_search_lost",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status=SearchStatus.OPEN, closed_at__isnull=True)
                | ~Q(status=SearchStatus.OPEN) & Q(closed_at__isnull=False),
                name="scheduling_search_closed_at",
            ),
            models.CheckConstraint(
                condition=~Q(status=SearchStatus.LOST) | ~Q(lack=""),
                name="scheduling_search_lost_why",
            ),
        ]

    def __str__(self) -> str:
        return f"search {self.pk}"
