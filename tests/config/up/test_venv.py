"""venv.sh on machines that lack something: a PATH with only what we put there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conventions.repo import ROOT

TOOLS = ("cat", "cksum", "rm", "uname", "sh")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A checkout with one lock, and a bin/ with a few tools and no Python."""
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (tmp_path / "bin" / tool).symlink_to(found)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "base.txt").write_text("# nothing to install\n")
    return tmp_path


def add(machine: Path, name: str, script: str) -> None:
    path = machine / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def run(machine: Path) -> subprocess.CompletedProcess[str]:
    command = ["/bin/sh", str(ROOT / "config" / "up" / "venv.sh"), "base"]
    environ = {"PATH": str(machine / "bin"), "PYTHON": ""}
    return subprocess.run(
        command, cwd=machine, env=environ, capture_output=True, text=True, check=False
    )


def test_says_which_python_is_needed_when_there_is_none(machine: Path) -> None:
    found = run(machine)
    assert found.returncode == 1
    assert "needs Python 3.11, 3.12 or 3.13" in found.stderr
    assert "PYTHON=/path/to/python3.13" in found.stderr


def test_passes_over_a_python_that_is_too_old_or_broken(machine: Path) -> None:
    add(machine, "python3.13", "exit 127")  # a shim without that version behind it
    add(machine, "python3", "exit 1")  # older: the version check says no
    assert "found none of them" in run(machine).stderr


def test_says_what_to_install_where_venv_is_missing(machine: Path) -> None:
    add(machine, "python3", 'case "$*" in *ensurepip*) exit 1 ;; *version*) exit 0 ;; esac')
    add(machine, "apt-get", "exit 0")
    found = run(machine)
    assert found.returncode == 1
    assert "apt install python3-venv" in found.stderr


def test_makes_the_environment_once_and_again_when_the_lock_has_changed(machine: Path) -> None:
    (machine / "bin" / "python3").symlink_to(sys.executable)
    first = run(machine)
    assert first.returncode == 0, first.stderr
    assert (machine / ".venv" / "bin" / "python").exists()
    second = run(machine)
    assert (second.returncode, second.stderr) == (0, "")
    (machine / "requirements" / "base.txt").write_text("# another\n")
    assert "Installing requirements/base.txt" in run(machine).stderr
