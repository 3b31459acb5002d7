"""What runs: every process of Firstcall, in one list."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from config.env import Env
from config.up.postgres import KEPT, Postgres
from config.up.tree import Tree
from config.up.valkey import Valkey

PRACTICE_EHR_SETTINGS = "integrations.practice_ehr.settings"
#: What each process is for, and so how long it may keep the database waiting (config.limits).
WEB = {"DATABASE_ROLE": "web"}
WORKER = {"DATABASE_ROLE": "worker"}


@dataclass(frozen=True)
class Program:
    """One process under the supervisor.

    `server` programs start first and stop last. `account` is set where the supervisor runs as
    root and the program must not. `seconds_to_stop` passes before it is killed.
    """

    name: str
    command: list[str]
    server: bool = False
    account: str | None = None
    folder: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    stop_signal: str = "TERM"
    seconds_to_stop: int = 15


def servers(postgres: Postgres | None, valkey: Valkey | None) -> list[Program]:
    """The embedded ones; none where DATABASE_URL or REDIS_URL name others."""
    found = []
    if postgres:
        found.append(
            Program(
                name="postgres",
                command=postgres.command(*KEPT),
                server=True,
                account=postgres.user_name,
                folder=str(postgres.home),
                stop_signal="INT",  # "fast": ends the sessions and writes a checkpoint
                seconds_to_stop=60,
            )
        )
    if valkey:
        found.append(Program(name="valkey", command=valkey.command(), server=True))
    return found


def granian(tree: Tree, application: str, *, port: int, host: str, threads: int) -> list[str]:
    return [
        str(tree.python),
        *("-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)),
        *("--workers", "1", "--blocking-threads", str(threads), "--no-ws"),
        *("--blocking-threads-idle-timeout", "600"),  # a thread has a connection (CONN_MAX_AGE)
        *("--respawn-failed-workers", "--workers-kill-timeout", "5", "--log-level", "warning"),
        *("--factory", f"config.up.served:{application}"),
    ]


def worker(
    tree: Tree, name: str, *, queues: str, pool: str, size: int, gives_way: bool = False
) -> Program:
    """A Celery worker. The sweep finds lost work, so workers need not watch one another.

    One that `gives_way` gets the processor when nobody else wants it: no patient waits for it.
    """
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    return Program(
        name=name,
        command=[
            *(("nice", "-n", "10") if gives_way else ()),
            str(tree.python),
            *("-m", "celery", "--app", "config", "--quiet", "worker", "--queues", queues),
            *("--pool", pool, "--concurrency", str(size), "--hostname", f"{name}@%h"),
            *("--loglevel", "INFO", *quiet),
        ],
        environment=WORKER,
    )


def apps(tree: Tree, env: Env) -> list[Program]:
    """Firstcall's own processes."""
    python = str(tree.python)
    host = "127.0.0.1"
    beat = ["--schedule", str(tree.run / "beat-schedule"), "--pidfile", ""]
    live = ["--host", host, "--port", str(env.firstcall_live_port)]
    found = [
        Program(
            name="web",
            command=granian(tree, "web", port=env.firstcall_web_port, host=host, threads=8),
            environment=WEB,
        ),
        Program(
            name="live",
            command=[
                *(python, "-m", "uvicorn", "config.asgi:application", *live),
                *("--timeout-graceful-shutdown", "2", "--lifespan", "auto"),
                *("--log-level", "warning", "--no-access-log"),
            ],
            environment=WEB,
        ),
        worker(tree, "worker-fill", queues="fill", pool="threads", size=8),
        worker(tree, "worker-io", queues="ehr,messages", pool="prefork", size=prefork_size()),
        worker(tree, "worker-bulk", queues="bulk", pool="prefork", size=1, gives_way=True),
        Program(
            name="beat",
            command=[
                *(python, "-m", "celery", "--app", "config", "--quiet", "beat", *beat),
                *("--loglevel", "WARNING"),
            ],
            environment=WORKER,
        ),
        Program(name="mllp", command=[python, "manage.py", "mllp_listen"], environment=WEB),
    ]
    if env.firstcall_demo:
        found.append(
            Program(
                name="practice-ehr",
                command=granian(
                    tree,
                    "practice_ehr",
                    port=env.firstcall_ehr_port,
                    host=host,
                    threads=4,
                ),
                environment={"DJANGO_SETTINGS_MODULE": PRACTICE_EHR_SETTINGS},
            )
        )
    return found


def prefork_size() -> int:
    """Two to four processes that wait for the EHR and the carrier."""
    return max(2, min(4, os.cpu_count() or 2))
