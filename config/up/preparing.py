"""Migrations and demo data: run when the code, the database or the day is another than last time.

Each start of Django costs a second or two, so an unchanged checkout skips all of it.
"""

from __future__ import annotations

import hashlib
import subprocess
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from config.up.programs import PRACTICE_EHR_SETTINGS
from config.up.supervisor import Supervisor
from config.up.tree import LaunchError, Tree
from config.up.valkey import can_bind

CODE_FOLDERS = (
    *("config", "crm", "desk", "insights", "integrations"),
    *("outreach", "scheduling", "triage", "waitlist"),
)


def code_files(tree: Tree) -> Iterator[Path]:
    """Every module of ours, and the lock."""
    for folder in CODE_FOLDERS:
        yield from sorted((tree.root / folder).rglob("*.py"))
    yield tree.root / "requirements" / "base.txt"


def fingerprint(tree: Tree, environ: Mapping[str, str]) -> str:
    """Changes with the code, the database and (since demo data is dated from today) the day."""
    digest = hashlib.sha256()
    for path in code_files(tree):
        digest.update(str(path).encode())
        digest.update(path.read_bytes())
    digest.update(environ["DATABASE_URL"].encode())
    digest.update(datetime.now(tz=UTC).date().isoformat().encode())
    return digest.hexdigest()


def is_prepared(tree: Tree, environ: Mapping[str, str]) -> bool:
    stamp = tree.run / "prepared"
    return stamp.exists() and stamp.read_text() == fingerprint(tree, environ)


def prepare(
    tree: Tree, environ: Mapping[str, str], *, supervisor: Supervisor, demo: bool, ehr_port: int
) -> None:
    """Migrate, and add the kinds of call and scripts that are missing; in demo mode also load the
    demo health system, which lives in both systems.

    :raises LaunchError: with the failing command's own words.
    """
    migrate = [start_manage(tree, environ, "migrate", "--verbosity", "0")]
    if demo:
        ehr = {**environ, "DJANGO_SETTINGS_MODULE": PRACTICE_EHR_SETTINGS}
        migrate.append(start_manage(tree, ehr, "migrate", "--verbosity", "0"))
    for process in migrate:
        finish(process)
    if demo:
        supervisor.start_programs(["practice-ehr"])
        wait_for_port(ehr_port, seconds=30)
        finish(start_manage(tree, environ, "load_demo"))
    finish(start_manage(tree, environ, "load_desk"))
    (tree.run / "prepared").write_text(fingerprint(tree, environ))


def start_manage(
    tree: Tree, environ: Mapping[str, str], *arguments: str
) -> subprocess.Popen[bytes]:
    """A management command whose output goes to the terminal."""
    command = [str(tree.python), "manage.py", *arguments]
    return subprocess.Popen(command, cwd=tree.root, env=dict(environ))


def finish(process: subprocess.Popen[bytes]) -> None:
    if process.wait():
        name = " ".join(map(str, process.args[1:3])) if isinstance(process.args, list) else ""
        raise LaunchError(f"{name} failed; its message is above.")


def wait_for_port(port: int, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while can_bind(port):
        if time.monotonic() > deadline:
            raise LaunchError(f"Nothing answers on port {port}; see make logs.")
        time.sleep(0.05)
