from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.env import DEMO_FHIR_WEBHOOK_TOKEN, Env
from config.up import __main__ as command_line
from config.up import postgres
from config.up.addresses import text
from config.up.launcher import Launcher
from config.up.preparing import fingerprint, is_prepared
from config.up.programs import apps, servers
from config.up.tree import LaunchError, Tree, checkout

ELSEWHERE = {"DATABASE_URL": "postgres://elsewhere/x", "REDIS_URL": "redis://elsewhere"}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tree]:
    monkeypatch.setattr(postgres, "SPARE_ROOT", tmp_path)  # root's pytest folders are closed
    made = Tree(tmp_path)
    made.make()
    yield made
    for folder in made.short_folders():
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_busy_port_stops_it_before_anything_starts(tree: Tree, taken: int) -> None:
    launcher = Launcher(tree, Env(firstcall_demo=True, mllp_port=taken), ELSEWHERE)
    with pytest.raises(LaunchError, match=f"Port {taken}, for HL7"):
        launcher.up()
    assert not launcher.supervisor.is_up()


def test_no_server_is_started_in_place_of_a_named_one(tree: Tree) -> None:
    launcher = Launcher(tree, Env(firstcall_demo=True), ELSEWHERE)
    assert not {"postgres", "valkey"} & {program.name for program in launcher.programs}
    assert launcher.environ["DATABASE_URL"] == "postgres://elsewhere/x"


def test_the_practice_ehr_runs_in_demo_mode_only(tree: Tree) -> None:
    demo = {program.name for program in apps(tree, Env(firstcall_demo=True))}
    real = {program.name for program in apps(tree, Env.model_construct(firstcall_demo=False))}
    assert demo - real == {"practice-ehr"}


def test_every_queue_that_code_rings_on_has_a_worker(tree: Tree) -> None:
    from crm.engine.steps import all_steps

    commands = [program.command for program in apps(tree, Env(firstcall_demo=True))]
    lists = [
        command[command.index("--queues") + 1] for command in commands if "--queues" in command
    ]
    served = {queue for queues in lists for queue in queues.split(",")}
    assert {step.queue for step in all_steps()} <= served


def test_embedded_servers_start_first(tree: Tree) -> None:
    launcher = Launcher(tree, Env(firstcall_demo=True), {})
    embedded = servers(launcher.postgres, launcher.valkey)
    assert [program.name for program in embedded] == ["postgres", "valkey"]
    assert all(program.server for program in embedded)


def test_prepares_again_when_the_code_or_the_database_is_another(tree: Tree) -> None:
    (tree.root / "requirements").mkdir()
    (tree.root / "requirements" / "base.txt").touch()
    (tree.root / "crm").mkdir()
    module = tree.root / "crm" / "models.py"
    module.write_text("A = 1\n")
    environ = dict(ELSEWHERE)
    (tree.run / "prepared").write_text(fingerprint(tree, environ))
    assert is_prepared(tree, environ)
    assert not is_prepared(tree, {**environ, "DATABASE_URL": "postgres://other"})
    module.write_text("A = 2\n")
    assert not is_prepared(tree, environ)


def test_reset_deletes_the_data(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    (tree.var / "secret_key").write_text("x")
    Launcher(tree, Env(firstcall_demo=True), ELSEWHERE).reset()
    assert not tree.var.exists()
    assert "Nothing was running." in capsys.readouterr().out


def test_demo_needs_a_running_system(tree: Tree) -> None:
    with pytest.raises(LaunchError, match="make up"):
        Launcher(tree, Env(firstcall_demo=True), ELSEWHERE).demo()


def test_closing_lines_follow_the_settings() -> None:
    environ = {"PUBLIC_URL": "http://localhost:9", "FIRSTCALL_DEMO": "1", "MLLP_PORT": "2576"}
    assert "http://localhost:9/phones/" in text(environ)
    assert "2576" in text(environ)
    assert "/phones/" not in text({**environ, "FIRSTCALL_DEMO": "0"})


def test_closing_lines_name_no_secret() -> None:
    environ = {"PUBLIC_URL": "http://x", "FIRSTCALL_DEMO": "1", "MLLP_PORT": "1"}
    assert f"Bearer {DEMO_FHIR_WEBHOOK_TOKEN}" in text(environ)
    assert "s3cret" not in text({**environ, "FHIR_WEBHOOK_TOKEN": "s3cret"})
    assert "$FHIR_WEBHOOK_TOKEN" in text({**environ, "FIRSTCALL_DEMO": "0"})


def test_an_unknown_command_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["fly"]) == 2
    assert "usage:" in capsys.readouterr().err


def test_knows_its_own_checkout() -> None:
    assert (checkout().root / "manage.py").exists()
