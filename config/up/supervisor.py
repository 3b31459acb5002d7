"""supervisord: its generated configuration, and the conversation with it."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
import xmlrpc.client
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from supervisor.xmlrpc import Faults, SupervisorTransport

from config.up.environment import MARK
from config.up.programs import Program
from config.up.tree import LaunchError, Tree

# Paths are relative to the checkout, where supervisord is started: it expands percent signs in
# some of these values twice, and a folder's name may hold one.
HEAD = """\
; Written by `make up`. Changes here are lost.
[supervisord]
logfile=var/log/supervisord.log
logfile_maxbytes=5MB
logfile_backups=2
pidfile=var/run/supervisord.pid
childlogdir=var/log
umask=077
{user}
[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://{socket}
"""

PROGRAM = """
[program:{name}]
command={command}
directory={directory}
autostart={autostart}
autorestart=true
; A child that dies at once, again and again, is tried with growing pauses, and never given up.
startsecs=1
startretries=1000000
stopsignal={stop_signal}
stopwaitsecs={seconds_to_stop}
; PostgreSQL, granian and Celery each tell their own children.
stopasgroup=false
killasgroup=true
redirect_stderr=true
stdout_logfile=var/log/{name}.log
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=3
environment={environment}
{user}"""


SERVERS = {"postgres", "valkey"}


def escaped(value: str | Path) -> str:
    """Percent signs are supervisord's own expansions."""
    return str(value).replace("%", "%%")


def render(programs: Iterable[Program], *, tree: Tree, socket: Path) -> str:
    """The configuration file for `programs`; servers start with the supervisor itself."""
    head = HEAD.format(
        socket=escaped(socket),
        user="user=root\n" if os.geteuid() == 0 else "",
    )
    return head + "".join(render_program(program, tree=tree) for program in programs)


def render_program(program: Program, *, tree: Tree) -> str:
    pairs = (f'{name}="{escaped(value)}"' for name, value in program.environment.items())
    return PROGRAM.format(
        name=program.name,
        command=escaped(shlex.join(program.command)),
        directory=escaped(program.folder or tree.root),
        autostart="true" if program.server else "false",
        stop_signal=program.stop_signal,
        seconds_to_stop=program.seconds_to_stop,
        environment=",".join(pairs),
        user=f"user={program.account}\n" if program.account else "",
    )


@dataclass(frozen=True)
class State:
    """One program as the supervisor sees it."""

    name: str
    state: str  # RUNNING, STARTING, BACKOFF, STOPPED, …
    pid: int
    description: str


class Supervisor:
    """The supervisor of one checkout."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.socket = tree.sockets() / "supervisor.sock"
        self.config = tree.run / "supervisord.conf"

    def _call(self, method: str, *args: Any) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
        try:
            return getattr(proxy.supervisor, method)(*args)
        finally:
            transport.close()

    def is_up(self) -> bool:
        try:
            return bool(self._call("getState")["statename"] == "RUNNING")
        except (OSError, xmlrpc.client.Error):
            return False

    def start(self, programs: list[Program], *, environ: dict[str, str]) -> None:
        """Write the configuration and start supervisord in the background.

        :raises LaunchError: if it does not come up.
        """
        text = render(programs, tree=self.tree, socket=self.socket)
        self.config.write_text(text)
        command = [str(self.tree.python), "-m", "supervisor.supervisord", "-c", str(self.config)]
        started = subprocess.run(
            command, cwd=self.tree.root, env=environ, capture_output=True, text=True, check=False
        )
        if started.returncode:
            raise LaunchError(f"The supervisor did not start:\n{started.stdout}{started.stderr}")
        deadline = time.monotonic() + 10
        while not self.is_up():
            if time.monotonic() > deadline:
                raise LaunchError(f"The supervisor does not answer; see {self.tree.log}.")
            time.sleep(0.02)

    def has(self, programs: list[Program]) -> bool:
        """Whether it was started with just these programs."""
        text = render(programs, tree=self.tree, socket=self.socket)
        return self.config.exists() and self.config.read_text() == text

    def states(self) -> list[State]:
        return [
            State(
                name=found["name"],
                state=found["statename"],
                pid=found["pid"],
                description=found["description"],
            )
            for found in self._call("getAllProcessInfo")
        ]

    def start_programs(self, names: Iterable[str]) -> None:
        """Start those that don't run, all at once."""
        stopped = {s.name for s in self.states() if s.state not in {"RUNNING", "STARTING"}}
        for name in names:
            if name in stopped:
                self._start_one(name)

    def _start_one(self, name: str) -> None:
        try:
            self._call("startProcess", name, False)
        except xmlrpc.client.Fault as fault:
            # One that died a moment ago may have been started again by the supervisor itself.
            if fault.faultCode != Faults.ALREADY_STARTED:
                raise

    def stop_programs(self, names: Iterable[str]) -> None:
        """Stop them all at once and wait for the slowest."""
        wanted = set(names)
        alive = {"RUNNING", "STARTING", "BACKOFF"}
        for found in self.states():
            if found.name in wanted and found.state in alive:
                self._call("stopProcess", found.name, False)
        while any(s.name in wanted and s.state in {*alive, "STOPPING"} for s in self.states()):
            time.sleep(0.1)

    def shut_down(self) -> None:
        """Stop the programs, then the servers, then supervisord itself."""
        pid = self._call("getPID")
        names = {found.name for found in self.states()}
        self.stop_programs(names - SERVERS)
        self.stop_programs(names & SERVERS)
        self._call("shutdown")
        try:
            psutil.Process(pid).wait(timeout=90)
        except psutil.NoSuchProcess:
            pass
        except psutil.TimeoutExpired as error:
            raise LaunchError(f"The supervisor (process {pid}) does not stop.") from error


def leftovers(tree: Tree) -> list[psutil.Process]:
    """Processes of this checkout that outlived their supervisor."""
    found = []
    for process in psutil.process_iter():
        try:
            if (
                process.environ().get(MARK) == str(tree.root)
                and process.pid != psutil.Process().pid
            ):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def end_leftovers(tree: Tree) -> int:
    """Ask them to stop, then make them; PostgreSQL's own children follow their parent."""
    found = leftovers(tree)
    for process in found:
        try:
            is_postgres = process.name().startswith("postgres")
            process.send_signal(2 if is_postgres else 15)
        except psutil.NoSuchProcess:
            continue
    _, alive = psutil.wait_procs(found, timeout=20)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive, timeout=5)
    return len(found)
