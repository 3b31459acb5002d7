"""Firstcall's own processes, as the launcher starts them, in groups that can be killed whole."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from django.db import connection

from config.env import get_env
from config.up import programs
from config.up.tree import Tree
from config.up.valkey import free_port
from tests.crm.live_server import ROOT

#: Beat, and the workers that a fill needs.
FILLING = ("beat", "worker-fill", "worker-io")
SHORT_LEASES = "tests.faults.worker_app"
#: What the one worker hears; here it does the bulk work as well, since each process takes seconds
#: to start.
IO_QUEUES = "ehr,messages"
#: Python reads `sitecustomize` from there before anything else.
SHIFTED = Path(__file__).parent / "shifted"


class Running:
    """One program in a process group of its own."""

    def __init__(self, name: str, command: list[str], env: Mapping[str, str], log: Path) -> None:
        self.name = name
        self._log, self._said_before = log, log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def says_ready(self) -> bool:
        """A Celery worker that has begun to listen."""
        return b" ready." in self._log.read_bytes()[self._said_before :]

    def children(self) -> list[int]:
        """A prefork worker's children."""
        return [child.pid for child in psutil.Process(self.pid).children(recursive=True)]

    def freeze(self) -> None:
        """The whole group stands still and knows nothing of it."""
        os.killpg(self.pid, signal.SIGSTOP)

    def kill(self) -> None:
        """kill -9 of the whole group, as when the machine is gone."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self._process.wait()


class Firstcall:
    """The programs of `config.up.programs` against the servers of one test.

    Their folder, ports and beat schedule are the test's own; what `make up` holds is not touched.
    """

    def __init__(
        self, folder: Path, env: Mapping[str, str], *, celery_app: str = SHORT_LEASES
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.env = dict(env)
        self.web_port = free_port()
        self.running: list[Running] = []
        (folder / ".venv").symlink_to(ROOT / ".venv")
        tree = Tree(folder)
        tree.make()
        settings = get_env().model_copy(update={"firstcall_web_port": self.web_port})
        self._programs = {program.name: program for program in programs.apps(tree, settings)}
        self._celery_app = celery_app

    def start(self, *names: str, clock_off_by: float = 0.0) -> list[Running]:
        """Start these programs, without waiting for them, as if on a machine whose clock is wrong.

        :param clock_off_by: seconds; more than the database's clock shows is positive.
        """
        shifted = {"CLOCK_OFF_BY": str(clock_off_by), "PYTHONPATH": str(SHIFTED)}
        more = shifted if clock_off_by else {}
        started = [self._start(self._programs[name], more) for name in names]
        self.running += started
        return started

    def _start(self, program: programs.Program, more: Mapping[str, str]) -> Running:
        replaced = {"config": self._celery_app, IO_QUEUES: f"{IO_QUEUES},bulk"}
        command = [replaced.get(word, word) for word in program.command]
        env = {**os.environ, **program.environment, **self.env, **more}
        return Running(program.name, command, env, self.folder / f"{program.name}.log")

    def wait_for_workers(self, *, within: float = 120) -> None:
        """Until every worker that runs has said that it is ready."""
        for running in self.running:
            if running.name.startswith("worker"):
                wait_until(running.says_ready, within=within, what=self.logs)

    def named(self, name: str) -> Running:
        """The one of that name that was started last."""
        return [running for running in self.running if running.name == name][-1]

    def revive(self) -> None:
        """Start again what has ended by itself, as its supervisor does.

        Celery's worker does end, now and then, when its broker goes while it has work in hand.
        """
        for running in [running for running in self.running if not running.is_alive]:
            self.running.remove(running)
            self.start(running.name)

    def kill(self, *names: str) -> None:
        """kill -9 everything of these names; without names, everything."""
        for running in [r for r in self.running if not names or r.name in names]:
            running.kill()
            self.running.remove(running)

    def logs(self) -> str:
        """The ends of the logs, for a test that failed."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}"
            for path in sorted(self.folder.glob("*.log"))
        )


def own_database_url() -> str:
    """The database of this test, as an address for other processes."""
    parts = urlsplit(get_env().database_url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{connection.settings_dict['NAME']}{query}"


def wait_until(
    happened: Callable[[], object], *, within: float, what: Callable[[], object] = str
) -> float:
    """Seconds that it took. :raises AssertionError: with `what()` when it did not happen in time"""
    started = time.monotonic()
    while not happened():
        passed = time.monotonic() - started
        assert passed < within, f"not within {within:.0f} s: {what()}"
        time.sleep(0.05)
    return time.monotonic() - started


def wait_until_none(left: Callable[[], Iterable[str]], *, within: float) -> float:
    """Until the list is empty; it is what the failure tells."""
    return wait_until(lambda: not list(left()), within=within, what=lambda: list(left()))
