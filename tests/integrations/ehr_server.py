"""The practice EHR in a process and a database of its own, for tests that talk to it over HTTP."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg2
from psycopg2 import sql

from config.env import get_env
from integrations.fhir.client import FhirClient

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "a-token-for-tests"
START_SECONDS = 60
CALM: dict[str, int | bool] = {
    "slow_ms": 0,
    "refuse_next": 0,
    "refuse_status": 409,
    "drop_next": 0,
    "hold_ms": 3000,
    "garble_next": 0,
    "drip_next": 0,
    "honors_if_match": True,
    "honors_if_none_exist": True,
}


@dataclass(frozen=True)
class EhrServer:
    """A running practice EHR. `url` has no path."""

    url: str
    database_url: str

    @property
    def fhir_url(self) -> str:
        return f"{self.url}/fhir"

    def client(self, **options: Any) -> FhirClient:
        """Firstcall's own client, quick to lose patience unless told otherwise."""
        return FhirClient(self.fhir_url, TOKEN, **{"read_seconds": 2.0, **options})

    def http(self) -> httpx.Client:
        """A plain client with the token, for what a vendor's own tools would do."""
        return httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=30,
            trust_env=False,
        )

    def set_switches(self, **switches: int | bool) -> None:
        with self.http() as http:
            http.put("/practice/switches", json=switches).raise_for_status()

    def calm(self) -> None:
        """Turn every fault off."""
        self.set_switches(**CALM)

    def put(self, *resources: dict[str, Any]) -> None:
        """Store resources as they are, in one transaction Bundle."""
        entries = [
            {
                "resource": resource,
                "request": {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"},
            }
            for resource in resources
        ]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        with self.http() as http:
            http.post("/fhir", json=bundle).raise_for_status()


@contextmanager
def run_practice_ehr() -> Iterator[EhrServer]:
    """A practice EHR on a free loopback port, gone with its database at the end."""
    with scratch_database() as database_url:
        environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "EHR_TOKEN": TOKEN,
            "FIRSTCALL_DEMO": "1",
            "DJANGO_SETTINGS_MODULE": "integrations.practice_ehr.settings",
        }
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=ROOT, env=environment, check=True)
        port = free_port()
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
        command += ["--blocking-threads", "16", "--log-level", "warning"]
        command += ["integrations.practice_ehr.wsgi:application"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_ready(url, process)
            yield EhrServer(url=url, database_url=database_url)
        finally:
            process.terminate()
            process.wait(timeout=20)


@contextmanager
def scratch_database() -> Iterator[str]:
    """An empty database beside the tests' own, by its URL."""
    url = get_env().database_url
    parts = urlsplit(url)
    name = f"practice_ehr_{os.getpid()}_{secrets.token_hex(3)}"
    _administer(url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        # Not urlunsplit: it drops the empty host of a socket's URL, and the slashes with it.
        query = f"?{parts.query}" if parts.query else ""
        yield f"{parts.scheme}://{parts.netloc}/{name}{query}"
    finally:
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        _administer(url, drop)


def _administer(url: str, statement: sql.Composed) -> None:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)


def free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"The practice EHR ended at once, with {process.returncode}.")
        try:
            if httpx.get(f"{url}/healthz", timeout=2, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"The practice EHR was not ready in {START_SECONDS} seconds.")
