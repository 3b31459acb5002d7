"""What a fill cannot do without: an HTTP post, a commit, a hop over the broker, an HTTP post.

One after the other, each by the means that Firstcall has (granian, PostgreSQL with fsync, Celery
over the same broker, requests), with nothing in between.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import psycopg2
import requests

from bench.carrier import ACCOUNT, MESSAGES, OUR_NUMBER, TOKEN
from bench.noop import noop
from bench.outside import post
from bench.servers import ROOT
from config.up.valkey import can_bind, free_port

#: What the floor's texts say, to tell them from a fill's.
MARK = "floor"


class Floor:
    """The four, ready to be done again and again on one connection each."""

    def __init__(self, web_port: int, carrier_url: str) -> None:
        self._port, self._carrier = web_port, carrier_url + MESSAGES
        self._connection = psycopg2.connect(os.environ["DATABASE_URL"])
        self._connection.autocommit = True
        with self._connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bench_floor (id bigserial PRIMARY KEY, body text)")
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.auth = (ACCOUNT, TOKEN)
        self._body = b'{"event": "appointment.cancelled", "appointment": {"id": "visit-1"}}' * 4

    def once(self) -> dict[str, float]:
        """Seconds of each part, and of them all."""
        marks = [time.perf_counter()]
        assert post(self._port, "/", self._body, {}) == 202
        marks.append(time.perf_counter())
        with self._connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_floor (body) VALUES (%s)", [self._body.decode()])
        marks.append(time.perf_counter())
        noop.delay().get(timeout=30)
        marks.append(time.perf_counter())
        form = {"To": "+16025550199", "From": OUR_NUMBER, "Body": MARK}
        self._http.post(self._carrier, data=form, timeout=10).raise_for_status()
        marks.append(time.perf_counter())
        names = ("post", "insert", "celery", "post to carrier")
        parts = dict(zip(names, (b - a for a, b in pairwise(marks)), strict=True))
        return {**parts, "all": marks[-1] - marks[0]}


@contextmanager
def floor(folder: Path, carrier_url: str) -> Iterator[Floor]:
    """The floor's web server and worker, until the block ends."""
    port = free_port()
    log = folder / "floor.log"
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
    web += ["--blocking-threads", "8", "--no-ws", "--log-level", "warning"]
    worker = [sys.executable, "-m", "celery", "--app", "bench.noop", "--quiet", "worker"]
    worker += ["--queues", "bench-noop", "--pool", "threads", "--concurrency", "8"]
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
    with log.open("wb") as output:
        started = [
            subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
            for command in ([*web, "bench.bare:application"], worker)
        ]
    try:
        while can_bind(port) or b" ready." not in log.read_bytes():
            time.sleep(0.02)
        yield Floor(port, carrier_url)
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()
