"""Scripts: what is said, asked and done in a call, step by step. Pure: no Django, no clock."""

from desk.rules.scripts.checking import Problem, find_problems
from desk.rules.scripts.conditions import ConditionUnreadable, applies, read_holds, say_holds
from desk.rules.scripts.diffing import Change, compare, say_when
from desk.rules.scripts.editing import EditRefused, move_step, new_key, put_step, remove_step
from desk.rules.scripts.reading import ScriptUnreadable, is_key, read_script, write_script
from desk.rules.scripts.shape import (
    SOURCES,
    Fact,
    Holds,
    OneOf,
    Option,
    ScriptDoc,
    ScriptFacts,
    ScriptStep,
    Span,
    When,
)
from desk.rules.scripts.walking import (
    DID,
    SKIP,
    RequiredStepsMissing,
    StepNow,
    UnknownAnswer,
    check_may_leave,
    find_now,
    places_of,
    put_in,
    read_answer,
    steps_now,
)

__all__ = [
    "DID",
    "SKIP",
    "SOURCES",
    "Change",
    "ConditionUnreadable",
    "EditRefused",
    "Fact",
    "Holds",
    "OneOf",
    "Option",
    "Problem",
    "RequiredStepsMissing",
    "ScriptDoc",
    "ScriptFacts",
    "ScriptStep",
    "ScriptUnreadable",
    "Span",
    "StepNow",
    "UnknownAnswer",
    "When",
    "applies",
    "check_may_leave",
    "compare",
    "find_now",
    "find_problems",
    "is_key",
    "move_step",
    "new_key",
    "places_of",
    "put_in",
    "put_step",
    "read_answer",
    "read_holds",
    "read_script",
    "remove_step",
    "say_holds",
    "say_when",
    "steps_now",
    "write_script",
]
