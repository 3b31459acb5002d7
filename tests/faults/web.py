"""Our web server as deployed, and how long it takes to answer."""

from __future__ import annotations

import time
from typing import Any

import httpx

from tests.faults.processes import Firstcall, wait_until


class LiveWeb:
    """POST to a live granian; `seconds` holds how long each answer took."""

    def __init__(self, firstcall: Firstcall) -> None:
        self._url = f"http://127.0.0.1:{firstcall.web_port}"
        self.seconds: list[float] = []

    def wait(self) -> None:
        """Until the server answers."""
        wait_until(self._answers, within=120)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self._url}/healthz", timeout=5, trust_env=False).is_success
        except httpx.TransportError:
            return False

    def __call__(self, path: str, *, data: Any, headers: dict[str, str]) -> int:
        body: dict[str, Any] = {"data": data}
        if isinstance(data, str):
            body = {"content": data}
            headers = {**headers, "Content-Type": "application/fhir+json"}
        started = time.monotonic()
        answer = httpx.post(self._url + path, headers=headers, timeout=60, trust_env=False, **body)
        self.seconds.append(time.monotonic() - started)
        return answer.status_code
