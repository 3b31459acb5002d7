"""What every test stands on: real PostgreSQL, real Valkey, one of each per worker.

Settings are read before this file is, so the servers' addresses come from the environment
(`make test`, or anything else that sets `DATABASE_URL` and `REDIS_URL`). What differs between
workers is changed here, before the first connection is opened.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import hypothesis
import pytest
import redis
from django.conf import settings

from config.celery import app as celery_app
from config.env import get_env
from config.up import chromium
from tests import emptying, n_plus_one
from tests.cast import cast  # noqa: F401 a fixture for every test

#: Time says nothing on a busy machine; `bench/` measures.
#: Half of Hypothesis's usual hundred: `make test` has fifteen minutes on two cores.
hypothesis.settings.register_profile("firstcall", deadline=None, max_examples=50)
hypothesis.settings.load_profile("firstcall")

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
SUFFIX = os.environ.get("PYTEST_DB_SUFFIX", "")


def worker_redis_url(url: str, *, worker: str, suffix: str) -> str:
    """The same server, another database: 1 and up, so that number 0 is left alone.

    Workers of one run never meet. Runs told apart by `PYTEST_DB_SUFFIX` get a block of eight
    each, for which the server needs more than the usual 16 databases (ours has 64).
    """
    parts = urlsplit(url)
    number = int(worker.removeprefix("gw") or 0) if worker else 0
    block = zlib.crc32(suffix.encode()) % 7 * 8 if suffix else 0
    return urlunsplit(parts._replace(path=f"/{1 + block + number}"))


TEST_REDIS_URL = worker_redis_url(get_env().redis_url, worker=WORKER, suffix=SUFFIX)
get_env().redis_url = TEST_REDIS_URL
get_env().clock_source = "machine"  # tests stop it
settings.CACHES["default"]["LOCATION"] = TEST_REDIS_URL
settings.CACHES["default"]["KEY_PREFIX"] = f"test{SUFFIX}{WORKER}"
celery_app.conf.update(broker_url=TEST_REDIS_URL)

#: So many databases has any Redis server for tests, number 0 left alone.
MOST_WORKERS = 15


def pytest_xdist_auto_num_workers() -> int | None:
    """One more than there are cores: a third of the time is waiting, for browsers and leases.

    PYTEST_XDIST_AUTO_NUM_WORKERS still decides where it is set.
    """
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return min((os.cpu_count() or 1) + 1, MOST_WORKERS)


n_plus_one.watch()
emptying.empty_instead_of_flushing()

# WhiteNoise warns about a missing folder, and here a warning is an error. Each test's own client
# starts a WhiteNoise: it looks a file up when asked, instead of listing all files first.
Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
settings.WHITENOISE_AUTOREFRESH = True

if SUFFIX:
    database: dict[str, Any] = settings.DATABASES["default"]
    database.setdefault("TEST", {})["NAME"] = f"test_{database['NAME']}{SUFFIX}"


@pytest.fixture(scope="session")
def redis_url() -> str:
    """This worker's own Redis database."""
    return TEST_REDIS_URL


@pytest.fixture(scope="session", autouse=True)
def empty_redis(redis_url: str) -> Iterator[None]:
    """Leave nothing of an earlier run in this worker's database, and nothing behind."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
        yield
        client.flushdb()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Whatever asks Playwright for a page, a context or a browser is a browser test.

    And `-k fault_07` finds the tests of that fault (docs/reliability.md).
    """
    if "playwright" in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.browser)
    for mark in item.iter_markers("fault"):
        item.extra_keyword_matches.update(f"fault_{number:02}" for number in mark.args)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: Playwright leaves an event loop running in the worker's main thread.

    A later test that runs a loop of its own would find that one. Workers are handed tests in
    this order, too, so what comes last comes last in each.
    """
    items.sort(key=is_browser_test)  # stable: random within each half


def is_browser_test(item: pytest.Item) -> bool:
    return item.get_closest_marker("browser") is not None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Browser tests need a browser; a missing one is said aloud, and fails where it counts."""
    if not is_browser_test(item):
        return
    # In a thread with a running loop the ORM refuses to work, and Playwright's is in ours.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    if chromium.find():
        return
    reason = f"There is no Chromium. {chromium.advice()}"
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """pytest-playwright's hook: the installed Chromium instead of a downloaded build."""
    return {"executable_path": chromium.find(), "args": chromium.ARGUMENTS}
