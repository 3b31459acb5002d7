"""`python -m bench [NAME …]`: run all measurements, or one with its own arguments.

python -m bench                                 # all of them, then the table
python -m bench --sizes fill=10000,races=50     # smaller
python -m bench --write                         # and into docs/performance.md
python -m bench fill --size 10000 --json        # one, with its arguments
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from argparse import ArgumentParser

from bench import machine
from bench.common import Report, say_so
from bench.page import Run, show, write
from bench.servers import ROOT, STAGED, Servers, database, end_orderly, servers, template

#: In the order of the table. The soak takes 20 minutes and is run by name.
ALL = (
    "fill",
    "matching",
    "races",
    "booking",
    "templates",
    "mass",
    "search",
    "patients",
    "desk",
    "desk_klm",
    "hl7",
    "webhooks",
    "memory",
    "live_agents",
    "live_desks",
)
BY_NAME = ("soak",)
RESULTS = ROOT / "var" / "bench"


def main(arguments: list[str]) -> int:
    if arguments and arguments[0] in (*ALL, *BY_NAME):
        with servers(os.environ) as found, template(found) as made:
            return script(found, made, arguments[0], arguments[1:])[0]
    options = _parser().parse_args(arguments)
    sizes = dict(pair.split("=", 1) for pair in options.sizes)
    if unknown := set(sizes) - set(ALL):
        raise SystemExit(f"There is no measurement named {', '.join(sorted(unknown))}.")
    with servers(os.environ) as found, template(found) as made:
        run = Run(
            facts=machine.facts(database_url=found.database_url, redis_url=found.redis_url),
            load=machine.load(),
            began=time.time(),
        )
        for name in options.only:
            size = ["--size", sizes[name]] if name in sizes else []
            run.reports.append(report(found, made, name, size))
    print(show(run))
    if options.write:
        write(run)
    return 1 if any(found.failures for found in run.reports) else 0


def report(found: Servers, made: str, name: str, arguments: list[str]) -> Report:
    """Run one script; keep its JSON under var/bench/, too."""
    say_so(f"{name} …")
    began = time.monotonic()
    code, printed = script(found, made, name, [*arguments, "--json"], quiet=True)
    if not printed.strip():
        return Report(name, 0, failures=[f"{name} ended with {code} and no report"])
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_bytes(printed)
    say_so(f"{name}: {time.monotonic() - began:.0f} s")
    return Report.from_json(printed.decode())


def script(
    found: Servers, made: str, name: str, arguments: list[str], *, quiet: bool = False
) -> tuple[int, bytes]:
    """Run one script on a fresh copy of the database `made`; its exit code, and what it printed."""
    with (
        database(found, f"bench_{name}_{os.getpid()}", copy_of=made) as url,
        subprocess.Popen(
            [sys.executable, "-m", f"bench.{name}", *arguments],
            cwd=ROOT,
            env={**found.environ, "DATABASE_URL": url, STAGED: "1"},
            stdout=subprocess.PIPE if quiet else None,
        ) as process,
    ):
        try:
            printed, _ = process.communicate()
        except BaseException:
            process.terminate()  # it has processes of its own to end
            process.wait()
            raise
        return process.returncode, printed or b""


def _parser() -> ArgumentParser:
    made = ArgumentParser(prog="python -m bench", description=__doc__.split("\n", 1)[0])
    made.add_argument("--sizes", nargs="+", default=[], metavar="NAME=N", help="other sizes")
    made.add_argument("--only", nargs="+", default=ALL, choices=ALL, help="not all of them")
    made.add_argument("--write", action="store_true", help="the table into docs/performance.md")
    return made


if __name__ == "__main__":
    end_orderly()
    sys.exit(main(sys.argv[1:]))
