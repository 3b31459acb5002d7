"""The ports of a running Firstcall, and who has them if not we."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import psutil

from config.env import Env
from config.up.valkey import can_bind


@dataclass(frozen=True)
class Port:
    number: int
    use: str
    setting: str


def ports(env: Env) -> list[Port]:
    """What `make up` listens on, as configured."""
    wanted = [
        Port(env.firstcall_web_port, "the pages and the API", "FIRSTCALL_WEB_PORT"),
        Port(env.firstcall_live_port, "the live stream", "FIRSTCALL_LIVE_PORT"),
        Port(env.mllp_port, "HL7 messages (MLLP)", "MLLP_PORT"),
    ]
    if env.firstcall_demo:
        wanted.append(Port(env.firstcall_ehr_port, "the practice EHR", "FIRSTCALL_EHR_PORT"))
    return wanted


def busy(wanted: Iterable[Port]) -> list[Port]:
    return [port for port in wanted if not can_bind(port.number)]


def holder(number: int) -> str:
    """Who listens on a port, as well as this account may know."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:  # macOS tells root only
        return "another program"
    for connection in connections:
        if (
            connection.status == psutil.CONN_LISTEN
            and connection.laddr
            and connection.laddr.port == number
            and connection.pid
        ):
            return describe(connection.pid)
    return "another program"


def describe(pid: int) -> str:
    """A process by name, number and folder: enough to recognize a second checkout."""
    try:
        process = psutil.Process(pid)
        return f"{process.name()} (process {pid}, in {process.cwd()})"
    except psutil.Error:
        return f"process {pid}"


def explain(taken: Iterable[Port]) -> str:
    """One paragraph for the terminal: which port, who has it, what to do."""
    lines = []
    for port in taken:
        lines.append(f"Port {port.number}, for {port.use}, is taken by {holder(port.number)}.")
        lines.append(
            f"  Stop that, or choose another: make up {port.setting}={port.number + 10000}"
        )
    return "\n".join(lines)
