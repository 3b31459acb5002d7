"""The list of red flags and what it finds: danger, doubt, and nothing in ordinary replies."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.rules.also_said import CARRIED_OUT, read_also
from tests.outreach.reply_table import rows
from tests.triage.texts import ALARMING, DANGER, ORDINARY, UNSURE, lines
from triage.red_flags import CURRENT, RedFlagCheck, load_list
from triage.red_flags import files as list_files
from triage.red_flags.check import LONGEST_CHECKED
from triage.rules.red_flags import BadList, read_list
from triage.states import Doubt, HelpLine, Level

KTAS = Path(__file__).resolve().parents[3] / "shared/data/utterances/ktas.csv"
#: In the table of replies, and rightly no ordinary ones.
NOT_ORDINARY = {"yes chest pain", "I am having chest pain"}
CHECK = RedFlagCheck()


@pytest.mark.parametrize("flag", DANGER)
def test_finds_the_danger_however_it_is_written(flag: str) -> None:
    missed = [
        text
        for text in lines(DANGER[flag])
        if not any(m.flag == flag and not m.doubt for m in CHECK.check(text).matches)
    ]
    assert not missed


def test_overlooks_nothing_that_it_once_overlooked() -> None:
    assert not [text for text in lines(ALARMING) if CHECK.check(text).is_none]


@pytest.mark.parametrize("text", lines(UNSURE))
def test_what_is_denied_or_past_is_unsure_and_never_fine(text: str) -> None:
    assert CHECK.check(text).level is Level.UNSURE


def test_finds_nothing_in_ordinary_replies() -> None:
    replies = [text for _, text, _ in rows() if text not in NOT_ORDINARY]
    assert len(replies) > 500
    alarmed = [text for text in [*lines(ORDINARY), *replies] if not CHECK.check(text).is_none]
    assert not alarmed


@pytest.mark.parametrize("change", [str.upper, str.title, lambda text: f"hi!! {text}... pls help"])
def test_writing_it_otherwise_changes_nothing(change: object) -> None:
    assert callable(change)
    for text in (line for table in DANGER.values() for line in lines(table)):
        assert not CHECK.check(change(text)).is_none, text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("chest pain", HelpLine.CALL_911),
        ("I want to die", HelpLine.CRISIS_988),
        ("she drank bleach", HelpLine.POISON),
        ("I took too many pills, I want to die", HelpLine.CALL_911),
        ("I want to die and my chest hurts", HelpLine.CALL_911),
        ("not suicidal. but she drank bleach", HelpLine.POISON),
    ],
)
def test_names_who_can_help(text: str, line: HelpLine) -> None:
    assert CHECK.check(text).line is line


def test_a_danger_outweighs_what_is_denied_beside_it() -> None:
    finding = CHECK.check("No chest pain, but I can't breathe")
    assert finding.level is Level.EMERGENCY
    assert {(m.flag, m.doubt) for m in finding.matches} == {
        ("chest-pain", Doubt.DENIED),
        ("breathing", Doubt.NONE),
    }


@pytest.mark.parametrize(
    ("age_months", "level"), [(None, Level.NONE), (2, Level.URGENT), (40, Level.NONE)]
)
def test_a_fever_counts_for_the_very_young(age_months: int | None, level: Level) -> None:
    assert CHECK.check("He has a fever of 101", age_months=age_months).level is level


def test_a_reaction_to_our_own_words_is_none() -> None:
    ours = "Thank you. A person will read your text. If it cannot wait, call; in an emergency, 911."
    assert CHECK.check(f"Liked “{ours}”").is_none
    assert CHECK.check(f"Liked “{ours}” my chest hurts").level is Level.EMERGENCY


@given(text=st.text(max_size=400))
def test_takes_any_text(text: str) -> None:
    assert CHECK.check(text).list_version == "1"


def test_keeps_nothing_of_the_patients_words() -> None:
    [match] = CHECK.check("Zaphod says my chesst hurts").matches
    assert "zaphod" not in str(match.as_dict()).lower()
    assert "chesst" not in str(match.as_dict())


def test_every_flag_names_its_source_and_stands_in_both_languages() -> None:
    for flag in load_list().flags:
        assert flag.source, flag.key
        assert {phrase.language for phrase in flag.phrases} == {"en", "es"}, flag.key
        assert flag.level is not Level.NONE, flag.key


def test_every_phrase_is_found_by_itself() -> None:
    """A phrase with a slip in it would never match, and nobody would notice."""
    for flag in load_list().flags:
        for phrase in flag.phrases:
            said = " ".join(min(slot).rstrip("*") for slot in phrase.slots)
            found = CHECK.check(said, age_months=1)
            assert flag.key in {m.flag for m in found.matches}, (flag.key, phrase.text, said)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('en = ["chest <pian>"]', "no group <pian>"),
        ("en = []", "every language"),
        ('level = "red"', "'red' is not a valid Level"),
        ('source = ""', "a source"),
    ],
)
def test_a_list_with_a_mistake_does_not_load(line: str, complaint: str) -> None:
    key = line.split(" = ", maxsplit=1)[0]
    flag = {
        "id": "id = 'x'",
        "name": "name = 'X'",
        "level": "level = 'urgent'",
        "line": "line = '911'",
        "source": "source = 'S'",
        "en": "en = ['a']",
        "es": "es = ['b']",
    }
    flag[key] = line
    text = "version = '9'\nreal_words = ''\n[words]\n[shorthand]\n[[flag]]\n"
    with pytest.raises(BadList, match=complaint):
        read_list(tomllib.loads(text + "\n".join(flag.values())), digest="")


def test_a_list_without_its_parts_does_not_load() -> None:
    with pytest.raises(BadList, match="words"):
        read_list({"version": "1"}, digest="")


def test_the_list_is_kept_as_its_version_was_signed() -> None:
    """A changed list is a new file with a new version; the old one stays as it is."""
    files = {path.stem: path for path in Path(list_files.__file__).parent.glob("*.toml")}
    assert CURRENT in files
    for name, path in files.items():
        assert load_list(name).version == tomllib.loads(path.read_text())["version"]
        assert f"v{load_list(name).version}" == name


def test_what_nurses_write_is_measured() -> None:
    """Emergency-department complaints, as nurses type them: terse, abbreviated, misspelt.

    The list is for patients' words and finds about half of the worst; docs/safety.md states it.
    What it does not find goes to a person all the same: nothing of it reads as a plain answer.
    """
    if not KTAS.exists():
        pytest.skip(f"NOT MEASURED: {KTAS} is not here.")
    with KTAS.open(encoding="utf-8") as file:
        complaints = list(csv.DictReader(file))
    worst = [row["chief_complaint"] for row in complaints if row["ktas_expert"] in {"1", "2"}]
    mildest = [row["chief_complaint"] for row in complaints if row["ktas_expert"] == "5"]
    found = sum(not CHECK.check(text).is_none for text in worst) / len(worst)
    alarmed = sum(not CHECK.check(text).is_none for text in mildest) / len(mildest)
    assert found > 0.45
    assert alarmed < 0.05
    assert not [t for t in worst if read_also(t, language="en").kind in CARRIED_OUT]


@pytest.mark.parametrize("ahead", [0, 1_195, 1_590, 2_790, 6_300])
def test_a_long_text_is_read_beyond_the_first_message(ahead: int) -> None:
    said = ("so it goes on. " * 450)[:ahead] + ". I have chest pain"
    assert CHECK.check(said).level is Level.EMERGENCY


def test_more_than_is_read_is_unsure() -> None:
    longest = ("so it goes on. " * 450)[:LONGEST_CHECKED]
    assert len(longest) == LONGEST_CHECKED
    assert CHECK.check(longest).level is Level.NONE
    assert CHECK.check(longest + ".").level is Level.UNSURE
