"""Two records that may be one person, and the words by which people are found."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least

from crm.engine.models import DueRow, StatusRow, due_index
from crm.models.people import Patient
from crm.models.staff import User
from crm.states import choices
from crm.states.merging import MERGE_MOVES, MergeStatus


class PatientMerge(StatusRow, DueRow):
    """Two records of patients that may be, or are, one person.

    While *merged*, `other.merged_into` is `survivor`, and `moved` and `changed` say what to put
    back. `due_at` is when rows that were written for `other` meanwhile are brought along, or, for
    a merge that an EHR told of and that had to wait, when it is tried again.
    """

    MOVES, STATES = MERGE_MOVES, MergeStatus

    survivor = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="merges_kept")
    other = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="merges_given_up")
    status = models.CharField(
        max_length=24, choices=choices(MergeStatus), default=MergeStatus.FLAGGED
    )
    why = models.CharField(max_length=300, blank=True)  # in words of whoever flagged it
    flagged_at = models.DateTimeField()
    flagged_by = models.CharField(max_length=120)
    source = models.CharField(max_length=120, blank=True)  # the EHR that told of it
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    #: By "app.model.field": keys of the rows that were `other`'s.
    moved = models.JSONField(default=dict, blank=True)
    #: What else was written: [{"model", "pk", "before": {field: value}, "after": {…}}].
    changed = models.JSONField(default=list, blank=True)

    class Meta:
        indexes: ClassVar = [
            due_index("crm_merge_due"),
            models.Index(fields=["status", "-flagged_at"], name="crm_merge_listed"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                Least("survivor", "other"),
                Greatest("survivor", "other"),
                condition=Q(status__in=[MergeStatus.FLAGGED, MergeStatus.MERGED]),
                name="crm_merge_pair_once",
            ),
            models.UniqueConstraint(
                fields=["other"],
                condition=Q(status=MergeStatus.MERGED),
                name="crm_merged_away_once",
            ),
            models.CheckConstraint(
                condition=~Q(survivor=F("other")), name="crm_merge_of_two_records"
            ),
            models.CheckConstraint(
                condition=Q(status=MergeStatus.FLAGGED) | Q(decided_at__isnull=False),
                name="crm_merge_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.other_id} into {self.survivor_id}"


class NameWord(models.Model):
    """A word of somebody's name, with how it sounds: misspelt ones are looked for among these.

    A trigger on patients adds what is new; under a race the same word may stand here twice, which
    harms nobody and makes nobody wait. Words are never taken away.
    """

    word = models.CharField(max_length=100)
    sounds = ArrayField(models.CharField(max_length=12), default=list)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["word"], name="crm_nameword_word"),
            # Always in order: what waits to be sorted in is read through by every search.
            GinIndex(
                fields=["word"],
                opclasses=["gin_trgm_ops"],
                name="crm_nameword_like",
                fastupdate=False,
            ),
            GinIndex(fields=["sounds"], name="crm_nameword_sounds", fastupdate=False),
        ]

    def __str__(self) -> str:
        return self.word
