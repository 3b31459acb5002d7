"""Where a run stands, and where callers leave a tree."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Count, Q

from scheduling.models import TreeRun, VisitType
from scheduling.rules.trees import Ask, Facts, Outcome, Tree, Visit, read_tree, walk
from scheduling.states import TreeRunStatus

#: Without an answer for so long, the caller is gone, whether or not anybody said so.
GONE_AFTER = dt.timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class RunView:
    """One run as a page shows it. `visit_type` where it has ended at a visit."""

    run: TreeRun
    tree: Tree
    now: Ask | Outcome
    visit_type: VisitType | None


@dataclass(frozen=True, slots=True)
class TreeCounts:
    """How callers went through a version. `reached`, `left` and `ended` are by node id, `given`
    by question id and answer key. Every run is in exactly one of left, ended and `under_way`."""

    runs: int = 0
    under_way: int = 0
    reached: Counter[str] = field(default_factory=Counter)
    given: Counter[tuple[str, str]] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)


def get_run(run_id: int) -> RunView:
    """:raises TreeRun.DoesNotExist:"""
    run = TreeRun.objects.select_related("version__tree").get(pk=run_id)
    tree = read_tree(run.version.body)
    now = walk(tree, {**run.known, **run.answers}, Facts())
    visit_type = None
    if isinstance(now, Outcome) and isinstance(now.leaf, Visit):
        visit_type = VisitType.objects.filter(code=now.leaf.visit_type).first()
    return RunView(run, tree, now, visit_type)


def tree_counts(
    version_id: int, *, at: dt.datetime, since: dt.datetime | None = None
) -> TreeCounts:
    """Counts of one version; two statements, however many runs there are.

    :param since: runs begun from then on; all without it.
    """
    runs = TreeRun.objects.filter(version=version_id)
    if since is not None:
        runs = runs.filter(started_at__gte=since)
    still_on = Q(status=TreeRunStatus.RUNNING, last_at__gt=at - GONE_AFTER)
    ends = runs.values("at_node", "status").annotate(
        number=Count("pk"), under_way=Count("pk", filter=still_on)
    )
    counts = _count_steps(version_id, since)
    total = under_way = 0
    for row in ends:
        node, number, still = row["at_node"], row["number"], row["under_way"]
        total, under_way = total + number, under_way + still
        counts.reached[node] += number
        into = counts.ended if row["status"] == TreeRunStatus.ENDED else counts.left
        if number > still:
            into[node] += number - still
    return TreeCounts(total, under_way, counts.reached, counts.given, counts.left, counts.ended)


def _count_steps(version_id: int, since: dt.datetime | None) -> TreeCounts:
    counts = TreeCounts()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT step->>0, step->>1, count(*) FROM scheduling_treerun AS run, "
            "jsonb_array_elements(run.steps) AS step "
            "WHERE run.version_id = %s AND run.started_at >= coalesce(%s, '-infinity'::timestamptz)"
            " GROUP BY 1, 2",
            [version_id, since],
        )
        for question, answer, number in cursor.fetchall():
            counts.reached[question] += number
            counts.given[question, answer] += number
    return counts
