"""What scripts and articles have in common: versions that are written, scheduled and kept."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from crm.engine.models import DueRow, StatusRow
from crm.models import User
from crm.states import choices
from desk.states import VERSION_MOVES, VersionStatus


class VersionRow(StatusRow, DueRow):
    """One state of a document. A trigger refuses to change what was published, and to delete it.

    `revision` counts the changes of a draft, so that two editors do not overwrite each other.
    `due_at` is when a scheduled one comes into force.
    """

    MOVES, STATES = VERSION_MOVES, VersionStatus
    #: The field that names what it is a version of, and the event that says it is in force.
    OWNER: ClassVar[str]
    EVENT: ClassVar[str]
    #: What is copied from one version to the next.
    CONTENT: ClassVar[tuple[str, ...]]

    number = models.PositiveIntegerField()
    status = models.CharField(
        max_length=24, choices=choices(VersionStatus), default=VersionStatus.DRAFT
    )
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    #: Who published or scheduled it; none for what came with Firstcall.
    published_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True)  # why it was published
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def owner_id(self) -> int:
        """The key of what it is a version of."""
        return int(getattr(self, f"{self.OWNER}_id"))

    @property
    def content(self) -> dict[str, Any]:
        """What the next version begins with."""
        return {name: getattr(self, name) for name in self.CONTENT}


def version_constraints(app: str, owner: str) -> list[models.BaseConstraint]:
    """Numbered once; one draft, one scheduled and one published version at a time."""
    return [
        models.UniqueConstraint(fields=[owner, "number"], name=f"{app}_number"),
        *(
            models.UniqueConstraint(
                fields=[owner], condition=models.Q(status=status), name=f"{app}_one_{status}"
            )
            for status in (VersionStatus.DRAFT, VersionStatus.SCHEDULED, VersionStatus.PUBLISHED)
        ),
        models.CheckConstraint(
            condition=~models.Q(status=VersionStatus.PUBLISHED)
            | models.Q(published_at__isnull=False),
            name=f"{app}_published_at",
        ),
        models.CheckConstraint(
            condition=~models.Q(status=VersionStatus.SCHEDULED) | models.Q(due_at__isnull=False),
            name=f"{app}_scheduled_due",
        ),
    ]
