"""Reads of decision trees: which one a reason means, its versions, its test bench."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from scheduling.models import DecisionTree, TreeCase, TreeVersion, VisitType
from scheduling.rules.trees import Case, Facts, KnownVisitType, Tree, match_words, read_tree
from scheduling.states import TreeRunStatus, TreeStatus


@dataclass(frozen=True, slots=True)
class TreeFound:
    """A published tree that a reason may mean, and the words of it that were found."""

    tree_id: int
    name: str
    specialty: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TreeLine:
    """One tree in the list. `runs` and `ended` are of the last 30 days."""

    pk: int
    name: str
    specialty: str
    words: tuple[str, ...]
    published: int | None  # version number
    published_at: dt.datetime | None
    draft: int | None
    cases: int
    runs: int
    ended: int

    @property
    def ended_percent(self) -> int | None:
        return round(100 * self.ended / self.runs) if self.runs else None


def find_trees(reason: str, *, specialty: str = "", limit: int = 5) -> tuple[TreeFound, ...]:
    """Published trees that a typed reason may mean, best first; misspellings are read.

    Whoever calls has had the safety check read the text first (principle 12).

    :param specialty: trees of it and of no specialty; empty for all.
    """
    trees = DecisionTree.objects.filter(versions__status=TreeStatus.PUBLISHED)
    if specialty:
        trees = trees.filter(specialty__in=["", specialty])
    found = []
    for tree in trees:
        match = match_words(reason, [tree.name, *tree.words])
        if match is not None:
            found.append((match.score, tree, match.words))
    found.sort(key=lambda each: (-each[0], each[1].name))
    return tuple(
        TreeFound(tree.pk, tree.name, tree.specialty, words) for _, tree, words in found[:limit]
    )


def find_published(tree_id: int) -> TreeVersion | None:
    return TreeVersion.objects.filter(tree=tree_id, status=TreeStatus.PUBLISHED).first()


def find_draft(tree_id: int) -> TreeVersion | None:
    return TreeVersion.objects.filter(tree=tree_id, status=TreeStatus.DRAFT).first()


def versions_of(tree_id: int) -> QuerySet[TreeVersion]:
    """Newest first, with who published them."""
    rows = TreeVersion.objects.filter(tree=tree_id)
    return rows.select_related("tree", "created_by", "published_by").order_by("-number")


def find_before(version: TreeVersion) -> TreeVersion | None:
    """The version that was published before this one, for comparing."""
    earlier = TreeVersion.objects.filter(tree=version.tree_id, number__lt=version.number)
    return earlier.exclude(published_at=None).order_by("-number").first()


def cases_of(tree_id: int) -> list[tuple[TreeCase, Case]]:
    """The rows of the test bench, each with the case that the rules run."""
    rows = TreeCase.objects.filter(tree=tree_id).order_by("name")
    return [(row, Case(row.name, row.answers, Facts.read(row.facts), row.expected)) for row in rows]


def known_visit_types() -> dict[str, KnownVisitType]:
    """Every visit type by its code, as publishing looks at it."""
    rows = VisitType.objects.values_list("code", "name", "catalog_entry__is_retired")
    return {code: KnownVisitType(name, is_active=not retired) for code, name, retired in rows}


def tree_of(version: TreeVersion) -> Tree:
    """Its document as a tree; whatever was stored has been read once already."""
    return read_tree(version.body)


def list_trees(*, at: dt.datetime) -> list[TreeLine]:
    """All trees by name."""
    recent = Q(versions__runs__started_at__gt=at - dt.timedelta(days=30))
    ended = recent & Q(versions__runs__status=TreeRunStatus.ENDED)
    mine = TreeVersion.objects.filter(tree=OuterRef("pk"))
    published = mine.filter(status=TreeStatus.PUBLISHED)
    rows = DecisionTree.objects.annotate(
        published_number=Subquery(published.values("number")),
        published_on=Subquery(published.values("published_at")),
        draft_number=Subquery(mine.filter(status=TreeStatus.DRAFT).values("number")),
        kept=Count("cases", distinct=True),
        run_count=Count("versions__runs", filter=recent, distinct=True),
        ended_count=Count("versions__runs", filter=ended, distinct=True),
    ).order_by("name")
    return [
        TreeLine(
            pk=row.pk,
            name=row.name,
            specialty=row.specialty,
            words=tuple(row.words),
            published=row.published_number,
            published_at=row.published_on,
            draft=row.draft_number,
            cases=row.kept,
            runs=row.run_count,
            ended=row.ended_count,
        )
        for row in rows
    ]
