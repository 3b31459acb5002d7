"""The repository as the convention tests see it."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    *("config", "crm", "desk", "insights", "integrations"),
    *("outreach", "scheduling", "triage", "waitlist"),
)


@cache
def committed() -> list[Path]:
    """Every file that Git has or would take, relative to the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [Path(name) for name in listed.stdout.split("\0") if name]
    return [path for path in paths if (ROOT / path).is_file()]


def sources(*, tests: bool = False) -> Iterator[tuple[Path, ast.Module]]:
    """Our modules, parsed; migrations are written by a tool and left out."""
    wanted = (*APPS, "tests") if tests else APPS
    for path in committed():
        if path.suffix == ".py" and path.parts[0] in wanted and "migrations" not in path.parts:
            yield path, ast.parse((ROOT / path).read_text("utf-8"), filename=str(path))


def text_of(path: Path) -> str:
    """A file's text, or nothing for one that is not text."""
    try:
        return (ROOT / path).read_text("utf-8")
    except UnicodeDecodeError:
        return ""
