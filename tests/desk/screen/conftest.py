"""A contact at the desk, with who called and what kinds of call there are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.actions.contacts import open_contact
from crm.engine import Actor
from crm.models import Call, Interaction, Patient, PhoneLine, Queue, User
from crm.states import CallStatus, Channel
from desk.models import CallType
from tests.cast import Cast
from tests.factories import NOW

BORN = dt.date(1972, 3, 14)


@dataclass(frozen=True, slots=True)
class Desk:
    """An agent with one call in hand, and what they press."""

    client: Client
    agent: User
    contact: Interaction
    patient: Patient

    def url(self, name: str, *more: Any) -> str:
        return reverse(f"desk:screen-{name}", args=[self.contact.pk, *more])

    def get(self, name: str, *more: Any, query: str = "") -> Any:
        return self.client.get(f"{self.url(name, *more)}?{query}")

    def post(self, name: str, *more: Any, query: str = "", **said: Any) -> Any:
        """As htmx sends it."""
        address = f"{self.url(name, *more)}?{query}"
        return self.client.post(address, said, headers={"hx-request": "true"})

    def fresh(self) -> Interaction:
        return Interaction.objects.get(pk=self.contact.pk)

    def know(self) -> None:
        """The patient is chosen and verified."""
        self.post("identify", patient=self.patient.pk, said="rosa delgado 3/14/1972")


@pytest.fixture
def kinds(db: None) -> dict[str, CallType]:
    """Two kinds of call, as an installation has them."""
    CallType.objects.all().delete()
    shared = {"speakers": ["patient"], "need": "Help"}
    return {
        "book": CallType.objects.create(
            code="book", name="Book a visit", words=["appointment", "see the doctor"], **shared
        ),
        "bill": CallType.objects.create(
            code="bill", name="A bill", words=["bill", "invoice"], **shared
        ),
    }


@pytest.fixture
def desk(cast: Cast, kinds: dict[str, CallType]) -> Desk:
    """Rosa's phone has rung, and the agent has answered."""
    Patient.objects.filter(pk=cast.patient.pk).update(birth_on=BORN, postal_code="85016")
    by = Actor.user(cast.agent)
    contact = open_contact(channel=Channel.VOICE, agent=cast.agent, by=by, at=NOW)
    queue = Queue.objects.create(code="main", name="Main")
    line = PhoneLine.objects.create(number="+16025550100", name="Main line", queue=queue)
    Call.objects.create(
        interaction=contact,
        source="test",
        source_id="1",
        line=line,
        phone=cast.phone,
        status=CallStatus.TALKING,
        rang_at=NOW,
        answered_at=NOW,
    )
    client = Client()
    client.force_login(cast.agent, backend="django.contrib.auth.backends.ModelBackend")
    return Desk(client, cast.agent, contact, Patient.objects.get(pk=cast.patient.pk))
