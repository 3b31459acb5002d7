"""Clinicians on call are texted that somebody asks for them, and nothing more."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.actions.contacts import open_contact
from crm.actions.handoff_rungs import LOOK_AFTER
from crm.actions.handoffs import withdraw_handoff
from crm.engine import Actor, run_step
from crm.models import Event, Interaction
from crm.queries.handoffs import offered_to
from crm.states import Channel, HandoffTo
from outreach.actions import dispatch
from outreach.models import Message
from outreach.states import MessageStatus
from outreach.subscribers import on_page_not_sent, page_on_call
from tests.cast import Cast
from tests.crm.handing import contact, decline, offer
from tests.factories import NOW, OnCallFactory, PhoneFactory
from tests.fakes.sms import FakeSms

__all__ = ["contact"]  # a fixture
pytestmark = pytest.mark.django_db


class TestPaging:
    def page(self, level: int) -> Message | None:
        """What the newest `crm.provider-paged` leads to."""
        event = Event.objects.filter(name="crm.provider-paged").latest("pk")
        assert event.payload["level"] == level
        page_on_call(event, NOW)
        return Message.objects.filter(key__endswith=f"page:{level}").first()

    def test_pages_the_lines_own_clinician_twice_and_then_the_next_level(
        self, contact: Interaction
    ) -> None:
        first = OnCallFactory.create(specialty="Orthopedics")
        OnCallFactory.create(specialty="Cardiology")
        second = OnCallFactory.create(level=2)
        OnCallFactory.create(ends_at=NOW - dt.timedelta(hours=1))
        handoff = offer(contact, HandoffTo.PROVIDER)
        text = self.page(0)
        assert text is not None
        assert text.phone == first.phone
        assert (
            text.body
            == "Sonora Health: you are asked about a call. Sign in to Firstcall to answer."
        )
        assert offered_to(first.user).get() == handoff
        asked = []
        for minutes, level in ((10, 1), (20, 2), (30, 3)):
            run_step(LOOK_AFTER, handoff.pk, at=NOW + dt.timedelta(minutes=minutes))
            page = self.page(level)
            asked.append(page.phone if page else None)
        assert asked == [first.phone, second.phone, second.phone]
        run_step(LOOK_AFTER, handoff.pk, at=NOW + dt.timedelta(minutes=40))
        handoff.refresh_from_db()
        assert (handoff.to, handoff.to_user, handoff.level) == (HandoffTo.MANAGER, None, 4)

    def test_a_no_goes_to_the_next_at_once(self, contact: Interaction) -> None:
        first, second = OnCallFactory.create(), OnCallFactory.create(level=2)
        handoff = offer(contact, HandoffTo.PROVIDER)
        decline(handoff, first.user, "In surgery.")
        assert run_step(LOOK_AFTER, handoff.pk, at=NOW)
        handoff.refresh_from_db()
        assert handoff.to_user == second.user

    def test_a_page_that_cannot_go_out_is_not_waited_for(self, contact: Interaction) -> None:
        OnCallFactory.create()
        handoff = offer(contact, HandoffTo.PROVIDER)
        about = {"about_type": "crm.handoff", "about_id": handoff.pk}
        on_page_not_sent(Event(name="outreach.message-not-sent", payload=about), NOW)
        handoff.refresh_from_db()
        assert handoff.due_at == NOW

    def test_nobody_is_paged_to_what_is_settled_or_without_a_number(
        self, contact: Interaction, cast: Cast
    ) -> None:
        turn = OnCallFactory.create(phone=None)
        handoff = offer(contact, HandoffTo.PROVIDER)
        assert self.page(0) is None
        type(turn).objects.update(phone=PhoneFactory.create())
        withdraw_handoff(handoff_id=handoff.pk, by=Actor.user(cast.agent), at=NOW)
        assert self.page(0) is None

    def test_the_text_goes_at_any_hour_to_a_phone_of_no_patient(
        self, cast: Cast, carrier: type[FakeSms]
    ) -> None:
        night = NOW.replace(hour=9)  # two in the morning there
        turn = OnCallFactory.create(starts_at=night - dt.timedelta(hours=1))
        by = Actor.user(cast.agent)
        call = open_contact(channel=Channel.VOICE, agent=cast.agent, by=by, at=night)
        offer(call, HandoffTo.PROVIDER, at=night)
        event = Event.objects.get(name="crm.provider-paged")
        page_on_call(event, night)
        text = Message.objects.get()
        assert dispatch(text.pk, night) is None
        text.refresh_from_db()
        assert (text.status, text.phone, text.patient) == (MessageStatus.SENT, turn.phone, None)
