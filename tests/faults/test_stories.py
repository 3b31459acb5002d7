"""Faults to survive, 5, 9 to 11, 13, 14 and 17: fills in this process, by a clock of its own."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse

from crm.engine import doorbell
from crm.engine.models import Event
from crm.engine.setback import beat
from crm.states import Purpose
from integrations.fhir.mapping import CANCELLATION_SYSTEM
from integrations.hl7v2.ack import read_acks
from integrations.inbox.actions import receive_hl7
from integrations.models import Hl7Sender
from outreach.models import Message
from outreach.rules.quiet_hours import is_quiet
from outreach.states import Direction
from scheduling.states import AppointmentStatus, SlotStatus
from tests.factories import SOURCE
from tests.fakes.sms import FakeSms
from tests.faults.invariants import check_at_rest, check_filled
from tests.integrations.hl7 import event, lines, sch
from tests.waitlist.scene import Scene
from waitlist.models import Offer, Opening
from waitlist.states import OfferStatus, OpeningStatus

pytestmark = [pytest.mark.faults, pytest.mark.django_db]

HOUR = dt.timedelta(hours=1)


def check_all_is_well(scene: Scene) -> None:
    texts = [(text.to, text.body) for _, text in FakeSms.texts]
    check_at_rest(ehr=scene.ehr.visits.values(), texts=texts, at=scene.at)


def until(scene: Scene, happened: Callable[[], bool], *, days: int = 10) -> None:
    """Let the hours go by until it has happened."""
    for _ in range(days * 24):
        if happened():
            return
        scene.settle(hours=1)
    raise AssertionError(f"not within {days} days")


# --- 5: the broker is away for ten minutes ---------------------------------------------


@pytest.mark.fault(5)
@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_for_ten_minutes_loses_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every ring is refused, as by a port where nobody listens; rows wait for the first sweep."""
    tried: list[str] = []

    def refuse(*args: object, **options: object) -> None:
        tried.append("rang")
        raise ConnectionRefusedError

    from crm.engine import tasks

    monkeypatch.setattr(tasks.run, "apply_async", refuse)
    monkeypatch.setattr(doorbell, "_silent_until", 0.0)
    patient = scene.add_candidate()
    scene.cancel_in_ehr(scene.visit)
    assert tried, "it did ring"
    assert not Opening.objects.exists(), "and nobody heard"
    scene.settle(minutes=10)
    scene.reply(patient, "Yes", work=False)
    scene.settle(minutes=10)
    assert check_filled(scene.slot).patient == patient
    check_all_is_well(scene)


# --- 9: the slot goes while people are being asked -------------------------------------


@pytest.mark.fault(9)
@pytest.mark.parametrize("told", [True, False], ids=["we-are-told", "nobody-tells-us"])
def test_a_slot_retaken_in_the_ehr_during_a_wave(scene: Scene, told: bool) -> None:
    """Told, we close at once. Untold, we find out when we book; nobody has heard "booked"."""
    first, second = scene.add_candidate(), scene.add_candidate(days=30)
    scene.free()
    scene.ehr.take_slot(scene.slot.source_id)
    if told:
        scene.ehr_says(scene.slot, SlotStatus.BUSY)
        scene.settle()
    asked = [p for p in (first, second) if scene.texts_to(p)]
    scene.reply(asked[0], "Yes")
    scene.settle(minutes=2)
    assert Opening.objects.get(slot=scene.slot).status == OpeningStatus.TAKEN
    ended = Offer.objects.get(patient=asked[0], slot=scene.slot).status
    assert ended == (OfferStatus.CLOSED if told else OfferStatus.REFUSED)
    for patient in asked:
        assert "offer_confirmed" not in " ".join(scene.texts_to(patient))
        assert scene.texts_to(patient)[-1] != "offer", "they hear how it ended"
        assert scene.later_visit(patient).status == "booked", "they keep what they have"
    scene.settle(hours=20)
    check_all_is_well(scene)


# --- 10: one event by three roads ------------------------------------------------------


