"""Every measurement runs, at a size that proves nothing but that."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bench.common import Report
from bench.servers import ROOT
from config.env import get_env
from config.up import chromium

#: Each script as small as it goes, and how many rows it has at least.
TINY = {
    "fill": ("--size", "400", "--count", "4"),
    "matching": ("--size", "300"),
    "booking": ("--size", "20"),
    "search": ("--size", "60000", "--count", "2"),
    "patients": ("--size", "3000", "--count", "3"),
    "desk": ("--size", "2"),
    "desk_klm": ("--size", "1"),
    "templates": ("--size", "2"),
    "mass": ("--size", "60"),
    "hl7": ("--size", "6"),
    "webhooks": ("--size", "20"),
    "memory": ("--size", "5"),
    "live_agents": ("--size", "5", "--count", "10"),
    "live_desks": ("--size", "10", "--seconds", "20"),
}


def run(name: str, *arguments: str, redis_url: str) -> Report:
    command = [sys.executable, "-m", "bench", name, *arguments, "--json"]
    environ = {**os.environ, "DATABASE_URL": get_env().database_url, "REDIS_URL": redis_url}
    done = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=380, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return Report.from_json(done.stdout)


@pytest.mark.long
@pytest.mark.timeout(400)
def test_races_have_one_winner_each_and_are_told_beside_their_floor(redis_url: str) -> None:
    report = run("races", "--size", "2", redis_url=redis_url)
    assert (report.bench, report.size, report.failures) == ("races", 2, [])
    assert report.figures["races"] == 100
    assert all(row.ratio and row.floor for row in report.rows)


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", TINY)
def test_the_script_runs_and_reports(name: str, redis_url: str) -> None:
    if name == "desk_klm" and not chromium.find():
        pytest.skip(f"There is no Chromium. {chromium.advice()}")
    report = run(name, *TINY[name], redis_url=redis_url)
    assert report.bench == name
    assert report.rows
    assert not report.failures
