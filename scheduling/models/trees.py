"""Decision trees from reason to visit type: versions, kept cases, and how callers went through."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from crm.engine.models import StatusRow
from crm.models import Journey, Patient, User
from crm.states import Channel, choices
from scheduling.states import (
    TREE_MOVES,
    TREE_RUN_MOVES,
    TreeRunStatus,
    TreeStatus,
)


class DecisionTree(models.Model):
    """One reason for contact and what is asked about it. What is asked stands in its versions."""

    name = models.CharField(max_length=80, unique=True)  # "Knee pain"
    specialty = models.CharField(max_length=80, blank=True)  # empty: any
    #: What people call it, misspellings aside: "knee", "rodilla", "swollen joint".
    words = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class TreeVersion(StatusRow):
    """One state of a tree. `body` is the document that `rules.trees.read_tree` reads.

    A trigger refuses to change `body` once it is published, and to delete what was. `revision`
    counts the changes of a draft, so that two editors do not overwrite each other.
    """

    MOVES, STATES = TREE_MOVES, TreeStatus

    tree = models.ForeignKey(DecisionTree, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=24, choices=choices(TreeStatus), default=TreeStatus.DRAFT)
    body = models.JSONField()
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True)  # why it was published
    #: Why it was published although kept cases failed.
    cases_override = models.CharField(max_length=300, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tree", "number"], name="scheduling_tree_number"),
            models.UniqueConstraint(
                fields=["tree"],
                condition=Q(status=TreeStatus.DRAFT),
                name="scheduling_tree_one_draft",
            ),
            models.UniqueConstraint(
                fields=["tree"],
                condition=Q(status=TreeStatus.PUBLISHED),
                name="scheduling_tree_one_published",
            ),
            models.CheckConstraint(
                condition=~Q(status=TreeStatus.PUBLISHED) | Q(published_at__isnull=False),
                name="scheduling_tree_published_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tree}, version {self.number}"


class TreeCase(models.Model):
    """A case kept on the test bench: these answers and facts must end there."""

    tree = models.ForeignKey(DecisionTree, on_delete=models.CASCADE, related_name="cases")
    name = models.CharField(max_length=120)  # "Fell yesterday, cannot bear weight"
    answers = models.JSONField(default=dict)  # question id: answer key
    facts = models.JSONField(default=dict)  # "age": 34
    expected = models.JSONField()  # the outcome, as `rules.trees.outcome_of` says it
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tree", "name"], name="scheduling_tree_case_name")
        ]

    def __str__(self) -> str:
        return self.name


class TreeRun(StatusRow):
    """One way through a version. Of the patient it has the id alone.

    Facts (age, coverage …) are turned into answers when it begins and not kept: `known` holds
    the answers that they give, `answers` those that somebody gave, `steps` the way they make
    together, as [question id, answer key] in order.
    """

    MOVES, STATES = TREE_RUN_MOVES, TreeRunStatus

    version = models.ForeignKey(TreeVersion, on_delete=models.CASCADE, related_name="runs")
    patient = models.ForeignKey(
        Patient, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    journey = models.ForeignKey(
        Journey, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    channel = models.CharField(max_length=8, choices=choices(Channel))
    status = models.CharField(
        max_length=24, choices=choices(TreeRunStatus), default=TreeRunStatus.RUNNING
    )
    known = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)
    steps = models.JSONField(default=list)
    at_node = models.CharField(max_length=24)  # the question that is open, or the outcome
    left_why = models.CharField(max_length=24, blank=True)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    last_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["version", "started_at"])]

    def __str__(self) -> str:
        return f"run {self.pk}"
