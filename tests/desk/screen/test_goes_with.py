"""What goes with a contact: the held time, the filters, the search; and what ends a search."""

from __future__ import annotations

import pytest
from django.test import Client

from crm.actions.contacts import open_contact
from crm.actions.handoffs import offer_handoff
from crm.engine import Actor
from crm.models import Agent, Interaction, InteractionStep, User
from crm.states import AgentState, Channel, HandoffTo
from scheduling.actions import hold_slot
from scheduling.models import Hold, SearchRecord, Slot
from scheduling.states import HoldStatus, SearchStatus
from tests.desk.screen.conftest import Desk
from tests.factories import NOW, ProviderRoleFactory, SlotFactory, UserFactory
from waitlist.models import WaitlistEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def slot() -> Slot:
    return SlotFactory.create()


@pytest.fixture
def kim() -> User:
    user: User = UserFactory.create(first_name="Kim")
    Agent.objects.create(user=user, status=AgentState.AVAILABLE, since=NOW)
    return user


def query(slot: Slot) -> str:
    return f"visit_type={slot.visit_type_id}&parts=morning"


def held(desk: Desk, slot: Slot) -> Hold:
    desk.know()
    desk.post("reason", call_type="book")
    desk.post("hold", slot.pk, query=query(slot))
    return Hold.objects.get(slot=slot)


def test_what_is_held_for_another_caller_stays(desk: Desk, slot: Slot) -> None:
    first, by = held(desk, slot), Actor.user(desk.agent)
    other, alone = (
        SlotFactory.create(visit_type=slot.visit_type, role=ProviderRoleFactory.create())
        for _ in range(2)
    )
    hold_slot(slot_id=alone.pk, by=by, at=NOW, owner=by.label, user=desk.agent)
    second = open_contact(channel=Channel.VOICE, agent=desk.agent, by=by, at=NOW)
    desk.client.post(f"/desk/{second.pk}/hold/{other.pk}/?{query(slot)}")
    kept = Hold.objects.filter(status=HoldStatus.HELD).order_by("pk")
    assert list(kept.values_list("slot", "contact")) == [
        (slot.pk, desk.contact.pk),
        (alone.pk, None),
        (other.pk, second.pk),
    ]
    # Neither booked nor given back from the other contact.
    assert desk.client.post(f"/desk/{second.pk}/release/{first.pk}/").status_code == 404
    assert desk.client.post(f"/desk/{second.pk}/book/{first.pk}/").status_code == 404


def test_filters_stand_where_the_address_has_none(desk: Desk, slot: Slot) -> None:
    kept = held(desk, slot)
    assert desk.fresh().looked_for == f"{query(slot)}&hold={kept.pk}"
    page = desk.get("contact").content.decode()
    assert f"/desk/{desk.contact.pk}/book/{kept.pk}/" in page
    desk.post("release", kept.pk, query=f"{query(slot)}&hold={kept.pk}")
    assert desk.fresh().looked_for == query(slot)


def test_a_hand_off_takes_them_along(desk: Desk, slot: Slot, kim: User) -> None:
    kept = held(desk, slot)
    desk.get("talk", query=query(slot) + f"&hold={kept.pk}")
    search = SearchRecord.objects.get()
    offered = offer_handoff(
        contact_id=desk.contact.pk,
        to=HandoffTo.PERSON,
        user=kim,
        question="Can you book it?",
        by=Actor.user(desk.agent),
        at=NOW,
    )
    client = Client()
    client.force_login(kim, backend="django.contrib.auth.backends.ModelBackend")
    client.post(f"/desk/hand-offs/{offered.pk}/accept/")
    kept.refresh_from_db()
    assert (kept.user, kept.owner, kept.status) == (kim, Actor.user(kim).label, HoldStatus.HELD)
    page = client.get(f"/desk/{desk.contact.pk}/").content.decode()
    assert f"/desk/{desk.contact.pk}/book/{kept.pk}/" in page
    client.post(f"/desk/{desk.contact.pk}/book/{kept.pk}/?{query(slot)}&hold={kept.pk}")
    search.refresh_from_db()
    assert (search.status, search.by) == (SearchStatus.BOOKED, kim)
    assert SearchRecord.objects.count() == 1


class TestNoneSuits:
    def test_is_asked_for_in_the_conversation_and_ends_the_search(
        self, desk: Desk, slot: Slot
    ) -> None:
        desk.know()
        desk.post("reason", call_type="book")
        page = desk.get("talk", query=query(slot)).content.decode()
        assert f"/desk/{desk.contact.pk}/none-suits/?" in page
        assert "Join the waitlist" in page
        assert desk.get("none-suits", query=query(slot)).status_code == 200
        assert desk.post("none-suits", query=query(slot)).status_code == 422
        told = {"declined": "too-late", "note": "", "wait": "on"}
        answer = desk.post("none-suits", query=query(slot), **told)
        assert "They are on the waitlist" in answer.content.decode()
        entry = WaitlistEntry.objects.get()
        assert (entry.patient, entry.visit_type) == (desk.patient, slot.visit_type)
        search = SearchRecord.objects.get()
        assert (search.status, search.declined) == (SearchStatus.LOST, "too-late")
        assert search.waits_since == NOW
        assert InteractionStep.objects.filter(code="waitlist").count() == 1
        assert desk.post("none-suits", query=query(slot), **told).status_code == 409
        assert WaitlistEntry.objects.count() == 1

    def test_puts_nobody_on_the_list_before_two_identifiers(self, desk: Desk, slot: Slot) -> None:
        desk.post("identify", patient=desk.patient.pk)
        desk.get("talk", query=query(slot))
        desk.post("none-suits", query=query(slot), declined="too-late", wait="on")
        assert SearchRecord.objects.get().status == SearchStatus.LOST
        assert not WaitlistEntry.objects.exists()

    def test_needs_a_search_and_is_no_training(self, desk: Desk, slot: Slot) -> None:
        assert desk.post("none-suits", declined="too-late").status_code == 404
        Interaction.objects.update(is_training=True)
        assert desk.post("none-suits", query=query(slot)).status_code == 409
