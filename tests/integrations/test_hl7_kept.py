"""What a listener keeps of the registers that its messages are read by, and what that saves."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.recent import kept_for
from integrations.hl7v2.ack import read_acks
from integrations.inbox.actions import receive_hl7
from integrations.models import Hl7Sender
from scheduling.models import Appointment, Provider, Slot, SourceCode
from tests.factories import NOW, ProviderFactory, SlotFactory
from tests.integrations.hl7 import SMALL, event, lines

SOURCE = "APP|FAC"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sender() -> Hl7Sender:
    return Hl7Sender.objects.create(name=SOURCE, zone="America/Chicago")


@pytest.fixture
def slot() -> Slot:
    """Where the small message's visit is, by the sender's codes."""
    slot: Slot = SlotFactory.create()
    names = {"source": SOURCE}
    SourceCode.objects.create(kind="provider", code="55", provider=slot.role.provider, **names)
    place = slot.role.clinic.location
    SourceCode.objects.create(kind="location", code="North Clinic", location=place, **names)
    kind = slot.visit_type
    SourceCode.objects.create(kind="visit-type", code="OV", visit_type=kind, **names)
    return slot


def hear(number: int, *, trigger: str = "S12") -> None:
    """One visit after another, each of a patient and in an hour of its own."""
    hour = f"202603{10 + number}0900-0500|202603{10 + number}0930-0500"
    raw = lines(
        MSH=event(trigger).replace("|M1|", f"|M{number}{trigger}|"),
        SCH=f"SCH|P{number}|F{number}|||||||||||||||||||||||Booked",
        TQ1=f"TQ1|1||||||{hour}",
        AIL="AIL|1|A|^^^North Clinic",
        PID=SMALL["PID"].replace("|77^", f"|{number}^"),
    )
    (ack,) = read_acks(receive_hl7(raw, peer="10.0.0.9:40000", at=NOW))
    assert ack.is_accepted


def provider_of(number: int) -> Provider | None:
    return Appointment.objects.get(source_id=f"F{number}").provider


def read_for(number: int, *, trigger: str = "S12") -> tuple[set[str], int]:
    """Which registers one message reads, and in how many statements it is applied."""
    registers = {"integrations_hl7sender", "scheduling_sourcecode", "scheduling_providerrole"}
    with CaptureQueriesContext(connection) as seen:
        hear(number, trigger=trigger)
    said = [query["sql"] for query in seen.captured_queries]
    return {name for name in registers if any(f'FROM "{name}"' in each for each in said)}, len(said)


@pytest.mark.usefixtures("slot")
def test_reads_sender_codes_and_role_once_for_many_messages() -> None:
    hear(1)
    afresh, each_time = read_for(2)
    assert len(afresh) == 3
    with kept_for(3600):
        assert read_for(3)[0] == afresh
        assert read_for(4) == (set(), each_time - 3)
        assert read_for(4, trigger="S13")[0] == set()


def test_sees_a_changed_code_when_its_seconds_are_over(slot: Slot) -> None:
    other = ProviderFactory.create()
    with kept_for(3600):
        hear(1)
        SourceCode.objects.filter(kind="provider").update(provider=other)
        hear(2)
        assert provider_of(2) == slot.role.provider
    hear(3)
    assert provider_of(3) == other


def test_sees_an_added_code_at_once(slot: Slot) -> None:
    SourceCode.objects.filter(kind="location").delete()
    place = slot.role.clinic.location
    with kept_for(3600):
        hear(1)
        SourceCode.objects.create(
            source=SOURCE, kind="location", code="North Clinic", location=place
        )
        hear(2)
    assert Appointment.objects.get(source_id="F2").location == place
