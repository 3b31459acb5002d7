"""Decision trees from a reason to a visit. Pure: no Django, no clock, no reads."""

from scheduling.rules.trees.cases import Case, CaseResult, Expected, outcome_of, run_case
from scheduling.rules.trees.checking import KnownVisitType, Problem, find_problems
from scheduling.rules.trees.conditions import ConditionUnreadable, read_condition, say_condition
from scheduling.rules.trees.diffing import Change, compare
from scheduling.rules.trees.editing import (
    NEW,
    AnswerDraft,
    EditRefused,
    new_tree,
    put_leaf,
    put_question,
    remove_node,
)
from scheduling.rules.trees.reading import TreeUnreadable, read_tree, write_tree
from scheduling.rules.trees.shape import (
    Answer,
    Fact,
    Facts,
    HandOver,
    Leaf,
    Node,
    OneOf,
    Question,
    Span,
    Tree,
    Visit,
)
from scheduling.rules.trees.walking import (
    Ask,
    BrokenTree,
    Outcome,
    Step,
    UnknownAnswer,
    known_answers,
    walk,
)
from scheduling.rules.trees.words import WordMatch, match_words

__all__ = [
    "NEW",
    "Answer",
    "AnswerDraft",
    "Ask",
    "BrokenTree",
    "Case",
    "CaseResult",
    "Change",
    "ConditionUnreadable",
    "EditRefused",
    "Expected",
    "Fact",
    "Facts",
    "HandOver",
    "KnownVisitType",
    "Leaf",
    "Node",
    "OneOf",
    "Outcome",
    "Problem",
    "Question",
    "Span",
    "Step",
    "Tree",
    "TreeUnreadable",
    "UnknownAnswer",
    "Visit",
    "WordMatch",
    "compare",
    "find_problems",
    "known_answers",
    "match_words",
    "new_tree",
    "outcome_of",
    "put_leaf",
    "put_question",
    "read_condition",
    "read_tree",
    "remove_node",
    "run_case",
    "say_condition",
    "walk",
    "write_tree",
]
