"""What each page that shows a slot has: "mislabeled" in one click, and the seats that are free."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.actions.contacts import open_contact
from crm.models import Interaction, User, Verification
from crm.states import Channel, Role
from scheduling.models import Appointment, Hold, Slot, SlotFeedback
from scheduling.states import SlotStatus
from tests.factories import (
    NOW,
    TEST,
    AppointmentFactory,
    HoldFactory,
    OpeningFactory,
    SlotFactory,
    UserFactory,
)
from tests.scheduling.mass_cast import MassScene
from tests.scheduling.plan_world import a_plan_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    made = Client()
    made.force_login(UserFactory.create(roles=[Role.MANAGER]))
    return made


def results() -> tuple[str, Slot]:
    slot = SlotFactory.create()
    return f"{reverse('desk:slots')}?visit_type={slot.visit_type_id}", slot


def left_out() -> tuple[str, Slot]:
    slot = SlotFactory.create(restriction="held-for-review")
    return f"{reverse('desk:slots')}?visit_type={slot.visit_type_id}&why=on", slot


def inventory() -> tuple[str, Slot]:
    slot = SlotFactory.create()
    return f"{reverse('desk:inventory')}?day=2026-11-21&shown=1", slot


def slot_page() -> tuple[str, Slot]:
    slot = SlotFactory.create()
    return reverse("desk:inventory-slot", args=[slot.pk]), slot


def visit() -> tuple[str, Slot]:
    slot = SlotFactory.create(status=SlotStatus.BUSY, taken=1)
    made = AppointmentFactory.create(slot=slot, role=slot.role, starts_at=slot.starts_at)
    return reverse("desk:visit", args=[made.pk]), slot


def proposal_of_a_plan() -> tuple[str, Slot]:
    world = a_plan_world()
    consult, *_ = world.fill()
    wanted = f"definition={world.definition.pk}&patient={world.patient.pk}"
    return f"{reverse('desk:plans')}?{wanted}", consult


def plan() -> tuple[str, Slot]:
    world = a_plan_world()
    slots = world.fill()
    made = world.book(world.choice(*slots))
    return reverse("desk:plan", args=[made.pk]), slots[1]


def mass_plan() -> tuple[str, Slot]:
    scene = MassScene()
    scene.visit(), scene.free()
    job = scene.job()
    item = job.items.get()
    assert item.slot is not None
    return f"{reverse('desk:mass-job', args=[job.pk])}?item={item.pk}", item.slot


def opening() -> tuple[str, Slot]:
    made = OpeningFactory.create()
    return reverse("waitlist:opening", args=[made.pk]), made.slot


def contact_of(client: Client, **known: Any) -> Interaction:
    """One that whoever looks has in hand."""
    user = User.objects.get(pk=client.session["_auth_user_id"])
    return open_contact(channel=Channel.DESK, agent=user, by=TEST, at=NOW, **known)


def times_at_the_desk(client: Client) -> tuple[str, Slot]:
    slot = SlotFactory.create()
    return f"/desk/{contact_of(client).pk}/", slot


def left_out_at_the_desk(client: Client) -> tuple[str, Slot]:
    slot = SlotFactory.create(restriction="held-for-review")
    return f"/desk/{contact_of(client).pk}/", slot


def appointments_at_the_desk(client: Client) -> tuple[str, Slot]:
    slot = SlotFactory.create(status=SlotStatus.BUSY, taken=1)
    made = AppointmentFactory.create(slot=slot, role=slot.role, starts_at=slot.starts_at)
    contact = contact_of(client, patient=made.patient)
    Verification.objects.create(interaction=contact, patient=made.patient, passed=True, at=NOW)
    return f"/desk/{contact.pk}/", slot


@pytest.mark.parametrize(
    "shown", [times_at_the_desk, left_out_at_the_desk, appointments_at_the_desk]
)
def test_is_one_click_in_the_middle_of_a_contact(client: Client, shown: Any) -> None:
    address, slot = shown(client)
    flag = reverse("desk:slot-mislabeled", args=[slot.pk])
    page = client.get(f"{address}?visit_type={slot.visit_type_id}&why=on").text
    assert f'action="{flag}"' in page
    assert f'name="next" value="{address}"' in page
    assert client.post(flag, {"next": address})["Location"] == address
    assert SlotFeedback.objects.get().slot == slot


@pytest.mark.parametrize(
    "shown",
    [
        results,
        left_out,
        inventory,
        slot_page,
        visit,
        proposal_of_a_plan,
        plan,
        mass_plan,
        opening,
    ],
)
def test_is_one_click_wherever_a_slot_is_shown(client: Client, shown: Any) -> None:
    address, slot = shown()
    flag = reverse("desk:slot-mislabeled", args=[slot.pk])
    page = client.get(address).text
    assert f'action="{flag}"' in page
    assert client.post(flag, {"next": address})["Location"] == address
    assert SlotFeedback.objects.get().slot == slot


def test_says_how_many_seats_of_a_group_are_free(client: Client) -> None:
    slot: Slot = SlotFactory.create(capacity=8, taken=4)
    alone = SlotFactory.create(visit_type=slot.visit_type)
    HoldFactory.create(slot=slot, seat=8)
    search = f"{reverse('desk:slots')}?visit_type={slot.visit_type_id}"
    page = client.get(search).text
    assert page.count("3 of 8 seats free") == 1
    assert f'id="slot-{alone.pk}"' in page
    inventory_of_day = client.get(reverse("desk:inventory"), {"day": "2026-11-21", "shown": "1"})
    assert "3 of 8 seats free" in inventory_of_day.text
    client.post(reverse("desk:slot-hold", args=[slot.pk]))
    held = Hold.objects.latest("pk")
    assert "2 of 8 seats free" in client.get(f"{search}&hold={held.pk}").text
    assert not Appointment.objects.exists()
    assert slot.starts_at > NOW
