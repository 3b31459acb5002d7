"""The ten standard calls in a real browser: interactions, page loads and time by the model.

`python -m bench desk_klm`

The script starts Firstcall on its own database with the demo health system in it and in the
practice EHR, rings the desk as a telephone system does, and answers, types and clicks as
docs/standard-calls.md says (`bench.desk_calls`). Keys, clicks and page loads are counted, and time
is told by the keystroke-level model (`bench.desk_hand`); what the caller says meanwhile, and how
long an agent listens, is in none of it. A call that the screen cannot do is told as that.

`--size` is how often the ten are done; of several runs the quickest counts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.test import Client
from playwright.sync_api import Page, expect, sync_playwright

from bench import stage  # noqa: F401 Django's settings come first
from bench.common import Report, Row, finish, parser, say_so
from bench.desk_callers import Callers
from bench.desk_calls import CALLS, Desk
from bench.desk_hand import PATIENCE, CannotBeDone, Count, Hand
from bench.processes import Firstcall, firstcall
from bench.servers import ROOT
from config.env import DEMO_WEBHOOK_SECRET
from config.up import chromium
from config.up.environment import DEMO_PORTAL_URL
from config.up.programs import PRACTICE_EHR_SETTINGS
from config.up.valkey import free_port
from crm import clock
from crm.actions.agents import set_agent_state
from crm.actions.handoffs import accept_handoff
from crm.engine import Actor
from crm.models import Agent, Interaction, User
from crm.queries.handoffs import offered_to
from crm.rules.calls import CallNews, CallTold
from crm.states import AgentState
from integrations.telephony.client import tell

PROGRAMS: Final = ("web", "live", "worker-fill", "worker-io", "beat", "practice-ehr")
MOST_INTERACTIONS: Final = {"book the same doctor as in January": 12}
LINE: Final = "+16025550100"
BY: Final = Actor.system("bench")


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone system that rings, and whose agent picks up at once."""

    base: str
    extension: str

    def ring(self, number: str) -> None:
        key = uuid.uuid4().hex
        self._tell(key, CallNews.RANG, caller=number, called=LINE)
        self._tell(key, CallNews.ANSWERED, extension=self.extension)

    def _tell(self, key: str, news: CallNews, **said: str) -> None:
        at = clock.now()
        told = CallTold(source="bench", source_id=key, news=news, at=at, **said)  # type: ignore[arg-type]
        tell(told, base=self.base, secret=DEMO_WEBHOOK_SECRET, at=at)


@dataclass(frozen=True, slots=True)
class Colleague:
    """A nurse at a desk of her own, who accepts whatever she is asked."""

    user: User

    def accept(self) -> None:
        handoff = offered_to(self.user).latest("offered_at")
        by = Actor.user(self.user)
        accept_handoff(handoff_id=handoff.pk, user=self.user, by=by, at=clock.now())


def main(arguments: Sequence[str]) -> int:
    # In a thread with a running loop the ORM refuses to work, and Playwright's is in ours.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    options = parser("desk_klm", size=1, of="rounds of the ten calls").parse_args(arguments)
    if not chromium.find():
        raise SystemExit(f"There is no Chromium. {chromium.advice()}")
    with running() as ours:
        base = f"http://localhost:{ours.web_port}"
        agent = Agent.objects.select_related("user").get(user__username="agent")
        with at_the_desk(base, agent.user) as page:
            nurse = Colleague(User.objects.get(username="nurse"))
            callers = Callers(at=clock.now())
            desk = Desk(Hand(page), Phone(base, agent.extension), nurse, callers)
            found = [do_all(desk, agent) for _ in range(options.size)]
    return finish(report(found), as_json=options.json)


