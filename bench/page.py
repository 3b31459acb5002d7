"""The table of a run, for the terminal and for docs/performance.md."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from bench.common import Report, table
from bench.servers import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


@dataclass(slots=True)
class Run:
    """All scripts once. `load` is what the machine did besides, before it began."""

    facts: dict[str, str]
    load: float
    began: float
    reports: list[Report] = field(default_factory=list)


def show(run: Run) -> str:
    """Table, machine and load, in Markdown."""
    rows = [row for report in run.reports for row in report.rows]
    failures = [f"- **{failure}**" for report in run.reports for failure in report.failures]
    lines = [table(rows), "", _circumstances(run)]
    if failures:
        lines += ["", "Failed:", "", *failures]
    return "\n".join(lines)


def _circumstances(run: Run) -> str:
    day = dt.datetime.fromtimestamp(run.began, tz=dt.UTC)
    machine = "; ".join(f"{name} {fact}" for name, fact in run.facts.items())
    sizes = ", ".join(f"{report.bench} {report.size:,}" for report in run.reports)
    return (
        f"Measured {day:%Y-%m-%d}: {machine}. The load generator, the servers and all processes of "
        f"Firstcall shared the cores; load average before the run {run.load:.1f}. Sizes: {sizes}."
    )


def write(run: Run) -> None:
    """Put the table between the page's two marks."""
    text = PAGE.read_text("utf-8")
    before, rest = text.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    PAGE.write_text(f"{before}{BEGIN}\n{show(run)}\n{END}{after}", "utf-8")
