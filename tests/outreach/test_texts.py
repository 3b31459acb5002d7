"""Every text in both languages: complete, short, plain, and silent about care."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.states import Purpose
from outreach.rules.purposes import COUNTED
from outreach.rules.render import FieldsDoNotFit, choose_language, render, render_longest
from outreach.rules.replies import ReplyKind, read_reply
from outreach.rules.segments import Encoding, count_segments, lint
from outreach.rules.wording import check_wording
from outreach.texts import FIELDS, LANGUAGES, TEXTS, Template, UnknownText, get_text
from tests.outreach.text_versions import VERSIONS

EVERY = [(key, language) for key in TEXTS for language in LANGUAGES]
NEEDED = """offer offer_no_later_visit offer_pending_yours offer_next_in_line offer_gone
offer_gone_other offer_confirmed offer_confirmed_giving_up offer_confirmed_given_up
offer_requested offer_refused offer_withdrawn offer_declined_ack offer_which
offer_other_closed offer_which_two offer_which_not offer_check_who who_we_are visit_given_up
give_back_ack
cancel_visit_ack stop_confirm start_confirm help unclear_ack question_ack wrong_number_ack
phone_code booking_link visit_asked_for visit_booked visit_moved visit_called_off
visit_not_possible list_joined
mass_moved mass_choices mass_choices_over video_link preparation_link place_link portal_link
safety_911 safety_988 safety_poison safety_person
safety_911_both safety_988_both safety_poison_both safety_person_both
page_on_call agent_reply"""


def test_every_needed_text_exists_under_its_own_key() -> None:
    assert set(TEXTS) == set(NEEDED.split())
    assert all(template.key == key for key, template in TEXTS.items())


@pytest.mark.fault(24)
@pytest.mark.parametrize(("key", "language"), EVERY)
def test_fits_one_segment_at_its_longest(key: str, language: str) -> None:
    text = render_longest(key, language)
    assert lint(text) == []
    assert count_segments(text).encoding == Encoding.GSM7


@pytest.mark.fault(25)
@pytest.mark.parametrize(("key", "language"), EVERY)
def test_says_nothing_about_care_and_invites_no_opt_out_by_mistake(key: str, language: str) -> None:
    assert check_wording(get_text(key).body(language)) == []
    assert check_wording(render_longest(key, language)) == []


@pytest.mark.parametrize(("key", "language"), EVERY)
def test_never_holds_the_word_cancel(key: str, language: str) -> None:
    assert not re.search(r"\bcancel\b", render_longest(key, language), re.IGNORECASE)


@pytest.mark.parametrize(("key", "language"), EVERY)
@pytest.mark.parametrize("reaction", ["Liked “{}”", "👍 to “{}”", "Le encantó “{}”"])
def test_a_reaction_to_it_decides_nothing(key: str, language: str, reaction: str) -> None:
    text = reaction.format(render_longest(key, language))
    assert read_reply(text, language=language).kind == ReplyKind.THANKS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["offer", "offer_no_later_visit"])
@pytest.mark.parametrize("echo", ["{}", "Re: {}", "{} yes", "Yes. {}"])
def test_an_offer_sent_back_decides_nothing(key: str, language: str, echo: str) -> None:
    text = echo.format(render_longest(key, language))
    reading = read_reply(text, language=language)
    assert reading.needs_person
    assert not reading.ends_texts


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["offer", "offer_no_later_visit"])
def test_an_offer_names_who_and_when_and_how_to_answer(key: str, language: str) -> None:
    text = render_longest(key, language)
    assert text.startswith(FIELDS["site"].longest)
    for part in (FIELDS["time"].longest, FIELDS["link"].longest, "NO", "STOP"):
        assert part in text
    assert ("YES" if language == "en" else "SI") in text


def test_only_what_nobody_asked_for_counts_against_the_budget() -> None:
    counted = {key for key, template in TEXTS.items() if template.purpose in COUNTED}
    assert counted == {
        "offer",
        "offer_no_later_visit",
        "booking_link",
        "mass_moved",
        "mass_choices",
    }


def test_a_changed_text_has_a_new_version() -> None:
    """Put a raised version's fingerprint into text_versions.py, and leave the old ones there."""
    for key, template in TEXTS.items():
        bodies = "\n".join(template.body(language) for language in LANGUAGES)
        fingerprint = hashlib.sha256(bodies.encode()).hexdigest()[:12]
        assert VERSIONS.get((key, template.version)) == fingerprint, (key, fingerprint)


