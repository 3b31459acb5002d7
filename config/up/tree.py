"""Where everything that the launcher writes has its place."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

#: macOS allows 104 bytes for a socket's path, Linux 108; supervisord adds its PID for a moment.
MAX_SOCKET_PATH = 88
#: Not TMPDIR: on macOS it is long itself, and it may differ between two terminals.
SHORT = Path("/tmp")  # noqa: S108 - our folders in it are private, and their owner is checked
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")


class LaunchError(Exception):
    """Something the person at the terminal has to know or do; the text says what."""


@dataclass(frozen=True)
class Tree:
    """The folders of one checkout."""

    root: Path

    @property
    def var(self) -> Path:
        return self.root / "var"

    @property
    def run(self) -> Path:
        """Generated configuration, sockets, process ids. Safe to delete while nothing runs."""
        return self.var / "run"

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def python(self) -> Path:
        return self.root / ".venv" / "bin" / "python"

    @property
    def name(self) -> str:
        """A short name that no other checkout on this machine has."""
        return f"firstcall-{hashlib.sha256(str(self.root).encode()).hexdigest()[:10]}"

    @property
    def static(self) -> Path:
        """Where `collectstatic` would put files; the demo serves them from the apps' folders."""
        return self.var / "static"

    def make(self) -> None:
        for folder in (self.var, self.run, self.log, self.static):
            folder.mkdir(exist_ok=True)

    def sockets(self) -> Path:
        """A folder of our own, short and plain enough for a socket's path."""
        return socket_folder(self.run, name=self.name, uid=os.geteuid())

    def short_folders(self) -> list[Path]:
        """What `socket_folder` may have made for this checkout."""
        return [SHORT / self.name, SHORT / f"{self.name}-pg"]


def checkout() -> Tree:
    """The checkout this file is part of."""
    return Tree(root=Path(__file__).resolve().parents[2])


def fits_a_socket(folder: Path) -> bool:
    return len(str(folder)) <= MAX_SOCKET_PATH - 16 and bool(_PLAIN_PATH.fullmatch(str(folder)))


def socket_folder(preferred: Path, *, name: str, uid: int) -> Path:
    """`preferred` if a socket's path can be made there, else a private folder in /tmp.

    :raises LaunchError: if somebody else already has a folder of that name in /tmp.
    """
    if fits_a_socket(preferred):
        return preferred
    folder = SHORT / name
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid not in {uid, os.geteuid()} or found.st_mode & 0o077:
        raise LaunchError(f"{folder} belongs to somebody else. Remove it, then try again.")
    return folder
