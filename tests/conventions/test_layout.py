"""The tree: what may stand at the top, and how long a file may get."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conventions.repo import ROOT, committed, text_of

TOP_LEVEL = {
    *("manage.py", "pyproject.toml", "README.md", "docker-compose.yml", "Makefile", "Dockerfile"),
    *("LICENSE", "CHANGELOG.md"),
    *("crm", "scheduling", "waitlist", "triage", "outreach", "integrations", "desk", "insights"),
    *("config", "templates", "static", "tests", "bench", "docs", "requirements"),
}
LONGEST = 500


def test_nothing_else_stands_at_the_top() -> None:
    found = {path.parts[0] for path in committed()}
    strangers = {name for name in found - TOP_LEVEL if not name.startswith(".")}
    assert not strangers, "each needs a decision record in docs/decisions/ and a line here"


def lines_of(path: Path) -> int:
    return text_of(path).count("\n")


def test_no_source_file_is_longer_than_500_lines() -> None:
    ours = [
        path
        for path in committed()
        if path.suffix in {".py", ".html", ".css", ".js", ".sh"}
        and path.parts[0] != "tests"
        and not {"migrations", "vendor"} & set(path.parts)
    ]
    assert len(ours) > 50
    assert not {str(path): lines_of(path) for path in ours if lines_of(path) > LONGEST}


def test_apps_stand_on_their_floors() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
    linted = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout


def name(*parts: str) -> str:
    """Put together here, so that this file does not name what it forbids."""
    return "".join(parts)


FORBIDDEN_TEXT = [
    name("pypi", ".org"),
    name("python", "hosted.org"),
    name("registry", ".npmjs"),
    name("--index", "-url"),
    name("--extra-index", "-url"),
    name("--find", "-links"),
    name('"resolved"', ': "http'),
    name("/simple", "/"),
]
#: They tell uv and pip to leave the index out, which takes naming the option.
ALLOWED_TEXT = [name("--no-emit-index", "-url"), name("--no-emit-find", "-links")]


def index_mentions(text: str) -> list[str]:
    for allowed in ALLOWED_TEXT:
        text = text.replace(allowed, "")
    return [word for word in FORBIDDEN_TEXT if word in text]


@pytest.mark.parametrize("word", FORBIDDEN_TEXT)
def test_sees_a_named_package_index(word: str) -> None:
    assert index_mentions(f"pip install {word}") == [word]


def test_no_committed_file_names_a_package_index() -> None:
    found = {str(path): index_mentions(text_of(path)) for path in committed()}
    assert not {path: words for path, words in found.items() if words}
