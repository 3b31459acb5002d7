"""supervisord for real, with small programs, in a folder with a space and a percent sign."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from config.up.environment import MARK
from config.up.programs import Program
from config.up.supervisor import State, Supervisor, end_leftovers, leftovers
from config.up.tree import Tree

SLEEP = [sys.executable, "-c", "import time; print('100% there', flush=True); time.sleep(600)"]
DIE = [sys.executable, "-c", "raise SystemExit('no reason')"]


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    root = tmp_path / "a folder 50%"
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    made = Tree(root)
    made.make()
    yield made
    for folder in made.short_folders():
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def supervisor(tree: Tree) -> Iterator[Supervisor]:
    made = Supervisor(tree)
    # A virtual environment is found through the path that Python was started by.
    packages = os.pathsep.join(path for path in sys.path if path)
    environ = {**os.environ, MARK: str(tree.root), "PYTHONPATH": packages}
    programs = [
        Program(name="valkey", command=SLEEP, server=True),
        Program(name="web", command=SLEEP),
        Program(name="mllp", command=DIE),
    ]
    made.start(programs, environ=environ)
    yield made
    if made.is_up():
        made.shut_down()
    end_leftovers(tree)


def until(condition: Callable[[], bool], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def state(supervisor: Supervisor, name: str) -> State:
    return next(found for found in supervisor.states() if found.name == name)


def test_starts_the_servers_at_once_and_the_rest_when_asked(supervisor: Supervisor) -> None:
    assert state(supervisor, "valkey").state in {"STARTING", "RUNNING"}
    assert state(supervisor, "web").state == "STOPPED"
    supervisor.start_programs(["web"])
    assert state(supervisor, "web").state in {"STARTING", "RUNNING"}


def test_starts_a_killed_program_again(supervisor: Supervisor) -> None:
    supervisor.start_programs(["web"])
    until(lambda: state(supervisor, "web").state == "RUNNING")
    killed = state(supervisor, "web").pid
    os.kill(killed, signal.SIGKILL)
    until(lambda: state(supervisor, "web").pid not in {0, killed})


def test_never_gives_up_on_a_program_that_keeps_dying(supervisor: Supervisor) -> None:
    supervisor.start_programs(["mllp"])
    log = supervisor.tree.log / "mllp.log"
    until(lambda: log.exists() and log.read_text().count("no reason") >= 2)
    assert state(supervisor, "mllp").state != "FATAL"


def test_keeps_a_log_for_each_program(supervisor: Supervisor) -> None:
    log = supervisor.tree.log / "valkey.log"
    until(lambda: log.exists() and "100% there" in log.read_text())


def test_stops_everything(supervisor: Supervisor) -> None:
    supervisor.start_programs(["web"])
    until(lambda: state(supervisor, "web").pid > 0)
    pids = [found.pid for found in supervisor.states() if found.pid]
    supervisor.shut_down()
    assert not supervisor.is_up()
    assert not [pid for pid in pids if psutil.pid_exists(pid)]


def test_finds_and_ends_what_a_killed_supervisor_left(supervisor: Supervisor, tree: Tree) -> None:
    pid = state(supervisor, "valkey").pid
    # Without a supervisor nobody reads its output: one that has yet to print would die of that.
    until(lambda: "100% there" in (tree.log / "valkey.log").read_text())
    os.kill(int((tree.run / "supervisord.pid").read_text()), signal.SIGKILL)
    until(lambda: not supervisor.is_up())
    assert pid in {process.pid for process in leftovers(tree)}
    assert end_leftovers(tree) >= 1
    assert not leftovers(tree)
