"""No template, name or address makes a text that tells of care or costs a second segment."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pytest_django import Settings

from crm.states import Purpose
from outreach.checks import check_texts
from outreach.rules.linting import lint_template
from outreach.rules.naming import neutral, neutral_name
from outreach.rules.render import render_longest, render_text
from outreach.rules.segments import Encoding, count_segments, lint
from outreach.rules.times import say_time
from outreach.rules.wording import find_health_words
from outreach.texts import FIELDS, LANGUAGES, TEXTS, Template

#: Names that real places bear. None may get into a text.
TELLING = [
    "Behavioral Health Center",
    "Riverside Methadone",
    "Cancer Institute East",
    "Women's Health & OB/GYN",
    "Camelback Dialysis",
    "Northside Mental Health",
    "Centro de Salud Mental",
    "Clínica de Diabetes",
    "Suboxone Clinic",
    "HIV Care Downtown",
    "Pediatric Oncology",
    "Dr. Lee's Eye Center",
    "Fertility Partners",
    "Hospice of the Valley",
    "Detox and Recovery",
    "Planned Parenthood",
    "Eating Disorder Clinic",
    "Addiction Medicine",
    "Kidney Care",
    "Sleep Medicine",
]
UNTOLD = [*TELLING, "Northlake Riverbank East Annex", "康复诊所", "Camelback \N{SPARKLES}", " "]


def bad(**changed: Any) -> Template:
    """A template that nothing is wrong with, but for what is changed."""
    facts: dict[str, Any] = {
        "key": "x",
        "version": 1,
        "purpose": Purpose.OFFER,
        "fields": frozenset({"site", "time", "link"}),
        "en": "{site}: a time is open, {time}. Want it? {link}",
        "es": "{site}: hay cita, {time}. {link}",
    }
    return Template(**{**facts, **changed})


@pytest.mark.parametrize("key", TEXTS)
def test_every_template_is_fit_to_be_sent(key: str) -> None:
    assert lint_template(TEXTS[key]) == []


@pytest.mark.parametrize(
    ("changed", "rules"),
    [
        ({}, []),
        ({"es": "{site}: hay cita, {time}. {link} " + "Llame. " * 12}, ["too-long"]),
        ({"en": "{site}: {time} is open \N{SPARKLES} {link}"}, ["not-gsm7", "too-long"]),
        ({"en": "{site} cardiology: {time}. {link}"}, ["health-word"]),
        ({"es": "{site}, su cita de quimioterapia: {time}. {link}"}, ["health-word"]),
        ({"en": "{site}: {time}. Reply CANCEL to pass. {link}"}, ["opt-out-word"]),
        ({"en": "{site}: {time} is open! {link}"}, ["exclamation"]),
    ],
)
def test_a_bad_template_is_found_out(changed: dict[str, str], rules: list[str]) -> None:
    assert [problem.rule for problem in lint_template(bad(**changed))] == rules


def test_the_longest_values_are_the_longest_that_there_are() -> None:
    """Every minute of a year in both languages: no time is longer than the lint reckons with."""
    minutes = (
        dt.datetime(2026, 1, 1, 12, 40, tzinfo=dt.UTC) + n * dt.timedelta(days=1)
        for n in range(365)
    )
    said = [say_time(at, "UTC", language) for at in minutes for language in LANGUAGES]
    assert max(map(len, said)) == len(FIELDS["time"].longest)
    assert (
        len(FIELDS["old_time"].longest) == len(FIELDS["other_time"].longest) == max(map(len, said))
    )


class TestNames:
    @pytest.mark.parametrize("name", UNTOLD)
    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("key", [k for k, t in TEXTS.items() if "site" in t.fields])
    def test_a_telling_site_gets_the_organizations_name(
        self, name: str, language: str, key: str
    ) -> None:
        longest = {field: FIELDS[field].longest for field in FIELDS}
        fields = neutral({**longest, "site": name}, language, instead="Sonora Health")
        text = render_text(TEXTS[key], language, fields)
        assert "Sonora Health" in text
        assert find_health_words(text) == ()
        assert lint(text) == []
        assert count_segments(text).encoding == Encoding.GSM7

    @pytest.mark.parametrize("name", UNTOLD)
    @pytest.mark.parametrize(("language", "told"), [("en", "Your clinic"), ("es", "Su clínica")])
    def test_where_the_organizations_own_tells_too_it_is_your_clinic(
        self, name: str, language: str, told: str
    ) -> None:
        assert neutral_name(name, language, instead=name) == told

    @pytest.mark.parametrize("name", ["Camelback", "Clínica Ñandú", "St. Mary's North", "Eastside"])
    def test_a_neutral_name_is_left_alone(self, name: str) -> None:
        assert neutral_name(name, "en", instead="Sonora Health") == name

    def test_nothing_but_names_is_touched(self) -> None:
        fields = {"time": "Tue Dec 1, 9:40 AM", "link": "https://lab.example/o/hiv/"}
        assert neutral(fields, "en", instead="") == fields


class TestDeploymentCheck:
    def test_is_silent_about_the_demo(self) -> None:
        assert check_texts() == []

    @pytest.mark.parametrize(
        ("changed", "ids"),
        [
            ({"organization_name": "Sonora Cancer Center"}, {"outreach.W001"}),
            ({"public_url": "https://patients.a-very-long-name.example.org"}, {"outreach.W002"}),
            ({"public_url": "https://psychiatry.org"}, {"outreach.W002"}),
        ],
    )
    def test_names_what_a_deployments_own_names_do(
        self, settings: Settings, changed: dict[str, str], ids: set[str]
    ) -> None:
        settings.FIRSTCALL = settings.FIRSTCALL.model_copy(update=changed)
        assert {warning.id for warning in check_texts()} == ids


def test_render_longest_is_what_the_lint_reads() -> None:
    assert lint(render_longest("offer", "en")) == []
