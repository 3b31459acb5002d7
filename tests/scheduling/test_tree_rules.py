"""Trees: read, walked, checked, edited, compared and found by a reason. No database."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.rules.trees import (
    NEW,
    AnswerDraft,
    Ask,
    BrokenTree,
    Case,
    ConditionUnreadable,
    EditRefused,
    Fact,
    Facts,
    HandOver,
    KnownVisitType,
    OneOf,
    Outcome,
    Question,
    Span,
    Tree,
    TreeUnreadable,
    UnknownAnswer,
    Visit,
    compare,
    find_problems,
    known_answers,
    match_words,
    new_tree,
    outcome_of,
    put_leaf,
    put_question,
    read_condition,
    read_tree,
    remove_node,
    run_case,
    say_condition,
    walk,
    write_tree,
)
from scheduling.states import HandOverTo, Modality, VisitUrgency
from tests.scheduling.trees import KNEE

TYPES = {code: KnownVisitType(code, is_active=True) for code in ("BONES-NEW", "BONES-FU")}


def knee() -> Tree:
    return read_tree(KNEE)


def changed(path: str, value: Any) -> dict[str, Any]:
    """The document with one thing changed: "nodes.q2.answers.0.to"."""
    body: Any = copy.deepcopy(KNEE)
    *way, last = path.split(".")
    at = body
    for part in way:
        at = at[int(part)] if isinstance(at, list) else at[part]
    at[int(last) if isinstance(at, list) else last] = value
    found: dict[str, Any] = body
    return found


# --- read ----------------------------------------------------------------------------


def test_what_is_read_is_written_back() -> None:
    assert write_tree(knee()) == KNEE


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ([], "must be an object"),
        (changed("start", "q9"), "must start at one of its nodes"),
        (changed("nodes.q2.kind", "poem"), "kind must be"),
        (changed("nodes.q2.answers", "yes"), "list of at most 12"),
        (changed("nodes.q2.answers.1.key", "a1"), "same key"),
        (changed("nodes.q2.answers.1.to", "q9"), "no node is called"),
        (changed("nodes.q2.text", "x" * 201), "at most 200"),
        (changed("nodes.q2.answers.0.when", {"is": ["x"]}), "only where a fact is asked"),
        (changed("nodes.q1.answers.0.when", {"from": "1"}), "whole numbers"),
        (changed("nodes.q3.answers.0.when", {"is": []}), "list of words"),
        (changed("nodes.o2.modality", "pigeon"), "must be one of"),
        (changed("nodes.o1.to", "advice"), "must be one of"),
        (changed("nodes.Q 9", {"kind": "question"}), "cannot name a node"),
    ],
)
def test_refuses_what_is_no_tree_and_says_where(document: object, says: str) -> None:
    with pytest.raises(TreeUnreadable, match=says):
        read_tree(document)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.sampled_from(["start", "nodes", "nodes.q1", "nodes.q1.answers.0", "nodes.o2"]), _JSON)
def test_never_stumbles_over_a_document(path: str, junk: object) -> None:
    try:
        tree = read_tree(changed(path, junk))
    except TreeUnreadable:
        return
    find_problems(tree, TYPES)


# --- walked --------------------------------------------------------------------------


def test_asks_what_nobody_knows() -> None:
    asked = walk(knee(), {}, Facts())
    assert isinstance(asked, Ask)
    assert (asked.question.id, asked.path) == ("q1", ())


def test_facts_answer_their_questions_and_the_path_says_so() -> None:
    end = walk(knee(), {"q2": "a2"}, Facts(age=40, patient="established"))
    assert isinstance(end, Outcome)
    assert end.leaf.id == "o3"
    assert [(s.question, s.by_fact) for s in end.path] == [
        ("q1", True),
        ("q2", False),
        ("q3", True),
    ]


@pytest.mark.parametrize(("age", "leaf"), [(0, "o1"), (17, "o1"), (18, None), (130, None)])
def test_ranges_are_half_open(age: int, leaf: str | None) -> None:
    found = walk(knee(), {}, Facts(age=age))
    assert (found.leaf.id if isinstance(found, Outcome) else None) == leaf


def test_an_answer_counts_before_a_fact() -> None:
    end = walk(knee(), {"q1": "a1"}, Facts(age=40))
    assert isinstance(end, Outcome)
    assert end.leaf.id == "o1"


def test_answers_off_the_way_do_no_harm_and_strange_ones_are_refused() -> None:
    assert isinstance(walk(knee(), {"q3": "a9"}, Facts(age=7)), Outcome)
    with pytest.raises(UnknownAnswer, match="no such answer"):
        walk(knee(), {"q2": "a9"}, Facts(age=40))


@pytest.mark.parametrize(("to", "says"), [("", "leads nowhere"), ("q1", "leads back")])
def test_a_broken_draft_says_where(to: str, says: str) -> None:
    with pytest.raises(BrokenTree, match=says):
        walk(read_tree(changed("nodes.q2.answers.0.to", to)), {"q2": "a1"}, Facts(age=40))


@given(
    st.dictionaries(st.sampled_from(["q1", "q2", "q3"]), st.sampled_from(["a1", "a2"])),
    st.none() | st.integers(0, 130),
    st.sampled_from(["", "new", "established"]),
)
def test_what_is_kept_of_the_facts_leads_the_same_way(
    answers: dict[str, str], age: int | None, patient: str
) -> None:
    """A run keeps the answers that facts gave, and no facts."""
    facts = Facts(age=age, patient=patient)
    with_facts = walk(knee(), answers, facts)
    with_answers = walk(knee(), known_answers(knee(), facts) | answers, Facts())
    assert type(with_facts) is type(with_answers)
    assert [(s.question, s.answer) for s in with_facts.path] == [
        (s.question, s.answer) for s in with_answers.path
    ]


# --- conditions ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "text", "when"),
    [
        (Fact.AGE, "under 18", Span(None, 18)),
        (Fact.AGE, " 18 TO 64 ", Span(18, 65)),
        (Fact.AGE, "65 and over", Span(65, None)),
        (Fact.AGE, "65+", Span(65, None)),
        (Fact.HOUR, "before 12", Span(None, 12)),
        (Fact.HOUR, "17 and later", Span(17, None)),
        (Fact.SEX, "Female, other", OneOf(("female", "other"))),
        (Fact.COVERAGE, "Medicare", OneOf(("medicare",))),
        (Fact.AGE, "", None),
        (Fact.SEX, "anything else", None),
    ],
)
def test_reads_what_an_editor_types_and_says_it_back(fact: Fact, text: str, when: object) -> None:
    read = read_condition(fact, text)
    assert read == when
    assert read_condition(fact, say_condition(fact, read)) == when


@pytest.mark.parametrize(
    ("fact", "text", "says"),
    [
        (Fact.AGE, "grown up", "under 18"),
        (Fact.AGE, "64 to 18", "must not be below"),
        (Fact.SEX, "f", "not one of: female"),
        (Fact.PATIENT, "old", "not one of: new"),
        (Fact.COVERAGE, "x" * 41, "at most 40"),
    ],
)
def test_says_how_to_write_a_condition(fact: Fact, text: str, says: str) -> None:
    with pytest.raises(ConditionUnreadable, match=says):
        read_condition(fact, text)


# --- checked -------------------------------------------------------------------------


def test_a_whole_tree_has_no_problems() -> None:
    assert find_problems(knee(), TYPES) == ()


@pytest.mark.parametrize(
    ("path", "value", "node", "says"),
    [
        ("nodes.q2.answers.0.to", "", "q2", "leads nowhere yet"),
        ("nodes.q2.answers.1.to", "q1", "q2", "leads back"),
        ("nodes.q2.answers.1.to", "q2", "q2", "leads back"),
        ("nodes.q2.answers.1.to", "o2", "q3", "No answer leads here"),
        ("nodes.q2.answers", [], "q2", "at least two answers"),
        ("nodes.q2.answers.1.text", "YES", "q2", "read the same"),
        ("nodes.q2.answers.1.text", " ", "q2", "Write each answer"),
        ("nodes.q2.text", " ", "q2", "Write the question"),
        ("nodes.q1.answers.1.when", {"from": 21, "below": None}, "q1", "Nothing answers 18"),
        ("nodes.q1.answers.1.when", {"from": 3, "below": 9}, "q1", "can never be"),
        ("nodes.q3.answers.0.when", None, "q3", "Only one answer"),
        ("nodes.q3.answers.1.when", {"is": ["established"]}, "q3", "stands in two answers"),
        ("nodes.q3.fact", "sex", "q3", ""),
        ("nodes.o2.visit_type", "", "o2", "Choose the visit type"),
        ("nodes.o2.visit_type", "GONE", "o2", "There is no visit type"),
        ("nodes.o2.visit_type", "OLD", "o2", "no longer booked"),
        ("nodes.o1.to", "queue", "o1", "Name the queue"),
    ],
)
def test_says_what_stands_against_publishing(path: str, value: Any, node: str, says: str) -> None:
    types = TYPES | {"OLD": KnownVisitType("Old visit", is_active=False)}
    found = find_problems(read_tree(changed(path, value)), types)
    if says:
        assert any(p.node == node and says in p.sentence for p in found), found
        assert all(p.sentence.endswith((".", "”")) for p in found)
    else:
        assert found == ()  # anything else takes what the list does not name


@given(st.lists(st.tuples(st.integers(0, 130), st.integers(0, 130)), min_size=2, max_size=5))
def test_parted_ages_answer_every_age(spans: list[tuple[int, int]]) -> None:
    """A question that passes the check is answered by every age there is."""
    answers = [
        {"key": f"a{n}", "text": f"t{n}", "to": "o1", "when": {"from": low, "below": high + 1}}
        for n, (low, high) in enumerate(spans)
    ]
    body = changed("nodes.q1.answers", [*answers, {"key": "b", "text": "else", "to": "q2"}])
    tree = read_tree(body)
    if not any(p.node == "q1" for p in find_problems(tree, TYPES)):
        assert all("q1" in known_answers(tree, Facts(age=age)) for age in range(131))


# --- edited --------------------------------------------------------------------------


def test_a_tree_grows_from_one_question_and_keeps_its_ids() -> None:
    drafts = [AnswerDraft(text="Yes", to="new-visit"), AnswerDraft(text="No", to="new-nurse")]
    tree = put_question(
        new_tree(), "q1", text="Is it the knee?", help_text="", fact=None, answers=drafts
    )
    first = tree.nodes["q1"]
    assert isinstance(first, Question)
    assert [(a.key, a.to) for a in first.answers] == [("a1", "o1"), ("a2", "o2")]
    leaf = Visit(id="", visit_type="BONES-FU", modality=Modality.VIDEO, urgency=VisitUrgency.TODAY)
    tree = put_leaf(tree, "o1", leaf)
    assert find_problems(tree, TYPES) == ()
    more = [
        AnswerDraft(key="a2", text="No", to="o2"),
        AnswerDraft(text="Maybe", to="new-question"),
        AnswerDraft(key="a1", text="Yes", to="o1"),
    ]
    tree = put_question(tree, "q1", text="Knee?", help_text="", fact=None, answers=more)
    second = tree.nodes["q1"]
    assert isinstance(second, Question)
    assert [a.key for a in second.answers] == ["a2", "a3", "a1"]
    assert tree.nodes["q2"] == Question(id="q2", text="", answers=())
    assert read_tree(write_tree(tree)) == tree


@pytest.mark.parametrize("to", NEW)
def test_everything_an_answer_can_be_led_to_is_there_afterwards(to: str) -> None:
    drafts = [AnswerDraft(text="Yes", to=to)]
    tree = put_question(new_tree(), "q1", text="?", help_text="", fact=None, answers=drafts)
    assert len(tree.nodes) == 2


def test_taking_a_node_out_takes_what_only_it_led_to() -> None:
    tree = remove_node(knee(), "q3")
    assert set(tree.nodes) == {"q1", "q2", "o1", "o2"}
    question = tree.nodes["q2"]
    assert isinstance(question, Question)
    assert question.answers[1].to == ""


@pytest.mark.parametrize(
    "edit",
    [
        lambda tree: remove_node(tree, "q1"),
        lambda tree: remove_node(tree, "q9"),
        lambda tree: put_leaf(tree, "q1", HandOver(id="", to=HandOverTo.NURSE)),
        lambda tree: put_question(tree, "o1", text="", help_text="", fact=None, answers=[]),
        lambda tree: put_question(
            tree, "q1", text="", help_text="", fact=None, answers=[AnswerDraft(text="", to="q9")]
        ),
        lambda tree: put_question(
            tree, "q1", text="", help_text="", fact=None, answers=[AnswerDraft(text="", to="")] * 13
        ),
    ],
)
def test_refuses_an_edit_that_would_break_the_tree(edit: Any) -> None:
    with pytest.raises(EditRefused, match=r"\.$"):
        edit(knee())


# --- compared ------------------------------------------------------------------------


def test_equal_versions_have_no_changes() -> None:
    assert compare(knee(), knee()) == ()


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("start", "q2", "It starts at “Did it begin"),
        ("nodes.q2.text", "Was there a fall?", "now reads “Was there a fall?”"),
        ("nodes.q2.help", "", "hint is now"),
        ("nodes.q2.answers.0.text", "Yes, it did", "“Yes” now reads “Yes, it did”"),
        ("nodes.q2.answers.0.to", "o1", "“Yes” leads to Hand over to the nurse, no longer to"),
        ("nodes.q2.answers", [{"key": "a2", "text": "No", "to": "q3"}], "is no longer an answer"),
        ("nodes.q2.answers", KNEE["nodes"]["q2"]["answers"][::-1], "another order"),
        ("nodes.q1.answers.0.when", {"from": None, "below": 16}, "holds for under 16"),
        ("nodes.o2.urgency", "today", "is now: BONES-NEW, in person, today"),
        ("nodes.o2.note", "Bring X-rays", "note is now"),
    ],
)
def test_says_what_changed(path: str, value: Any, says: str) -> None:
    found = compare(knee(), read_tree(changed(path, value)))
    assert len(found) == 1
    assert says in found[0].sentence


def test_says_what_came_and_what_went() -> None:
    smaller = remove_node(knee(), "q3")
    assert [(c.kind, c.node) for c in compare(knee(), smaller)] == [
        ("changed", "q2"),
        ("removed", "q3"),
        ("removed", "o3"),
    ]
    assert ("added", "o3") in [(c.kind, c.node) for c in compare(smaller, knee())]


# --- kept cases ----------------------------------------------------------------------


def test_a_case_passes_where_it_ends_as_kept() -> None:
    leaf = knee().nodes["o2"]
    assert isinstance(leaf, Visit)
    case = Case("adult, fell", {"q2": "a1"}, Facts(age=40), outcome_of(leaf))
    assert run_case(knee(), case).passed


@pytest.mark.parametrize(
    ("answers", "age", "says"),
    [
        ({"q2": "a1"}, 9, "It ends at: hand over to the nurse."),
        ({}, 40, "It stops at “Did it begin with an injury?”"),
        ({"q2": "gone"}, 40, "no such answer"),
    ],
)
def test_a_case_that_fails_says_what_came_instead(
    answers: dict[str, str], age: int, says: str
) -> None:
    expected = {
        "kind": "visit",
        "visit_type": "BONES-NEW",
        "modality": "in-person",
        "urgency": "7-days",
    }
    result = run_case(knee(), Case("c", answers, Facts(age=age), expected))
    assert not result.passed
    assert says in result.sentence


# --- found by a reason ---------------------------------------------------------------

WORDS = ("knee", "swollen joint", "rodilla", "hip")


@pytest.mark.parametrize(
    ("reason", "found"),
    [
        ("my knee hurts", ("knee",)),
        ("my KNEES", ("knee",)),
        ("kene pain", ("knee",)),
        ("me duele la rodila", ("rodilla",)),
        ("joint is swolen", ("swollen joint",)),
        ("hipp", ()),
        ("need a checkup", ()),
        ("", ()),
    ],
)
def test_a_misspelled_reason_finds_its_words(reason: str, found: tuple[str, ...]) -> None:
    match = match_words(reason, WORDS)
    assert (match.words if match else ()) == found


def test_a_word_as_it_is_counts_more_than_a_guess() -> None:
    right, guessed = match_words("knee", WORDS), match_words("knne", WORDS)
    assert right is not None
    assert guessed is not None
    assert right.score > guessed.score
