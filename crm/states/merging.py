"""The life of a merge: two records that may be, or are, one person."""

from __future__ import annotations

from enum import StrEnum


class MergeStatus(StrEnum):
    FLAGGED = "flagged"  # somebody, or an EHR, says that it may be one person
    MERGED = "merged"
    DISMISSED = "dismissed"  # two people
    UNDONE = "undone"


MERGE_MOVES: dict[MergeStatus, frozenset[MergeStatus]] = {
    MergeStatus.FLAGGED: frozenset({MergeStatus.MERGED, MergeStatus.DISMISSED}),
    MergeStatus.MERGED: frozenset({MergeStatus.UNDONE}),
    MergeStatus.DISMISSED: frozenset(),  # flagged again, it is another row
    MergeStatus.UNDONE: frozenset(),
}
