"""Waiting for `/readyz` (database, broker, sweep, oldest due row) and for every port to answer."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterable
from pathlib import Path

from config.up.ports import Port
from config.up.supervisor import State, Supervisor
from config.up.tree import LaunchError, Tree
from config.up.valkey import can_bind

SECONDS = 90


def ask(port: int) -> tuple[int, str]:
    """Status and body of `/readyz`; status 0 while nothing answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace").strip()
    except (OSError, http.client.HTTPException):
        return 0, "no answer yet"
    finally:
        connection.close()


def wait(
    tree: Tree,
    supervisor: Supervisor,
    *,
    port: int,
    ports: Iterable[Port] = (),
    seconds: float = SECONDS,
) -> None:
    """Until the web process says that all is well and somebody listens on each of `ports`.

    :raises LaunchError: with what it last said and the end of the logs that matter.
    """
    deadline = time.monotonic() + seconds
    while True:
        status, body = ask(port)
        silent = [wanted for wanted in ports if can_bind(wanted.number)]
        if status == 200 and not silent and all_run(supervisor.states()):
            return
        if time.monotonic() > deadline:
            body += "".join(f"\nNobody listens on port {p.number}, for {p.use}." for p in silent)
            raise LaunchError(explain(tree, supervisor.states(), status=status, body=body))
        time.sleep(0.1)


def all_run(states: list[State]) -> bool:
    return all(found.state in {"RUNNING", "STARTING"} for found in states)


def explain(tree: Tree, states: list[State], *, status: int, body: str) -> str:
    """What is not right, with the last lines of those who know why."""
    lines = [f"Not ready after {SECONDS} s: /readyz answered {status or 'nothing'}: {body}"]
    suspects = [found for found in states if found.state not in {"RUNNING", "STARTING"}]
    for found in suspects or [state for state in states if state.name == "web"]:
        lines.append(f"\n{found.name} is {found.state} ({found.description}); its log ends:")
        lines.append(tail(tree.log / f"{found.name}.log"))
    lines.append("\nAll of it: make logs. Start over: make down && make up.")
    return "\n".join(lines)


def tail(path: Path, *, lines: int = 15) -> str:
    if not path.exists():
        return "  (no log)"
    text = path.read_text(errors="replace").splitlines()[-lines:]
    return "\n".join(f"  {line}" for line in text)
