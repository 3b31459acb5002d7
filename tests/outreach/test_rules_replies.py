"""Reading replies: the table of real-looking texts, and what must hold for any text at all."""

from __future__ import annotations

import csv
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.rules import reply_patterns
from outreach.rules.plain import simplify
from outreach.rules.replies import Reading, ReplyKind, read_reply
from outreach.rules.reply_spelling import NEVER_CORRECTED, correct
from outreach.rules.reply_words import (
    CARRIER_OPT_OUT,
    CHOICES,
    PHRASES,
    PHRASES_OF_LANGUAGE,
    Role,
    words_in,
)
from tests.outreach.reply_table import rows

ROWS = rows()
YES_TEXTS = [text for language, text, kind in ROWS if kind == ReplyKind.YES and language == "en"]
COMPLAINTS = Path(__file__).parents[2].parent / "shared" / "data" / "utterances" / "ktas.csv"

NEGATIONS = sorted(
    words_in("""
no not nope nah never dont don't cant can't won't cannot isn't nobody without nunca jamas jamás
tampoco ni sin nadie ninguna
    """)
)
HEDGES = sorted(
    words_in("""
but if maybe unless except later earlier only pero quizas tal depende aunque when cuando tuesday
3pm 1 100 because ride blood pain 🤔 🤷 😡 🤒 $ doctor
    """)
)

languages = st.sampled_from(["en", "es", "en-US", "es-MX", "zh", ""])
known_words = st.sampled_from(sorted({word for phrase in PHRASES for word in phrase}))
loose_words = st.sampled_from([*NEGATIONS, *HEDGES, "cancel", "stop", "?", "!", ".", "\n", "the"])
ramblings = st.lists(known_words | loose_words | st.text(max_size=6), max_size=20).map(" ".join)


@pytest.mark.parametrize(("language", "text", "kind"), ROWS)
def test_reads_the_table(language: str, text: str, kind: ReplyKind) -> None:
    assert read_reply(text, language=language).kind == kind


def test_the_table_is_large_and_says_each_thing_once() -> None:
    assert len(ROWS) >= 500
    assert len(set(ROWS)) == len(ROWS)
    assert {kind for _, _, kind in ROWS} == set(ReplyKind)


@pytest.mark.fault(19)
@pytest.mark.parametrize("word", sorted(CARRIER_OPT_OUT))
@pytest.mark.parametrize("spell", [str.lower, str.upper, str.title, "  {}\n".format])
def test_a_carrier_word_alone_opts_out(word: str, spell: object) -> None:
    assert callable(spell)
    reading = read_reply(spell(word), language="es")
    assert reading == Reading(kind=ReplyKind.STOP, carrier_word=True, matched=word)


def _fullwidth(word: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalpha() else c for c in word)


def _mixed(word: str) -> str:
    return "".join(c.upper() if at % 2 else c for at, c in enumerate(word))


SPELLINGS: dict[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "title": str.title,
    "mixed": _mixed,
    "full width": _fullwidth,
    "letter by letter": lambda word: word if " " in word else " ".join(word),
    "white space": "  {}\n".format,
    "hard spaces": "\u00a0{}\u00a0".format,
    "an invisible sign": "\u200b{}".format,
    "a byte order mark": "\ufeff{}".format,
    "a full stop": "{}.".format,
    "shouted": "{}!!!".format,
    "quoted": '"{}"'.format,
    "curly quotes": "\u201c{}\u201d".format,
    "brackets": "({})".format,
    "dashes": "- {} -".format,
}
WITH_MORE: dict[str, Callable[[str], str]] = {
    "please": "{} please".format,
    "a sign": "{} \N{OCTAGONAL SIGN}".format,
    "a greeting": "Hi, {}".format,
    "thanks": "{}, thanks".format,
}
OPT_OUTS = CARRIER_OPT_OUT | {" ".join(p) for p, role in PHRASES.items() if role == Role.STOP}


@pytest.mark.parametrize("spelling", [*SPELLINGS, *WITH_MORE])
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_opt_out_word_in_every_spelling_ends_texts(spelling: str, language: str) -> None:
    """Faults to survive, 19. CANCEL with anything beside it asks about a visit: a person does."""
    spell = {**SPELLINGS, **WITH_MORE}[spelling]
    words = OPT_OUTS - {"cancel"} if spelling in WITH_MORE else OPT_OUTS
    read = {word: read_reply(spell(word), language=language) for word in words}
    assert [word for word, reading in read.items() if not reading.ends_texts] == []


