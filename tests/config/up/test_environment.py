from __future__ import annotations

from pathlib import Path

import pytest

from config.env import Env
from config.up import environment
from config.up.tree import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    made = Tree(tmp_path)
    made.make()
    return made


def build(tree: Tree, **given: str) -> dict[str, str]:
    env = Env(firstcall_demo=True, firstcall_web_port=8080)
    return environment.build(
        given, env=env, tree=tree, database_url="postgres://db", redis_url="redis://r"
    )


def test_tells_the_processes_where_the_servers_are(tree: Tree) -> None:
    found = build(tree)
    assert (found["DATABASE_URL"], found["REDIS_URL"]) == ("postgres://db", "redis://r")


def test_the_public_address_follows_the_port(tree: Tree) -> None:
    assert build(tree)["PUBLIC_URL"] == "http://localhost:8080"


def test_what_the_person_sets_wins(tree: Tree) -> None:
    assert build(tree, PUBLIC_URL="https://demo.example")["PUBLIC_URL"] == "https://demo.example"


def test_the_secret_key_outlives_a_restart_and_is_private(tree: Tree) -> None:
    assert build(tree)["SECRET_KEY"] == build(tree)["SECRET_KEY"]
    assert len(build(tree)["SECRET_KEY"]) >= 50
    assert (tree.var / "secret_key").stat().st_mode & 0o777 == 0o600


def test_another_terminal_finds_the_running_system(tree: Tree) -> None:
    environment.remember(build(tree), tree)
    found = Env(_env_file=tree.run / "env")  # type: ignore[call-arg]
    assert found.firstcall_web_port == 8080
    assert environment.recall(tree)["FIRSTCALL_WEB_PORT"] == "8080"
    assert (tree.run / "env").stat().st_mode & 0o777 == 0o600
