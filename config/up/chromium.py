"""`python -m config.up.chromium`: the browser that the browser tests drive.

Debian's own Chromium or an installed Chrome; the browser builds that Playwright would download
are not used, so that tests need nothing but a package manager.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MACOS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)

#: A container has no user namespaces to sandbox with, no GPU and a small /dev/shm.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
]


def find() -> str | None:
    """The browser's path: CHROMIUM in the environment, else the first that is installed."""
    if named := os.environ.get("CHROMIUM"):
        return named
    on_path = (shutil.which(name) for name in NAMES)
    on_macos = (path for path in MACOS if Path(path).exists())
    return next((path for path in (*on_path, *on_macos) if path), None)


def advice() -> str:
    """How to get one here."""
    if sys.platform == "darwin":
        return "Install it: brew install --cask chromium"
    if shutil.which("apt-get"):
        return "Install it: sudo apt-get install chromium"
    return "Install Chromium or Chrome, or set CHROMIUM to its path."


def install() -> bool:
    """Install Debian's Chromium if we are root on a Debian; says what it does."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    print("Installing chromium for the browser tests (apt-get) …", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    steps = [[*apt, "update"], [*apt, "install", "--yes", "--no-install-recommends", "chromium"]]
    for step in steps:
        if subprocess.run(step, env=quiet, stdout=subprocess.DEVNULL, check=False).returncode:
            return False
    return find() is not None


def main() -> int:
    if find() or install():
        return 0
    print(f"There is no Chromium, so the browser tests cannot run. {advice()}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
