"""How long a process may keep the database waiting, or wait for it, by what the process is for.

A page that waits for a lock is no use after a few seconds, and a step that waits past its lease
is started again beside itself. So both give up: PostgreSQL ends the statement, the transaction
with it, and the caller answers 503 or comes back later. Migrations and commands typed by hand
have no limits: they may take as long as they need (docs/reliability.md).
"""

from __future__ import annotations

from config.env import Env

#: Until a connection to the server stands (seconds), and until data that nobody acknowledges
#: counts as lost (milliseconds): a server that is gone without a word must not hang us.
CONNECT_SECONDS = 5
UNACKNOWLEDGED_MS = 15_000
#: Our statements are many and short: compiling one costs more than it could save.
COMPILE = {"jit": "off"}


def limited(database: dict[str, object], env: Env) -> dict[str, object]:
    """Django's entry for the database, with the limits of this process's role.

    What the DATABASE_URL says itself (`?connect_timeout=2`, `?options=-c%20lock_timeout%3D1s`)
    wins.
    """
    given = database.get("OPTIONS")
    options: dict[str, object] = dict(given) if isinstance(given, dict) else {}
    asked = str(options.pop("options", ""))
    settings = {**COMPILE, **session(env)}
    ours = [f"-c {name}={value}" for name, value in settings.items() if name not in asked]
    if ours or asked:
        options["options"] = " ".join([*ours, asked]).strip()
    reaching = {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": UNACKNOWLEDGED_MS}
    return {**database, "OPTIONS": {**reaching, **options}}


def session(env: Env) -> dict[str, int]:
    """PostgreSQL's settings for the sessions of this process, by name (milliseconds)."""
    if env.database_role == "command":
        return {}
    is_web = env.database_role == "web"
    seconds = {
        "statement_timeout": env.web_statement_seconds if is_web else env.worker_statement_seconds,
        "lock_timeout": env.lock_wait_seconds,
        "idle_in_transaction_session_timeout": env.idle_transaction_seconds,
    }
    return {name: int(value * 1000) for name, value in seconds.items()}