def by_siu(scene: Scene) -> None:
    """The clinic's interface engine: S15, cancelled by the patient."""
    Hl7Sender.objects.get_or_create(
        name="APP|FAC", source=SOURCE, zone=scene.zone, cancel_reasons={"PAT": "patient"}
    )
    visit, local = scene.visit, scene.visit.starts_at.astimezone(ZoneInfo(scene.zone))
    message = lines(
        MSH=event("S15").replace("202603021200-0600", f"{scene.at:%Y%m%d%H%M}+0000"),
        SCH=sch("Cancelled", f2=visit.source_id, f6="PAT"),
        TQ1=f"TQ1|1||||||{local:%Y%m%d%H%M%z}",
        PID=None,
        AIS=None,
        AIL=None,
        AIP=None,
    )
    assert read_acks(receive_hl7(message, peer="engine", at=scene.at))[0].is_accepted


def by_webhook(scene: Scene) -> None:
    """The EHR's Subscription."""
    visit = scene.visit
    body = {
        "resourceType": "Appointment",
        "id": visit.source_id,
        "meta": {"lastUpdated": scene.at.isoformat()},
        "status": "cancelled",
        "cancelationReason": {"coding": [{"system": CANCELLATION_SYSTEM, "code": "pat"}]},
        "start": visit.starts_at.isoformat(),
        "end": visit.ends_at.isoformat(),
        "slot": [{"reference": f"Slot/{scene.slot.source_id}"}],
        "participant": [{"actor": {"reference": "Patient/someone"}, "status": "accepted"}],
    }
    token = settings.FIRSTCALL.fhir_webhook_token.get_secret_value()
    answer = Client().post(
        reverse("fhir:notify"),
        body,
        content_type="application/fhir+json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 202


def by_poll(scene: Scene) -> None:
    """Somebody asks the EHR what has changed."""
    scene.cancel_in_ehr(scene.visit)


@pytest.mark.fault(10)
@pytest.mark.parametrize("roads", list(itertools.permutations([by_siu, by_webhook, by_poll])))
def test_one_event_by_three_roads_is_one_fill(
    scene: Scene, roads: tuple[Callable[[Scene], None], ...]
) -> None:
    patient = scene.add_candidate()
    scene.ehr.set_status(scene.visit.source_id, AppointmentStatus.CANCELLED)
    with time_machine.travel(scene.at, tick=False):
        for road in roads:
            road(scene)
            scene.settle()
    assert Opening.objects.count() == 1
    assert Event.objects.filter(name="scheduling.slot-freed").count() == 1
    assert scene.texts_to(patient) == ["offer"]
    scene.reply(patient, "Yes")
    scene.settle(minutes=1)
    assert check_filled(scene.slot).patient == patient


# --- 11: never more texts than the caps allow ------------------------------------------


@pytest.mark.fault(11)
def test_openings_at_once_ask_nobody_more_often_than_the_caps_allow(scene: Scene) -> None:
    """One a day and three a week, offers included, however many waves want the same people."""
    people = [scene.add_candidate(days=30 + n) for n in range(3)]
    slots = [scene._slot(scene.slot.starts_at + dt.timedelta(days=n)) for n in range(1, 4)]
    leaving = [
        scene._visit(scene_patient, slot)
        for scene_patient, slot in zip(
            [scene.add_candidate(days=200 + n) for n in range(3)], slots, strict=True
        )
    ]
    for visit in [scene.visit, *leaving]:
        scene.cancel_in_ehr(visit)
    for _ in range(7 * 4):
        scene.settle(hours=6)
    zone = ZoneInfo("America/Phoenix")
    for patient in people:
        sent = Message.objects.filter(
            patient=patient, direction=Direction.OUT, purpose=Purpose.OFFER, sent_at__isnull=False
        )
        left = [message.sent_at for message in sent if message.sent_at is not None]
        days = [at.astimezone(zone).date() for at in left]
        assert days, "somebody must have been asked"
        assert max(Counter(days).values()) <= 1, days
        for day in days:
            assert sum(day <= other < day + dt.timedelta(days=7) for other in days) <= 3, days


# --- 13 and 14: clocks that change, and a day that most years do not have ---------------


def long(zone: str, at: str) -> Any:
    return pytest.param(zone, at, marks=pytest.mark.long)


#: Zone, and an instant some hours before its clocks change (or do not).
CHANGES = [
    ("America/Chicago", "2026-10-31T20:00Z"),  # 01:30 comes twice
    long("America/Chicago", "2027-03-13T20:00Z"),  # 02:30 does not come
    ("America/Phoenix", "2026-10-31T20:00Z"),  # never changes
    long("America/Indiana/Indianapolis", "2027-03-13T20:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T01:00Z"),  # by half an hour
    long("Australia/Lord_Howe", "2027-04-03T01:00Z"),
]


@pytest.fixture
def scene_at(
    carrier: type[FakeSms], monkeypatch: pytest.MonkeyPatch
) -> Callable[[dt.datetime, str], Scene]:
    """A scene in another place and at another time."""

    def made(at: dt.datetime, zone: str) -> Scene:
        scene = Scene(at=at, zone=zone)
        for user in ("tasks", "gateways"):
            monkeypatch.setattr(f"scheduling.{user}.get_ehr", lambda: scene.ehr)
        return scene

    return made


def fill_over(scene: Scene) -> Message:
    """A fill from beginning to end; returns the text that asked the winner."""
    patient = scene.add_candidate(zone=scene.zone, days=20)
    scene.cancel_in_ehr(scene.visit)
    until(scene, lambda: "offer" in scene.texts_to(patient), days=2)
    scene.reply(patient, "Yes")
    until(scene, lambda: "offer_confirmed" in " ".join(scene.texts_to(patient)), days=1)
    assert check_filled(scene.slot).patient == patient
    check_all_is_well(scene)
    return Message.objects.get(patient=patient, text_version__key="offer")


@pytest.mark.fault(13)
@pytest.mark.parametrize(("zone", "at"), CHANGES, ids=str)
def test_a_fill_over_the_night_in_which_the_clocks_change(
    scene_at: Callable[[dt.datetime, str], Scene], zone: str, at: str
) -> None:
    scene = scene_at(dt.datetime.fromisoformat(at), zone)
    text = fill_over(scene)
    starts = scene.slot.starts_at.astimezone(ZoneInfo(zone))
    assert f"{starts:%-I:%M}" in text.body, "the hour that the clock on their wall will show"
    for sent in Message.objects.filter(direction=Direction.OUT, purpose=Purpose.OFFER):
        assert sent.sent_at is not None
        assert not is_quiet(sent.sent_at, zone=zone)
    opening = Opening.objects.get(slot=scene.slot)
    lead = dt.timedelta(minutes=scene.visit_type.lead_minutes)
    assert opening.deadline_at == scene.slot.starts_at - lead, "hours that pass, not hours shown"


@pytest.mark.fault(14)
def test_a_fill_of_a_slot_on_a_leap_day(
    scene_at: Callable[[dt.datetime, str], Scene],
) -> None:
    at = dt.datetime(2028, 2, 26, 17, tzinfo=dt.UTC)
    scene = scene_at(at, "America/Phoenix")
    assert scene.slot.starts_at.date() == dt.date(2028, 2, 29)
    assert "29" in fill_over(scene).body


# --- 17: the clock is set back an hour -------------------------------------------------


@pytest.mark.fault(17)
def test_a_clock_set_back_in_mid_fill_holds_nobody_up(scene: Scene) -> None:
    """After the yes and before it is acted on; all that was due then would wait for an hour."""
    patient = scene.add_candidate()
    scene.free()
    scene.settle(minutes=30)
    scene.reply(patient, "Yes", work=False)
    beat(at=scene.at)  # the last sweep before
    scene.at -= HOUR
    beat(at=scene.at)  # and the first after
    scene.settle(minutes=1)
    scene.settle(minutes=1)
    assert check_filled(scene.slot).patient == patient
    check_all_is_well(scene)


@pytest.mark.fault(17)
def test_a_yes_written_by_a_clock_set_back_is_heard(scene: Scene) -> None:
    """It seems older than the offer that it answers."""
    patient = scene.add_candidate()
    scene.free()
    beat(at=scene.at)
    scene.at -= HOUR
    beat(at=scene.at)
    scene.reply(patient, "Yes")
    scene.settle(minutes=1)
    assert check_filled(scene.slot).patient == patient
    check_all_is_well(scene)
