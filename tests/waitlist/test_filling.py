"""From a cancelled visit to a filled slot, with every hand on the clock."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from crm.engine import Actor
from crm.models import AuditEntry, Task
from crm.states import Purpose, TaskKind
from outreach.states import MessageStatus
from scheduling.models import Appointment, EhrWrite
from scheduling.states import AppointmentStatus, CancelledBy, SlotStatus
from tests.factories import (
    NOW,
    MessageFactory,
    OfferFactory,
    OpeningFactory,
    SlotFactory,
    phone_of,
)
from tests.waitlist.scene import Scene
from waitlist.actions import (
    OfferClosed,
    OpeningClosed,
    accept_offer,
    book_by_hand,
    pause_opening,
    resume_opening,
    withdraw_opening,
)
from waitlist.models import Offer, Opening
from waitlist.states import OfferStatus, OpeningStatus

STAFF = Actor.system("test")


def test_a_cancelled_visit_becomes_offers(scene: Scene) -> None:
    patients = [scene.add_candidate() for _ in range(3)]
    opening = scene.free()
    assert opening.status == OpeningStatus.OFFERING
    assert opening.eligible == 3
    offered = Offer.objects.filter(opening=opening)
    assert offered.count() >= 1
    first = offered.order_by("candidate__rank")[0]
    assert first.patient in patients
    assert scene.texts_to(first.patient) == ["offer"]


def test_first_yes_is_booked_in_the_ehr_and_the_later_visit_given_up(scene: Scene) -> None:
    winner = scene.add_candidate()
    opening = scene.free()
    scene.reply(winner, "Yes")
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.FILLED
    offer = scene.offer_to(winner)
    assert offer.status == OfferStatus.WON
    assert offer.appointment is not None
    assert offer.appointment.status == AppointmentStatus.BOOKED
    assert scene.ehr.visits[offer.appointment.source_id].slot_id == scene.slot.source_id
    later = scene.later_visit(winner)
    assert later.status == AppointmentStatus.CANCELLED
    assert scene.ehr.visits[later.source_id].status == AppointmentStatus.CANCELLED
    assert scene.texts_to(winner) == [
        "offer",
        "offer_pending_yours",
        "offer_confirmed_given_up",
    ]


def test_the_visit_given_up_becomes_the_next_opening(scene: Scene) -> None:
    winner = scene.add_candidate(days=20)
    opening = scene.free()
    scene.reply(winner, "yes please")
    child = Opening.objects.get(parent=opening)
    assert child.slot == scene.later_visit(winner).slot
    assert child.depth == 1
    assert child.cause == "given-up"


def test_two_yes_give_one_booking_and_a_line(scene: Scene) -> None:
    first, second = scene.add_candidate(), scene.add_candidate()
    scene.free()
    scene.settle(hours=3)
    scene.reply(first, "Yes", work=False)
    accept_offer(
        offer_id=scene.offer_to(first).pk,
        channel="web",
        by=Actor.patient(first, channel="web"),
        at=scene.at,
    )
    accept_offer(
        offer_id=scene.offer_to(second).pk,
        channel="web",
        by=Actor.patient(second, channel="web"),
        at=scene.at,
    )
    assert scene.offer_to(first).status == OfferStatus.ACCEPTED
    assert scene.offer_to(second).status == OfferStatus.NEXT_IN_LINE
    scene.settle()
    assert scene.offer_to(first).status == OfferStatus.WON
    assert scene.offer_to(second).status == OfferStatus.CLOSED
    assert "offer_next_in_line" in scene.texts_to(second)
    assert scene.texts_to(second)[-1] == "offer_gone"
    assert Appointment.objects.filter(slot=scene.slot, status="booked").count() == 1
    assert scene.later_visit(second).status == AppointmentStatus.BOOKED


def test_a_refusal_by_the_ehr_keeps_the_later_visit_and_asks_the_next_in_line(
    scene: Scene,
) -> None:
    first, second = scene.add_candidate(), scene.add_candidate()
    scene.free()
    scene.settle(hours=3)
    scene.ehr.refuse_next(422)
    for patient in (first, second):
        accept_offer(
            offer_id=scene.offer_to(patient).pk,
            channel="web",
            by=Actor.patient(patient, channel="web"),
            at=scene.at,
        )
    scene.settle()
    assert scene.offer_to(first).status == OfferStatus.REFUSED
    assert scene.later_visit(first).status == AppointmentStatus.BOOKED
    assert scene.texts_to(first)[-1] == "offer_refused"
    assert scene.offer_to(second).status == OfferStatus.WON


def test_a_lost_answer_is_read_back_and_never_booked_twice(scene: Scene) -> None:
    winner = scene.add_candidate()
    opening = scene.free()
    scene.ehr.lose_next_answer()
    scene.reply(winner, "Yes")
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.CLAIMED
    assert EhrWrite.objects.get(appointment__patient=winner, operation="book").status == "unknown"
    scene.settle(seconds=4)
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.FILLED
    assert scene.ehr.calls["book"] == 1


def test_a_slot_retaken_in_the_ehr_refuses_the_winner_kindly(scene: Scene) -> None:
    winner = scene.add_candidate()
    opening = scene.free()
    scene.ehr.take_slot(scene.slot.source_id)
    scene.reply(winner, "Yes")
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.TAKEN
    assert scene.texts_to(winner)[-1] == "offer_refused"
    assert scene.later_visit(winner).status == AppointmentStatus.BOOKED
    scene.slot.refresh_from_db()
    assert scene.slot.status == SlotStatus.BUSY


def test_a_change_in_the_ehr_closes_the_opening_and_tells_everybody(scene: Scene) -> None:
    asked = scene.add_candidate()
    opening = scene.free()
    scene.ehr_says(scene.slot, SlotStatus.BUSY)
    scene.settle()
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.TAKEN
    assert scene.offer_to(asked).status == OfferStatus.CLOSED
    assert scene.texts_to(asked) == ["offer", "offer_gone"]


def test_a_yes_after_that_gets_a_kind_answer(scene: Scene) -> None:
    asked = scene.add_candidate()
    scene.free()
    scene.ehr_says(scene.slot, SlotStatus.BUSY)
    scene.settle()
    scene.reply(asked, "Yes")
    assert scene.texts_to(asked) == ["offer", "offer_gone", "offer_gone"]
    assert not Appointment.objects.filter(patient=asked, origin="firstcall").exists()


def test_a_no_keeps_the_later_visit_and_can_be_taken_back(scene: Scene) -> None:
    patient = scene.add_candidate()
    opening = scene.free()
    scene.reply(patient, "No")
    assert scene.offer_to(patient).status == OfferStatus.DECLINED
    assert scene.later_visit(patient).status == AppointmentStatus.BOOKED
    scene.reply(patient, "yes")
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.FILLED


def test_the_deadline_closes_what_nobody_took(scene: Scene) -> None:
    patient = scene.add_candidate()
    opening = scene.free()
    scene.at = opening.deadline_at
    scene.settle()
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.EXPIRED
    assert scene.offer_to(patient).status == OfferStatus.EXPIRED
    scene.reply(patient, "yes")
    assert scene.texts_to(patient) == ["offer", "offer_gone"]


@pytest.mark.parametrize("who", [CancelledBy.PROVIDER, CancelledBy.ORGANIZATION])
def test_what_the_clinic_cancels_is_not_offered(scene: Scene, who: CancelledBy) -> None:
    scene.add_candidate()
    scene.cancel_in_ehr(scene.visit, by=who)
    scene.settle()
    scene.slot.refresh_from_db()
    assert scene.slot.status == SlotStatus.FREE
    assert not Opening.objects.exists()


def test_the_patient_who_cancelled_is_not_asked(scene: Scene) -> None:
    scene.add_candidate()
    opening = scene.free()
    assert not opening.candidates.filter(patient=scene.visit.patient, rank__isnull=False).exists()


def test_paused_sends_no_wave_and_still_takes_a_yes(scene: Scene) -> None:
    patient = scene.add_candidate()
    opening = scene.free()
    pause_opening(opening_id=opening.pk, by=STAFF, at=scene.at)
    scene.settle(hours=6)
    assert opening.waves.count() == 1
    scene.reply(patient, "yes")
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.FILLED


def test_resumed_goes_on(scene: Scene) -> None:
    for _ in range(30):
        scene.add_candidate()
    opening = scene.free()
    pause_opening(opening_id=opening.pk, by=STAFF, at=scene.at)
    resume_opening(opening_id=opening.pk, by=STAFF, at=scene.at)
    scene.settle(hours=6)
    assert opening.waves.count() > 1


def test_withdrawn_tells_those_who_were_asked(scene: Scene) -> None:
    patient = scene.add_candidate()
    opening = scene.free()
    withdraw_opening(opening_id=opening.pk, reason="kept for a procedure", by=STAFF, at=scene.at)
    scene.settle()
    assert scene.texts_to(patient) == ["offer", "offer_withdrawn"]
    scene.slot.refresh_from_db()
    assert scene.slot.status == SlotStatus.FREE
    with pytest.raises(OpeningClosed, match="withdrawn"):
        pause_opening(opening_id=opening.pk, by=STAFF, at=scene.at)
    with pytest.raises(OfferClosed):
        accept_offer(offer_id=scene.offer_to(patient).pk, channel="web", by=STAFF, at=scene.at)


def test_a_hand_booking_closes_the_opening_at_once(scene: Scene) -> None:
    asked, chosen = scene.add_candidate(), scene.add_candidate()
    opening = scene.free()
    book_by_hand(
        opening_id=opening.pk,
        patient=chosen,
        gives_up=scene.later_visit(chosen),
        by=STAFF,
        at=scene.at,
    )
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.TAKEN
    assert not Offer.objects.filter(opening=opening, status="sent").exists()
    scene.settle()
    booked = Appointment.objects.get(patient=chosen, origin="firstcall")
    assert booked.status == AppointmentStatus.BOOKED
    assert scene.later_visit(chosen).status == AppointmentStatus.CANCELLED
    assert "offer_gone" in scene.texts_to(asked) or not scene.texts_to(asked)


def test_an_unclear_answer_is_a_task_and_never_a_booking(scene: Scene) -> None:
    patient = scene.add_candidate()
    opening = scene.free()
    scene.reply(patient, "maybe, who is this with")
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.OFFERING
    assert Task.objects.filter(kind=TaskKind.ANSWER_TEXT, patient=patient).exists()
    assert not Appointment.objects.filter(origin="firstcall").exists()


def test_a_winner_whom_no_text_can_tell_is_called(scene: Scene) -> None:
    winner = scene.add_candidate()
    opening = scene.free()
    scene.ehr.go_away()
    scene.reply(winner, "yes")
    scene.reply(winner, "stop")
    scene.ehr.come_back()
    scene.settle(minutes=5)
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.FILLED
    assert not [text for text in scene.texts_to(winner) if text.startswith("offer_confirmed")]
    task = Task.objects.get(kind=TaskKind.EHR_WRITE, patient=winner)
    assert "is booked, and no text could tell them" in task.why


@pytest.mark.parametrize(("hour", "is_called"), [(8, True), (12, False)])
def test_a_winner_whom_the_night_keeps_from_hearing_in_time_is_called(
    scene: Scene, hour: int, *, is_called: bool
) -> None:
    winner = scene.add_candidate()
    night = NOW.astimezone(ZoneInfo(scene.zone)).replace(hour=22, minute=0)
    starts_at = night + dt.timedelta(hours=2 + hour, minutes=15)
    slot = SlotFactory.create(role=scene.role, visit_type=scene.visit_type, starts_at=starts_at)
    opening = OpeningFactory.create(slot=slot, status=OpeningStatus.FILLED)
    offer = OfferFactory.create(
        opening=opening, slot=slot, patient=winner, phone=phone_of(winner), status=OfferStatus.WON
    )
    told = MessageFactory.create(
        patient=winner,
        phone=phone_of(winner),
        zone=scene.zone,
        purpose=Purpose.CONFIRMATION,
        subject_type="waitlist.offer",
        subject_id=offer.pk,
        due_at=night,
    )
    scene.at = night
    scene.settle()
    told.refresh_from_db()
    assert told.status == MessageStatus.QUEUED
    called = Task.objects.filter(kind=TaskKind.EHR_WRITE, patient=winner)
    assert called.exists() is is_called


def test_every_change_of_an_opening_is_in_the_audit(scene: Scene) -> None:
    winner = scene.add_candidate()
    opening = scene.free()
    scene.reply(winner, "Yes")
    moves = AuditEntry.objects.filter(
        subject_type="waitlist.opening", subject_id=opening.pk, verb="waitlist.opening.moved"
    ).order_by("pk")
    assert [m.to_status for m in moves] == ["offering", "claimed", "filled"]
