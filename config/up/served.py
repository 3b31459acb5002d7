"""The WSGI applications as granian's factories: a worker that ends when its granian does.

granian's workers outlive a granian that was killed. Such an orphan keeps the port, beside the
next granian's worker, and answers every other request with the code and settings of the past.
"""

from __future__ import annotations

import os
import threading
import time
from importlib import import_module
from typing import Any

SECONDS_BETWEEN_LOOKS = 0.5


def web() -> Any:
    """Firstcall's pages and API."""
    return load("config.wsgi")


def practice_ehr() -> Any:
    """The practice EHR, which nothing else may import."""
    return load("integrations.practice_ehr.wsgi")


def load(module: str) -> Any:
    """A module's `application`, in a process that follows its parent."""
    follow(os.getppid())
    return import_module(module).application


def follow(parent: int) -> threading.Thread:
    """End this process, at once, when `parent` has ended and another has adopted us."""

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(SECONDS_BETWEEN_LOOKS)
        os._exit(1)

    thread = threading.Thread(target=look, name="follow-parent", daemon=True)
    thread.start()
    return thread
