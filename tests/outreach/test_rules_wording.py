"""Words that may not stand in a text."""

from __future__ import annotations

import pytest

from outreach.rules.wording import check_wording, find_health_words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Your Oncology visit", ("oncology",)),
        ("cita de cardiología", ("cardiologia",)),
        ("PSYCHIATRY with Dr. Lee", ("psychiatry", "dr")),
        ("lab results, then lab", ("lab", "results")),
        ("su cita de psicología", ("psicologia",)),
        ("Suboxone refill", ("suboxone", "refill")),
        ("You are booked: Tue Dec 1, 9:40 AM, Riverside.", ()),
        ("Eastside and Labrador Street: near, early, passed, painted", ()),
    ],
)
def test_finds_what_tells_about_care(text: str, found: tuple[str, ...]) -> None:
    assert find_health_words(text) == found


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Reply YES to take it, STOP to end texts.", []),
        ("Reply CANCEL to give it up.", ["opt-out-word"]),
        ("Reply END or QUIT.", ["opt-out-word"]),
        ("Great news!", ["exclamation"]),
        ("¡Buenas noticias", ["exclamation"]),
        ("Cancer screening! Reply CANCEL", ["health-word", "opt-out-word", "exclamation"]),
    ],
)
def test_names_each_fault(text: str, rules: list[str]) -> None:
    assert [problem.rule for problem in check_wording(text)] == rules
