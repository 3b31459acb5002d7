"""The floor's own web application: takes a body and says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """WSGI, nothing else."""
    environ["wsgi.input"].read()
    start_response("202 Accepted", [("Content-Type", "application/json")])
    return [b"{}"]
