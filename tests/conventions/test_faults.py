"""docs/reliability.md lists each fault with its tests, and the tests say of which they are."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

import pytest

from tests.conventions.repo import ROOT

PAGE = ROOT / "docs" / "reliability.md"
#: Of the list of faults that the page begins with; 12 and 33 onward belong to later releases.
FAULTS = frozenset(range(1, 33)) - {12}
ROW = re.compile(r"^\| (\d+) \|(.*)\|$", re.MULTILINE)
COLUMNS = 5  # fault, what happens, a patient notices, staff notice, tests


def rows() -> dict[int, list[str]]:
    """The cells of each row of the page's table, by fault."""
    found = ROW.findall(PAGE.read_text())
    return {int(number): [cell.strip() for cell in rest.split("|")] for number, rest in found}


def told() -> dict[int, set[str]]:
    """The test files that the page names, by fault."""
    return {
        number: set(re.findall(r"`([\w/]+\.py)`", cells[-1])) for number, cells in rows().items()
    }


@cache
def marked() -> dict[int, set[str]]:
    """The test files that bear a fault's mark, by fault."""
    found: dict[int, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for number in marks_in(ast.parse(path.read_text())):
            found[number].add(str(path.relative_to(ROOT / "tests")))
    return dict(found)


def marks_in(tree: ast.Module) -> Iterator[int]:
    """The numbers of every `pytest.mark.fault(number)`."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "fault"
        ):
            yield from (int(ast.literal_eval(arg)) for arg in node.args)


@pytest.mark.parametrize("number", sorted(FAULTS))
def test_the_page_names_the_tests_of_each_fault(number: int) -> None:
    assert marked().get(number), f"no test is marked fault({number})"
    assert told().get(number) == marked()[number], "docs/reliability.md is stale"


def test_the_page_has_no_other_rows_and_no_empty_cells() -> None:
    assert set(rows()) == FAULTS == set(marked())
    for number, cells in rows().items():
        assert len(cells) == COLUMNS, number
        assert all(cells), f"fault {number}: say what a patient would notice, or that it is nothing"


def test_sees_marks_of_functions_classes_and_modules() -> None:
    source = "pytestmark = [pytest.mark.fault(1)]\n@pytest.mark.fault(2)\ndef test_x(): ...\n"
    assert sorted(marks_in(ast.parse(source))) == [1, 2]