@contextmanager
def running() -> Iterator[Firstcall]:
    """Firstcall and its practice EHR with the demo."""
    ports = {name: str(free_port()) for name in ("FIRSTCALL_WEB_PORT", "FIRSTCALL_EHR_PORT")}
    environ = {
        **ports,
        "FIRSTCALL_DEMO": "1",
        "EHR_BASE_URL": f"http://127.0.0.1:{ports['FIRSTCALL_EHR_PORT']}/fhir",
        "PUBLIC_URL": f"http://localhost:{ports['FIRSTCALL_WEB_PORT']}",
        "PATIENT_PORTAL_URL": DEMO_PORTAL_URL,
        "NO_PROXY": "127.0.0.1,localhost",
    }
    _manage("migrate", "--verbosity", "0", DJANGO_SETTINGS_MODULE=PRACTICE_EHR_SETTINGS)
    _manage("load_desk")
    with firstcall(*PROGRAMS, environ=environ) as ours:
        _manage("load_demo", **environ)
        yield ours


def _manage(*words: str, **environ: str) -> None:
    say_so(f"  {words[0]} …")
    whole = {**os.environ, "FIRSTCALL_DEMO": "1", **environ}
    subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=whole, check=True, stdout=sys.stderr
    )


@contextmanager
def at_the_desk(base: str, user: User) -> Iterator[Page]:
    """Signed in, with the screen open and hearing of what happens."""
    set_agent_state(user=user, to=AgentState.AVAILABLE, by=BY, at=clock.now())
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": base}
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=chromium.find(), args=chromium.ARGUMENTS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.goto(f"{base}/desk/")
        expect(page.locator("#live")).to_have_attribute("data-state", "open", timeout=PATIENCE)
        yield page
        browser.close()


@dataclass(frozen=True, slots=True)
class Done:
    """One call: what it took until its end, or until it could not go on, and why."""

    count: Count
    missing: str = ""

    @property
    def seconds(self) -> float:
        return self.count.seconds


def do_all(desk: Desk, agent: Agent) -> dict[str, Done]:
    return {name: _do(desk, name, agent) for name in CALLS}


def _do(desk: Desk, name: str, agent: Agent) -> Done:
    say_so(f"  {name} …")
    missing = ""
    try:
        CALLS[name](desk)
    except (CannotBeDone, LookupError) as cannot:
        missing = str(cannot)
        say_so(f"    {missing}")
    done = Done(replace(desk.hand.count), missing)
    _clear(desk, agent)
    return done


def _clear(desk: Desk, agent: Agent) -> None:
    """An empty screen for the next call, whatever became of this one; not counted."""
    mine = Q(agent=agent.user) | Q(handoffs__answered_by__isnull=False)
    left = Interaction.objects.filter(mine, wrap_up=None).values("pk")
    Interaction.objects.filter(pk__in=left).update(agent=None)
    set_agent_state(user=agent.user, to=AgentState.AVAILABLE, by=BY, at=clock.now())
    desk.hand.page.goto(desk.hand.page.url.split("/desk/")[0] + "/desk/")
    live = desk.hand.page.locator("#live")
    expect(live).to_have_attribute("data-state", "open", timeout=PATIENCE)


def report(rounds: Sequence[dict[str, Done]]) -> Report:
    made = Report("desk_klm", len(rounds))
    for number, name in enumerate(CALLS, 1):
        done = min(
            (each[name] for each in rounds), key=lambda one: (one.missing, one.count.seconds)
        )
        made.rows.append(_row(number, name, done))
        made.figures[name] = {
            **asdict(done.count),
            "seconds": done.count.seconds,
            "missing": done.missing,
        }
    return made


def _row(number: int, name: str, done: Done) -> Row:
    count, most = done.count, MOST_INTERACTIONS.get(name)
    took = f"{count.seconds:.1f} s, of which {count.waited:.1f} s waiting"
    return Row(
        what=f"call {number}: {name}",
        at=(
            f"{count.interactions} interactions, {count.keystrokes} keystrokes, "
            f"{count.clicks} clicks, {count.loads} page loads"
        ),
        measured=f"cannot be done: {done.missing}" if done.missing else took,
        aim="no page load" + (f", at most {most} interactions" if most else ""),
        met=not done.missing and not count.loads and (not most or count.interactions <= most),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
