"""The machine that figures are from, without its name."""

from __future__ import annotations

import os
import platform
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import redis


def facts(*, database_url: str, redis_url: str) -> dict[str, str]:
    """Processor, memory, versions, and the settings of the servers that figures depend on."""
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('fsync'),"
            " current_setting('synchronous_commit'), current_setting('shared_buffers')"
        )
        version, fsync, commit, buffers = cursor.fetchall()[0]
    with redis.Redis.from_url(redis_url) as client:
        broker = client.info("server")
    name = "Valkey" if "valkey_version" in broker else "Redis"
    return {
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "PostgreSQL": f"{version.split()[0]}, fsync {fsync}, synchronous_commit {commit}, "
        f"shared_buffers {buffers}",
        name: str(broker.get("valkey_version") or broker["redis_version"]),
    }


def load() -> float:
    """How many processes wanted a processor in the last minute."""
    return os.getloadavg()[0]


def processor() -> str:
    """Its name where the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
