"""`manage.py hl7_check`: what it says of each message, without doing any of it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.hl7v2.framing import DEFAULT_MAX_BYTES
from integrations.models import Hl7Sender
from tests.integrations.hl7 import HERE, event, lines, sample, sch

SIU = "MSH|^~\\&|A|B|||20260302120000||SIU^{}|K1|P|2.4\rSCH|P1^NS^1.2^ISO|F1|||||||||{}\r"


@pytest.fixture(autouse=True)
def _no_database(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Most of it needs none."""
    if "django_db" not in request.keywords:

        def away(*_: Any, **__: Any) -> None:
            raise OperationalError("connection refused")

        monkeypatch.setattr(Hl7Sender.objects, "filter", away)


def check(*paths: Path | str, expect: int = 0, **options: Any) -> list[dict[str, Any]]:
    """The lines of `--json`."""
    return [json.loads(line) for line in run(*paths, expect=expect, json=True, **options)]


def run(*paths: Path | str, expect: int = 0, **options: Any) -> list[str]:
    out, code = io.StringIO(), 0
    said = {"zone": "America/Chicago", **options}
    try:
        call_command("hl7_check", *map(str, paths), stdout=out, stderr=io.StringIO(), **said)
    except SystemExit as ended:
        code = int(str(ended.code))
    except CommandError as error:
        code = error.returncode
    assert code == expect
    return out.getvalue().splitlines()


def file(folder: Path, raw: bytes | str, name: str = "m.hl7") -> Path:
    path = folder / name
    path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    return path


def test_says_of_every_sample_what_it_comes_to() -> None:
    found = {Path(line["file"]).stem: line for line in check(HERE, expect=1)}
    assert len(found) == len(list(HERE.glob("*.hl7"))), "and nothing of the README"
    became = {name: line["applied_as"] or line["field"] for name, line in found.items()}
    by_trigger = {
        "S12": "booked",
        "S13": "moved",
        "S14": "changed",
        "S15": "cancelled",
        "S16": "discontinued",
        "S17": "deleted",
        "S26": "no-show",
    }
    for trigger, word in by_trigger.items():
        assert [became[f"SIU-{trigger}-0{n}"] for n in (1, 2)] == [word, word]
    for trigger in ("A04", "A08", "A28", "A31"):
        assert became[f"ADT-{trigger}-01"] == "patient updated"
    assert became["ADT-A40-01"] == "patients merged"
    assert became["LAB-ORU-1"] == became["OMG-O19-01"] == became["REF-I12-01"] == "MSH-9"


def test_says_what_was_understood() -> None:
    (line,) = check(HERE / "SIU-S12-01.hl7")
    assert (line["outcome"], line["applied_as"], line["answer"]) == ("applied", "booked", "AA")
    assert (line["message"], line["control_id"], line["event"]) == (1, "MSG00012", "SIU^S12")
    visit = line["appointment"]
    assert (visit["placer"]["id"], visit["filler"]["id"]) == ("12345", "36996")
    assert (visit["start"], visit["end"]) == (
        "2021-09-24T09:30:00+02:15",
        "2021-09-24T10:20:00+02:15",
    )
    assert (visit["status"], visit["time_from"]) == ("booked", "TQ1-7")
    identifiers = [
        (i["value"], i["system"], i["type"], i["kept"]) for i in line["patient"]["identifiers"]
    ]
    assert identifiers == [
        ("PATID1234", "test1", "MR", True),
        ("123456789", "USSSA", "SS", False),
    ]
    assert (line["provider"]["id"], line["provider"]["name"]) == ("1210", "Robert GE")
    assert line["location"]["code"] == "GH Clinic"
    assert line["visit_type"]["code"] == "76164006"


def test_times_bear_the_offset_that_the_senders_zone_has_then(tmp_path: Path) -> None:
    path = file(tmp_path, SIU.format("S15", "^^^20260710090000^20260710093000"))
    (line,) = check(path)
    assert line["appointment"]["start"] == "2026-07-10T09:00:00-05:00"
    (line,) = check(path, zone="America/Phoenix")
    assert line["appointment"]["end"] == "2026-07-10T09:30:00-07:00"
    assert "The sender is not registered: read in America/Phoenix." in line["notes"]


def test_a_refusal_names_the_field_and_shows_the_rest(tmp_path: Path) -> None:
    path = file(tmp_path, lines(MSH=event("S14"), SCH=sch("7")))
    (line,) = check(path, expect=1)
    assert (line["outcome"], line["answer"], line["field"]) == ("refused", "AE", "SCH-25")
    assert line["why"]
    assert line["appointment"]["start"] == "2026-03-10T09:00:00-05:00"
    assert line["provider"]["id"] == "55"


