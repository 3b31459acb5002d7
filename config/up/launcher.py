"""What `make up`, `down`, `reset`, `demo`, `logs` and `status` do."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from config.env import Env
from config.up import addresses, environment, ports, preparing, ready
from config.up.postgres import Postgres, embedded, spare_home
from config.up.programs import Program, apps, servers
from config.up.supervisor import Supervisor, end_leftovers
from config.up.tree import LaunchError, Tree
from config.up.valkey import Valkey, remembered


def say(text: str) -> None:
    print(text, flush=True)


@dataclass(frozen=True)
class Launcher:
    """One checkout and what it runs; each public method is one command."""

    tree: Tree
    env: Env
    given: Mapping[str, str]

    @cached_property
    def supervisor(self) -> Supervisor:
        return Supervisor(self.tree)

    @cached_property
    def postgres(self) -> Postgres | None:
        return None if "DATABASE_URL" in self.given else embedded(self.tree)

    @cached_property
    def valkey(self) -> Valkey | None:
        return None if "REDIS_URL" in self.given else remembered(self.tree.var / "valkey")

    @cached_property
    def programs(self) -> list[Program]:
        return [*servers(self.postgres, self.valkey), *apps(self.tree, self.env)]

    @cached_property
    def environ(self) -> dict[str, str]:
        """What the processes run in."""
        return environment.build(
            self.given,
            env=self.env,
            tree=self.tree,
            database_url=self.postgres.url() if self.postgres else self.given["DATABASE_URL"],
            redis_url=self.valkey.url if self.valkey else self.given["REDIS_URL"],
        )

    def up(self) -> int:
        """Start what does not run, wait until it is ready, and the first time tell the story.

        :raises LaunchError: with what to do about it.
        """
        began = time.monotonic()
        self.tree.make()
        self._start_servers()
        names = [program.name for program in self.programs]
        if not preparing.is_prepared(self.tree, self.environ):
            say("Preparing the database …")
            self.supervisor.stop_programs(p.name for p in self.programs if not p.server)
            preparing.prepare(
                self.tree,
                self.environ,
                supervisor=self.supervisor,
                demo=self.env.firstcall_demo,
                ehr_port=self.env.firstcall_ehr_port,
            )
        self.supervisor.start_programs(names)
        ready.wait(
            self.tree,
            self.supervisor,
            port=self.env.firstcall_web_port,
            ports=ports.ports(self.env),
        )
        say(f"Ready after {time.monotonic() - began:.1f} s.")
        code = self._tell_story_once()
        self._print_addresses()
        return code

    def down(self) -> int:
        """Stop everything; data and logs stay."""
        was_up = self.supervisor.is_up()
        if was_up:
            self.supervisor.shut_down()
        ended = end_leftovers(self.tree)
        (self.tree.run / "env").unlink(missing_ok=True)
        say("Stopped." if was_up or ended else "Nothing was running.")
        return 0

    def reset(self) -> int:
        """Stop everything and delete `var/`, the databases included."""
        self.down()
        for folder in (self.tree.var, spare_home(self.tree), *self.tree.short_folders()):
            if folder.exists():
                shutil.rmtree(folder)
        say("Deleted var/. The next make up starts from nothing.")
        return 0

    def demo(self) -> int:
        """The story, on the running system."""
        if not self.supervisor.is_up():
            raise LaunchError("Nothing is running. Start it first: make up")
        return self._tell_story({**self.given, **environment.recall(self.tree)})

    def logs(self) -> int:
        """Follow all logs until interrupted."""
        files = sorted(str(path) for path in self.tree.log.glob("*.log"))
        if not files:
            raise LaunchError("There are no logs yet. Start it first: make up")
        return subprocess.call(["tail", "-n", "20", "-F", *files])

    def status(self) -> int:
        """One line for each process; 1 if any of them does not run."""
        if not self.supervisor.is_up():
            say("Nothing is running.")
            return 1
        states = self.supervisor.states()
        for found in states:
            say(f"{found.name:<14}{found.state:<10}{found.description}")
        return 0 if ready.all_run(states) else 1

    def _start_servers(self) -> None:
        """The supervisor with PostgreSQL and Valkey under it, both answering."""
        if self.supervisor.is_up() and not self._is_as_configured():
            say("The settings changed: stopping what ran with the old ones …")
            self.supervisor.shut_down()
        if self.supervisor.is_up():
            self.supervisor.start_programs(p.name for p in self.programs if p.server)
        else:
            self._start_supervisor()
        if self.postgres:
            self.postgres.wait()
        if self.valkey:
            self.valkey.wait()

    def _start_supervisor(self) -> None:
        end_leftovers(self.tree)
        taken = ports.busy(ports.ports(self.env))
        if taken:
            raise LaunchError(ports.explain(taken))
        if self.postgres:
            self._announce_account(self.postgres)
            self.postgres.prepare()
        if self.valkey:
            self.valkey.prepare()
        environment.remember(self.environ, self.tree)
        self.supervisor.start(self.programs, environ=self.environ)
        (self.tree.run / "settings").write_text(self._settings_print())

    def _announce_account(self, postgres: Postgres) -> None:
        """Root's PostgreSQL runs as somebody else: the person should know, once."""
        if postgres.account and not postgres.data.exists():
            say(
                f"PostgreSQL refuses to run as root, so it runs as '{postgres.user_name}', "
                f"which owns {postgres.home}."
            )

    def _settings_print(self) -> str:
        """Tells whether processes run with these settings, without writing them down."""
        names = {name.upper() for name in Env.model_fields}
        known = sorted((name, value) for name, value in self.environ.items() if name in names)
        return hashlib.sha256(repr(known).encode()).hexdigest()

    def _is_as_configured(self) -> bool:
        mark = self.tree.run / "settings"
        same = mark.exists() and mark.read_text() == self._settings_print()
        return same and self.supervisor.has(self.programs)

    def _tell_story_once(self) -> int:
        """The story belongs to the first start; later ones must be quick."""
        told = self.tree.run / "story-told"
        if not self.env.firstcall_demo or told.exists():
            return 0
        code = self._tell_story(self.environ)
        if code == 0:
            told.touch()
        return code

    def _tell_story(self, environ: Mapping[str, str]) -> int:
        return preparing.start_manage(self.tree, environ, "demo").wait()

    def _print_addresses(self) -> None:
        say(addresses.text(self.environ))
