"""Life of decision trees and their runs."""

from __future__ import annotations

from enum import StrEnum


class TreeStatus(StrEnum):
    """Life of one version of a decision tree. Only a draft can be changed."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"  # another version took its place, or a draft was thrown away


TREE_MOVES: dict[TreeStatus, frozenset[TreeStatus]] = {
    TreeStatus.DRAFT: frozenset({TreeStatus.PUBLISHED, TreeStatus.RETIRED}),
    TreeStatus.PUBLISHED: frozenset({TreeStatus.RETIRED}),
    TreeStatus.RETIRED: frozenset(),
}


class TreeRunStatus(StrEnum):
    """One way through a tree, with somebody on the line or on the web."""

    RUNNING = "running"
    ENDED = "ended"  # it came to an outcome
    LEFT = "left"  # given up on the way


TREE_RUN_MOVES: dict[TreeRunStatus, frozenset[TreeRunStatus]] = {
    TreeRunStatus.RUNNING: frozenset({TreeRunStatus.ENDED, TreeRunStatus.LEFT}),
    TreeRunStatus.ENDED: frozenset({TreeRunStatus.RUNNING}),  # an earlier answer is corrected
    TreeRunStatus.LEFT: frozenset({TreeRunStatus.RUNNING}),  # the caller is back
}


class VisitUrgency(StrEnum):
    """How soon a visit must be, where a decision tree ends at one."""

    TODAY = "today"
    THREE_DAYS = "3-days"
    WEEK = "7-days"
    TWO_WEEKS = "14-days"
    ROUTINE = "routine"

    @property
    def within_days(self) -> int | None:
        """At most so many days ahead, counted from today; None sets no limit."""
        return {"today": 0, "3-days": 3, "7-days": 7, "14-days": 14}.get(self.value)


class HandOverTo(StrEnum):
    """Who goes on where a tree does not end at a visit."""

    NURSE = "nurse"
    QUEUE = "queue"
    CALL_911 = "911"
