"""A file of outside scores: all of it or nothing, and a sentence for each wrong line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from crm.models import AuditEntry, Patient, PatientIdentifier
from tests.factories import NOW, PatientIdentifierFactory, ScoreWeightFactory
from waitlist.actions import scores
from waitlist.models import ImportedScore
from waitlist.rules.score_lines import COLUMNS, Problem, ScoreLine, read_scores
from waitlist.states import ScoreKind

HEADER = ",".join(COLUMNS)
GOOD = {
    "system": "urn:mrn",
    "patient": "S000001",
    "kind": "acceptance",
    "value": "0.62",
    "model": "accept",
    "version": "2.1",
    "source": "Sonora data science",
    "computed_at": "2026-11-17T05:00:00-07:00",
    "expires_at": "2026-12-31T00:00:00Z",
}


def line(**changes: str) -> str:
    return ",".join((GOOD | changes).values())


def read(*lines: str) -> tuple[list[ScoreLine], list[Problem]]:
    return read_scores([f"{text}\n" for text in (HEADER, *lines)], at=NOW)


def test_reads_a_line_as_it_is_meant() -> None:
    (found,), problems = read(line(), "", " , ")
    assert not problems
    assert (found.number, found.kind, found.value) == (2, ScoreKind.ACCEPTANCE, 0.62)
    assert found.computed_at == dt.datetime(2026, 11, 17, 12, tzinfo=dt.UTC)
    assert found.key == ("urn:mrn", "S000001", "acceptance", "accept", found.computed_at)


@pytest.mark.parametrize("value", ["0", "1", "1.0", "0.5", "5e-1"])
def test_takes_probabilities(value: str) -> None:
    assert not read(line(value=value))[1]


PROBABILITY = "value is a probability from 0 to 1, not "
A_TIME = " is a time with its zone, as 2026-11-30T16:00:00-06:00."


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        *(
            ({"value": bad}, f"{PROBABILITY}{bad!r}.")
            for bad in ("1.0001", "-0.1", "62%", "nan", "inf", "")
        ),
        (
            {"kind": "lifetime-value"},
            "kind may be acceptance, no-show-risk; 'lifetime-value' cannot be imported.",
        ),
        ({"kind": "payer"}, "kind may be acceptance, no-show-risk; 'payer' cannot be imported."),
        ({"model": ""}, "model is empty."),
        ({"patient": " "}, "patient is empty."),
        ({"version": "v" * 41}, "version is longer than 40 characters, or not plain text."),
        ({"source": "a\x1bb"}, "source is longer than 120 characters, or not plain text."),
        ({"computed_at": "2026-11-17"}, f"computed_at{A_TIME}"),
        ({"computed_at": "yesterday"}, f"computed_at{A_TIME}"),
        ({"expires_at": "2026-12-31T00:00:00"}, f"expires_at{A_TIME}"),
        ({"computed_at": "2026-11-18T17:00:01Z"}, "computed_at is in the future."),
        ({"expires_at": "2026-11-18T17:00:00Z"}, "expires_at is over already."),
        ({"expires_at": "2026-11-17T00:00:00Z"}, "expires_at is over already."),
    ],
)
def test_says_what_is_wrong_with_a_line(changes: dict[str, str], sentence: str) -> None:
    _, problems = read(line(patient="S2"), line(**changes))
    assert problems == [(3, sentence)]


def test_counts_cells_and_twins() -> None:
    _, problems = read(line(), line() + ",more", "short", line())
    assert problems == [
        (3, "It has 10 cells; the header has 9."),
        (4, "It has 1 cells; the header has 9."),
        (5, "Line 2 has the same patient, kind, model and time."),
    ]


@pytest.mark.parametrize(
    ("header", "sentences"),
    [
        (HEADER + ",payer", ["Nothing else can be imported: payer."]),
        (HEADER.replace("value,", ""), ["Columns are missing: value."]),
        (HEADER + ",value", ["A column comes twice."]),
        ("", ["Columns are missing: " + ", ".join(COLUMNS) + "."]),
    ],
)
def test_says_what_is_wrong_with_the_header(header: str, sentences: list[str]) -> None:
    found, problems = read_scores([header, line()], at=NOW)
    assert not found
    assert problems == [(1, sentence) for sentence in sentences]


def test_says_that_a_file_is_empty_or_no_csv() -> None:
    assert read()[1] == [(1, "The file holds no scores.")]
    assert read_scores(["\ufeff" + HEADER, line()], at=NOW)[1] == []
    ((_, sentence),) = read(line() + "\0" * 200_000)[1]
    assert "CSV" in sentence or "plain text" in sentence


# --- the command ---------------------------------------------------------------------------


@pytest.fixture
def patient(db: None) -> Patient:
    known: PatientIdentifier = PatientIdentifierFactory.create(system="urn:mrn", value="S000001")
    return known.patient


def run(folder: Path, *lines: str, check: bool = False) -> None:
    file = folder / "scores.csv"
    file.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    with time_machine.travel(NOW, tick=False):
        call_command("import_scores", str(file), check=check)


def test_imports_and_says_that_nothing_counts_without_a_weight(
    patient: Patient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ScoreWeightFactory.create(model="accept", clinic=None)
    run(tmp_path, line(), line(kind="no-show-risk", model="noshow", value="0.2"))
    assert capsys.readouterr().out.splitlines() == [
        "Imported 2 scores; 0 were here already.",
        "No weight is set for no-show-risk by noshow: it does not count yet.",
    ]
    score = ImportedScore.objects.get(kind=ScoreKind.ACCEPTANCE)
    assert (score.patient, score.value, score.imported_at) == (patient, 0.62, NOW)
    assert (score.imported_by, score.version) == ("import_scores", "2.1")
    entries = AuditEntry.objects.filter(verb="waitlist.importedscore.added")
    assert [entry.patient_id for entry in entries] == [patient.pk] * 2


def test_the_same_file_again_changes_nothing(
    patient: Patient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, line())
    run(tmp_path, line())
    assert "Imported 0 scores; 1 were here already." in capsys.readouterr().out
    assert ImportedScore.objects.count() == 1


def test_an_import_that_another_overtook_finds_what_it_stored(
    patient: Patient,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run(tmp_path, line())
    held, looks = scores._held, []

    def held_too_early(rows: Any) -> Any:
        looks.append(rows)
        return held(rows) if len(looks) > 1 else {}

    monkeypatch.setattr(scores, "_held", held_too_early)
    run(tmp_path, line())
    assert len(looks) == 2
    assert "Imported 0 scores; 1 were here already." in capsys.readouterr().out


def test_a_check_imports_nothing(
    patient: Patient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, line(), check=True)
    assert "Would import 1 scores" in capsys.readouterr().out
    assert not ImportedScore.objects.exists()


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            [line(), line(patient="S2"), line(system="urn:other")],
            [
                "line 3: There is no patient S2 of urn:mrn.",
                "line 4: There is no patient S000001 of urn:other.",
            ],
        ),
        ([line(), line(patient="S2", value="2")], [f"line 3: {PROBABILITY}'2'."]),
        (
            [line(), line(system="urn:alias", patient="A1")],
            ["line 3: Another line is of the same patient by another name."],
        ),
        (
            [line(patient="S3", value="0.1")],
            ["line 2: Another value of the same model and time is here already."],
        ),
    ],
)
def test_imports_nothing_of_a_file_with_a_wrong_line(
    patient: Patient, tmp_path: Path, lines: list[str], told: list[str]
) -> None:
    PatientIdentifierFactory.create(system="urn:alias", value="A1", patient=patient)
    PatientIdentifierFactory.create(system="urn:mrn", value="S3")
    run(tmp_path, line(patient="S3"))
    with pytest.raises(CommandError) as refused:
        run(tmp_path, *lines)
    assert str(refused.value).splitlines() == ["Nothing was imported.", *told]
    assert ImportedScore.objects.count() == 1


def test_tells_the_first_of_many_wrong_lines(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refused:
        run(tmp_path, *(line(patient=f"S{n}") for n in range(60)))
    told = str(refused.value).splitlines()
    assert len(told) == 52
    assert told[-1] == "… and 10 more lines."


def test_says_that_a_file_cannot_be_read(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_scores", str(tmp_path / "none.csv"))
    (tmp_path / "latin.csv").write_bytes(b"syst\xe8me")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_scores", str(tmp_path / "latin.csv"))
