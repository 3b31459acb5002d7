"""A bus and a streaming process of a test's own: as deployed, and fit to be killed."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import redis
from django.db import connection

from config.env import get_env
from config.up.valkey import THROWAWAY, Valkey, free_port
from crm.live.channel import CHANNEL, Notice

ROOT = Path(__file__).resolve().parents[2]


class Bus:
    """A Valkey of this test's own, so that killing it hurts nobody else."""

    def __init__(self, folder: Path) -> None:
        self._valkey = Valkey(folder, port=free_port(), password="of-this-test")
        self._valkey.prepare(saving=THROWAWAY)
        self.url = self._valkey.url
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._valkey.command(), stdout=subprocess.DEVNULL)
        self._valkey.wait()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def say(self, notice: str | bytes) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.publish(CHANNEL, notice)

    def publish(self, notice: Notice) -> None:
        self.say(notice.to_json())


def wait_for(happened: Callable[[], object], *, within: float = 20) -> None:
    give_up = time.monotonic() + within
    while not happened():
        assert time.monotonic() < give_up, "it did not happen in time"
        time.sleep(0.05)


class Server:
    """`uvicorn config.asgi:application`, on this test's database and bus."""

    def __init__(self, bus: Bus, *, pages: str = "http://localhost:8000") -> None:
        """`pages` is the address of the pages that may read the stream."""
        self.port = free_port()
        self.url = f"http://localhost:{self.port}/live"
        database = urlsplit(get_env().database_url)
        name = str(connection.settings_dict["NAME"])
        self._env = os.environ | {
            "DATABASE_URL": urlunsplit(database._replace(path=f"/{name}")),
            "REDIS_URL": bus.url,
            "PUBLIC_URL": pages,
            "FIRSTCALL_DEMO": "1",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        self.start()

    def start(self) -> None:
        command = ["uvicorn", "config.asgi:application", "--port", str(self.port)]
        options = ["--timeout-graceful-shutdown", "10", "--log-level", "warning"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command, *options], cwd=ROOT, env=self._env
        )
        wait_for(lambda: self.health().get("hears_bus"))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def health(self) -> dict[str, object]:
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            client.request("GET", "/healthz")
            body: dict[str, object] = json.load(client.getresponse())
        except OSError:
            return {}
        else:
            return body
        finally:
            client.close()
