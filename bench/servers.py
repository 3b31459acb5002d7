"""PostgreSQL and Valkey for a run, as safe as in production, and a database for each script.

Unlike the tests' servers these write through to the disk: a commit that is not waited for would
flatter us. DATABASE_URL and REDIS_URL name other servers; nothing else may use those meanwhile.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
from psycopg2 import sql

from config.up import postgres as pg
from config.up import testservers

ROOT = Path(__file__).resolve().parent.parent
#: Says to a script that its database is made and its own.
STAGED = "FIRSTCALL_BENCH"
TEMPLATE = "bench_template"


@dataclass(frozen=True)
class Servers:
    """Where the two servers are, and with which environment a script runs on them."""

    database_url: str
    redis_url: str
    environ: Mapping[str, str]


@contextmanager
def servers(given: Mapping[str, str]) -> Iterator[Servers]:
    """The servers that `given` names, else new ones until the block ends."""
    with ExitStack() as stack:
        folder = stack.enter_context(testservers.scratch())
        database_url = given.get("DATABASE_URL") or stack.enter_context(_postgres(folder))
        redis_url = given.get("REDIS_URL") or stack.enter_context(testservers.valkey(folder)).url
        environ = testservers.environ(given, database_url=database_url, redis_url=redis_url)
        environ["LOG_LEVEL"] = "WARNING"
        yield Servers(database_url, redis_url, environ)


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    server = testservers.throwaway_postgres(folder)
    server.prepare()
    account = server.account
    who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    with testservers.running(
        server.command(*pg.KEPT, "fsync=on"),
        log=folder / "postgres.log",
        stop=signal.SIGQUIT,
        cwd=server.home,
        **who,
    ):
        server.wait(seconds=30)
        yield server.url()


@contextmanager
def template(found: Servers) -> Iterator[str]:
    """A migrated database to copy for each script; returns its name."""
    name = f"{TEMPLATE}_{secrets.token_hex(3)}"
    with database(found, name) as url:
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        environ = {**found.environ, "DATABASE_URL": url}
        subprocess.run(migrate, cwd=ROOT, env=environ, check=True)
        yield name


@contextmanager
def database(found: Servers, name: str, *, copy_of: str = "") -> Iterator[str]:
    """A database until the block ends, empty or a copy; returns its URL."""
    source = sql.SQL(" TEMPLATE {}").format(sql.Identifier(copy_of)) if copy_of else sql.SQL("")
    _administer(found, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + source)
    try:
        yield url_of(found.database_url, name)
    finally:
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
        _administer(found, drop.format(sql.Identifier(name)))


def url_of(url: str, name: str) -> str:
    """The same server's database of that name."""
    parts = urlsplit(url)
    # Not urlunsplit: it drops the empty host of a socket's URL, and the slashes with it.
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{name}{query}"


def _administer(found: Servers, statement: sql.Composable) -> None:
    with closing(psycopg2.connect(found.database_url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)


def end_orderly() -> None:
    """Let a SIGTERM end what this process has started, too, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def is_staged() -> bool:
    """Whether this process is a script on a database of its own."""
    return STAGED in os.environ
