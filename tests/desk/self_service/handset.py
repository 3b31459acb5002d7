"""Somebody with a phone at the pages under `/book/`, and the clinic that they book at."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from django.urls import reverse

from crm.models import PatientIdentifier
from outreach.models import Message
from scheduling.models import BookingLink, OnlineVisit, SelfServiceSession, Slot
from scheduling.states import SlotStatus
from tests.factories import NOW, SOURCE, SlotFactory, reachable_patient
from tests.waitlist.scene import Scene
from tests.waitlist.visitor import words

NUMBER = "+16025550177"
BORN = dt.date(1980, 3, 14)


@dataclass
class Handset:
    """A phone's browser; `number` is what its owner types, and where codes arrive."""

    scene: Scene
    number: str = NUMBER
    headers: dict[str, str] = field(default_factory=dict)
    client: Client = field(default_factory=Client)
    link: str = ""

    def get(self, name: str, *args: object, **query: str) -> Any:
        return self.client.get(reverse(f"book:{name}", args=args), query, headers=self.headers)

    def post(self, name: str, *args: object, **data: str) -> Any:
        return self.client.post(reverse(f"book:{name}", args=args), data, headers=self.headers)

    def begin(self, about: str = "", emergency: str = "no") -> Any:
        name, args = ("link", [self.link]) if self.link else ("start", [])
        return self.post(name, *args, about=about, emergency=emergency)

    def wish(self, wish: str = "new", **data: str) -> Any:
        return self.post("wish", wish=wish, **data)

    def ask_code(self) -> Any:
        return self.post("phone", phone=self.number)

    def code(self) -> str:
        """The newest code that arrived on this phone."""
        self.scene.settle()
        sent = Message.objects.filter(
            phone__number=self.number, purpose="code", sent_at__isnull=False
        )
        found = re.search(r"\b\d{6}\b", sent.latest("pk").body)
        assert found
        return found.group()

    def say_code(self, code: str = "") -> Any:
        return self.post("code", code=code or self.code())

    def prove(self, wish: str = "new", **data: str) -> Any:
        """From the first page to a proven phone."""
        self.begin()
        self.wish(wish, **data)
        self.ask_code()
        return self.say_code()

    def say_who(self, given: str = "Rosa", family: str = "Delgado", born: dt.date = BORN) -> Any:
        date = {"month": str(born.month), "day": str(born.day), "year": str(born.year)}
        return self.post("person", given=given, family=family, **date)

    def choose(self, slot: Slot) -> Any:
        return self.post("times", slot=str(slot.pk))

    def confirm(self) -> Any:
        return self.post("check")

    @property
    def session(self) -> SelfServiceSession:
        return SelfServiceSession.objects.latest("pk")

    def read(self, name: str, **query: str) -> str:
        return words(self.get(name, **query))


def open_online(scene: Scene) -> OnlineVisit:
    """The scene's clinic lets patients book its one kind of visit."""
    return OnlineVisit.objects.create(
        clinic=scene.role.clinic, visit_type=scene.visit_type, name_en="Heart checkup"
    )


def free_slot(scene: Scene, *, days: int = 5, hours: int = 0, **about: Any) -> Slot:
    """A free time, here and in the EHR, so many days ahead."""
    slot = SlotFactory.create(
        role=scene.role,
        visit_type=scene.visit_type,
        starts_at=NOW + dt.timedelta(days=days, hours=hours),
        **about,
    )
    scene.ehr.add_slot(slot.source_id, slot.starts_at, slot.ends_at, SlotStatus.FREE)
    return slot


def known(number: str = NUMBER, **about: Any) -> Any:
    """Rosa Delgado, whom the EHR knows, with that phone."""
    named = {"given_name": "Rosa", "family_name": "Delgado", "birth_on": BORN}
    patient = reachable_patient(number=number, **(named | about))
    PatientIdentifier.objects.create(patient=patient, system=SOURCE, value=f"ehr-{patient.pk}")
    return patient


def link(**about: Any) -> BookingLink:
    made: BookingLink = BookingLink.objects.create(name="Poster", created_at=NOW, **about)
    return made