def test_refuses_what_the_listener_would_refuse_for_its_length(tmp_path: Path) -> None:
    path = tmp_path / "long.hl7"
    path.write_bytes(SIU.format("S12", "").encode() + b"NTE|1||" + b"x" * DEFAULT_MAX_BYTES)
    [line] = check(path, expect=1)
    assert (line["outcome"], line["answer"], line["control_id"]) == ("refused", "AR", "K1")
    assert line["why"] == "The message is longer than 1,000,000 bytes."


def test_says_that_a_batch_lacks_messages(tmp_path: Path) -> None:
    one = SIU.format("S15", "")
    path = file(tmp_path, f"BHS|^~\\&\r{one}{one}BTS|7\r")
    first, last = check(path)
    said = "BTS-1 counts 7 messages, the batch holds 2."
    assert (said in first["notes"], said in last["notes"]) == (False, True)


def test_takes_files_folders_batches_frames_and_leaves_the_rest(tmp_path: Path) -> None:
    one = SIU.format("S15", "")
    file(tmp_path, one.replace("\r", "\n"), "lines.hl7")
    file(tmp_path, f"FHS|^~\\&\rBHS|^~\\&\r{one}{one}BTS|2\rFTS|1\r", "batch.txt")
    file(tmp_path, f"\x0b{one}\x1c\r\x0b{one}\x1c\r", "framed.dat")
    file(tmp_path, f"# two samples\n\n{one}\n{one}", "comment.txt")
    file(tmp_path, one.encode("utf-16"), "wide.txt")
    file(tmp_path, "No message.", "README.md")
    file(tmp_path, one, ".hidden.hl7")
    (tmp_path / "inside").mkdir()
    file(tmp_path / "inside", "not hl7", "odd.hl7")
    found = check(tmp_path, expect=1)
    by_file: dict[str, list[int]] = {}
    for line in found:
        by_file.setdefault(Path(line["file"]).name, []).append(line["message"])
    assert by_file == {
        "batch.txt": [1, 2],
        "comment.txt": [1, 2],
        "framed.dat": [1, 2],
        "lines.hl7": [1],
        "odd.hl7": [1],
        "wide.txt": [1],
    }
    assert [line["field"] for line in found if line["outcome"] == "refused"] == ["MSH"]


def test_says_it_in_words_too(tmp_path: Path) -> None:
    (said,) = run(HERE / "SIU-S26-01.hl7")
    for part in ("MSG00026", "no-show", "36996", "2021-09-24T09:30:00+02:15", "Robert GE"):
        assert part in said
    (said,) = run(file(tmp_path, lines(SCH=None)), expect=1)
    assert "refused (AE)  SCH: The message has no SCH segment" in said


@pytest.mark.parametrize("options", [{"zone": "Mars/Base"}, {}])
def test_what_cannot_be_run_ends_with_2(options: dict[str, str], tmp_path: Path) -> None:
    where = tmp_path / "nowhere" if not options else HERE
    assert run(where, expect=2, **options) == []


def test_a_folder_without_messages_ends_with_2(tmp_path: Path) -> None:
    assert run(tmp_path, expect=2) == []


@pytest.mark.django_db
def test_reads_registered_senders_and_writes_nothing(tmp_path: Path) -> None:
    Hl7Sender.objects.create(
        name="APP|FAC", zone="America/Phoenix", statuses={"7": "arrived"}, other_messages="ignore"
    )
    told = lines(MSH=event("S14"), SCH=sch("7"), TQ1="TQ1|1||||||202603100900")
    result = lines(MSH=event("S12").replace("SIU^S12^SIU_S12", "ORU^R01"))
    with CaptureQueriesContext(connection) as seen:
        arrived, passed_over = check(file(tmp_path, told + result))
    assert (arrived["applied_as"], passed_over["outcome"]) == ("arrived", "ignored")
    assert arrived["appointment"]["start"] == "2026-03-10T09:00:00-07:00"
    assert [query["sql"][:6] for query in seen] == ["SELECT"]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        st.binary(max_size=300),
        st.tuples(st.integers(0, 1500), st.binary(min_size=1, max_size=4)).map(
            lambda cut: sample("SIU-S12-01")[: cut[0]] + cut[1] + sample("SIU-S12-01")[cut[0] :]
        ),
    )
)
def test_no_bytes_end_in_a_traceback(tmp_path: Path, raw: bytes) -> None:
    path = file(tmp_path, raw)
    out, refused = io.StringIO(), False
    try:
        call_command("hl7_check", str(path), json=True, stdout=out, stderr=io.StringIO())
    except SystemExit as ended:
        refused = ended.code == 1
    found = [json.loads(line) for line in out.getvalue().splitlines()]
    assert refused == any(line["outcome"] == "refused" for line in found)
    assert found
    assert not any("stumbled" in (line["why"] or "") for line in found)