def test_a_template_that_names_another_field_does_not_load() -> None:
    def template(**changed: object) -> Template:
        facts: dict[str, object] = {
            "key": "x",
            "version": 1,
            "purpose": Purpose.ANSWER,
            "fields": frozenset({"time"}),
            "en": "At {time}",
            "es": "A las {time}",
        }
        return Template(**{**facts, **changed})  # type: ignore[arg-type]

    assert template().body("es") == "A las {time}"
    with pytest.raises(ValueError, match="'es' names"):
        template(es="A las {hora}")
    with pytest.raises(ValueError, match="'en' names"):
        template(en="Soon")
    with pytest.raises(ValueError, match="'en' names"):
        template(en="At {time.year}")
    with pytest.raises(ValueError, match="unknown fields"):
        template(fields=frozenset({"diagnosis"}))


def test_renders_the_facts_in_the_sms_alphabet() -> None:
    fields = {"time": "sáb 5 dic, 9:40 AM", "site": "Peñón", "link": "https://x.example/o/1"}
    assert render("offer_confirmed", "es", fields) == (
        "Su cita esta reservada: sab 5 dic, 9:40 AM, Peñon. Detalles: https://x.example/o/1"
    )


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({}, r"missing \['time'\]"),
        ({"time": " \n "}, r"missing \['time'\]"),
        ({"time": "Tue", "diagnosis": "x"}, r"no such fields \['diagnosis'\]"),
    ],
)
def test_refuses_facts_that_do_not_fit(fields: dict[str, str], complaint: str) -> None:
    with pytest.raises(FieldsDoNotFit, match=complaint):
        render("offer_gone", "en", fields)


def test_one_set_of_facts_serves_several_texts() -> None:
    facts = {"time": "Tue Dec 1, 9:40 AM", "site": "Riverside", "link": "https://x.example/o/1/"}
    assert "Riverside" not in render("offer_gone", "en", facts)
    assert "Riverside" in render("offer_confirmed", "en", facts)


def test_a_deployment_can_see_how_long_its_own_texts_get() -> None:
    link = "https://patients.a-very-long-name.example.org/o/7Kq2mXw9TzR4b_-v/"
    assert [problem.rule for problem in lint(render_longest("offer", "en", link=link))] == [
        "too-long"
    ]


def test_refuses_an_unknown_key_or_language() -> None:
    with pytest.raises(UnknownText, match="no text 'offre'"):
        render("offre", "en", {})
    with pytest.raises(UnknownText, match="does not exist in 'zh'"):
        render("offer_gone", "zh", {"time": "Tue"})


@given(value=st.text(min_size=1).filter(lambda text: bool(text.split())))
def test_no_value_can_add_a_line_or_be_taken_for_a_field(value: str) -> None:
    text = render("offer_gone", "en", {"time": value})
    assert "\n" not in text
    assert text.startswith("Sorry, ")
    assert text.endswith(
        " was just taken. You keep your place on our list, and any visit you have "
        "stays as it is. We will text you if another opens."
    )


@pytest.mark.parametrize(
    ("preferred", "language"),
    [("en", "en"), ("es", "es"), ("es-MX", "es"), ("ES", "es"), ("zh", "en"), ("", "en")],
)
def test_texts_in_spanish_to_those_who_prefer_it(preferred: str, language: str) -> None:
    assert choose_language(preferred) == language
