"""Trees in the database: drafts, publishing, cases, runs, counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import Error, transaction

from crm.engine import Actor
from crm.models import AuditEntry, Event
from crm.states import Channel
from scheduling.actions.tree_runs import TreeNotPublished, answer_run, leave_run, start_run
from scheduling.actions.trees import (
    CasesFail,
    DraftChanged,
    TreeHasProblems,
    TreeNameTaken,
    add_tree,
    describe_tree,
    discard_draft,
    edit_draft,
    keep_case,
    publish_draft,
    start_draft,
)
from scheduling.models import CatalogEntry, DecisionTree, TreeRun, TreeVersion
from scheduling.queries.tree_runs import get_run, tree_counts
from scheduling.queries.trees import find_trees, list_trees
from scheduling.rules.trees import Ask, Facts, Outcome, UnknownAnswer, read_tree
from scheduling.states import LeftWhy, TreeRunStatus, TreeStatus
from tests.cast import Cast
from tests.factories import NOW, TEST, VisitTypeFactory
from tests.scheduling.trees import KNEE

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
ADULT = Facts(age=40, patient="established")


def draft_of(tree: DecisionTree) -> TreeVersion:
    return TreeVersion.objects.get(tree=tree, status=TreeStatus.DRAFT)


def write(version: TreeVersion, body: dict[str, Any] = KNEE) -> TreeVersion:
    return edit_draft(
        version_id=version.pk,
        revision=version.revision,
        edit=lambda _: read_tree(body),
        by=TEST,
        at=NOW,
    )


def publish(version: TreeVersion, **given: Any) -> TreeVersion:
    said: dict[str, Any] = {"reason": "agreed with the clinic", "by": TEST, "at": NOW} | given
    return publish_draft(version_id=version.pk, revision=version.revision, **said)


@pytest.fixture
def tree(db: None) -> DecisionTree:
    """The knee, written and not yet published."""
    for code in ("BONES-NEW", "BONES-FU"):
        VisitTypeFactory.create(code=code, name=code, specialty="Orthopedics")
    made = add_tree(
        name="Knee pain", specialty="Orthopedics", words=["knee", " Rodilla "], by=TEST, at=NOW
    )
    write(draft_of(made))
    return made


@pytest.fixture
def knee(tree: DecisionTree) -> DecisionTree:
    publish(draft_of(tree))
    return tree


Start = Callable[..., TreeRun]


@pytest.fixture
def start(knee: DecisionTree) -> Start:
    def do(facts: Facts = ADULT, **given: Any) -> TreeRun:
        said: dict[str, Any] = {"channel": Channel.DESK, "by": TEST, "at": NOW} | given
        return start_run(tree_id=knee.pk, facts=facts, **said)

    return do


# --- drafts and publishing -----------------------------------------------------------


def test_publishing_retires_the_one_before_and_keeps_why(knee: DecisionTree, cast: Cast) -> None:
    first = TreeVersion.objects.get(tree=knee)
    second = start_draft(tree_id=knee.pk, by=Actor.user(cast.manager), at=NOW)
    assert (second.number, second.body) == (2, first.body)
    publish(second, reason="The clinic asked for it", by=Actor.user(cast.manager), at=NOW + HOUR)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, first.retired_at) == (TreeStatus.RETIRED, NOW + HOUR)
    assert (second.status, second.published_by) == (TreeStatus.PUBLISHED, cast.manager)
    assert second.reason == "The clinic asked for it"
    assert Event.objects.filter(name="scheduling.tree-published").count() == 2
    moved = AuditEntry.objects.filter(verb="scheduling.treeversion.moved", subject_id=second.pk)
    assert [(row.to_status, row.reason) for row in moved] == [
        ("published", "The clinic asked for it")
    ]


def test_what_was_published_cannot_be_changed_by_anybody(knee: DecisionTree) -> None:
    version = TreeVersion.objects.get(tree=knee)
    with pytest.raises(DraftChanged, match="published by now"):
        write(version)
    for act in (
        lambda: TreeVersion.objects.filter(pk=version.pk).update(body={}),
        lambda: TreeVersion.objects.filter(pk=version.pk).delete(),
    ):
        with pytest.raises(Error, match="is not changed"), transaction.atomic():
            act()
    version.refresh_from_db()
    assert version.body == KNEE


def test_a_draft_can_be_changed_by_one_editor_at_a_time(tree: DecisionTree) -> None:
    seen = draft_of(tree)
    write(seen)
    with pytest.raises(DraftChanged, match="meanwhile"):
        write(seen)
    assert draft_of(tree).revision == seen.revision + 1


def test_a_tree_has_one_draft_and_a_thrown_one_stays_in_the_list(knee: DecisionTree) -> None:
    draft = start_draft(tree_id=knee.pk, by=TEST, at=NOW)
    assert start_draft(tree_id=knee.pk, by=TEST, at=NOW).pk == draft.pk
    discard_draft(version_id=draft.pk, revision=0, by=TEST, at=NOW)
    assert TreeVersion.objects.get(pk=draft.pk).status == TreeStatus.RETIRED
    assert start_draft(tree_id=knee.pk, by=TEST, at=NOW).number == 3


def test_refuses_to_publish_what_is_not_whole(tree: DecisionTree) -> None:
    empty = add_tree(name="Hip", specialty="", words=[], by=TEST, at=NOW)
    with pytest.raises(TreeHasProblems) as refused:
        publish(draft_of(empty))
    assert [p.node for p in refused.value.problems] == ["q1", "q1"]
    CatalogEntry.objects.create(
        visit_type=VisitTypeFactory._meta.model.objects.get(code="BONES-FU"), is_retired=True
    )
    with pytest.raises(TreeHasProblems) as refused:
        publish(draft_of(tree))
    assert "no longer booked" in refused.value.problems[0].sentence
    assert not TreeVersion.objects.exclude(status=TreeStatus.DRAFT).exists()


def test_refuses_to_publish_while_a_kept_case_fails(tree: DecisionTree) -> None:
    nurse = {"kind": "hand-over", "to": "nurse", "queue": ""}
    for name, age in (("a child", 9), ("a grown-up", 40)):
        keep_case(
            tree_id=tree.pk,
            name=name,
            answers={},
            facts={"age": age},
            expected=nurse,
            by=TEST,
            at=NOW,
        )
    draft = draft_of(tree)
    with pytest.raises(CasesFail, match="“a grown-up”") as refused:
        publish(draft)
    assert [r.case.name for r in refused.value.results] == ["a grown-up"]
    assert draft_of(tree).pk == draft.pk
    done = publish(draft, override="It is asked first from now on")
    assert done.cases_override == "It is asked first from now on"


def test_names_of_trees_and_cases_are_taken_once(tree: DecisionTree) -> None:
    with pytest.raises(TreeNameTaken, match="different"):
        add_tree(name="Knee pain", specialty="", words=[], by=TEST, at=NOW)
    other = add_tree(name="Hip", specialty="", words=[], by=TEST, at=NOW)
    with pytest.raises(TreeNameTaken):
        describe_tree(tree_id=other.pk, name="Knee pain", specialty="", words=[], by=TEST, at=NOW)
    other.refresh_from_db()
    assert other.name == "Hip"


# --- found by a reason ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "specialty", "found"),
    [
        ("my rodila hurts", "", ["Knee pain"]),
        ("kene pain", "Orthopedics", ["Knee pain"]),
        ("knee", "Cardiology", []),
        ("a cough", "", []),
    ],
)
def test_a_reason_finds_published_trees(
    knee: DecisionTree, reason: str, specialty: str, found: list[str]
) -> None:
    add_tree(name="Knee draft", specialty="", words=["knee"], by=TEST, at=NOW)
    assert [t.name for t in find_trees(reason, specialty=specialty)] == found


# --- runs ----------------------------------------------------------------------------


def test_a_run_goes_by_facts_and_answers_and_keeps_no_fact(start: Start, cast: Cast) -> None:
    run = start(by=Actor.user(cast.agent), patient_id=cast.patient.pk)
    assert (run.at_node, run.steps, run.started_by) == ("q2", [["q1", "a2"]], cast.agent)
    run = answer_run(run_id=run.pk, question="q2", answer="a2", by=TEST, at=NOW + HOUR)
    assert (run.status, run.at_node, run.last_at) == (TreeRunStatus.ENDED, "o3", NOW + HOUR)
    view = get_run(run.pk)
    assert isinstance(view.now, Outcome)
    assert view.visit_type is not None
    assert view.visit_type.code == "BONES-FU"
    kept = TreeRun.objects.values().get(pk=run.pk)
    assert kept["patient_id"] == cast.patient.pk
    assert not any(fact in str(kept) for fact in ("40", "established"))


def test_facts_alone_may_end_it(start: Start) -> None:
    run = start(Facts(age=7))
    assert (run.status, run.at_node) == (TreeRunStatus.ENDED, "o1")


def test_an_earlier_answer_can_be_corrected_also_after_the_end(start: Start) -> None:
    run = start()
    answer_run(run_id=run.pk, question="q2", answer="a1", by=TEST, at=NOW)
    run = answer_run(run_id=run.pk, question="q1", answer="a1", by=TEST, at=NOW)
    assert (run.status, run.at_node) == (TreeRunStatus.ENDED, "o1")
    run = answer_run(run_id=run.pk, question="q1", answer="a2", by=TEST, at=NOW)
    assert run.at_node == "o2"  # what was said of the injury still holds


def test_a_run_ends_in_the_version_it_began_in(start: Start, knee: DecisionTree) -> None:
    run = start()
    publish(start_draft(tree_id=knee.pk, by=TEST, at=NOW))
    run = answer_run(run_id=run.pk, question="q2", answer="a1", by=TEST, at=NOW)
    assert (run.version.number, run.at_node) == (1, "o2")


@pytest.mark.parametrize(("question", "answer"), [("q3", "a1"), ("q2", "a9"), ("o1", "a1")])
def test_refuses_answers_that_are_not_on_the_way(start: Start, question: str, answer: str) -> None:
    run = start(Facts(age=40))
    with pytest.raises(UnknownAnswer):
        answer_run(run_id=run.pk, question=question, answer=answer, by=TEST, at=NOW)
    run.refresh_from_db()
    assert (run.at_node, run.answers) == ("q2", {})


def test_leaving_is_kept_with_its_reason_and_coming_back_is_possible(start: Start) -> None:
    run = leave_run(run_id=start().pk, why=LeftWhy.HUNG_UP, by=TEST, at=NOW)
    assert (run.status, run.left_why) == (TreeRunStatus.LEFT, "hung-up")
    leave_run(run_id=run.pk, why=LeftWhy.NO_FIT, by=TEST, at=NOW)
    assert TreeRun.objects.get().left_why == "hung-up"
    run = answer_run(run_id=run.pk, question="q2", answer="a2", by=TEST, at=NOW)
    assert (run.status, run.left_why) == (TreeRunStatus.ENDED, "")


def test_a_tree_that_is_not_published_cannot_be_walked(tree: DecisionTree) -> None:
    with pytest.raises(TreeNotPublished):
        start_run(tree_id=tree.pk, facts=ADULT, channel=Channel.WEB, by=TEST, at=NOW)
    assert not TreeRun.objects.exists()


# --- counts --------------------------------------------------------------------------


def test_counts_say_where_callers_leave_and_add_up(start: Start, knee: DecisionTree) -> None:
    start(Facts(age=7))  # to the nurse
    for answer in ("a1", "a2"):  # to a visit
        answer_run(run_id=start().pk, question="q2", answer=answer, by=TEST, at=NOW)
    leave_run(run_id=start().pk, why=LeftWhy.HUNG_UP, by=TEST, at=NOW)
    start(at=NOW - HOUR)  # nobody has answered since
    start()  # somebody is at it
    start(Facts(age=7), at=NOW - 100 * HOUR)  # before the period
    version = TreeVersion.objects.get(tree=knee)
    counts = tree_counts(version.pk, at=NOW, since=NOW - 2 * HOUR)
    assert (counts.runs, counts.under_way) == (6, 1)
    assert counts.reached == {"q1": 6, "q2": 5, "q3": 1, "o1": 1, "o2": 1, "o3": 1}
    assert counts.given["q1", "a2"] == 5
    assert counts.left == {"q2": 2}
    assert counts.ended == {"o1": 1, "o2": 1, "o3": 1}
    assert sum(counts.left.values()) + sum(counts.ended.values()) + counts.under_way == counts.runs
    assert tree_counts(version.pk, at=NOW).runs == 7
    line = list_trees(at=NOW)[0]
    assert (line.published, line.draft, line.runs, line.ended) == (1, None, 7, 4)


def test_an_open_run_shows_what_to_ask(start: Start) -> None:
    view = get_run(start(Facts()).pk)
    assert isinstance(view.now, Ask)
    assert view.now.question.id == "q1"
