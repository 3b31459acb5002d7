"""Staff at the opening page: who they are, and what they get back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from crm.models import AuditEntry, User
from tests.cast import Cast
from tests.waitlist.scene import Scene
from waitlist.models import Offer, Opening

HTMX = {"HX-Request": "true"}


class Desk:
    """One member of staff with a browser; `htmx` asks as the page itself would."""

    def __init__(self, user: User | None) -> None:
        self.client = Client()
        if user is not None:
            self.client.force_login(user)

    def get(self, path: str, *, target: str = "", htmx: bool = False) -> HttpResponse:
        return self.client.get(path, headers=_headers(target, htmx=htmx))  # type: ignore[return-value]

    def post(self, path: str, data: dict[str, str] | None = None, *, htmx: bool) -> HttpResponse:
        return self.client.post(path, data or {}, headers=_headers("", htmx=htmx))  # type: ignore[return-value]


def _headers(target: str, *, htmx: bool) -> dict[str, str]:
    headers = HTMX if htmx or target else {}
    return headers | ({"HX-Target": target} if target else {})


def words(response: HttpResponse) -> str:
    """What a person reads: the text without its tags, spaces made one."""
    html = re.sub(
        r"<(script|template|title)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL
    )
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def looks() -> list[tuple[int | None, int | None, str]]:
    """Who looked at whom, on which page."""
    rows = AuditEntry.objects.filter(verb="crm.patient.viewed").order_by("pk")
    return [(row.actor_id, row.patient_id, row.detail["what"]) for row in rows]


def first_offer(opening: Opening) -> Offer:
    """The offer to the first in the ranking."""
    return Offer.objects.get(candidate__opening=opening, candidate__rank=1)


@pytest.fixture
def opening(scene: Scene) -> Iterator[Opening]:
    """Freed by Rosa's cancellation, offered to three, not to Dora; the clock stands still."""
    for given_name in ("Ana", "Beatriz", "Carla"):
        scene.add_candidate(given_name=given_name, family_name="Quintero")
    scene.add_candidate(given_name="Dora", family_name="Pinto", wants_earlier_offers=False)
    made = scene.free()
    with time_machine.travel(scene.at, tick=False):
        yield made


@pytest.fixture
def fiona(cast: Cast) -> Desk:
    """Front desk: may do everything here."""
    return Desk(cast.front_desk)


@pytest.fixture
def agent(cast: Cast) -> Desk:
    """May look, and change nothing."""
    return Desk(cast.agent)