@pytest.mark.parametrize(
    "text", ["STOP.", "stop please", "S T O P", "\uff33\uff34\uff2f\uff30", "opt out", "ALTO"]
)
def test_an_opt_out_that_the_carrier_does_not_see_is_told_apart(text: str) -> None:
    reading = read_reply(text, language="en")
    assert reading.kind == ReplyKind.STOP
    assert not reading.carrier_word


@pytest.mark.parametrize("text", ["CANCEL", "cancel", "Cancel."])
def test_cancel_opts_out_and_asks_a_person_whether_a_visit_was_meant(text: str) -> None:
    reading = read_reply(text, language="en")
    assert reading.ends_texts
    assert reading.visit_may_be_meant
    assert reading.needs_person


def test_other_opt_outs_need_nobody() -> None:
    reading = read_reply("STOP", language="en")
    assert not reading.visit_may_be_meant
    assert not reading.needs_person


def test_a_wrong_number_ends_texts_and_needs_a_person() -> None:
    reading = read_reply("wrong number", language="en")
    assert reading.ends_texts
    assert reading.needs_person


@pytest.mark.parametrize(
    ("text", "needs"),
    [("yes", False), ("no", False), ("thanks", False), ("maybe", True), ("C", True)],
)
def test_says_who_needs_a_person(text: str, needs: bool) -> None:
    assert read_reply(text, language="en").needs_person is needs


@pytest.mark.parametrize(
    ("word", "trap"),
    [
        ("yes", "yet"),
        ("yes", "eyes"),
        ("yes", "yen"),
        ("stop", "step"),
        ("stop", "shop"),
        ("stop", "stoop"),
        ("stop", "top"),
        ("no", "now"),
        ("no", "not"),
        ("no", "know"),
        ("no", "on"),
        ("si", "is"),
        ("si", "six"),
        ("ok", "ko"),
        ("sure", "sore"),
        ("help", "held"),
        ("start", "stars"),
        ("cancel", "cancer"),
        ("cancelar", "cancelada"),
        ("messages", "massages"),
        ("number", "numbed"),
        ("number", "lumber"),
        ("definitely", "indefinitely"),
        ("certainly", "uncertainly"),
    ],
)
def test_never_corrects_one_real_word_into_another(word: str, trap: str) -> None:
    assert correct(trap) == trap
    assert correct(word) == word


def test_words_held_out_are_near_misses_and_stay_as_they_are() -> None:
    assert {correct(word) for word in NEVER_CORRECTED} == NEVER_CORRECTED


@pytest.mark.parametrize(
    ("typo", "word"),
    [
        ("unsubscirbe", "unsubscribe"),
        ("unsuscribe", "unsubscribe"),
        ("apointmnet", "appointment"),
        ("definatly", "definitely"),
        ("cansel", "cancel"),
        ("nooooo", "no"),
        ("plzzz", "plzzz"),
        ("siiii", "si"),
    ],
)
def test_corrects_plain_typos_only(typo: str, word: str) -> None:
    assert correct(typo) == word


def test_no_phrase_that_accepts_holds_a_negation() -> None:
    plain_negations = {word for word in NEGATIONS if word.isalpha()}
    own = [item for phrases in PHRASES_OF_LANGUAGE.values() for item in phrases.items()]
    accepting = [phrase for phrase, role in [*PHRASES.items(), *own] if role == Role.YES]
    assert len(accepting) > 100
    assert not [phrase for phrase in accepting if plain_negations & set(phrase)]


def test_every_known_phrase_is_written_as_messages_are_read() -> None:
    for phrase in PHRASES:
        assert simplify(" ".join(phrase)).clauses == (phrase,)
        assert tuple(correct(word) for word in phrase) == phrase


@pytest.mark.fault(26)
@given(text=st.text(), language=languages)
def test_never_raises_on_any_text(text: str, language: str) -> None:
    assert isinstance(read_reply(text, language=language).kind, ReplyKind)


@given(text=ramblings, language=languages)
def test_what_matched_is_ours_never_the_patients(text: str, language: str) -> None:
    phrases = {" ".join(phrase) for phrase in PHRASES}
    phrases |= {" ".join(phrase) for own in PHRASES_OF_LANGUAGE.values() for phrase in own}
    groups = ("WRONG_NUMBER", "STOP", "CANCEL_VISIT", "QUESTION")
    rules = {name for group in groups for name, _ in getattr(reply_patterns, group)}
    others = {"", "cancel", "asks to cancel", "question mark", "reaction"}
    others |= {str(number) for number in CHOICES.values()}
    assert read_reply(text, language=language).matched in phrases | rules | others


