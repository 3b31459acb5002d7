"""The environment that the started processes run in, and how later commands find it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from config.env import Env
from config.up.tree import Tree

#: Marks every process started for a checkout, so that leftovers of a killed supervisor are found.
MARK = "FIRSTCALL_TREE"

#: The demo has no portal: the address leads nowhere (RFC 2606).
DEMO_PORTAL_URL = "https://portal.sonora.example/"
#: What a command typed into another terminal needs to reach the running system.
SHARED = (
    "FIRSTCALL_DEMO",
    "SECRET_KEY",
    "DATABASE_URL",
    "REDIS_URL",
    "PUBLIC_URL",
    "PATIENT_PORTAL_URL",
    "EHR_BASE_URL",
    "FIRSTCALL_WEB_PORT",
    "FIRSTCALL_LIVE_PORT",
    "FIRSTCALL_EHR_PORT",
    "MLLP_PORT",
    "LOG_JSON",
)


def secret_key(tree: Tree) -> str:
    """This checkout's own key, made once; sessions and links outlive a restart."""
    path = tree.var / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()


def build(
    given: Mapping[str, str], *, env: Env, tree: Tree, database_url: str, redis_url: str
) -> dict[str, str]:
    """The started processes' environment: what was given, completed by what we know.

    Anything set by the person at the terminal wins.
    """
    ours = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "FIRSTCALL_DEMO": "1" if env.firstcall_demo else "0",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "FIRSTCALL_WEB_PORT": str(env.firstcall_web_port),
        "FIRSTCALL_LIVE_PORT": str(env.firstcall_live_port),
        "FIRSTCALL_EHR_PORT": str(env.firstcall_ehr_port),
        "MLLP_PORT": str(env.mllp_port),
        "PUBLIC_URL": f"http://localhost:{env.firstcall_web_port}",
        "EHR_BASE_URL": f"http://127.0.0.1:{env.firstcall_ehr_port}/fhir",
        "LOG_JSON": "0",  # `make logs` is for people
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }
    if env.firstcall_demo:
        ours["SECRET_KEY"] = secret_key(tree)
        ours["PATIENT_PORTAL_URL"] = DEMO_PORTAL_URL
    return {**ours, **given, MARK: str(tree.root)}


def remember(environ: Mapping[str, str], tree: Tree) -> None:
    """Write `var/run/env`, which `config.env` reads where nothing else is set."""
    path = tree.run / "env"
    path.touch(mode=0o600)
    lines = [f"{name}='{environ[name]}'\n" for name in SHARED if name in environ]
    path.write_text("".join(lines))


def recall(tree: Tree) -> dict[str, str]:
    """What `remember` wrote; empty when nothing is up."""
    path = tree.run / "env"
    if not path.exists():
        return {}
    pairs = (line.rstrip("\n").split("=", 1) for line in path.read_text().splitlines())
    return {name: value.strip("'") for name, value in pairs}
