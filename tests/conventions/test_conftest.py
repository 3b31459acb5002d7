"""The ground under the tests: every worker has servers of its own, and no way out."""

from __future__ import annotations

import socket

import pytest
import redis
from pytest_socket import SocketConnectBlockedError

from config.env import get_env
from tests.conftest import pytest_collection_modifyitems, worker_redis_url

URL = "redis://:secret@127.0.0.1:6379/0"


def test_leaves_the_database_of_the_running_system_alone() -> None:
    assert worker_redis_url(URL, worker="", suffix="") == "redis://:secret@127.0.0.1:6379/1"


def test_gives_each_worker_a_database_of_its_own() -> None:
    urls = {worker_redis_url(URL, worker=f"gw{n}", suffix="") for n in range(8)}
    assert len(urls) == 8


def test_the_code_under_test_sees_the_workers_database(redis_url: str) -> None:
    assert get_env().redis_url == redis_url
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()


@pytest.mark.filterwarnings("ignore:A test tried to use socket:UserWarning")
def test_no_test_can_reach_beyond_this_machine() -> None:
    with pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 443), timeout=1)


class Item:
    """A collected test, as far as its order goes."""

    def __init__(self, name: str, *, browser: bool = False) -> None:
        self.name, self.browser = name, browser

    def get_closest_marker(self, marker: str) -> object:
        return self.browser if self.browser and marker == "browser" else None


def test_browser_tests_come_last_and_the_rest_keeps_its_order() -> None:
    items = [Item("a", browser=True), Item("b"), Item("c", browser=True), Item("d")]
    pytest_collection_modifyitems(items)  # type: ignore[arg-type]
    assert [item.name for item in items] == ["b", "d", "a", "c"]
