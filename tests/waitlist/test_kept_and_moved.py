"""A slot kept for its own day or week, one that the EHR moves, and texts that were lost."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from outreach.models import Message
from outreach.ports import SmsUnknown
from outreach.states import MessageStatus
from scheduling.actions import BookingRefused, apply_slot_report
from scheduling.models import Slot, VisitType
from scheduling.ports import SlotReport
from scheduling.rules import SlotFacts, opens_by_the_clock
from scheduling.states import Restriction, SlotStatus
from tests.factories import SOURCE
from tests.fakes.sms import FakeSms
from tests.waitlist.scene import EHR, Scene
from tests.waitlist.test_second_thoughts import yes
from waitlist.actions import OfferClosed
from waitlist.models import Opening
from waitlist.states import OfferStatus, OpeningStatus


@pytest.mark.parametrize(
    ("restriction", "starts", "opens", "release"),
    [
        (Restriction.SAME_DAY, "2026-11-21T09:00", "2026-11-21T00:00", None),
        (Restriction.SAME_WEEK, "2026-11-21T09:00", "2026-11-16T00:00", None),
        (Restriction.SAME_DAY, "2026-11-01T09:00", "2026-11-01T00:00", None),  # clocks change
        (Restriction.SAME_DAY, "2026-11-21T09:00", "2026-11-20T12:00", "2026-11-20T12:00"),
    ],
)
def test_opens_with_its_own_day_or_week_at_the_site(
    restriction: Restriction, starts: str, opens: str, release: str | None
) -> None:
    zone = ZoneInfo("America/Chicago")

    def at_site(text: str) -> dt.datetime:
        return dt.datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(dt.UTC)

    slot = SlotFacts(
        status=SlotStatus.FREE,
        starts_at=at_site(starts),
        zone="America/Chicago",
        capacity=1,
        taken=0,
        restriction=restriction,
        lead=dt.timedelta(hours=2),
        release_at=at_site(release) if release else None,
    )
    assert opens_by_the_clock(slot) == at_site(opens)


def test_a_slot_kept_for_its_own_day_is_filled_when_that_day_comes(scene: Scene) -> None:
    patient = scene.add_candidate()
    Slot.objects.filter(pk=scene.slot.pk).update(restriction=Restriction.SAME_DAY)
    VisitType.objects.update(lead_minutes=30)
    opening = scene.free()
    day = scene.slot.starts_at.astimezone(ZoneInfo("America/Phoenix")).date()
    midnight = dt.datetime.combine(day, dt.time.min, tzinfo=ZoneInfo("America/Phoenix"))
    assert (opening.status, opening.due_at) == (OpeningStatus.LATER, midnight)
    scene.at = midnight
    scene.settle()
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.OFFERING
    assert FakeSms.texts == []  # nobody is texted at night
    scene.settle(hours=8, minutes=1)
    assert scene.offer_to(patient).status == OfferStatus.SENT


def test_a_restriction_that_is_lifted_opens_it_at_once(scene: Scene) -> None:
    scene.add_candidate()
    release_at = scene.at + dt.timedelta(hours=2)
    Slot.objects.filter(pk=scene.slot.pk).update(
        restriction=Restriction.SAME_DAY, release_at=release_at, due_at=release_at
    )
    opening = scene.free()
    assert opening.due_at == release_at
    scene.settle(hours=2)
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.OFFERING
    assert Opening.objects.count() == 1


@pytest.mark.parametrize("when", ["before anybody answers", "with a yes on its way"])
def test_a_free_slot_that_moves_ends_one_opening_and_begins_another(
    scene: Scene, when: str
) -> None:
    patient = scene.add_candidate()
    old = scene.free()
    was_at, new_at = old.starts_at, old.starts_at + dt.timedelta(hours=1)
    report = SlotReport(
        SOURCE,
        scene.slot.source_id,
        SlotStatus.FREE,
        scene.at,
        starts_at=new_at,
        ends_at=new_at + dt.timedelta(minutes=30),
    )
    apply_slot_report(report, by=EHR, at=scene.at)
    if when == "with a yes on its way":
        with pytest.raises((OfferClosed, BookingRefused)):
            yes(scene, patient)
    scene.settle()
    old.refresh_from_db()
    assert (old.status, old.starts_at) == (OpeningStatus.TAKEN, was_at)
    new = Opening.objects.exclude(pk=old.pk).get()
    assert (new.status, new.starts_at, new.cause) == (OpeningStatus.OFFERING, new_at, "new-time")
    told = Message.objects.filter(patient=patient, text_version__key="offer_withdrawn")
    assert all("9:00 AM" in message.body for message in told)
    assert told.count() == 1


def test_a_text_that_the_carrier_lost_does_not_leave_after_its_opening(scene: Scene) -> None:
    FakeSms.trouble.append(SmsUnknown("No answer."))
    patient = scene.add_candidate()
    scene.free()
    lost = Message.objects.get(patient=patient, purpose="offer")
    assert lost.status == MessageStatus.UNKNOWN
    scene.ehr_says(scene.slot, SlotStatus.BUSY)
    scene.settle()
    scene.settle(minutes=2)
    lost.refresh_from_db()
    assert lost.status == MessageStatus.TOO_LATE
    assert "offer" not in scene.texts_to(patient)
