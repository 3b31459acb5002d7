"""What a purpose decides: hour, budget, place in line."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.rules.law import CONFIRMS_OPT_OUT
from crm.states import Purpose
from outreach.rules.purposes import COUNTED, PLACES, confirms_opt_out, goes_at_any_hour
from outreach.texts import TEXTS

NOW = dt.datetime(2026, 11, 19, 5, 30, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
P = Purpose


def test_every_purpose_of_a_message_has_a_place() -> None:
    assert set(PLACES) == set(Purpose) - {P.ALL}
    assert {P.OFFER, P.REMINDER, P.RECALL, P.MARKETING} == COUNTED


@pytest.mark.parametrize("purpose", sorted(COUNTED))
def test_what_nobody_asked_for_heeds_the_hour_even_in_a_conversation(purpose: Purpose) -> None:
    assert not goes_at_any_hour(purpose, heard_at=NOW - MINUTE, at=NOW)


@pytest.mark.parametrize(
    ("heard", "goes"), [(None, False), (0, True), (59, True), (60, False), (370, False)]
)
@pytest.mark.parametrize("purpose", [P.ANSWER, P.CONFIRMATION, P.UPDATE])
def test_the_one_who_waits_hears_at_any_hour(
    purpose: Purpose, heard: int | None, goes: bool
) -> None:
    heard_at = None if heard is None else NOW - heard * MINUTE
    assert goes_at_any_hour(purpose, heard_at=heard_at, at=NOW) is goes


def test_where_to_get_help_goes_at_any_hour_and_before_all_else() -> None:
    assert goes_at_any_hour(P.SAFETY, heard_at=None, at=NOW)
    assert all(PLACES[P.SAFETY] < place for purpose, place in PLACES.items() if purpose != P.SAFETY)


def test_an_opt_out_may_be_confirmed_for_five_minutes() -> None:
    for key in CONFIRMS_OPT_OUT:
        assert key in TEXTS
        assert confirms_opt_out(key, created_at=NOW - 5 * MINUTE, at=NOW)
        assert not confirms_opt_out(key, created_at=NOW - 6 * MINUTE, at=NOW)
    assert not confirms_opt_out("offer", created_at=NOW, at=NOW)
