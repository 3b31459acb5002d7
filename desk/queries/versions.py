"""Versions of scripts and articles: which is in force, which is written, which comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from desk.models import VersionRow
from desk.states import VersionStatus

Version = TypeVar("Version", bound=VersionRow)


@dataclass(frozen=True, slots=True)
class Standing(Generic[Version]):
    """What there is of one document."""

    published: Version | None
    draft: Version | None
    scheduled: Version | None

    @property
    def shown(self) -> Version | None:
        """What somebody who opens the document should see."""
        return self.published or self.scheduled or self.draft


def standing_of(kind: type[Version], document_id: int) -> Standing[Version]:
    """Its living versions, in one statement, with who published them."""
    rows: Any = kind._default_manager.filter(**{kind.OWNER: document_id})
    living = rows.exclude(status=VersionStatus.RETIRED).select_related("published_by", "created_by")
    by_status = {row.status: row for row in living}
    return Standing(
        by_status.get(VersionStatus.PUBLISHED),
        by_status.get(VersionStatus.DRAFT),
        by_status.get(VersionStatus.SCHEDULED),
    )


def find_before(version: Version) -> Version | None:
    """The version that was in force before this one, for comparing."""
    kind = type(version)
    rows: Any = kind._default_manager.filter(**{kind.OWNER: version.owner_id})
    earlier = rows.filter(number__lt=version.number).exclude(published_at=None)
    found: Version | None = earlier.order_by("-number").first()
    return found
