"""Decision trees, the catalog and the ramps of the demo, in our tables. No event."""

from __future__ import annotations

import datetime as dt
import random

from crm.models import User
from crm.states import Channel
from integrations.demo.dataset.catalog import CATALOG, LOOK_ALIKES, QUESTIONS, RAMPS
from integrations.demo.dataset.system import CLINICIAN, KIND
from integrations.demo.dataset.trees import TREES, TreeRow
from integrations.demo.inventory import Inventory
from integrations.demo.tables import insert
from scheduling.models import (
    BillingCode,
    CatalogEntry,
    CatalogQuestion,
    ClinicVisit,
    DecisionTree,
    LookAlike,
    ProviderRamp,
    RampShare,
    TreeCase,
    TreeRun,
    TreeVersion,
)
from scheduling.rules.ramp import monday
from scheduling.rules.trees import Ask, Facts, Leaf, Question, Tree, outcome_of, read_tree, walk
from scheduling.states import LeftWhy, TreeRunStatus, TreeStatus

#: How often each tree was walked in the last month.
RUNS = 120
DAY = dt.timedelta(days=1)


def add_trees(*, by: User, at: dt.datetime, seed: int) -> None:
    """The trees with an earlier version, kept cases, and callers who went through."""
    for number, row in enumerate(TREES):
        tree = DecisionTree.objects.create(
            name=row.name, specialty=row.specialty, words=list(row.words), created_at=at - 90 * DAY
        )
        version = _add_versions(tree, row, by=by, at=at)
        body = read_tree(row.body)
        insert(
            TreeCase(
                tree=tree,
                name=case.name,
                answers=case.answers,
                facts=case.facts,
                expected=outcome_of(_leaf(body, case.ends)),
                created_at=at - 60 * DAY,
            )
            for case in row.cases
        )
        rng = random.Random(seed + number)  # noqa: S311 a demo
        insert(_run(version, body, row, rng, at=at) for _ in range(RUNS))


def _add_versions(tree: DecisionTree, row: TreeRow, *, by: User, at: dt.datetime) -> TreeVersion:
    _, published = insert(
        TreeVersion(
            tree=tree,
            number=number,
            status=status,
            body=body,
            created_at=at - days * DAY,
            created_by=by,
            published_at=at - days * DAY,
            published_by=by,
            reason=reason,
            retired_at=at - 34 * DAY if status is TreeStatus.RETIRED else None,
        )
        for number, status, body, days, reason in (
            (1, TreeStatus.RETIRED, row.first, 88, "The first, as the clinic told it"),
            (2, TreeStatus.PUBLISHED, row.body, 34, row.reason),
        )
    )
    return published


def _leaf(tree: Tree, id_: str) -> Leaf:
    leaf = tree.nodes[id_]
    assert not isinstance(leaf, Question)  # noqa: S101 for the type checker
    return leaf


def _run(
    version: TreeVersion, tree: Tree, row: TreeRow, rng: random.Random, *, at: dt.datetime
) -> TreeRun:
    """One caller; some leave on the way."""
    answers: dict[str, str] = {}
    now = walk(tree, answers, Facts())
    is_gone = False
    while isinstance(now, Ask) and not is_gone:
        is_gone = rng.random() < row.leave_at.get(now.question.id, 0.01)
        if not is_gone:
            first = range(2 * len(now.question.answers), 0, -2)  # what comes first is said most
            chosen = rng.choices(now.question.answers, weights=first)[0]
            answers[now.question.id] = chosen.key
            now = walk(tree, answers, Facts())
    started_at = at - DAY * rng.uniform(0.2, 29)
    return TreeRun(
        version=version,
        channel=Channel.DESK,
        status=TreeRunStatus.LEFT if is_gone else TreeRunStatus.ENDED,
        left_why=rng.choice(list(LeftWhy)) if is_gone else "",
        answers=answers,
        steps=[[step.question, step.answer] for step in now.path],
        at_node=now.question.id if isinstance(now, Ask) else now.leaf.id,
        started_at=started_at,
        last_at=started_at + dt.timedelta(seconds=rng.randrange(20, 150)),
    )


def add_catalog(inventory: Inventory, *, by: User, at: dt.datetime) -> None:
    """What the clinics said of their visit types."""
    kinds, asker = inventory.kinds, by.get_full_name()
    insert(
        CatalogEntry(
            visit_type=kinds[row.kind],
            purpose=row.purpose,
            owner_name=row.owner,
            owner_contact=row.contact,
        )
        for row in CATALOG
    )
    insert(
        BillingCode(visit_type=kinds[row.kind], system=system, code=code, note=note)
        for row in CATALOG
        for system, code, note in row.codes
    )
    insert(
        LookAlike(visit_type=kinds[one], other=kinds[other], how_to_tell=how)
        for one, other, how in LOOK_ALIKES
    )
    visits: dict[tuple[str, str, int], ClinicVisit] = {}
    for row in QUESTIONS:
        key = (KIND[row.kind].specialty, row.site, row.days)
        if row.site and key not in visits:
            visits[key] = ClinicVisit.objects.create(
                clinic=inventory.clinics[key[:2]],
                visited_on=(at - row.days * DAY).date(),
                visited_by=asker,
                spoke_with=row.answered_by,
            )
    insert(
        CatalogQuestion(
            visit_type=kinds[row.kind],
            asked=row.asked,
            asked_at=at - (row.days + 7) * DAY,
            asked_by=asker,
            answer=row.answer,
            answered_at=at - row.days * DAY if row.answer else None,
            answered_by=row.answered_by,
            clinic_visit=visits.get((KIND[row.kind].specialty, row.site, row.days)),
        )
        for row in QUESTIONS
    )


def add_ramps(inventory: Inventory, *, at: dt.datetime) -> None:
    """Clinicians who take turns for new patients."""
    for code, weeks, panel, first, growth, most, mix in RAMPS:
        ramp = ProviderRamp.objects.create(
            role=inventory.roles[CLINICIAN[code].code],
            started_on=monday(at.date()) - weeks * 7 * DAY,
            target_panel=panel,
            weekly_start=first,
            weekly_growth=growth,
            weekly_most=most,
        )
        insert(
            RampShare(ramp=ramp, visit_type=inventory.kinds[kind], weight=weight)
            for kind, weight in mix.items()
        )
