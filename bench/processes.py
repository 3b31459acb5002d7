"""Firstcall's own processes, as `make up` starts them, on the script's database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil

from bench.carrier import ACCOUNT, OUR_NUMBER, TOKEN
from bench.common import say_so
from bench.servers import ROOT
from config.env import get_env
from config.up import programs
from config.up.tree import Tree
from config.up.valkey import can_bind, free_port

FILLING = ("web", "worker-fill", "worker-io", "beat")
#: Settings that name a port, and the program that listens there.
PORTS = {
    "firstcall_web_port": "web",
    "firstcall_live_port": "live",
    "firstcall_ehr_port": "practice-ehr",
    "mllp_port": "mllp",
}
EVERYTHING = ("web", "live", "worker-fill", "worker-io", "worker-bulk", "beat", "mllp")


@dataclass
class Firstcall:
    """Running programs by name, and where they listen."""

    folder: Path
    ports: Mapping[str, int]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    restarts: int = 0
    _again: dict[str, Callable[[], subprocess.Popen[bytes]]] = field(default_factory=dict)

    @property
    def web_port(self) -> int:
        return self.ports["firstcall_web_port"]

    @property
    def mllp_port(self) -> int:
        return self.ports["mllp_port"]

    def rss(self) -> dict[str, int]:
        """Resident memory (bytes) by program, its children included."""
        return {name: _rss(process.pid) for name, process in self.running.items()}

    def logs(self) -> str:
        """The ends of the logs, for a run that failed."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-1500:]}"
            for path in sorted(self.folder.glob("*.log"))
        )

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def start(self, name: str, program: programs.Program, environ: Mapping[str, str]) -> None:
        self._again[name] = partial(_start, self, name, program, environ)
        self.running[name] = self._again[name]()

    def revive(self) -> None:
        """Start again what has ended by itself, as the supervisor does."""
        for name, process in self.running.items():
            if process.poll() is not None:
                self.restarts += 1
                self.running[name] = self._again[name]()

    def check_alive(self) -> None:
        """:raises RuntimeError: with the end of its log when a program has ended by itself."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise RuntimeError(f"{name} ended:\n{self.log(name).read_text()[-2000:]}")


@contextmanager
def firstcall(*names: str, environ: Mapping[str, str]) -> Iterator[Firstcall]:
    """Start these programs, wait until they are ready, stop them at the end."""
    with tempfile.TemporaryDirectory(prefix="firstcall-bench-") as name:
        folder = Path(name)
        (folder / ".venv").symlink_to(sys.prefix)
        tree = Tree(folder)
        tree.make()
        ports = {name: int(environ.get(name.upper()) or free_port()) for name in PORTS}
        made = Firstcall(folder, ports)
        settings = get_env().model_copy(update=ports)
        whole = {**os.environ, **environ}
        whole |= {name.upper(): str(port) for name, port in ports.items()}
        wanted = {program.name: program for program in programs.apps(tree, settings)}
        try:
            for each in names:
                made.start(each, wanted[each], whole)
            _wait(made)
            yield made
        except BaseException:
            say_so(made.logs())
            raise
        finally:
            _stop(made)


def twilio(url: str) -> dict[str, str]:
    """Settings of a Firstcall whose carrier is the loopback at `url`."""
    return {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM": OUR_NUMBER,
        "TWILIO_API_BASE": url,
        "TWILIO_SEGMENTS_PER_SECOND": "100",
        "NO_PROXY": "127.0.0.1,localhost",
    }


def _start(
    made: Firstcall, name: str, program: programs.Program, environ: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    with made.log(name).open("ab") as output:
        return subprocess.Popen(
            program.command,
            cwd=ROOT,
            env={**environ, **program.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait(made: Firstcall) -> None:
    for name in made.running:
        if name in PORTS.values():
            port = next(setting for setting, program in PORTS.items() if program == name)
            wait_until(partial(_listens, made.ports[port]), made)
        elif name.startswith("worker"):
            wait_until(partial(_says_ready, made.log(name)), made)


def _listens(port: int) -> bool:
    return not can_bind(port)


def _says_ready(log: Path) -> bool:
    return b" ready." in log.read_bytes()


def wait_until(happened: Callable[[], object], made: Firstcall, *, within: float = 60) -> None:
    """:raises RuntimeError: when it does not happen, or a program ends."""
    until = time.monotonic() + within
    while not happened():
        made.check_alive()
        if time.monotonic() > until:
            raise RuntimeError(f"Not within {within:.0f} s.")
        time.sleep(0.02)


def _stop(made: Firstcall) -> None:
    """All at once; what they held is in the database, and the database goes, too."""
    for process in made.running.values():
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    for process in made.running.values():
        process.wait()


def _rss(pid: int) -> int:
    try:
        whole = psutil.Process(pid)
        family = [whole, *whole.children(recursive=True)]
        return sum(int(one.memory_info().rss) for one in family)
    except psutil.NoSuchProcess:
        return 0
