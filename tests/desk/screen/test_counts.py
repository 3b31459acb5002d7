"""How many statements the desk takes: the same number however much there is of a patient.

A number that changes here is a decision: say in the commit what it buys.
"""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.desk_case import Case, Sizes, add_case
from desk.screen.panels import PANELS
from tests.factories import NOW

pytestmark = pytest.mark.django_db

#: Three of each, and thirty.
FEW = Sizes(visits=3, texts=3, contacts=3, chart=3, waiting=3, free=3)
MANY = Sizes(visits=30, texts=30, contacts=30, chart=30, waiting=30, free=30)
#: Of each part alone; the whole page has the panels that most calls are about, `rest/` brings the
#: others. Four of them are whoever asks (2) and the contact with its verification (2). The parts
#: are asked for as the page asks: with what says that this look is written down. The page itself
#: writes down who was looked at, and who of those that wait was named.
EACH = {
    "": 37,
    "talk/": 15,
    "side/": 18,
    "rest/": 21,
    "panels/appointments/": 10,
    "panels/plan/": 8,
    "panels/labs/": 7,
    "panels/visits/": 8,
    "panels/refills/": 7,
    "panels/coverage/": 6,
    "panels/sending/": 10,
    "panels/interpreter/": 5,
    "panels/details/": 5,
    "panels/social/": 5,
    "panels/knowledge/": 5,
    "panels/timeline/": 9,
}
#: With the row of the audit that names who waits; its refreshes write none. One of them asks what
#: rings at the agent's own telephone: what is found is shown before anybody has answered.
LEFT = 10


@pytest.fixture(params=[FEW, MANY], ids=["three", "thirty"])
def case(db: None, request: pytest.FixtureRequest) -> Case:
    return add_case(request.param, at=NOW)


@pytest.fixture
def agent(case: Case) -> Client:
    client = Client()
    client.force_login(case.agent, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/desk/left/")  # whatever is read once
    return client


def test_each_part_takes_its_own_number(case: Case, agent: Client) -> None:
    seen = agent.get(f"/desk/{case.contact.pk}/").context["seen_by"]
    found = {
        part: _count(agent, f"/desk/{case.contact.pk}/{part}?seen_by={seen if part else ''}")
        for part in EACH
    }
    assert found == EACH


def test_whoever_waits_takes_the_same_number(case: Case, agent: Client) -> None:
    assert _count(agent, "/desk/left/") == LEFT


def test_every_panel_is_counted() -> None:
    assert {part for part in EACH if part.startswith("panels/")} == {
        f"panels/{panel.name}/" for panel in PANELS
    }


def _count(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)