@given(
    text=ramblings, mark=st.sampled_from("?¿؟\uff1f‽❓"), at=st.integers(min_value=0, max_value=40)
)
def test_a_question_mark_anywhere_never_accepts(text: str, mark: str, at: int) -> None:
    assert read_reply(text[:at] + mark + text[at:], language="en").kind != ReplyKind.YES


@given(
    text=st.sampled_from(YES_TEXTS),
    word=st.sampled_from(NEGATIONS + HEDGES),
    at=st.integers(min_value=0, max_value=12),
    language=languages,
)
def test_an_acceptance_with_one_negation_or_hedge_never_accepts(
    text: str, word: str, at: int, language: str
) -> None:
    words = text.split()
    hedged = " ".join([*words[:at], word, *words[at:]])
    assert read_reply(hedged, language=language).kind != ReplyKind.YES


@given(text=ramblings, language=languages)
def test_accepts_only_when_every_word_is_known(text: str, language: str) -> None:
    if read_reply(text, language=language).kind == ReplyKind.YES:
        known = {word for phrase in PHRASES for word in phrase} | {"ya", "va", "sale", "bien"}
        assert {correct(word) for word in simplify(text).words} <= known


@given(number=st.integers(min_value=3, max_value=10**10))
def test_a_lone_number_goes_to_a_person(number: int) -> None:
    assert read_reply(str(number), language="en").kind == ReplyKind.UNCLEAR


@pytest.mark.parametrize(("language", "text", "kind"), ROWS)
def test_case_accents_and_spaces_do_not_matter(language: str, text: str, kind: ReplyKind) -> None:
    decomposed = unicodedata.normalize("NFD", text)
    marks_off = "".join(char for char in decomposed if not unicodedata.combining(char))
    spaced = f" \t{text.replace(' ', '  ')}\n"
    for same in (text.upper(), text.lower(), decomposed, marks_off, spaced):
        assert read_reply(same, language=language).kind == kind, same


@pytest.mark.parametrize("hand", ["👍", "👎", "👌"])
@given(
    tone=st.sampled_from(["", "🏻", "🏼", "🏽", "🏾", "🏿"]),
    selector=st.sampled_from(["", "\ufe0f"]),
)
def test_skin_tones_do_not_matter(hand: str, tone: str, selector: str) -> None:
    plain = read_reply(hand, language="en").kind
    assert read_reply(f"{hand}{tone}{selector}", language="en").kind == plain


@given(
    text=st.sampled_from([text for text in YES_TEXTS if text != "y e s"]),
    smile=st.sampled_from(["😊", "❤️", "🙏🏾", "🎉"]),
)
def test_a_friendly_emoji_does_not_change_an_acceptance(text: str, smile: str) -> None:
    assert read_reply(f"{text} {smile}", language="en").kind == ReplyKind.YES


def test_a_long_text_is_never_a_plain_answer() -> None:
    assert read_reply("yes " * 39, language="en").kind == ReplyKind.YES
    assert read_reply("yes " * 41, language="en").kind == ReplyKind.UNCLEAR
    assert read_reply("yes" + " " * 2_000 + "no", language="en").kind != ReplyKind.YES


@pytest.mark.parametrize(
    "unit",
    ["no ", "cant ", "i dont want ", "nobody x ", ":/", "“a", '"', "yes pero ", "no me mande "],
)
def test_reads_hostile_texts_in_bounded_time(unit: str) -> None:
    begun = time.perf_counter()
    read_reply(unit * 2_000, language="en")
    assert time.perf_counter() - begun < 2


def test_no_emergency_complaint_is_taken_for_an_answer() -> None:
    if not COMPLAINTS.exists():
        pytest.skip(f"Not measured: {COMPLAINTS} is absent.")
    with COMPLAINTS.open(encoding="utf-8") as lines:
        complaints = [row["chief_complaint"] for row in csv.DictReader(lines)]
    people = {ReplyKind.UNCLEAR, ReplyKind.QUESTION}
    taken = {text for text in complaints if read_reply(text, language="en").kind not in people}
    assert len(complaints) > 1_000
    assert not taken
