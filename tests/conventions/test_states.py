"""Every row with a life has a whole transition table, and the page that shows it is true."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm.engine.diagrams import page, rows_with_a_life
from crm.engine.models import StatusRow

PAGE = Path(__file__).parents[2] / "docs" / "states.md"


def test_the_page_is_not_stale() -> None:
    assert PAGE.read_text() == page(), "Run: python manage.py print_states > docs/states.md"


@pytest.mark.parametrize("model", rows_with_a_life(), ids=lambda model: model._meta.label)
def test_each_state_says_what_may_follow(model: type[StatusRow]) -> None:
    states = set(model.STATES)
    assert set(model.MOVES) == states
    assert set().union(*model.MOVES.values()) <= states


@pytest.mark.parametrize("model", rows_with_a_life(), ids=lambda model: model._meta.label)
def test_each_state_can_be_reached(model: type[StatusRow]) -> None:
    default = model._meta.get_field("status").get_default()
    reached = {model.STATES(default)} if default else set(model.STATES)
    while True:
        more = reached.union(*(model.MOVES[state] for state in reached))
        if more == reached:
            break
        reached = more
    begins_elsewhere = {
        # Inbound texts begin their own life, beside the outbound ones.
        "outreach.Message": {"received", "held", "read"},
        # An opening that its clinic keeps for its own day or week begins by waiting for it.
        "waitlist.Opening": {"later"},
    }
    assert set(model.STATES) - reached <= begins_elsewhere.get(model._meta.label, set())
