"""From a file over a real socket into the schedule, and the answer back."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from integrations.hl7v2.listener import Handler, PeerInfo
from integrations.management.commands import mllp_listen
from integrations.models import Hl7Sender, InboxMessage
from integrations.states import InboxStatus
from scheduling.models import Appointment
from scheduling.states import AppointmentStatus
from tests.integrations.hl7 import HERE
from tests.integrations.test_hl7_listener import HOST, Listen, listen

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["listen"]


def inbox() -> Handler:
    """What `mllp_listen` serves, giving back its thread's connection."""
    handle = mllp_listen.receiver()

    def handle_and_close(raw: bytes, peer: PeerInfo) -> bytes:
        try:
            return handle(raw, peer)
        finally:
            connection.close()

    return handle_and_close


@pytest.fixture
def port(listen: Listen) -> int:
    Hl7Sender.objects.create(name="SCHApp|GHHSFacility", zone="America/Chicago")
    return listen(inbox())


def send(port: int, name: str) -> str:
    out = io.StringIO()
    call_command("hl7_send", str(HERE / f"{name}.hl7"), host=HOST, port=port, stdout=out)
    return out.getvalue()


def test_a_visit_is_booked_and_cancelled_over_the_wire(port: int) -> None:
    assert send(port, "SIU-S12-01") == "AA  MSG00012  accepted\n"
    assert send(port, "SIU-S15-01") == "AA  MSG00015  accepted\n"
    assert Appointment.objects.get().status == AppointmentStatus.CANCELLED
    peers = InboxMessage.objects.values_list("peer", flat=True)
    assert all(peer.startswith("127.0.0.1:") for peer in peers)


def test_the_end_of_an_unknown_visit_is_refused_over_the_wire_and_kept(port: int) -> None:
    with pytest.raises(CommandError, match="1 message"):
        send(port, "SIU-S15-01")
    message = InboxMessage.objects.get()
    assert (message.status, message.refused_field) == (InboxStatus.REFUSED, "SCH-2")
