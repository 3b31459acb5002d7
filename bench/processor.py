"""Processor time by program: what work costs, whatever else the machine does meanwhile."""

from __future__ import annotations

import time

import psutil
from django.db import connection

from bench.processes import Firstcall


def spent(ours: Firstcall) -> dict[str, float]:
    """Seconds of processor so far, by program with its children; PostgreSQL's if it runs here."""
    seconds = {name: _of_family(process.pid) for name, process in ours.running.items()}
    postmaster = _postmaster()
    if postmaster is not None:
        seconds["postgres"] = _of_family(postmaster)
    return seconds


def here() -> float:
    """Seconds of processor so far: of this process, and of PostgreSQL if it runs here."""
    postmaster = _postmaster()
    return time.process_time() + (_of_family(postmaster) if postmaster is not None else 0.0)


def each(before: dict[str, float], after: dict[str, float], count: int) -> dict[str, float]:
    """Milliseconds of one of `count` pieces of work, by program."""
    return {name: 1000 * (after[name] - before[name]) / count for name in before}


def _of_family(pid: int) -> float:
    try:
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
        return sum(_seconds(one) for one in family)
    except psutil.NoSuchProcess:
        return 0.0


def _seconds(process: psutil.Process) -> float:
    """Its own, and that of children of its that have ended."""
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def _postmaster() -> int | None:
    """Of the session that we hold; another machine's is nobody here, or somebody else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    try:
        parent = psutil.Process(backend).parent()
    except psutil.NoSuchProcess:
        return None
    return parent.pid if parent is not None and parent.name().startswith("postgres") else None
