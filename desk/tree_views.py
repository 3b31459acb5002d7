"""Decision trees, to read: the list, one tree with where callers leave it, its versions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm import clock
from crm.permissions import can_edit_catalog, can_view_catalog
from crm.web import allowed_to
from desk.tree_drawing import draw
from scheduling.models import DecisionTree, TreeVersion
from scheduling.queries.tree_runs import tree_counts
from scheduling.queries.trees import (
    find_before,
    find_draft,
    find_published,
    known_visit_types,
    list_trees,
    tree_of,
    versions_of,
)
from scheduling.rules.trees import Change, compare

#: Days that the counts may look back, and how that is said.
PERIODS = ((7, "7 days"), (30, "30 days"), (90, "90 days"), (0, "All time"))


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version, and what it changed against the one published before it."""

    version: TreeVersion
    changes: tuple[Change, ...]
    before: int | None


@never_cache
@require_safe
@allowed_to(can_view_catalog)
def trees(request: HttpRequest) -> HttpResponse:
    """All trees."""
    context = {"trees": list_trees(at=clock.now()), "may_edit": can_edit_catalog(request.user)}
    return render(request, "trees/trees.html", context)


@never_cache
@require_safe
@allowed_to(can_view_catalog)
def tree(request: HttpRequest, pk: int) -> HttpResponse:
    """The published tree, or an older version of it, with how callers went through."""
    found, at = get_tree(pk), clock.now()
    version = _version(request, pk)
    context = tree_context(request, found) | {"version": version, "periods": PERIODS}
    if version is not None:
        days = _days(request)
        counts = tree_counts(
            version.pk, at=at, since=at - dt.timedelta(days=days) if days else None
        )
        drawing = draw(tree_of(version), type_names(), counts=counts)
        context |= {"drawing": drawing, "counts": counts, "days": days}
    return render(request, "trees/tree.html", context)


@never_cache
@require_safe
@allowed_to(can_view_catalog)
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Every version with its reason, and what it changed."""
    found = get_tree(pk)
    names = type_names()
    lines = [_line(version, names) for version in versions_of(pk)]
    context = tree_context(request, found) | {"lines": lines}
    return render(request, "trees/versions.html", context)


def get_tree(pk: int) -> DecisionTree:
    """:raises Http404:"""
    found = DecisionTree.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def tree_context(request: HttpRequest, found: DecisionTree) -> dict[str, Any]:
    """What every page of one tree needs."""
    return {
        "tree": found,
        "draft": find_draft(found.pk),
        "published": find_published(found.pk),
        "may_edit": can_edit_catalog(request.user),
    }


def type_names() -> dict[str, str]:
    """Names of the visit types by code."""
    return {code: known.name for code, known in known_visit_types().items()}


def _version(request: HttpRequest, pk: int) -> TreeVersion | None:
    asked = request.GET.get("version", "")
    if not asked.isdecimal():
        return find_published(pk)
    found = versions_of(pk).filter(number=int(asked)).first()
    if found is None:
        raise Http404
    return found


def _days(request: HttpRequest) -> int:
    asked = request.GET.get("days", "")
    known = [days for days, _ in PERIODS]
    return int(asked) if asked.isdecimal() and int(asked) in known else 30


def _line(version: TreeVersion, names: dict[str, str]) -> VersionLine:
    before = find_before(version)
    changes = compare(tree_of(before), tree_of(version), names) if before else ()
    return VersionLine(version, changes, before.number if before else None)
