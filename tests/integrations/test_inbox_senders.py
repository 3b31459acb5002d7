"""How a sender is read, as data: changed on a page, with its effect shown before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from crm.models import AuditEntry
from crm.states import Role
from integrations.inbox.actions import receive_hl7
from integrations.models import Hl7Sender, InboxMessage
from integrations.states import InboxStatus
from scheduling.models import Appointment, SourceCode
from tests.cast import Cast
from tests.drive import settle
from tests.factories import NOW, LocationFactory
from tests.integrations.hl7 import event, lines, sch
from tests.integrations.test_inbox_views import client_of, text_of

pytestmark = pytest.mark.django_db
FORM = {
    "zone": "America/Chicago",
    "charset": "utf-8",
    "source": "",
    "appointment_id_from": "SCH-2",
    "visit_type_from": "AIS-3",
    "location_from": "PL.4",
    "processing_ids": "P",
    "other_messages": "reject",
    "statuses": "",
    "cancel_reasons": "",
    "is_active": "on",
}


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def sender() -> Hl7Sender:
    """It has sent a booking, and a change to a status of its own."""
    row = Hl7Sender.objects.create(name="APP|FAC", zone="America/Chicago")
    local = "TQ1|1||||||202612100900|202612100930"
    receive_hl7(lines(TQ1=local), peer="a", at=NOW)
    msh = event("S14").replace("|M1|", "|M2|")
    receive_hl7(lines(MSH=msh, SCH=sch("77"), TQ1=local), peer="a", at=NOW)
    return row


@pytest.fixture
def manager(cast: Cast) -> Client:
    return client_of(cast.manager)


def page(sender: Hl7Sender, name: str = "sender") -> str:
    return reverse(f"inbox:{name}", args=[sender.pk])


def test_a_change_of_zone_and_codes_is_previewed_on_what_was_kept(
    manager: Client, sender: Hl7Sender
) -> None:
    said = {**FORM, "zone": "America/Phoenix", "statuses": "77 = arrived", "look": "1"}
    shown = text_of(manager.post(page(sender), said))
    assert "Of its 2 newest messages, 0 would be refused; 1 are now." in shown
    assert "booked, 2026-12-10 09:00 -0600" in shown
    assert "booked, 2026-12-10 09:00 -0700" in shown
    assert "refused: SCH-25" in shown
    assert "arrived, 2026-12-10 09:00 -0700" in shown
    sender.refresh_from_db()
    assert (sender.zone, sender.statuses) == ("America/Chicago", {}), "only a preview"


def test_a_change_of_zone_does_not_touch_what_bears_an_offset(
    manager: Client, sender: Hl7Sender
) -> None:
    InboxMessage.objects.all().delete()
    receive_hl7(lines(), peer="a", at=NOW)
    shown = text_of(manager.post(page(sender), {**FORM, "zone": "America/Phoenix", "look": "1"}))
    assert "None would be read otherwise." in shown


def test_what_is_kept_is_audited_and_lets_the_refused_be_tried_again(
    cast: Cast, manager: Client, sender: Hl7Sender
) -> None:
    said = {**FORM, "statuses": "77 = arrived\n5=cancelled", "keep": "1"}
    assert manager.post(page(sender), said).status_code == 302
    sender.refresh_from_db()
    assert sender.statuses == {"77": "arrived", "5": "cancelled"}
    entry = AuditEntry.objects.get(verb="integrations.hl7sender.changed")
    assert (entry.actor_id, entry.detail) == (cast.manager.pk, {"fields": ["statuses"]})
    assert "Try its 1 refused again" in text_of(manager.get(page(sender)))
    manager.post(reverse("inbox:replay-start"), {"status": "refused", "source": "APP|FAC"})
    settle(NOW)
    assert not InboxMessage.objects.filter(status=InboxStatus.REFUSED).exists()
    assert Appointment.objects.get().status == "arrived"


@pytest.mark.parametrize(
    "wrong",
    [{"zone": "Mars/Base"}, {"statuses": "77"}, {"statuses": "77 = gone"}, {"charset": "runes"}],
)
def test_what_makes_no_sense_is_not_kept(
    manager: Client, sender: Hl7Sender, wrong: dict[str, str]
) -> None:
    answer = manager.post(page(sender), {**FORM, **wrong, "keep": "1"})
    assert answer.status_code == 422
    sender.refresh_from_db()
    assert (sender.zone, sender.statuses) == ("America/Chicago", {})


def test_a_stranger_is_registered_from_what_it_sent(manager: Client, sender: Hl7Sender) -> None:
    receive_hl7(lines(MSH=event("S12").replace("|FAC|", "|NEW|")), peer="a", at=NOW)
    listed = text_of(manager.get(reverse("inbox:senders")))
    assert "APP|NEW" in listed
    address = f"{reverse('inbox:sender-new')}?name=APP|NEW"
    assert manager.post(address, {**FORM, "look": "1"}).status_code == 200
    assert not Hl7Sender.objects.filter(name="APP|NEW").exists()
    assert manager.post(address, {**FORM, "keep": "1"}).status_code == 302
    assert Hl7Sender.objects.get(name="APP|NEW").zone == "America/Chicago"
    assert manager.get(address).status_code == 404, "it is registered now"


def test_its_codes_are_listed_and_can_be_said_to_stand_for_ours(
    manager: Client, sender: Hl7Sender
) -> None:
    here = LocationFactory.create(name="The North Clinic")
    shown = text_of(manager.get(page(sender)))
    for code in ("North Clinic", "OV", "55"):
        assert code in shown
    said = {"kind": "location", "code": "North Clinic", "target": str(here.pk)}
    assert manager.post(page(sender, "sender-code"), said).status_code == 302
    assert SourceCode.objects.get(kind="location").location == here
    assert AuditEntry.objects.filter(verb="scheduling.sourcecode.set").exists()
    again = lines(MSH=event("S13").replace("|M1|", "|M9|"), TQ1="TQ1|1||||||202612110900")
    receive_hl7(again, peer="a", at=NOW)
    assert Appointment.objects.get().location == here


def test_a_code_without_a_meaning_changes_nothing(manager: Client, sender: Hl7Sender) -> None:
    before = SourceCode.objects.count()
    for target, status in (("", 302), ("999", 404)):
        said = {"kind": "location", "code": "X", "target": target}
        assert manager.post(page(sender, "sender-code"), said).status_code == status
    assert SourceCode.objects.count() == before


@pytest.mark.parametrize("role", [Role.AGENT, Role.FRONT_DESK, Role.MARKETING])
def test_others_see_and_change_nothing(cast: Cast, sender: Hl7Sender, role: Role) -> None:
    client = client_of(cast.staff(role))
    for address in (reverse("inbox:senders"), page(sender), reverse("inbox:sender-new")):
        assert client.get(address).status_code == 403
    assert client.post(page(sender), {**FORM, "zone": "UTC", "keep": "1"}).status_code == 403
    said = {"kind": "location", "code": "X", "target": "1"}
    assert client.post(page(sender, "sender-code"), said).status_code == 403
    sender.refresh_from_db()
    assert sender.zone == "America/Chicago"
