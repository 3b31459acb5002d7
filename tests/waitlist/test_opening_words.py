"""Every state and rule has words for staff, and spans are said as the page keeps them up."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from crm.rules import ContactRule
from outreach.rules.budget import BudgetRule
from outreach.states import MessageStatus
from scheduling.states import AppointmentStatus, CancelledBy, EhrWriteStatus, FreedBy, Modality
from waitlist import opening_words as words
from waitlist.queries import Shown
from waitlist.rules.eligibility import RuleName
from waitlist.states import OfferStatus, OpeningStatus
from waitlist.templatetags.openings import at_site, opening_chip


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (OpeningStatus, words.OPENING),
        (OfferStatus, words.OFFER),
        (MessageStatus, words.TEXT),
        (EhrWriteStatus, words.WRITE),
        (AppointmentStatus, words.VISIT),
        (FreedBy, words.CAUSE),
        (CancelledBy, words.CANCELLED_BY),
        (Modality, words.MODALITY),
        (RuleName, words.RULES),
        (Shown, words.LISTS),
    ],
)
def test_every_state_has_words(states: type, said: dict[str, object]) -> None:
    assert set(said) == set(states)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "rule", [*ContactRule, *BudgetRule, "quiet-hours", "zone-unknown"], ids=str
)
def test_every_contact_rule_has_words_of_its_own(rule: str) -> None:
    if rule == ContactRule.ALLOWED:
        return
    assert words.say_rule(f"contact:{rule}") not in {words.RULES[RuleName.CONTACT], str(rule)}


def test_an_unknown_rule_is_said_by_its_name() -> None:
    assert words.say_rule("retired-rule") == "retired-rule"
    assert words.say_rule("contact:retired-rule") == "May not be texted"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 ms"),
        (0, "0 ms"),
        (0.2104, "210 ms"),
        (41.23, "41.2 s"),
        (725, "12 min 5 s"),
        (720, "12 min"),
        (11_520, "3 h 12 min"),
        (300_000, "3 days 11 h"),
    ],
)
def test_says_time_since_the_slot_was_freed(seconds: float, said: str) -> None:
    assert words.say_elapsed(dt.timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3600, "1 h"),
        (7800, "2 h 10 min"),
        (86_400, "1 day"),
        (172_800, "2 days"),
    ],
)
def test_says_spans_as_the_page_keeps_them_up(seconds: float, said: str) -> None:
    assert words.say_span(seconds) == said


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("America/Phoenix", "MST"),
        ("America/Chicago", "CST"),
        ("Asia/Dubai", "UTC+4"),
        ("Asia/Kathmandu", "UTC+5:45"),
        ("America/Sao_Paulo", "UTC-3"),
    ],
)
def test_names_the_clock_of_the_site(zone: str, said: str) -> None:
    assert words.say_zone(dt.datetime(2026, 11, 18, 17, tzinfo=dt.UTC), zone) == said


@pytest.mark.parametrize(
    ("language", "said"), [("en-us", "Tue Dec 1, 9:40 AM"), ("es", "mar 1 dic, 9:40 AM")]
)
def test_says_times_in_the_language_of_the_page(language: str, said: str) -> None:
    at = dt.datetime(2026, 12, 1, 16, 40, tzinfo=dt.UTC)
    with translation.override(language):
        assert at_site(at, "America/Phoenix") == said


def test_a_chip_is_translated_and_its_table_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("waitlist.templatetags.openings._", str.upper)
    assert opening_chip(OpeningStatus.FILLED).word == "FILLED"
    assert words.OPENING[OpeningStatus.FILLED].word == "Filled"
