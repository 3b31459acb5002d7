"""docker-compose.yml and the Dockerfile, key by key: no container engine runs where tests do.

Every key that stands in the file is either checked here against the code it speaks of or listed
as needing no check; an unknown one fails.
"""

from __future__ import annotations

import importlib.util
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from pydantic import ValidationError

from config.env import Env
from config.up.programs import apps
from config.up.tree import checkout
from tests.conventions.repo import APPS, ROOT

SETTINGS = {name.upper() for name in Env.model_fields}
PORTS = {
    "web": Env.model_fields["firstcall_web_port"].default,
    "live": Env.model_fields["firstcall_live_port"].default,
    "mllp": Env.model_fields["mllp_port"].default,
}
SERVERS = {"postgres", "valkey"}
CHECKED = {
    *("build", "image", "env_file", "environment", "depends_on", "command", "ports", "volumes"),
    *("healthcheck", "restart", "init", "cap_drop", "security_opt"),
}
#: How long to wait and how much memory to share: any value of the right form works.
FREE = {"stop_grace_period", "shm_size"}


@cache
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


OURS = sorted(set(services()) - SERVERS)
PROGRAMS = apps(checkout(), Env(firstcall_demo=True))


@pytest.fixture(params=OURS)
def ours(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return request.param, services()[request.param]


def option(command: list[str], name: str) -> str:
    return command[command.index(name) + 1]


def test_runs_what_make_up_runs() -> None:
    demo_only = {"practice-ehr"}
    here = {program.name for program in PROGRAMS}
    assert set(OURS) == here - demo_only | {"migrate"}


def test_has_only_known_keys() -> None:
    assert set(compose()) == {"name", "x-app", "services", "volumes"}
    for name, service in services().items():
        assert not set(service) - CHECKED - FREE, name


def test_builds_our_image_from_here(ours: tuple[str, dict[str, Any]]) -> None:
    _, service = ours
    assert (service["build"], service["image"]) == (".", "firstcall:latest")


@pytest.mark.parametrize("name", sorted(SERVERS))
def test_pins_the_servers_to_a_supported_version(name: str) -> None:
    image, version = services()[name]["image"].split(":")
    assert image in {"postgres", "valkey/valkey"}
    assert int(version) >= {"postgres": 15, "valkey": 8}[name]


def test_reads_the_deployments_own_settings(ours: tuple[str, dict[str, Any]]) -> None:
    _, service = ours
    assert service["env_file"] == ".env"
    assert set(service["environment"]) <= SETTINGS


def test_each_process_has_the_role_that_it_has_here() -> None:
    here = {program.name: program.environment.get("DATABASE_ROLE") for program in PROGRAMS}
    there = {name: services()[name]["environment"].get("DATABASE_ROLE") for name in OURS}
    assert there == {name: here.get(name) for name in OURS}
    assert there["migrate"] is None, "a migration may take as long as it needs"


def test_never_runs_as_a_demo() -> None:
    assert "FIRSTCALL_DEMO" not in (ROOT / "docker-compose.yml").read_text()
    assert "FIRSTCALL_DEMO" not in (ROOT / "docs" / "env.example").read_text()


def test_connects_to_the_servers_that_it_starts(ours: tuple[str, dict[str, Any]]) -> None:
    _, service = ours
    postgres = services()["postgres"]["environment"]
    user, database = postgres["POSTGRES_USER"], postgres["POSTGRES_DB"]
    password = postgres["POSTGRES_PASSWORD"]
    expected = f"postgres://{user}:{password}@postgres:5432/{database}"
    assert service["environment"]["DATABASE_URL"] == expected
    assert service["environment"]["REDIS_URL"] == "redis://valkey:6379/0"


def test_example_settings_are_settings() -> None:
    lines = (ROOT / "docs" / "env.example").read_text().splitlines()
    names = {line.split("=")[0] for line in lines if line and not line.startswith("#")}
    assert names - {"POSTGRES_PASSWORD"} <= SETTINGS
    variables = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert variables <= names
    with pytest.raises(ValidationError) as refused:
        Env(firstcall_demo=False)
    demo_secrets = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", str(refused.value))) & SETTINGS
    assert demo_secrets - {"FIRSTCALL_DEMO"} <= names
    assert len(demo_secrets) >= 4


def test_runs_commands_that_exist(ours: tuple[str, dict[str, Any]]) -> None:
    _, service = ours
    python, *rest = service["command"]
    assert python == "python"
    if rest[0] == "-m":
        assert importlib.util.find_spec(rest[1])
        assert not [word for word in rest if ":application" in word and not serves(word)]
        assert "--app" not in rest or option(rest, "--app") == "config"
    else:
        assert rest[0] == "manage.py"
        assert rest[1] in get_commands()


def serves(target: str) -> bool:
    """Whether `package.module:application` is there, without importing it."""
    module, name = target.split(":")
    path = ROOT / (module.replace(".", "/") + ".py")
    return path.exists() and re.search(rf"^{name} = ", path.read_text(), re.MULTILINE) is not None


def test_workers_serve_the_same_queues_as_make_up() -> None:
    def queues(commands: list[list[str]]) -> dict[str, tuple[str, str]]:
        return {
            option(command, "--hostname"): (option(command, "--queues"), option(command, "--pool"))
            for command in commands
            if "--queues" in command
        }

    here = [program.command for program in apps(checkout(), Env(firstcall_demo=True))]
    found = queues([service["command"] for service in services().values() if "command" in service])
    assert found
    assert found == queues(here)


@pytest.mark.parametrize("name", sorted(PORTS))
def test_ports_agree_with_the_settings(name: str) -> None:
    port = PORTS[name]
    service = services()[name]
    assert service["ports"] == [f"{port}:{port}"]
    assert str(port) in " ".join(service["healthcheck"]["test"])
    if "--port" in service["command"]:
        assert option(service["command"], "--port") == str(port)
        assert option(service["command"], "--host") == "0.0.0.0"  # noqa: S104 - in a container


def test_publishes_no_other_port() -> None:
    assert {name for name, service in services().items() if "ports" in service} == set(PORTS)


def test_listens_for_messages_on_the_containers_address() -> None:
    assert services()["mllp"]["environment"]["MLLP_HOST"] == "0.0.0.0"  # noqa: S104


def test_waits_for_what_it_needs(ours: tuple[str, dict[str, Any]]) -> None:
    name, service = ours
    expected = {"postgres": "service_healthy"}
    if name != "migrate":
        expected |= {"valkey": "service_healthy", "migrate": "service_completed_successfully"}
    found = {other: how["condition"] for other, how in service["depends_on"].items()}
    assert found == expected


def test_what_is_waited_for_says_when_it_is_healthy() -> None:
    for name, service in services().items():
        assert ("healthcheck" in service) == (name != "migrate"), name
        if "healthcheck" in service:
            check = service["healthcheck"]
            assert set(check) <= {"test", "interval", "timeout", "retries", "start_period"}
            assert check["test"][0] in {"CMD", "CMD-SHELL"}


def test_keeps_data_in_declared_volumes() -> None:
    mounts = [volume for service in services().values() for volume in service.get("volumes", [])]
    used = {mount.split(":")[0] for mount in mounts}
    assert used == set(compose()["volumes"])
    assert services()["postgres"]["volumes"] == ["postgres:/var/lib/postgresql/data"]
    assert services()["valkey"]["volumes"] == ["valkey:/data"]


def test_broker_never_throws_messages_away() -> None:
    command = services()["valkey"]["command"]
    assert option(command, "--maxmemory-policy") == "noeviction"


def test_starts_again_after_a_crash_and_may_do_little(ours: tuple[str, dict[str, Any]]) -> None:
    name, service = ours
    assert service["restart"] == ("on-failure" if name == "migrate" else "unless-stopped")
    assert service["init"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


# -- Dockerfile -----------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    text = (ROOT / "Dockerfile").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    pairs = (line.split(maxsplit=1) for line in joined.splitlines() if line.strip())
    return [(name, rest) for name, rest in pairs]


def values(name: str) -> list[str]:
    return [rest for instruction, rest in instructions() if instruction == name]


def test_image_has_only_known_instructions() -> None:
    known = {"FROM", "ENV", "RUN", "WORKDIR", "COPY", "USER", "EXPOSE", "CMD"}
    assert {name for name, _ in instructions()} == known


def test_image_has_a_python_that_the_lock_was_made_for() -> None:
    (image,) = values("FROM")
    assert image == "python:3.13-slim"
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert pyproject["project"]["requires-python"] == ">=3.11,<3.14"


def test_image_holds_the_whole_application() -> None:
    copied = [word for line in values("COPY") for word in line.split()[:-1]]
    assert [path for path in copied if not (ROOT / path).exists()] == []
    assert {*APPS, "manage.py", "templates", "static"} <= set(copied)
    let_in = (ROOT / ".dockerignore").read_text()
    assert [path for path in copied if f"!{path}\n" not in let_in] == []


def test_image_installs_the_lock_with_hashes() -> None:
    (install,) = (line for line in values("RUN") if "pip install" in line)
    assert "--require-hashes" in install
    assert install.endswith("--requirement requirements/base.txt")


def test_image_does_not_run_as_root() -> None:
    names = [name for name, _ in instructions()]
    assert values("USER") == ["firstcall"]
    assert names.index("USER") > max(i for i, name in enumerate(names) if name == "RUN")


def test_image_collects_static_files_inside_itself() -> None:
    assert any("manage.py collectstatic" in line for line in values("RUN"))
    assert Path(settings.STATIC_ROOT).is_relative_to(ROOT)


def test_image_serves_the_pages_unless_told_otherwise() -> None:
    (command,) = values("CMD")
    assert yaml.safe_load(command) == services()["web"]["command"]
    assert values("EXPOSE") == [str(PORTS["web"])]
