"""A whole story, and what it leaves in logs, at the broker, on the live channel and in texts."""

from __future__ import annotations

import base64
import datetime as dt
import json
import logging
import logging.config
from collections.abc import Iterator
from copy import copy

import pytest
import redis
import time_machine
from django.test import Client

from config.logs import logging_config
from crm.engine import doorbell
from crm.live.channel import CHANNEL
from crm.models import Patient
from outreach.actions import record_delivery
from outreach.models import Message
from outreach.ports import DeliveryReport, DeliveryStatus, SmsUnknown
from outreach.rules.wording import find_health_words
from outreach.states import Direction
from scheduling.models import Location, Provider, VisitType
from tests.factories import phone_of
from tests.fakes.sms import FakeSms, after_taking
from tests.waitlist.scene import Scene
from tests.waitlist.visitor import Visitor, verified
from waitlist.models import Offer
from waitlist.states import OfferStatus

BORN = dt.date(1961, 7, 23)
#: Words of people's own that must stand nowhere but in the database.
THEIR_WORDS = ["quetzalcoatl", "zanzibar"]


class Everything(logging.Handler):
    """All that any logger says, as production would write it."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        config = logging_config(level="INFO", as_json=True)
        make = logging.config.DictConfigurator(config).configure_formatter
        self.setFormatter(make(config["formatters"]["line"]))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(copy(record)))


@pytest.fixture
def logs() -> Iterator[Everything]:
    """Everything logged from INFO up, as in production."""
    heard, root = Everything(), logging.getLogger()
    before = root.level
    root.addHandler(heard)
    root.setLevel(logging.INFO)
    yield heard
    root.removeHandler(heard)
    root.setLevel(before)


@pytest.fixture
def people(scene: Scene) -> list[Patient]:
    """Three with names that nothing else bears, at places whose names tell of care."""
    Location.objects.update(short_name="Behavioral Health Ctr", name="Riverside Methadone")
    Provider.objects.update(family_name="Oncology", given_name="Wilhelmina")
    VisitType.objects.update(name="Suboxone induction", is_sensitive=True)
    names = [("Zephyrine", "Quillfeather"), ("Oswaldine", "Brackenthwaite"), ("Xanthippa", "Umber")]
    return [
        scene.add_candidate(
            given_name=given,
            family_name=family,
            birth_on=BORN,
            language=language,
            address_line="77 Hemlockvale Rd",
            number=f"+1480555{7700 + n}",
        )
        for n, ((given, family), language) in enumerate(zip(names, ("en", "es", "en"), strict=True))
    ]


def tell_the_story(scene: Scene, people: list[Patient]) -> None:
    """Offers, a page, a lost answer, a crash, a booking, a loser, questions, STOP, wrong number."""
    first, second, third = people
    FakeSms.trouble.append(after_taking(SmsUnknown("Timed out.")))
    FakeSms.trouble.append(RuntimeError(f"{third} at {phone_of(third)} is unlucky"))
    scene.free()
    scene.settle(minutes=2)
    offers = list(Offer.objects.filter(status=OfferStatus.SENT).select_related("patient"))
    assert len(offers) >= 2
    with time_machine.travel(scene.at, tick=False):
        Visitor(offers[0].token).say_born(BORN + dt.timedelta(days=1))
        verified(offers[0]).get()
        Client().get(f"/o/{offers[1].token}x/")
    scene.ehr.lose_next_answer()
    scene.reply(first, "Yes")
    scene.settle(minutes=5)
    scene.reply(second, "sí")
    scene.reply(second, f"¿dónde queda {THEIR_WORDS[0]}?")
    scene.reply(third, f"stop texting me, {THEIR_WORDS[1]}")
    scene.reply(second, "who is this")
    scene.reply(first, "wrong number")
    sent = Message.objects.filter(direction=Direction.OUT, sent_at__isnull=False)[0]
    record_delivery(
        report=DeliveryReport(status=DeliveryStatus.FAILED, ref=sent.ref, error_code="30003"),
        at=scene.at,
    )
    scene.settle(minutes=5)


def needles(people: list[Patient]) -> set[str]:
    """What would tell of somebody, in lower case."""
    found = {*THEIR_WORDS, "hemlockvale", BORN.isoformat(), "07/23/1961", "suboxone", "methadone"}
    for patient in people:
        digits = str(phone_of(patient).number)
        found |= {patient.given_name.lower(), patient.family_name.lower(), digits, digits[-7:]}
        found |= {identifier.value for identifier in patient.identifiers.all()}
    found |= {token.lower() for token in Offer.objects.values_list("token", flat=True)}
    found |= {body.lower() for body in Message.objects.values_list("body", flat=True)}
    return found - {"yes", "sí"}


@pytest.mark.django_db(transaction=True)
def test_no_patient_data_leaves_for_logs_broker_or_live_channel(
    scene: Scene,
    people: list[Patient],
    logs: Everything,
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doorbell, "PAUSE", 0.0)  # a slow moment must not silence the rest
    with redis.Redis.from_url(redis_url, decode_responses=True) as bus:
        bus.flushdb()
        live = bus.pubsub()
        live.subscribe(CHANNEL)
        tell_the_story(scene, people)
        rung = [item for key in bus.keys("*") for item in _items(bus, str(key))]
        shown = []
        while notice := live.get_message(timeout=0.2):
            shown.append(str(notice["data"]))
        live.close()
        bus.flushdb()
    assert logs.lines
    assert rung
    assert shown
    for place, said in (("logs", logs.lines), ("broker", rung), ("live", shown)):
        text = "\n".join(said).lower()
        assert {needle for needle in needles(people) if needle in text} == set(), place


def _items(bus: redis.Redis, key: str) -> list[str]:
    """What a worker would read under this key, decoded from the broker's envelope."""
    kind = bus.type(key)
    if kind == "list":
        return [_decoded(str(item)) for item in bus.lrange(key, 0, -1)]
    return [key] if kind == "string" else []


def _decoded(envelope: str) -> str:
    told = json.loads(envelope)
    return json.dumps(told) + base64.b64decode(told["body"]).decode()


def test_no_text_of_the_story_tells_of_care(scene: Scene, people: list[Patient]) -> None:
    """Faults to survive, 25: a sensitive visit type, and places and people with telling names."""
    tell_the_story(scene, people)
    bodies = Message.objects.filter(direction=Direction.OUT).values_list("body", flat=True)
    assert len(set(bodies)) >= 6
    for body in bodies:
        assert find_health_words(body) == (), body
        assert "Wilhelmina" not in body
        assert not {p.family_name for p in people} & set(body.split())
